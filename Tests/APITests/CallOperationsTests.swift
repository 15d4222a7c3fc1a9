import Calls
import StrictJSON
import Switchboard
import Testing
import Tokens
import Vocabulary

@testable import API

/// Calls from placing to hanging up, by a server and by users themselves.
struct CallOperationsTests {
    @Test func `C01 C02 a server plays a whole call: no token before the callee has accepted, then one for each party`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let placed = try await service.placedCall(key: key, [("metadata", "order 1042")])
        let id = try placed.text("id")
        let call = "/v1/calls/\(id)"
        #expect(placed.header("location") == call)
        #expect(placed.header("etag") == "\"1\"")
        #expect(placed["state"] == "ringing")
        #expect(placed["ring_expires_at"] == .string((Service.start + 30).rfc3339))
        #expect(placed["parties"] == Self.parties(joined: [Service.start.rfc3339, nil]))
        let room = try RoomName(placed.text("room"))
        #expect(room.tenant.text == "acme" && room.kind == .call)
        for user in ["alice", "bob"] {
            #expect(try await service.send("POST", call + "/token", ["user": .string(user)], key: key).code == "call_not_active")
        }

        service.clock.advance(5)
        let accepted = try await service.send("POST", call + "/accept", ["user": "bob"], key: key)
        #expect(accepted.status == 200)
        #expect(accepted.header("etag") == "\"2\"")
        #expect(accepted.header("cache-control") == "no-store")
        #expect(accepted.call?["state"] == "active")
        #expect(accepted.call?["accepted_at"] == .string((Service.start + 5).rfc3339))
        #expect(accepted.call?["parties"] == Self.parties(joined: [Service.start.rfc3339, (Service.start + 5).rfc3339]))
        #expect(accepted["joins"]?.objectValue?.members.map(\.name) == ["alice", "bob"])
        var tokens: Set<String> = []
        for user in ["alice", "bob"] {
            let join = try #require(accepted["joins"]?[user])
            tokens.insert(try Self.checkedToken(join, of: user, in: room))
            let again = try await service.send("POST", call + "/token", ["user": .string(user)], key: key)
            #expect(again.status == 201)
            #expect(again.header("cache-control") == "no-store")
            tokens.insert(try Self.checkedToken(again.json, of: user, in: room))
        }
        #expect(tokens.count == 4)
        #expect(try await service.send("GET", call, key: key).json == accepted.call)

