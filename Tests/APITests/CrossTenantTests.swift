import Calls
import StrictJSON
import Testing
import Vocabulary

@testable import API

/// N01: the wall between tenants. A thing of another tenant answers like a thing that does not exist, byte for byte.
struct CrossTenantTests {
    /// An operation that names a thing: once one that is there and another's, once one that is nowhere.
    struct Row {
        let id: String
        let method: String
        let foreign: String
        let absent: String
        let foreignBody: JSONValue?
        let absentBody: JSONValue?

        init(
            _ id: String, _ method: String, _ foreign: String, _ absent: String, _ foreignBody: JSONValue? = nil,
            _ absentBody: JSONValue? = nil
        ) {
            self.id = id
            self.method = method
            self.foreign = foreign
            self.absent = absent
            self.foreignBody = foreignBody
            self.absentBody = absentBody ?? foreignBody
        }
    }

    private static let absentCall = "call_0000000000000000000000001"

    /// The rows about a call. A key names the party, a user does not.
    private static func rows(call: String, naming user: String?) -> [Row] {
        let party: JSONValue = user.map { ["user": .string($0)] } ?? [:]
        let moves = [
            ("accept", "acceptCall"), ("reject", "rejectCall"), ("cancel", "cancelCall"), ("end", "endCall"), ("token", "mintCallToken"),
        ]
        return [Row("getCall", "GET", "/v1/calls/\(call)", "/v1/calls/\(absentCall)")]
            + moves.map { Row($1, "POST", "/v1/calls/\(call)/\($0)", "/v1/calls/\(absentCall)/\($0)", party) }
    }

    /// The rows about a room that is named in the body.
    private static func rows(room: String, absent: String, as user: String?) -> [Row] {
        let body: (String) -> JSONValue = { room in
            var object: JSONObject = ["room_name": .string(room)]
            if let user { object["participant_identity"] = .string(user) }
            return .object(object)
        }
        return [("mintLiveKitToken", "/v1/livekit/token"), ("mintLiveKitTokenAlias", "/api/livekit/token")].map { id, path in
            Row(id, "POST", path, path, body(room), body(absent))
        }
    }

    private static func expectAlike(_ row: Row, _ service: Service, key: String, _ who: String) async throws {
        let one = try await service.send(row.method, row.foreign, row.foreignBody, key: key)
        let other = try await service.send(row.method, row.absent, row.absentBody, key: key)
        #expect(one.status == 404, "\(row.id) by \(who)")
        #expect(one.bytes == other.bytes, "\(row.id) by \(who)")
        #expect(one.fields == other.fields, "\(row.id) by \(who)")
    }

