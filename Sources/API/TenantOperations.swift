import Calls
import StrictJSON
import Switchboard
import Vocabulary

/// Tenants, for the operator: make one, list them, look at one, change it, close it.
struct TenantOperations: Sendable {
    let desk: Switchboard

    @Sendable func create(_ operation: Operation) async throws(Problem) -> APIResponse {
        let caller = try operation.requireCaller()
        let order = try operation.body(TenantReader.order)
        let tenant = try await asking { () async throws(DeskError) in try await desk.createTenant(order, for: caller) }
        return APIResponse(status: 201, headers: [("location", "/v1/tenants/\(tenant.id)")], json: tenant.json)
    }

    @Sendable func list(_ operation: Operation) async throws(Problem) -> APIResponse {
        let caller = try operation.requireCaller()
        let (cursor, limit) = try operation.page(Query(operation.request.target, known: ["limit", "cursor"]))
        let page = try await asking { () async throws(DeskError) in try await desk.tenants(cursor: cursor, limit: limit, for: caller) }
        return APIResponse(json: page.json("tenants") { $0.json })
    }

    @Sendable func get(_ operation: Operation) async throws(Problem) -> APIResponse {
        let caller = try operation.requireCaller()
        let id = try operation.parameter(0, TenantID.init(_:))
        let tenant = try await asking { () async throws(DeskError) in try await desk.tenant(id, for: caller) }
        return APIResponse(json: tenant.json)
    }

    @Sendable func change(_ operation: Operation) async throws(Problem) -> APIResponse {
        let caller = try operation.requireCaller()
        let id = try operation.parameter(0, TenantID.init(_:))
        let change = try operation.body(TenantReader.change)
        let tenant = try await asking { () async throws(DeskError) in try await desk.changeTenant(id, change, for: caller) }
        return APIResponse(json: tenant.json)
    }

    @Sendable func close(_ operation: Operation) async throws(Problem) -> APIResponse {
        let caller = try operation.requireCaller()
        let id = try operation.parameter(0, TenantID.init(_:))
        try await asking { () async throws(DeskError) in try await desk.closeTenant(id, for: caller) }
        return .noContent
    }
}

extension Tenant {
    /// The tenant as the contract's `Tenant`: secrets as the references that they are.
    fileprivate var json: JSONValue {
        var providers: JSONObject = [:]
        if let livekit = self.providers.livekit {
            var object: JSONObject = [
                "server_url": .string(livekit.serverURL), "api_key": .string(livekit.apiKey), "api_secret": livekit.apiSecret.json,
            ]
            if let previous = livekit.previousAPISecret { object["previous_api_secret"] = previous.json }
            providers["livekit"] = .object(object)
        }
        if let agora = self.providers.agora {
            var object: JSONObject = [
                "app_id": .string(agora.appID), "app_certificate": agora.appCertificate.json, "identity": .string(agora.identity.rawValue),
                "token_version": .string(agora.tokenVersion.rawValue),
            ]
            if let previous = agora.previousAppCertificate { object["previous_app_certificate"] = previous.json }
            providers["agora"] = .object(object)
        }
        var object: JSONObject = [
            "id": .string(id.text), "state": .string(closedAt == nil ? "open" : "closed"), "providers": .object(providers),
            "default_provider": .string(defaultProvider.rawValue), "limits": ["rooms_open_max": .integer(Int64(openRoomsMax))],
            "users": ["unknown": .string(unknownUsers.rawValue)], "topics": .array(topics.map(\.json)),
            "user_room_roles": .array(userRoomRoles.map { .string($0) }), "created_at": .string(createdAt.rfc3339),
        ]
        if let displayName { object["display_name"] = .string(displayName) }
        if let userTokens { object["user_tokens"] = userTokens.json }
        if let remoteCheck { object["remote_check"] = remoteCheck.json }
        if let closedAt { object["closed_at"] = .string(closedAt.rfc3339) }
        return .object(object)
    }
}

extension UserTokenSettings {
    fileprivate var json: JSONValue {
        var claims: JSONObject = ["user": .string(self.claims.user)]
        if let tenant = self.claims.tenant { claims["tenant"] = .string(tenant) }
        if let name = self.claims.name { claims["name"] = .string(name) }
        if let roles = self.claims.roles { claims["roles"] = .string(roles) }
        var object: JSONObject = [
            "alg": .string(algorithm.rawValue), "issuer": .string(issuer), "claims": .object(claims),
            "lifetime_seconds_max": .integer(Int64(lifetimeSecondsMax)),
        ]
        if let audience { object["audience"] = .string(audience) }
        switch keys {
        case .secret(let reference, let previous):
            object["secret"] = reference.json
            if let previous { object["previous_secret"] = previous.json }
        case .keySetFile(let path): object["jwks"] = ["file": .string(path)]
        case .keySetAddress(let address): object["jwks"] = ["url": .string(address.text)]
        }
        return .object(object)
    }
}

extension RemoteCheckSettings {
    fileprivate var json: JSONValue {
        var fields: JSONObject = ["user": .string(self.fields.user)]
        if let name = self.fields.name { fields["name"] = .string(name) }
        if let roles = self.fields.roles { fields["roles"] = .string(roles) }
        return [
            "url": .string(address.text), "secret": secret.json, "fields": .object(fields),
            "recheck_seconds": .integer(Int64(recheckSeconds)),
        ]
    }
}

extension SecretReference {
    fileprivate var json: JSONValue {
        switch self {
        case .environment(let name): ["env": .string(name)]
        case .file(let path): ["file": .string(path)]
        }
    }
}