        let ended = try await service.send("POST", call + "/end", ["user": "alice", "reason": "said it all"], key: key)
        #expect(ended["state"] == "ended")
        #expect(ended["end_reason"] == "hung_up")
        #expect(ended["ended_by"] == "alice")
        #expect(ended["end_note"] == "said it all")
        #expect(ended["ended_at"] == .string((Service.start + 5).rfc3339))
        #expect(ended.header("etag") == "\"3\"")
        #expect(try await service.send("GET", call, key: key).bytes == ended.bytes)
        for user in ["alice", "bob"] {
            #expect(try await service.send("POST", call + "/token", ["user": .string(user)], key: key).code == "call_not_active")
        }
    }

    @Test func `two users play a whole call by their own tokens, each with its own join token`() async throws {
        let service = try await Service()
        _ = try await service.tenant("acme")
        let alice = try service.token("alice")
        let bob = try service.token("bob")
        let placed = try await service.send("POST", "/v1/calls", ["callee": "bob", "media": "video", "device": "phone"], key: alice)
        #expect(placed.status == 201)
        #expect(placed["caller"] == "alice")
        let call = "/v1/calls/\(try placed.text("id"))"
        #expect(try await service.send("GET", call, key: bob).bytes == placed.bytes)
        #expect(try await service.send("POST", call + "/token", [:], key: bob).code == "call_not_active")

        let accepted = try await service.send("POST", call + "/accept", ["device": "laptop"], key: bob)
        #expect(accepted.status == 200)
        #expect(accepted.header("cache-control") == "no-store")
        #expect(accepted.json.objectValue?.members.map(\.name) == ["call", "join"])
        let room = try RoomName(placed.text("room"))
        let tokenOfBob = try Self.checkedToken(try #require(accepted["join"]), of: "bob", in: room)
        let fetched = try await service.send("POST", call + "/token", ["device": "phone"], key: alice)
        #expect(fetched.status == 201)
        #expect(try Self.checkedToken(fetched.json, of: "alice", in: room) != tokenOfBob)
        #expect(try await service.send("GET", call, key: alice).bytes == (try await service.send("GET", call, key: bob)).bytes)

        let ended = try await service.send("POST", call + "/end", [:], key: bob)
        #expect(ended["ended_by"] == "bob")
        #expect(ended["end_reason"] == "hung_up")
        for user in [alice, bob] { #expect(try await service.send("POST", call + "/token", [:], key: user).code == "call_not_active") }
        #expect(try await service.send("POST", "/v1/calls", ["callee": "alice", "media": "audio"], key: bob).status == 201)
    }

    @Test(arguments: [("audio", ["microphone"]), ("video", ["camera", "microphone"])])
    func `who joins may publish what the call is about and no more`(media: String, sources: [String]) async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let placed = try await service.placedCall(key: key, [("media", .string(media))])
        let accepted = try await service.send("POST", "/v1/calls/\(try placed.text("id"))/accept", ["user": "bob"], key: key)
        for user in ["alice", "bob"] {
            let grants = accepted["joins"]?[user]?["grants"]
            #expect(grants?["canPublishSources"] == .array(sources.map { .string($0) }))
            #expect(grants?["roomAdmin"] == false)
            #expect(grants?["canSubscribe"] == true)
        }
    }

    @Test func `a call on Agora is joined by account or by number, as the tenant's project wants it`() async throws {
        let service = try await Service()
        var agora = try #require(Service.agoraSettings.objectValue)
        let byAccount = try await service.tenant("acme", agora: .object(agora))
        agora["identity"] = "uid"
        let byNumber = try await service.tenant("globex", agora: .object(agora))
        let named = try await service.placedCall(key: byAccount, [("provider", "agora")])
        let accepted = try await service.send("POST", "/v1/calls/\(try named.text("id"))/accept", ["user": "bob"], key: byAccount)
        #expect(accepted["joins"]?["alice"]?["connect"]?["uid"] == "alice")
        #expect(accepted["joins"]?["alice"]?["connect"]?["channel"] == named["room"])
        let numbered = try await service.placedCall("7", "42", key: byNumber, [("provider", "agora")])
        let joined = try await service.send("POST", "/v1/calls/\(try numbered.text("id"))/accept", ["user": "42"], key: byNumber)
        #expect(joined["joins"]?["42"]?["connect"]?["uid"]?.integerValue == 42)
        let order: JSONValue = ["caller": "8", "callee": "bob", "media": "audio", "provider": "agora"]
        #expect(try await service.send("POST", "/v1/calls", order, key: byNumber).pointers == ["/callee"])
    }

    @Test func `a call that nobody accepts ends when its ring time is over`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let call = try await service.ringingCall(key: key)
        service.clock.advance(29)
        await service.desk.endOverdueCalls()
        #expect(try await service.send("GET", call, key: key)["state"] == "ringing")
        service.clock.advance(1)
        await service.desk.endOverdueCalls()
        let missed = try await service.send("GET", call, key: key)
        #expect(missed["end_reason"] == "missed")
        #expect(missed["ended_by"] == nil)
        #expect(try await service.send("POST", call + "/accept", ["user": "bob"], key: key).code == "call_ended")
    }

    @Test func `C27 a token is renewed for as long as the call lives, and not after`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let call = try await service.activeCall(key: key)
        service.clock.advance(7200)
        let renewed = try await service.send("POST", call + "/token", [:], key: try service.token("alice"))
        #expect(renewed["issued_at"] == .string((Service.start + 7200).rfc3339))
        #expect(renewed["expires_at"] == .string((Service.start + 7500).rfc3339))
        try await service.send("POST", call + "/end", [:], key: key)
        #expect(try await service.send("POST", call + "/token", [:], key: try service.token("alice")).code == "call_not_active")
    }

    @Test func `both calling each other at once end up in one call, under either id`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let first = try await service.placedCall(key: key, [("call_id", "from-alice")])
        let crossed = try await service.send(
            "POST", "/v1/calls", ["caller": "bob", "callee": "alice", "media": "video", "call_id": "from-bob-1"], key: key)
        #expect(crossed.status == 200)
        #expect(crossed["id"] == "from-alice")
        #expect(crossed["room"] == first["room"])
        #expect(crossed["state"] == "active")
        #expect(try await service.send("GET", "/v1/calls/from-bob-1", key: key).bytes == crossed.bytes)
        for user in ["alice", "bob"] {
            #expect(try await service.send("POST", "/v1/calls/from-bob-1/token", ["user": .string(user)], key: key).status == 201)
        }
    }

    @Test func `a call id that the client brings makes placing repeatable, for the same call only`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let order: JSONValue = ["caller": "alice", "callee": "bob", "media": "audio", "call_id": "my-own-id"]
        let first = try await service.send("POST", "/v1/calls", order, key: key)
        #expect(first.status == 201)
        #expect(first["id"] == "my-own-id")
        let again = try await service.send("POST", "/v1/calls", order, key: key)
        #expect(again.status == 200)
        #expect(again.bytes == first.bytes)
        let ended = try await service.send("POST", "/v1/calls/my-own-id/cancel", [:], key: key)
        #expect(try await service.send("POST", "/v1/calls", order, key: key).bytes == ended.bytes)
        for (field, value) in [("callee", "carol"), ("caller", "carol"), ("media", "video"), ("provider", "agora")] {
            var other = try #require(order.objectValue)
            other[field] = .string(value)
            #expect(try await service.send("POST", "/v1/calls", .object(other), key: key).code == "call_exists", "\(field)")
        }
    }

    private static func parties(joined: [String?]) -> JSONValue {
        .array(
            zip(["alice", "bob"], joined).enumerated().map { index, party in
                var object: JSONObject = ["user_id": .string(party.0), "side": index == 0 ? "caller" : "callee"]
                if let moment = party.1 { object["joined_at"] = .string(moment) }
                return .object(object)
            })
    }

    /// The token of a join after looking at whom it lets in where.
    private static func checkedToken(_ join: JSONValue, of user: String, in room: RoomName) throws -> String {
        #expect(join["identity"] == .string(user))
        #expect(join["room"] == .string(room.text))
        #expect(join["role"] == "participant")
        let token = try #require(join["token"]?.stringValue)
        let claims = TokenInspector.inspect(token, now: Service.start, keys: []).claims
        #expect(claims?["sub"] == .string(user))
        #expect(claims?["video"]?["room"] == .string(room.text))
        #expect(claims?["video"] == join["grants"])
        return token
    }
}