    @Test func `a thing of another tenant answers like a thing that does not exist`() async throws {
        let service = try await Service()
        let acme = try await service.tenant("acme")
        let globex = try await service.tenant("globex")
        let room = try await service.room(key: acme)
        let keyID = try await service.send("POST", "/v1/keys", ["scopes": ["rooms:read"]], key: acme).text("id")
        try await service.send("PUT", "/v1/users/alice", [:], key: acme)
        let ringing = try await service.placedCall(key: acme)
        let active = String(try await service.activeCall("carol", "dave", key: acme).dropFirst("/v1/calls/".count))
        let before = try await service.send("GET", "/v1/calls", key: acme)
        let activeRoom = try #require(before["calls"]?[1]?["room"]?.stringValue)
        let mint: JSONValue = ["user_id": "alice", "role": "host"]
        let absentRoom = "globex-room-0000000000000000000000001"
        let absentKey = "key_0000000000000000000000001"
        var rows = [
            Row("getRoom", "GET", "/v1/rooms/\(room)", "/v1/rooms/\(absentRoom)"),
            Row("closeRoom", "DELETE", "/v1/rooms/\(room)", "/v1/rooms/\(absentRoom)"),
            Row("mintRoomToken", "POST", "/v1/rooms/\(room)/tokens", "/v1/rooms/\(absentRoom)/tokens", mint),
            Row("getKey", "GET", "/v1/keys/\(keyID)", "/v1/keys/\(absentKey)"),
            Row("revokeKey", "DELETE", "/v1/keys/\(keyID)", "/v1/keys/\(absentKey)"),
            Row("getUser", "GET", "/v1/users/alice", "/v1/users/nobody"),
            Row("deleteUser", "DELETE", "/v1/users/alice", "/v1/users/nobody"),
        ]
        rows += Self.rows(room: room, absent: absentRoom, as: "alice")
        rows += Self.rows(room: activeRoom, absent: "globex-call-0000000000000000000000001", as: "dave")
        rows += Self.rows(call: try ringing.text("id"), naming: "bob") + Self.rows(call: active, naming: "dave")
        for row in rows { try await Self.expectAlike(row, service, key: globex, "a key of the other tenant") }

        #expect(try await service.send("GET", "/v1/rooms/\(room)", key: acme)["state"] == "open")
        #expect(try await service.send("GET", "/v1/keys/\(keyID)", key: acme)["revoked_at"] == nil)
        #expect(try await service.send("GET", "/v1/users/alice", key: acme).status == 200)
        #expect(try await service.send("GET", "/v1/calls", key: acme).bytes == before.bytes)
        #expect(try await service.send("GET", "/v1/calls", key: globex)["calls"] == [])

        // Every operation that names a thing has its row above. Tenants are named by the operator alone, who may see them all; to put a
        // user names a user of one's own (N16), and a user who is not there is answered as such, which `PresenceTests` compares.
        let naming = service.api.table.routes.filter { $0.path.contains("{") || $0.id.hasPrefix("mintLiveKit") }.map(\.id)
        #expect(
            Set(naming).subtracting(rows.map(\.id)) == [
                "getTenant", "changeTenant", "closeTenant", "putUser", "getPresence", "isUserOnline",
            ])
    }

    @Test func `a user of another tenant and a stranger of the same one are told of a call what there is of one that does not exist`()
        async throws
    {
        let service = try await Service()
        let acme = try await service.tenant("acme")
        _ = try await service.tenant("globex")
        let ringing = try await service.placedCall(key: acme)
        let active = String(try await service.activeCall("carol", "dave", key: acme).dropFirst("/v1/calls/".count))
        let before = try await service.send("GET", "/v1/calls", key: acme)
        let activeRoom = try #require(before["calls"]?[1]?["room"]?.stringValue)
        let strangers = [
            ("the callee's namesake in the other tenant", try service.token("bob", of: "globex")),
            ("the other callee's namesake", try service.token("dave", of: "globex")),
            ("the caller's namesake", try service.token("alice", of: "globex")), ("a stranger", try service.token("zoe")),
        ]
        var rows = Self.rows(call: try ringing.text("id"), naming: nil) + Self.rows(call: active, naming: nil)
        rows += Self.rows(room: activeRoom, absent: "acme-call-0000000000000000000000001", as: nil)
        rows += Self.rows(room: try ringing.text("room"), absent: "acme-call-0000000000000000000000001", as: nil)
        for (who, token) in strangers {
            for row in rows { try await Self.expectAlike(row, service, key: token, who) }
            #expect(try await service.send("GET", "/v1/calls", key: token)["calls"] == [], "\(who)")
        }
        #expect(try await service.send("GET", "/v1/calls", key: acme).bytes == before.bytes)
        let named = service.api.table.routes.filter { route in
            guard case .scopeOrUser = route.access else { return false }
            return route.path.contains("{") || route.id.hasPrefix("mintLiveKit")
        }
        #expect(Set(named.map(\.id)) == Set(rows.map(\.id)))
    }

    @Test func `the same call id in two tenants names two calls`() async throws {
        let service = try await Service()
        let acme = try await service.tenant("acme")
        let globex = try await service.tenant("globex")
        let id: [(String, JSONValue)] = [("call_id", "the-same-id")]
        let one = try await service.placedCall(key: acme, id)
        let other = try await service.placedCall(key: globex, id)
        #expect(one["room"] != other["room"])
        try await service.send("POST", "/v1/calls/the-same-id/cancel", [:], key: globex)
        #expect(try await service.send("GET", "/v1/calls/the-same-id", key: acme).bytes == one.bytes)
        #expect(try await service.send("GET", "/v1/calls/the-same-id", key: globex)["state"] == "ended")
    }

    @Test func `N14 a tenant that is closed ends its calls, and its users are known no more`() async throws {
        let service = try await Service()
        let acme = try await service.tenant("acme")
        let globex = try await service.tenant("globex")
        let call = try await service.activeCall(key: acme)
        let other = try await service.activeCall(key: globex)
        let alice = try service.token("alice")
        #expect(try await service.send("DELETE", "/v1/tenants/acme", key: service.operatorKey).status == 204)
        for bearer in [acme, alice] {
            #expect(try await service.send("GET", call, key: bearer).status == 401)
            #expect(try await service.send("POST", call + "/token", ["user": "alice"], key: bearer).status == 401)
        }
        let kept = try await service.store.call(CallID(String(call.dropFirst("/v1/calls/".count))), of: TenantID("acme"))
        #expect(kept?.ending?.reason == .tenantClosed)
        #expect(try await service.send("GET", other, key: globex)["state"] == "active")
    }
}
