import StrictJSON
import Vocabulary

/// Every kind of problem that this service answers with. The table of the contract (`x-problems`) says the same.
public enum ProblemCode: String, CaseIterable, Sendable {
    case malformedJSON = "malformed_json"
    case malformedRequest = "malformed_request"
    case invalidCursor = "invalid_cursor"
    case unauthenticated
    case missingScope = "missing_scope"
    case scopeNotHeld = "scope_not_held"
    case wrongParty = "wrong_party"
    case notAParty = "not_a_party"
    case notFound = "not_found"
    case methodNotAllowed = "method_not_allowed"
    case requestTimeout = "request_timeout"
    case roomNotOpen = "room_not_open"
    case tenantExists = "tenant_exists"
    case limitReached = "limit_reached"
    case alreadyInCall = "already_in_call"
    case userBusy = "user_busy"
    case calleeUnavailable = "callee_unavailable"
    case callExists = "call_exists"
    case callNotRinging = "call_not_ringing"
    case callNotActive = "call_not_active"
    case callEnded = "call_ended"
    case answeredElsewhere = "answered_elsewhere"
    case idempotencyInProgress = "idempotency_in_progress"
    case preconditionFailed = "precondition_failed"
    case bodyTooLarge = "body_too_large"
    case unsupportedMediaType = "unsupported_media_type"
    case invalidFields = "invalid_fields"
    case providerNotConfigured = "provider_not_configured"
    case idempotencyMismatch = "idempotency_mismatch"
    case rateLimited = "rate_limited"
    case headersTooLarge = "headers_too_large"
    case `internal`
    case unavailable

    /// The HTTP status it is answered with.
    public var status: Int {
        switch self {
        case .malformedJSON, .malformedRequest, .invalidCursor: 400
        case .unauthenticated: 401
        case .missingScope, .scopeNotHeld, .wrongParty, .notAParty: 403
        case .notFound: 404
        case .methodNotAllowed: 405
        case .requestTimeout: 408
        case .roomNotOpen, .tenantExists, .limitReached: 409
        case .alreadyInCall, .userBusy, .calleeUnavailable, .callExists: 409
        case .callNotRinging, .callNotActive, .callEnded, .answeredElsewhere, .idempotencyInProgress: 409
        case .preconditionFailed: 412
        case .bodyTooLarge: 413
        case .unsupportedMediaType: 415
        case .invalidFields, .providerNotConfigured, .idempotencyMismatch: 422
        case .rateLimited: 429
        case .headersTooLarge: 431
        case .internal: 500
        case .unavailable: 503
        }
    }

    /// The same short text for every occurrence.
    public var title: String {
        switch self {
        case .malformedJSON: "Malformed JSON"
        case .malformedRequest: "Malformed request"
        case .invalidCursor: "Invalid cursor"
        case .unauthenticated: "Not authenticated"
        case .missingScope: "Missing scope"
        case .scopeNotHeld: "Scope not held"
        case .wrongParty: "Wrong party"
        case .notAParty: "Not a party"
        case .notFound: "Not found"
        case .methodNotAllowed: "Method not allowed"
        case .requestTimeout: "Request timeout"
        case .roomNotOpen: "Room not open"
        case .tenantExists: "Tenant exists"
        case .limitReached: "Limit reached"
        case .alreadyInCall: "Already in a call"
        case .userBusy: "User busy"
        case .calleeUnavailable: "Callee unavailable"
        case .callExists: "Call exists"
        case .callNotRinging: "Call not ringing"
        case .callNotActive: "Call not active"
        case .callEnded: "Call ended"
        case .answeredElsewhere: "Answered elsewhere"
        case .idempotencyInProgress: "Request in progress"
        case .preconditionFailed: "Precondition failed"
        case .bodyTooLarge: "Body too large"
        case .unsupportedMediaType: "Unsupported media type"
        case .invalidFields: "Invalid fields"
        case .providerNotConfigured: "Provider not configured"
        case .idempotencyMismatch: "Idempotency key mismatch"
        case .rateLimited: "Rate limited"
        case .headersTooLarge: "Headers too large"
        case .internal: "Internal error"
        case .unavailable: "Unavailable"
        }
    }
}

/// A refusal on its way to the client, with what only the log may know beside it.
public struct Problem: Error, Sendable {
    /// A text can hold names and paths that the client chose; it is cut here, by code points, as the contract counts them.
    private static let textLengthMax = 512

    let code: ProblemCode
    /// For the client: what to do about this occurrence. Never a secret, a token or a trace.
    let detail: String?
    let faults: [JSONFault]
    let requiredScope: Scope?
    /// The methods that the path does have (405).
    let allowed: [String]
    /// When to try again (429).
    let retryAfterSeconds: Int?
    /// For the log.
    let cause: String?

    init(
        _ code: ProblemCode, _ detail: String? = nil, faults: [JSONFault] = [], requiredScope: Scope? = nil, allowed: [String] = [],
        retryAfterSeconds: Int? = nil, cause: String? = nil
    ) {
        self.code = code
        self.detail = detail
        self.faults = faults
        self.requiredScope = requiredScope
        self.allowed = allowed
        self.retryAfterSeconds = retryAfterSeconds
        self.cause = cause
    }

    /// A refusal by the transport, which knows no more than its kind.
    public init(_ code: ProblemCode) {
        self.init(code, nil)
    }

    /// The answer, as RFC 9457 writes it.
    public func response(requestID: String) -> APIResponse {
        var body: JSONObject = [
            "type": .string("/docs#problem-\(code.rawValue)"), "title": .string(code.title), "status": .integer(Int64(code.status)),
            "detail": .string(Self.cut(detail ?? code.title)), "code": .string(code.rawValue), "request_id": .string(requestID),
        ]
        if !faults.isEmpty {
            body["errors"] = .array(
                faults.prefix(JSONFaults.countMax).map { fault in
                    [
                        "pointer": .string(Self.cut(fault.pointer.text)), "code": .string(fault.code.rawValue),
                        "message": .string(Self.cut(fault.message)),
                    ]
                })
        }
        if let requiredScope { body["required_scope"] = .string(requiredScope.rawValue) }
        var headers: [(name: String, value: String)] = [APIResponse.noStore]
        if code == .unauthenticated { headers.append(("www-authenticate", "Bearer")) }
        if !allowed.isEmpty { headers.append(("allow", allowed.joined(separator: ", "))) }
        if let seconds = retryAfterSeconds ?? (code == .unavailable ? 1 : nil) { headers.append(("retry-after", "\(seconds)")) }
        return APIResponse(
            status: code.status, contentType: "application/problem+json", headers: headers, body: JSONValue.object(body).canonicalBytes)
    }

    private static func cut(_ text: String) -> String {
        text.utf8.count <= textLengthMax ? text : String(text.unicodeScalars.prefix(textLengthMax))
    }
}
