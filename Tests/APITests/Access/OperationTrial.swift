import StrictJSON
import Testing
import Vocabulary

@testable import API

/// One request for each operation that does what the operation is for, on things that were made for it: with the right key it has to work.
struct OperationTrial {
    let method: String
    let target: String
    let body: JSONValue?
    /// What it answers where it works.
    let status: Int

    private init(_ method: String, _ target: String, _ body: JSONValue? = nil, _ status: Int = 200) {
        self.method = method
        self.target = target
        self.body = body
        self.status = status
    }

    /// Sends it.
    func send(
        to service: Service, key: String?, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Service.Answer {
        try await service.send(method, target, body, key: key, sourceLocation: sourceLocation)
    }

    /// The request of an operation, and the things that it needs, made with a key that may everything in the tenant `acme`.
    /// - Parameter number: sets it apart from the trials before it on the same service.
    static func of(_ id: String, _ service: Service, key: String, number: Int) async throws -> OperationTrial {
        let (caller, callee) = ("caller-\(number)", "callee-\(number)")
        if let trial = try await aboutRooms(id, service, key) { return trial }
        if let trial = try await aboutCalls(id, service, key, caller, callee) { return trial }
        if let trial = try await aboutUsers(id, service, key, caller) { return trial }
        if let trial = try await forAdministrators(id, service, key, number) { return trial }
        return try #require(aboutTheService[id], "the operation \(id) has no trial")
    }

    private static func aboutRooms(_ id: String, _ service: Service, _ key: String) async throws -> OperationTrial? {
        if id == "createRoom" { return .init("POST", "/v1/rooms", ["max_participants": 2], 201) }
        if id == "listRooms" { return .init("GET", "/v1/rooms") }
        guard ["getRoom", "closeRoom", "mintRoomToken", "mintLiveKitToken", "mintLiveKitTokenAlias"].contains(id) else { return nil }
        let room = try await service.room(key: key)
        let order: JSONValue = ["room_name": .string(room), "participant_identity": "alice"]
        switch id {
        case "getRoom": return .init("GET", "/v1/rooms/\(room)")
        case "closeRoom": return .init("DELETE", "/v1/rooms/\(room)", nil, 204)
        case "mintRoomToken": return .init("POST", "/v1/rooms/\(room)/tokens", ["user_id": "alice", "role": "host"], 201)
        case "mintLiveKitToken": return .init("POST", "/v1/livekit/token", order, 201)
        default: return .init("POST", "/api/livekit/token", order, 201)
        }
    }

    private static func aboutCalls(
        _ id: String, _ service: Service, _ key: String, _ caller: String, _ callee: String
    ) async throws -> OperationTrial? {
        if id == "listCalls" { return .init("GET", "/v1/calls") }
        if id == "placeCall" {
            return .init("POST", "/v1/calls", ["caller": .string(caller), "callee": .string(callee), "media": "audio"], 201)
        }
        if id == "mintCallToken" {
            return .init("POST", try await service.activeCall(caller, callee, key: key) + "/token", ["user": .string(caller)], 201)
        }
        let moves = ["acceptCall": ("/accept", callee), "rejectCall": ("/reject", callee), "cancelCall": ("/cancel", caller)]
        if id == "getCall" { return .init("GET", try await service.ringingCall(caller, callee, key: key)) }
        if id == "endCall" { return .init("POST", try await service.activeCall(caller, callee, key: key) + "/end", [:]) }
        guard let (move, user) = moves[id] else { return nil }
        return .init("POST", try await service.ringingCall(caller, callee, key: key) + move, ["user": .string(user)])
    }

    private static func aboutUsers(_ id: String, _ service: Service, _ key: String, _ user: String) async throws -> OperationTrial? {
        let path = "/v1/users/\(user)"
        switch id {
        case "putUser": return .init("PUT", path, ["roles": ["nurse"]], 201)
        case "getUser", "deleteUser":
            try await service.send("PUT", path, [:], key: key)
            return id == "getUser" ? .init("GET", path) : .init("DELETE", path, nil, 204)
        case "getPresence": return .init("GET", path + "/presence")
        case "isUserOnline": return .init("GET", "/api/users/\(user)/online")
        default: return nil
        }
    }

    private static func forAdministrators(
        _ id: String, _ service: Service, _ key: String, _ number: Int
    ) async throws -> OperationTrial? {
        let tenant = "tenant-\(number)"
        let order: JSONValue = ["id": .string(tenant), "providers": ["livekit": Service.livekitSettings]]
        switch id {
        case "createKey": return .init("POST", "/v1/keys", ["scopes": ["keys:admin"]], 201)
        case "getKey", "revokeKey":
            let made = try await service.send("POST", "/v1/keys", ["scopes": ["rooms:read"]], key: key).text("id")
            return id == "getKey" ? .init("GET", "/v1/keys/\(made)") : .init("DELETE", "/v1/keys/\(made)", nil, 204)
        case "createTenant": return .init("POST", "/v1/tenants", order, 201)
        case "getTenant", "changeTenant", "closeTenant":
            try await service.send("POST", "/v1/tenants", order, key: service.operatorKey)
            let path = "/v1/tenants/\(tenant)"
            if id == "getTenant" { return .init("GET", path) }
            return id == "closeTenant" ? .init("DELETE", path, nil, 204) : .init("PATCH", path, ["display_name": "Changed"])
        default: return nil
        }
    }

    /// What needs nothing that was made before.
    private static let aboutTheService: [String: OperationTrial] = [
        "inspectToken": .init("POST", "/v1/tokens/inspect", ["token": "x"]), "listTokenProfiles": .init("GET", "/v1/token-profiles"),
        "listPresence": .init("GET", "/v1/presence?users=alice,bob"), "listConnectedUsers": .init("GET", "/api/connected-users"),
        "sendEvent": .init("POST", "/v1/events", ["to": ["user": "alice"], "event": "bell"]), "listAudit": .init("GET", "/v1/audit"),
        "listKeys": .init("GET", "/v1/keys"), "listTenants": .init("GET", "/v1/tenants"), "getHealth": .init("GET", "/health"),
        "getLiveness": .init("GET", "/livez"), "getReadiness": .init("GET", "/readyz"), "getContractYAML": .init("GET", "/openapi.yaml"),
        "getContractJSON": .init("GET", "/openapi.json"), "getDocs": .init("GET", "/docs"),
    ]
}
