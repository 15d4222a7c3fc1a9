import Calls
import StrictJSON
import Switchboard
import Vocabulary

/// API keys: make one (shown once), list them, look at one, revoke it.
struct KeyOperations: Sendable {
    static let lifetimeSeconds = 60...315_360_000
    let desk: Switchboard

    @Sendable func create(_ operation: Operation) async throws(Problem) -> APIResponse {
        let caller = try operation.requireCaller()
        let order = try operation.body { body -> KeyOrder? in
            let tenant = body.parsed("tenant") { text in try TenantID(text) }
            let scopes = body.requiredWords("scopes", count: 1...Scope.allCases.count, Scope.self)
            let label = body.string("label", bytes: 1...64)
            let environment = body.oneOf("environment", APIKey.Environment.self)
            let lifetime = body.integer("expires_in_seconds", in: Self.lifetimeSeconds.asInt64)
            guard let scopes else { return nil }
            return KeyOrder(
                tenant: tenant, scopes: Set(scopes), label: label, environment: environment ?? .live,
                lifetimeSeconds: lifetime.map(Int.init))
        }
        let new = try await asking { () async throws(DeskError) in try await desk.createKey(order, for: caller) }
        var answer = new.record.json
        answer["key"] = .string(new.text)
        return APIResponse(
            status: 201, headers: [("location", "/v1/keys/\(new.record.id)"), APIResponse.noStore], json: .object(answer))
    }

    @Sendable func list(_ operation: Operation) async throws(Problem) -> APIResponse {
        let caller = try operation.requireCaller()
        let (cursor, limit) = try operation.page(Query(operation.request.target, known: ["limit", "cursor"]))
        let page = try await asking { () async throws(DeskError) in try await desk.keys(cursor: cursor, limit: limit, for: caller) }
        return APIResponse(json: page.json("keys") { .object($0.json) })
    }

    @Sendable func get(_ operation: Operation) async throws(Problem) -> APIResponse {
        let caller = try operation.requireCaller()
        let id = try operation.parameter(0, APIKeyID.init(_:))
        let record = try await asking { () async throws(DeskError) in try await desk.key(id, for: caller) }
        return APIResponse(json: .object(record.json))
    }

    @Sendable func revoke(_ operation: Operation) async throws(Problem) -> APIResponse {
        let caller = try operation.requireCaller()
        let id = try operation.parameter(0, APIKeyID.init(_:))
        try await asking { () async throws(DeskError) in try await desk.revokeKey(id, for: caller) }
        return .noContent
    }
}

extension APIKeyRecord {
    /// The record as the contract's `Key`.
    fileprivate var json: JSONObject {
        var object: JSONObject = [
            "id": .string(id.text), "scopes": .array(scopes.map(\.rawValue).sorted().map { .string($0) }), "prefix": .string(prefix),
            "created_at": .string(createdAt.rfc3339),
        ]
        if let tenant { object["tenant"] = .string(tenant.text) }
        if let label { object["label"] = .string(label) }
        if let expiresAt { object["expires_at"] = .string(expiresAt.rfc3339) }
        if let revokedAt { object["revoked_at"] = .string(revokedAt.rfc3339) }
        return object
    }
}
