import Calls
import StrictJSON
import Testing
import Vocabulary

@testable import API

/// What is refused about calls, to whom, and in which words.
struct CallRefusalTests {
    /// A call's stage, a move, for whom, and the code of its refusal; nil: it is done, or was so already.
    struct Row: Sendable, CustomTestStringConvertible {
        let stage: String
        let move: String
        let body: JSONObject
        let code: String?

        init(_ stage: String, _ move: String, _ body: JSONObject, _ code: String?) {
            self.stage = stage
            self.move = move
            self.body = body
            self.code = code
        }

        var testDescription: String { "\(stage): \(move) \(JSONValue.object(body).canonicalText)" }
    }

    static let rows = [
        Row("ringing", "accept", ["user": "bob"], nil), Row("ringing", "accept", ["user": "alice"], "wrong_party"),
        Row("ringing", "accept", ["user": "carol"], "not_a_party"), Row("ringing", "reject", ["user": "bob"], nil),
        Row("ringing", "reject", [:], nil), Row("ringing", "reject", ["user": "alice"], "wrong_party"),
        Row("ringing", "reject", ["user": "carol"], "not_a_party"), Row("ringing", "cancel", ["user": "alice"], nil),
        Row("ringing", "cancel", [:], nil), Row("ringing", "cancel", ["user": "bob"], "wrong_party"),
        Row("ringing", "cancel", ["user": "carol"], "not_a_party"), Row("ringing", "end", ["user": "alice"], nil),
        Row("ringing", "end", ["user": "bob"], nil), Row("ringing", "end", [:], nil),
        Row("ringing", "end", ["user": "carol"], "not_a_party"), Row("ringing", "token", ["user": "alice"], "call_not_active"),
        Row("ringing", "token", ["user": "bob"], "call_not_active"), Row("ringing", "token", ["user": "carol"], "not_a_party"),

        Row("active", "accept", ["user": "bob"], nil), Row("active", "accept", ["user": "bob", "device": "tv"], "answered_elsewhere"),
        Row("active", "accept", ["user": "alice"], "wrong_party"), Row("active", "accept", ["user": "carol"], "not_a_party"),
        Row("active", "reject", ["user": "bob"], "call_not_ringing"),
        Row("active", "reject", ["user": "bob", "device": "tv"], "answered_elsewhere"),
        Row("active", "reject", ["user": "alice"], "wrong_party"), Row("active", "cancel", ["user": "alice"], "call_not_ringing"),
        Row("active", "cancel", ["user": "bob"], "wrong_party"), Row("active", "end", ["user": "bob"], nil),
        Row("active", "end", ["user": "carol"], "not_a_party"), Row("active", "token", ["user": "bob"], nil),
        Row("active", "token", ["user": "bob", "device": "tv"], "answered_elsewhere"),
        Row("active", "token", ["user": "carol"], "not_a_party"),

        Row("ended", "accept", ["user": "bob"], "call_ended"), Row("ended", "reject", ["user": "bob"], "call_ended"),
        Row("ended", "cancel", ["user": "alice"], "call_ended"), Row("ended", "end", ["user": "alice"], nil),
        Row("ended", "end", ["user": "bob"], nil), Row("ended", "accept", ["user": "carol"], "not_a_party"),
        Row("ended", "token", ["user": "alice"], "call_not_active"), Row("ended", "token", ["user": "carol"], "not_a_party"),
    ]

    @Test(arguments: rows)
    func `every move at every stage has its answer, and a refusal changes nothing`(row: Row) async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let call =
            switch row.stage {
            case "ringing": try await service.ringingCall(key: key)
            case "active": try await service.activeCall(key: key)
            default: try await service.endedCall(key: key)
            }
        let before = try await service.send("GET", call, key: key)
        let answer = try await service.send("POST", "\(call)/\(row.move)", .object(row.body), key: key)
        #expect(answer.code == row.code)
        #expect(answer["token"] == nil || row.code == nil)
        if row.code != nil { #expect(try await service.send("GET", call, key: key).bytes == before.bytes) }
    }

