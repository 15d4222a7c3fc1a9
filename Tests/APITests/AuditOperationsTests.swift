import Calls
import Signing
import StrictJSON
import Testing
import Vocabulary

@testable import API

/// The audit log as those see it who may read it.
struct AuditOperationsTests {
    /// What a row says, without what differs from run to run.
    private static func brief(_ row: JSONValue) -> String {
        "\(row["operation"]?.stringValue ?? "") \(row["outcome"]?.stringValue ?? "")"
    }

    /// A LiveKit token's `jti`.
    private static func tokenID(_ token: String) throws -> String {
        let claims = try JSONValue.parse(try Base64URL.decode(String(token.split(separator: ".")[1])), limits: JSONLimits(bytesMax: 4096))
        return try #require(claims["jti"]?.stringValue)
    }

    @Test func `I4 every mint and every refusal about a call has exactly one row`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let log = try await service.key(of: "acme", scopes: [.auditRead])
        let before = try await service.auditRows(key: log).count
        let reader = try await service.key(of: "acme", scopes: [.callsRead])
        let bob = try service.token("bob")
        let call = try await service.ringingCall(key: key)
        try await service.send("POST", call + "/token", ["user": "alice"], key: key)
        try await service.send("POST", call + "/accept", ["user": "alice"], key: key)
        try await service.send("POST", call + "/accept", [:], key: try service.token("carol"))
        try await service.send("POST", call + "/accept", ["user": "bob"], key: reader)
        try await service.send("POST", call + "/accept", [:], key: bob)
        try await service.send("POST", call + "/token", ["device": "tv"], key: bob)
        try await service.send("POST", call + "/token", ["user": "alice"], key: key)
        try await service.send("POST", call + "/end", [:], key: bob)
        try await service.send("POST", call + "/token", [:], key: bob)
        let rows = try await service.auditRows(key: log).dropFirst(before).filter {
            $0["operation"]?.stringValue?.hasPrefix("call.") == true
        }
        #expect(
            rows.map(Self.brief) == [
                "call.place done", "call.token call_not_active", "call.accept wrong_party", "call.accept not_a_party",
                "call.accept missing_scope", "call.accept done", "call.token done", "call.token answered_elsewhere", "call.token done",
                "call.end done", "call.token call_not_active",
            ])
        let id = String(call.dropFirst("/v1/calls/".count))
        for row in rows {
            #expect(row["subject"] == .string(id), "\(row.canonicalText)")
            #expect(row["request_id"] == .string(Service.requestID))
            #expect((row["token"] != nil) == (Self.brief(row) == "call.token done"))
        }
        #expect(rows[5]["actor"] == "user:bob")
        #expect(rows[0]["actor"]?.stringValue?.hasPrefix("key_") == true)
    }

    @Test func `I4 a token for a room has its row too, by either way, and so has its refusal`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let reader = try await service.key(of: "acme", scopes: [.roomsRead])
        let room = try await service.room(key: key)
        let target = "/v1/rooms/\(room)/tokens"
        let order: JSONValue = ["user_id": "alice", "role": "viewer"]
        let before = try await service.auditRows(key: key).count
        try await service.send("POST", target, order, key: key)
        #expect(try await service.sendAtHand("POST", target, order, key: key)?.status == 201)
        try await service.send("POST", target, order, key: reader)
        try await service.send("POST", target, order, key: try service.token("alice"))
        try await service.send("DELETE", "/v1/rooms/\(room)", key: key)
        try await service.send("POST", target, order, key: key)
        #expect(try await service.sendAtHand("POST", target, order, key: key)?.status == 409)
        try await service.send("POST", "/v1/livekit/token", ["room_name": .string(room)], key: try service.token("alice"))
        try await service.send("POST", "/v1/livekit/token", ["room_name": .string(room)], key: reader)
        let toOperator = try await service.auditRows(key: service.operatorKey).count
        try await service.send("POST", target, order, key: service.operatorKey)
        let operatorRows = try await service.auditRows(key: service.operatorKey).dropFirst(toOperator)
        #expect(operatorRows.map(Self.brief) == ["room.token missing_scope"])
        let rows = Array(try await service.auditRows(key: key).dropFirst(before))
        #expect(
            rows.map(Self.brief) == [
                "room.token done", "room.token done", "room.token missing_scope", "room.token missing_scope", "room.close done",
                "room.token room_not_open", "room.token room_not_open", "call.token not_found", "room.token missing_scope",
            ])
        #expect(rows.dropLast().allSatisfy { $0["subject"] == .string(room) })
        // Where the room stands in a body that was not read, the row is about the tenant.
        #expect(rows.last?["subject"] == "acme")
        #expect(rows[0]["token"]?["role"] == "viewer")
    }

    @Test func `a row names a token by its hash, and never holds it`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let call = try await service.ringingCall(key: key)
        let accepted = try await service.send("POST", call + "/accept", ["user": "bob"], key: key)
        let rows = try await service.auditRows(key: key).filter { $0["token"] != nil }
        #expect(rows.map { $0["token"]?["identity"] } == ["alice", "bob"])
        for row in rows {
            let kept = try #require(row["token"])
            let identity = try #require(kept["identity"]?.stringValue)
            let join = try #require(accepted["joins"]?[identity])
            let token = try #require(join["token"]?.stringValue)
            let digits = Digest.sha256(Array(token.utf8)).map { byte in
                let text = String(byte, radix: 16)
                return byte < 16 ? "0" + text : text
            }
            #expect(kept["sha256"] == .string(digits.joined()))
            #expect(kept["room"] == join["room"])
            #expect(kept["expires_at"] == join["expires_at"])
            #expect(kept["provider"] == join["provider"])
            for part in token.split(separator: ".") { #expect(!row.canonicalText.contains(part)) }
            #expect(kept["id"]?.stringValue == (try Self.tokenID(token)))
        }
    }

    @Test func `N10 a tenant sees its own rows, the operator those without a tenant, and nobody another's`() async throws {
        let service = try await Service()
        let acme = try await service.tenant("acme")
        let globex = try await service.tenant("globex")
        for key in [acme, globex] {
            _ = try await service.activeCall(key: key)
            _ = try await service.room(key: key)
            try await service.send("PUT", "/v1/users/alice", [:], key: key)
        }
        let ofAcme = try await service.auditRows(key: acme)
        let ofGlobex = try await service.auditRows(key: globex)
        let ofOperator = try await service.auditRows(key: service.operatorKey)
        let numbers = [ofAcme, ofGlobex, ofOperator].map { Set($0.compactMap { $0["hash"]?.stringValue }) }
        #expect(
            numbers[0].isDisjoint(with: numbers[1]) && numbers[0].isDisjoint(with: numbers[2]) && numbers[1].isDisjoint(with: numbers[2]))
        #expect(!JSONValue.array(ofAcme).canonicalText.contains("globex"))
        #expect(!JSONValue.array(ofGlobex).canonicalText.contains("acme"))
        #expect(ofOperator.filter { $0["operation"] == "tenant.create" }.map { $0["subject"] } == ["acme", "globex"])
        #expect(ofOperator.allSatisfy { $0["operation"]?.stringValue?.hasPrefix("call.") == false })
        for operation in ["call.place", "call.accept", "call.token", "room.create", "user.put"] {
            #expect(ofAcme.contains { $0["operation"] == .string(operation) }, "\(operation)")
        }
    }

    @Test func `each row has a hash of its own, and the pages together are the whole log`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        _ = try await service.endedCall(key: key)
        let rows = try await service.auditRows(key: key)
        #expect(Set(rows.compactMap { $0["hash"]?.stringValue }).count == rows.count)
        var walked: [JSONValue] = []
        var target = "/v1/audit?limit=2"
        while true {
            let page = try await service.send("GET", target, key: key)
            walked += page["rows"]?.arrayValue ?? []
            guard let cursor = page["next_cursor"]?.stringValue else { break }
            target = "/v1/audit?limit=2&cursor=\(cursor)"
        }
        #expect(walked == rows)
        for query in ["limit=0", "user=alice", "tenant=acme", "cursor="] {
            #expect(try await service.send("GET", "/v1/audit?\(query)", key: key).code == "malformed_request", "\(query)")
        }
        #expect(try await service.send("GET", "/v1/audit", key: try service.token("alice")).code == "missing_scope")
    }

    @Test func `a mint whose row cannot be kept hands out nothing`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let room = try await service.room(key: key)
        let order: JSONValue = ["user_id": "alice", "role": "viewer"]
        #expect(try await service.sendAtHand("POST", "/v1/rooms/\(room)/tokens", order, key: key)?.status == 201)
        service.store.fail(with: .unavailable("disk full"))
        let refused = try await service.sendAtHand("POST", "/v1/rooms/\(room)/tokens", order, key: key)
        #expect(refused?.code == "unavailable")
        #expect(try await service.send("POST", "/v1/rooms/\(room)/tokens", order, key: key)["token"] == nil)
    }
}
