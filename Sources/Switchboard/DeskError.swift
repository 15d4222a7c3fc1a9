public import Calls
public import Vocabulary

/// Every way in which the desk says no. The counters turn a case into a status and a code; nothing here knows of HTTP.
public enum DeskError: Error, Sendable {
    /// No credential, or none that opens anything. The same for every reason.
    case unauthenticated
    /// The key is good and lacks this scope.
    case missingScope(Scope)
    /// A key may give away only what it holds itself.
    case scopeNotHeld(Scope)
    /// Not there for this caller: it does not exist, or it is another tenant's.
    case notFound
    /// The room is there and takes nobody in any more.
    case roomNotOpen
    /// The state of a call, or who asks, forbids it. Never `notFound` or `callingOneself`, which are said in the desk's own words.
    case call(CallRefusal)
    /// A request with the same `Idempotency-Key` is being worked on.
    case idempotencyInProgress
    /// The tenant id was given before.
    case tenantExists
    /// As many as allowed are there. The text says which limit.
    case limitReached(String)
    /// Too often of late. After that many seconds, at least 1, it may be tried again.
    case rateLimited(retryAfterSeconds: Int)
    /// The tenant has no such provider.
    case providerNotConfigured(ProviderKind)
    /// The position of a list was not made for this list, or was changed.
    case invalidCursor
    /// A well-formed field that cannot be. `field` is its path in the request, parts joined by `/`.
    case invalid(field: String, reason: String)
    /// The service is about to stop and begins nothing new. After that many seconds another one, or its successor, may do it.
    case draining(retryAfterSeconds: Int)
    /// The app that knows the user does not say who it is. Try again later. The cause is for the log.
    case appUnavailable(cause: String)
    /// Try again later. The cause is for the log.
    case unavailable(cause: String)
    /// Our fault. The cause is for the log.
    case `internal`(cause: String)

    /// What the log may know of it.
    public var cause: String? {
        switch self {
        case .appUnavailable(let cause), .unavailable(let cause), .internal(let cause): cause
        case .unauthenticated, .missingScope, .scopeNotHeld, .notFound, .roomNotOpen, .call, .idempotencyInProgress, .tenantExists,
            .limitReached, .rateLimited, .providerNotConfigured, .invalidCursor, .invalid, .draining:
            nil
        }
    }

    init(_ error: StoreError) {
        switch error {
        case .duplicate: self = .internal(cause: "the store holds that name already")
        case .limitReached: self = .limitReached("open rooms or users of the tenant")
        case .tenantGone: self = .notFound
        case .unavailable(let cause): self = .unavailable(cause: cause)
        case .internal(let cause): self = .internal(cause: cause)
        }
    }

    init(_ refusal: CallRefusal) {
        switch refusal {
        case .notFound: self = .notFound
        case .callingOneself: self = .invalid(field: "callee", reason: "is the one who calls")
        case .notAParty, .wrongParty, .answeredElsewhere, .callNotRinging, .callNotActive, .callEnded, .preconditionFailed, .alreadyInCall,
            .userBusy, .calleeUnavailable, .callExists, .idempotencyMismatch:
            self = .call(refusal)
        }
    }
}
