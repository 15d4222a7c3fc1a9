import StrictJSON
import Testing
import Tokens
import Vocabulary

/// The standard endpoint of LiveKit's client SDKs, under both of its paths.
struct LiveKitEndpointTests {
    private static let paths = ["/v1/livekit/token", "/api/livekit/token"]

    private static func livekit() throws -> LiveKitCredentials {
        try LiveKitCredentials(apiKey: "APItest", secret: Secret(utf8: TestSecrets.values["LIVEKIT_SECRET"] ?? ""))
    }

    private static func subject(_ answer: Service.Answer, at now: UnixTime = Service.start) throws -> String? {
        try LiveKitVerifier(credentials: livekit()).verify(try answer.text("participant_token"), now: now).subject
    }

    @Test func `the standard endpoint of LiveKit's SDKs takes what they send and answers as they expect`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let room = try await service.room(key: key)
        for (path, config) in [("/v1/livekit/token", "{}"), ("/api/livekit/token", "{\"agents\":[]}"), ("/v1/livekit/token", "null")] {
            let body = """
                {"room_name":"\(room)","participant_identity":"alice","participant_name":"Alice","participant_metadata":null,
                 "participant_attributes":{"team":"blue"},"room_config":\(config)}
                """
            let answer = try await service.send("POST", path, bytes: Array(body.utf8), contentType: "application/json", key: key)
            #expect(answer.status == 201)
            #expect(answer["server_url"] == "wss://livekit.example")
            #expect(answer["participant_name"] == "Alice")
            let claims = try LiveKitVerifier(credentials: Self.livekit()).verify(try answer.text("participant_token"), now: Service.start)
            #expect(claims.subject == "alice")
        }
    }

    @Test(arguments: [
        (#""room_config":{"egress":{}}"#, ["/room_config/egress"]),
        (#""room_config":{"agents":[{"agent_name":"x"}]}"#, ["/room_config/agents"]),
        (#""room_config":[]"#, ["/room_config"]), (#""video":{}"#, ["/video"]), (#""participant_identity":"*""#, ["/participant_identity"]),
    ])
    func `what a client of LiveKit's SDKs may not set is refused`(field: String, pointers: [String]) async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let room = try await service.room(key: key)
        let identity = field.contains("participant_identity") ? "" : #""participant_identity":"alice","#
        let body = Array("{\"room_name\":\"\(room)\",\(identity)\(field)}".utf8)
        let answer = try await service.send("POST", "/v1/livekit/token", bytes: body, contentType: "application/json", key: key)
        #expect(answer.status == 422)
        #expect(answer.pointers == pointers)
    }

    @Test func `the standard endpoint mints for LiveKit rooms only`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let room = try await service.room(key: key, ["provider": "agora"])
        let answer = try await service.send(
            "POST", "/v1/livekit/token", ["room_name": .string(room), "participant_identity": "alice"], key: key)
        #expect(answer.pointers == ["/room_name"])
    }

    @Test func `a user gets its own token for the room of its active call, and for no other room`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let placed = try await service.placedCall(key: key)
        let room = try #require(placed["room"])
        let elsewhere = try await service.placedCall("carol", "dave", key: key)["room"]
        let plain = try await service.room(key: key)
        let alice = try service.token("alice")
        for path in Self.paths {
            #expect(try await service.send("POST", path, ["room_name": room], key: alice).code == "call_not_active")
        }
        let accept = "/v1/calls/\(try placed.text("id"))/accept"
        try await service.send("POST", accept, ["user": "bob"], key: key)
        for path in Self.paths {
            for identity in [.null, "alice"] as [JSONValue] {
                let answer = try await service.send("POST", path, ["room_name": room, "participant_identity": identity], key: alice)
                #expect(answer.status == 201)
                #expect(answer["room_name"] == room)
                #expect(try Self.subject(answer) == "alice")
            }
            let bob = try await service.send("POST", path, ["room_name": room], key: try service.token("bob"))
            #expect(try Self.subject(bob) == "bob")
            let asBob: JSONValue = ["room_name": room, "participant_identity": "bob"]
            #expect(try await service.send("POST", path, asBob, key: alice).pointers == ["/participant_identity"])
            for other in [try #require(elsewhere), .string(plain), "acme-call-0000000000000000000000001"] {
                #expect(try await service.send("POST", path, ["room_name": other], key: alice).status == 404, "\(other)")
            }
            #expect(try await service.send("POST", path, ["room_name": room], key: try service.token("carol")).status == 404)
        }
        try await service.send("POST", "/v1/calls/\(try placed.text("id"))/end", [:], key: key)
        for path in Self.paths {
            #expect(try await service.send("POST", path, ["room_name": room], key: alice).status >= 400)
        }
    }

    @Test func `a key gets tokens for the parties of a call by the name of its room`() async throws {
        let service = try await Service()
        let key = try await service.key(of: try await Self.tenant(service), scopes: [.callsWrite, .tokensMint])
        let placed = try await service.placedCall(key: key)
        let room = try #require(placed["room"])
        func mint(_ user: String, _ path: String) async throws -> Service.Answer {
            try await service.send("POST", path, ["room_name": room, "participant_identity": .string(user)], key: key)
        }
        for path in Self.paths { #expect(try await mint("bob", path).code == "call_not_active") }
        try await service.send("POST", "/v1/calls/\(try placed.text("id"))/accept", ["user": "bob", "device": "phone"], key: key)
        for path in Self.paths {
            for user in ["alice", "bob"] { #expect(try Self.subject(try await mint(user, path)) == user) }
            #expect(try await mint("carol", path).status == 404)
            #expect(try await service.send("POST", path, ["room_name": room], key: key).pointers == ["/participant_identity"])
        }
    }

    private static func tenant(_ service: Service) async throws -> String {
        _ = try await service.tenant("acme")
        return "acme"
    }

    @Test(arguments: [
        (#""participant_name":"Boss""#, ["/participant_name"]), (#""participant_metadata":"x""#, ["/participant_metadata"]),
        (#""participant_attributes":{"a":"b"}"#, ["/participant_attributes"]),
        (#""participant_name":"","participant_metadata":null,"participant_attributes":{}"#, []),
    ])
    func `a party of a call does not describe itself`(field: String, pointers: [String]) async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let placed = try await service.placedCall(key: key)
        let room = try placed.text("room")
        try await service.send("POST", "/v1/calls/\(try placed.text("id"))/accept", ["user": "bob"], key: key)
        let body = Array("{\"room_name\":\"\(room)\",\"participant_identity\":\"bob\",\(field)}".utf8)
        for bearer in [key, try service.token("bob")] {
            let answer = try await service.send(
                "POST", "/v1/livekit/token", bytes: body, contentType: "application/json", key: bearer)
            #expect(answer.status == (pointers.isEmpty ? 201 : 422))
            #expect(answer.pointers == pointers)
        }
    }

    @Test func `a call on Agora gets no token here, and none is minted`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let placed = try await service.placedCall(key: key, [("provider", "agora")])
        try await service.send("POST", "/v1/calls/\(try placed.text("id"))/accept", ["user": "bob"], key: key)
        let minted = try await service.auditRows(key: key).count { $0["token"] != nil }
        let order: JSONValue = ["room_name": try #require(placed["room"]), "participant_identity": "bob"]
        #expect(try await service.send("POST", "/v1/livekit/token", order, key: key).pointers == ["/room_name"])
        #expect(try await service.auditRows(key: key).count { $0["token"] != nil } == minted)
    }
}