    @Test func `C08 a call is accepted by its callee alone, whoever else asks`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let globex = try await service.tenant("globex")
        let call = try await service.ringingCall(key: key)
        let accept = call + "/accept"
        #expect(try await service.send("POST", accept, [:], key: try service.token("alice")).code == "wrong_party")
        #expect(try await service.send("POST", accept, [:], key: try service.token("carol")).code == "not_found")
        #expect(try await service.send("POST", accept, [:], key: try service.token("bob", of: "globex")).code == "not_found")
        #expect(try await service.send("POST", accept, ["user": "bob"], key: globex).code == "not_found")
        #expect(try await service.send("GET", call, key: key)["state"] == "ringing")
        #expect(try await service.send("POST", accept, [:], key: try service.token("bob")).status == 200)
    }

    @Test func `C10 C16 T23 the device that accepted gets its token again, another one of the same user does not`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let call = try await service.ringingCall(key: key)
        let bob = try service.token("bob")
        #expect(try await service.send("POST", call + "/accept", ["device": "phone"], key: bob).status == 200)
        let fetched = try await service.send("POST", call + "/token", ["device": "phone"], key: bob)
        #expect(fetched["identity"] == "bob")
        #expect(try await service.send("POST", call + "/accept", ["device": "phone"], key: bob)["join"]?["identity"] == "bob")
        for body in [["device": "laptop"], [:]] as [JSONValue] {
            #expect(try await service.send("POST", call + "/accept", body, key: bob).code == "answered_elsewhere")
            #expect(try await service.send("POST", call + "/token", body, key: bob).code == "answered_elsewhere")
        }
    }

    @Test func `C13 hanging up twice, by both at once, is one transition`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let call = try await service.activeCall(key: key)
        let alice = try service.token("alice")
        let bob = try service.token("bob")
        async let first = service.send("POST", call + "/end", [:], key: alice)
        async let second = service.send("POST", call + "/end", [:], key: bob)
        let (one, other) = try await (first, second)
        #expect(one.status == 200 && other.status == 200)
        #expect(one.bytes == other.bytes)
        #expect(one["version"]?.integerValue == 3)
        #expect(try await service.send("POST", call + "/end", ["reason": "again"], key: alice).bytes == one.bytes)
    }

    @Test func `C14 whoever accepts after the caller has hung up is told that the call is over`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let call = try await service.ringingCall(key: key)
        let ended = try await service.send("POST", call + "/end", [:], key: try service.token("alice"))
        #expect(ended["end_reason"] == "cancelled")
        let late = try await service.send("POST", call + "/accept", [:], key: try service.token("bob"))
        #expect(late.status == 409)
        #expect(late.code == "call_ended")
        #expect(late["join"] == nil)
    }

    @Test func `rejecting and cancelling again is answered the same way`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        for (move, user) in [("reject", "bob"), ("cancel", "alice")] {
            let call = try await service.ringingCall(key: key)
            let token = try service.token(user)
            let first = try await service.send("POST", "\(call)/\(move)", ["reason": "not now"], key: token)
            #expect(first["end_note"] == "not now")
            #expect(first["ended_by"] == .string(user))
            #expect(try await service.send("POST", "\(call)/\(move)", [:], key: token).bytes == first.bytes)
        }
    }

    @Test func `nobody is in two calls, and the one who is called is told nothing of it`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        _ = try await service.ringingCall(key: key)
        let cases = [("alice", "carol", "already_in_call"), ("bob", "carol", "already_in_call"), ("carol", "bob", "user_busy")]
        for (caller, callee, code) in cases {
            let order: JSONValue = ["caller": .string(caller), "callee": .string(callee), "media": "audio"]
            #expect(try await service.send("POST", "/v1/calls", order, key: key).code == code)
        }
        #expect(try await service.send("GET", "/v1/calls", key: key)["calls"]?.arrayValue?.count == 1)
    }

    @Test func `a tenant that knows its users lets nobody else call or be called, and says not who is missing`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        try await service.send("PATCH", "/v1/tenants/acme", ["users": ["unknown": "refused"]], key: service.operatorKey)
        let order: JSONValue = ["caller": "alice", "callee": "bob", "media": "audio"]
        let nobody = try await service.send("POST", "/v1/calls", order, key: key)
        #expect(nobody.code == "callee_unavailable")
        try await service.send("PUT", "/v1/users/alice", [:], key: key)
        #expect(try await service.send("POST", "/v1/calls", order, key: key).bytes == nobody.bytes)
        try await service.send("PUT", "/v1/users/bob", [:], key: key)
        #expect(try await service.send("POST", "/v1/calls", order, key: key).status == 201)
    }

    @Test(arguments: [
        (#"{}"#, ["/caller", "/callee", "/media"]), (#"{"caller":"alice","callee":"alice","media":"audio"}"#, ["/callee"]),
        (#"{"caller":"*","callee":"bob","media":"audio"}"#, ["/caller"]), (#"{"caller":"a","callee":"","media":"audio"}"#, ["/callee"]),
        (#"{"caller":"a","callee":"b","media":"text"}"#, ["/media"]),
        (#"{"caller":"a","callee":"b","media":"audio","provider":"zoom"}"#, ["/provider"]),
        (#"{"caller":"a","callee":"b","media":"audio","call_id":"short"}"#, ["/call_id"]),
        (#"{"caller":"a","callee":"b","media":"audio","call_id":"-not-a-letter"}"#, ["/call_id"]),
        (#"{"caller":"a","callee":"b","media":"audio","device":""}"#, ["/device"]),
        (#"{"caller":"a","callee":"b","media":"audio","device":"a b"}"#, ["/device"]),
        (#"{"caller":"a","callee":"b","media":"audio","metadata":{}}"#, ["/metadata"]),
        (#"{"caller":"a","callee":"b","media":"audio","metadata":null}"#, ["/metadata"]),
        (#"{"caller":"a","callee":"b","media":"audio","room":"acme-call-x"}"#, ["/room"]),
        (#"{"caller":"a","callee":"b","media":"audio","tenant":"globex"}"#, ["/tenant"]),
        (#"{"caller":"a","callee":"b","media":"audio","grants":{},"agoraToken":"x"}"#, ["/grants", "/agoraToken"]),
    ])
    func `a call that cannot be is refused with pointers, and none is placed`(body: String, pointers: [String]) async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let answer = try await service.send("POST", "/v1/calls", bytes: Array(body.utf8), contentType: "application/json", key: key)
        #expect(answer.status == 422)
        #expect(answer.pointers == pointers)
        #expect(try await service.send("GET", "/v1/calls", key: key)["calls"] == [])
    }

    @Test func `a user speaks for nobody by name, not even for itself, and a key names whom it means`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let alice = try service.token("alice")
        for named in ["alice", "bob"] {
            let order: JSONValue = ["caller": .string(named), "callee": "bob", "media": "audio"]
            #expect(try await service.send("POST", "/v1/calls", order, key: alice).pointers == ["/caller"])
        }
        let call = try await service.ringingCall(key: key)
        for move in ["accept", "reject", "cancel", "end", "token"] {
            #expect(try await service.send("POST", "\(call)/\(move)", ["user": "alice"], key: alice).pointers == ["/user"], "\(move)")
        }
        for move in ["accept", "token"] {
            #expect(try await service.send("POST", "\(call)/\(move)", [:], key: key).pointers == ["/user"], "\(move)")
        }
        for (move, fields) in [("end", #"{"device":"x"}"#), ("cancel", #"{"device":"x"}"#), ("accept", #"{"user":"bob","reason":"x"}"#)] {
            let answer = try await service.send(
                "POST", "\(call)/\(move)", bytes: Array(fields.utf8), contentType: "application/json", key: key)
            #expect(answer.status == 422, "\(move)")
        }
        for note in ["", String(repeating: "x", count: 129)] {
            #expect(try await service.send("POST", call + "/end", ["reason": .string(note)], key: key).pointers == ["/reason"])
        }
        #expect(try await service.send("GET", call, key: key)["state"] == "ringing")
    }

    @Test func `a provider that the tenant does not have, or whose secret is gone, rings nobody`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let livekitOnly: JSONValue = ["providers": ["livekit": Service.livekitSettings]]
        try await service.send("PATCH", "/v1/tenants/acme", livekitOnly, key: service.operatorKey)
        let order: JSONValue = ["caller": "alice", "callee": "bob", "media": "audio", "provider": "agora"]
        #expect(try await service.send("POST", "/v1/calls", order, key: key).code == "provider_not_configured")
        #expect(try await service.send("GET", "/v1/calls", key: key)["calls"] == [])
    }

    @Test func `a store that cannot write answers 503 and hands out no token`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let call = try await service.ringingCall(key: key)
        service.store.fail(with: .unavailable("disk full"))
        let refused = try await service.send("POST", call + "/accept", ["user": "bob"], key: key)
        #expect(refused.code == "unavailable")
        #expect(refused["joins"] == nil)
        service.store.fail(with: nil)
        #expect(try await service.send("GET", call, key: key)["state"] == "ringing")
        #expect(try await service.send("POST", call + "/accept", ["user": "bob"], key: key).status == 200)
    }
}
