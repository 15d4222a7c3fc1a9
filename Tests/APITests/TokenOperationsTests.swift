import Calls
import Signing
import StrictJSON
import Testing
import Tokens
import Vocabulary

struct TokenOperationsTests {
    private static func livekit() throws -> LiveKitCredentials {
        try LiveKitCredentials(apiKey: "APItest", secret: Secret(utf8: TestSecrets.values["LIVEKIT_SECRET"] ?? ""))
    }
    private static func agora() throws -> AgoraCredentials {
        try AgoraCredentials(
            appID: "0123456789abcdef0123456789ABCDEF", certificate: Secret(utf8: TestSecrets.values["AGORA_CERTIFICATE"] ?? ""))
    }

    @Test(arguments: Role.allCases)
    func `T16 a LiveKit token says exactly what the contract's profile says`(role: Role) async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let room = try await service.room(key: key)
        let join = try await service.send(
            "POST", "/v1/rooms/\(room)/tokens", ["user_id": "alice", "role": .string(role.rawValue)], key: key)
        #expect(join.status == 201)
        #expect(join.header("cache-control") == "no-store")
        #expect(join["connect"] == ["server_url": "wss://livekit.example"])
        let token = try join.text("token")
        _ = try LiveKitVerifier(credentials: Self.livekit()).verify(token, now: Service.start)
        let inspection = TokenInspector.inspect(token, now: Service.start, keys: [])
        let claims = try #require(inspection.claims?.objectValue)
        let profile = try Contract.current.get().document["components"]?["x-token-profiles"]?[role.rawValue]
        var video = try #require(profile?["providers"]?["livekit"]?["grants"]?["video"]?.objectValue)
        video["room"] = .string(room)
        #expect(claims["video"] == .object(video))
        #expect(join["grants"] == .object(video))
        #expect(Set(claims.members.map(\.name)) == ["exp", "iat", "iss", "jti", "kind", "nbf", "sub", "video"])
        #expect(claims["sub"] == "alice")
        #expect(claims["nbf"]?.integerValue == Service.start.seconds)
        #expect(claims["iat"] == claims["nbf"])
        #expect(claims["exp"]?.integerValue == Service.start.seconds + 300)
    }

    @Test(arguments: Role.allCases)
    func `T16 an Agora token says exactly what the contract's profile says, and every privilege ends with it`(role: Role) async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let room = try await service.room(key: key, ["provider": "agora"])
        let join = try await service.send(
            "POST", "/v1/rooms/\(room)/tokens", ["user_id": "bob", "role": .string(role.rawValue), "ttl_seconds": 120], key: key)
        #expect(join["connect"] == ["app_id": "0123456789abcdef0123456789ABCDEF", "channel": .string(room), "uid": "bob"])
        let token = try join.text("token")
        let inspection = TokenInspector.inspect(token, now: Service.start, keys: [.agora(try Self.agora())])
        #expect(inspection.verdict == .valid)
        let profile = try Contract.current.get().document["components"]?["x-token-profiles"]?[role.rawValue]
        #expect(inspection.grants == profile?["providers"]?["agora"]?["grants"]?["rtc"])
        #expect(join["grants"] == inspection.grants)
        let privileges = inspection.content?["services"]?[0]?["privileges"]?.objectValue?.members ?? []
        #expect(!privileges.isEmpty && privileges.allSatisfy { $0.value.integerValue == 120 })
        #expect(inspection.content?["expire"]?.integerValue == 120)
    }

    @Test func `a tenant that joins Agora by uid gets a number to join with, and names only numbers`() async throws {
        let service = try await Service()
        var agora = try #require(Service.agoraSettings.objectValue)
        agora["identity"] = "uid"
        let key = try await service.tenant("acme", agora: .object(agora))
        let room = try await service.room(key: key, ["provider": "agora"])
        let join = try await service.send("POST", "/v1/rooms/\(room)/tokens", ["user_id": "42", "role": "host"], key: key)
        #expect(join["connect"]?["uid"]?.integerValue == 42)
        let refused = try await service.send("POST", "/v1/rooms/\(room)/tokens", ["user_id": "bob", "role": "host"], key: key)
        #expect(refused.pointers == ["/user_id"])
    }

    @Test(arguments: [
        (#""ttl_seconds":59"#, "/ttl_seconds"), (#""ttl_seconds":601"#, "/ttl_seconds"), (#""ttl_seconds":0"#, "/ttl_seconds"),
        (#""ttl_seconds":-1"#, "/ttl_seconds"), (#""ttl_seconds":1e3"#, "/ttl_seconds"), (#""ttl_seconds":"300""#, "/ttl_seconds"),
        (#""ttl_seconds":null"#, "/ttl_seconds"), (#""ttl_seconds":2147483648"#, "/ttl_seconds"), (#""ttl_seconds":60.5"#, "/ttl_seconds"),
        (#""room":"other""#, "/room"), (#""grants":{}"#, "/grants"), (#""aud":"x""#, "/aud"), (#""sub":"eve""#, "/sub"),
        (#""roomAdmin":true"#, "/roomAdmin"), (#""identity":"eve""#, "/identity"), (#""tenant":"globex""#, "/tenant"),
        (#""publish":["camera","camera"]"#, "/publish/1"), (#""publish":["everything"]"#, "/publish/0"),
        (#""publish":"camera""#, "/publish"),
        (#""display_name":"""#, "/display_name"), (#""attributes":{"":"x"}"#, "/attributes/"), (#""attributes":{"a":1}"#, "/attributes/a"),
        (#""metadata":{}"#, "/metadata"), (#""display_name":7"#, "/display_name"),
    ])
    func `T15 T17 a field that a token may not have mints nothing`(field: String, pointer: String) async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let room = try await service.room(key: key)
        let body = Array("{\"user_id\":\"alice\",\"role\":\"viewer\",\(field)}".utf8)
        let answer = try await service.send("POST", "/v1/rooms/\(room)/tokens", bytes: body, contentType: "application/json", key: key)
        #expect(answer.status == 422)
        #expect(answer.pointers == [pointer])
        #expect(answer["token"] == nil)
    }

    @Test(arguments: [60, 300, 600])
    func `T17 a lifetime within the bounds is kept to the second`(seconds: Int) async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let room = try await service.room(key: key)
        let join = try await service.send(
            "POST", "/v1/rooms/\(room)/tokens", ["user_id": "alice", "role": "host", "ttl_seconds": .real(Double(seconds))], key: key)
        #expect(join["expires_at"] == .string((Service.start + seconds).rfc3339))
        let claims = TokenInspector.inspect(try join.text("token"), now: Service.start, keys: []).claims
        #expect(claims?["exp"]?.integerValue == Service.start.seconds + Int64(seconds))
    }

    @Test(arguments: ["", "*", "0", "a b", "ä", "a\u{0}b", "01", "4294967296", "a/b", "a*", String(repeating: "x", count: 65)])
    func `T18 an identity that a vendor could misread is refused`(user: String) async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let room = try await service.room(key: key)
        let answer = try await service.send("POST", "/v1/rooms/\(room)/tokens", ["user_id": .string(user), "role": "host"], key: key)
        #expect(answer.status == 422 || answer.code == "malformed_json")
        #expect(answer["token"] == nil)
    }

    @Test func `a role publishes what the request leaves of it, and never more`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let room = try await service.room(key: key)
        func mint(_ role: String, _ publish: JSONValue) async throws -> Service.Answer {
            try await service.send(
                "POST", "/v1/rooms/\(room)/tokens", ["user_id": "alice", "role": .string(role), "publish": publish], key: key)
        }
        #expect(try await mint("host", ["microphone"])["grants"]?["canPublishSources"] == ["microphone"])
        #expect(try await mint("host", [])["grants"]?["canPublish"] == false)
        #expect(try await mint("viewer", ["camera"]).pointers == ["/publish"])
        #expect(try await mint("participant", ["screen_share"]).pointers == ["/publish"])
    }

    @Test func `a room that was closed or has expired gets no tokens, by either way`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let order: JSONValue = ["user_id": "alice", "role": "host"]
        let closed = try await service.room(key: key)
        let expired = try await service.room(key: key, ["ttl_seconds": 60])
        #expect(try await service.sendAtHand("POST", "/v1/rooms/\(closed)/tokens", order, key: key)?.status == 201)
        try await service.send("DELETE", "/v1/rooms/\(closed)", key: key)
        service.clock.advance(60)
        for room in [closed, expired] {
            #expect(try await service.send("POST", "/v1/rooms/\(room)/tokens", order, key: key).code == "room_not_open")
            #expect(try await service.sendAtHand("POST", "/v1/rooms/\(room)/tokens", order, key: key)?.code == "room_not_open")
        }
    }

    @Test func `the short way refuses what the long way refuses, in the same words`() async throws {
        let service = try await Service()
        let acme = try await service.tenant("acme")
        let globex = try await service.tenant("globex")
        let reader = try await service.key(of: "acme", scopes: [.roomsRead])
        let room = try await service.room(key: acme)
        let target = "/v1/rooms/\(room)/tokens"
        let good: JSONValue = ["user_id": "alice", "role": "host"]
        let mistyped = "cg_live_" + String(repeating: "0", count: 36)
        let cases: [(String, JSONValue)] = [
            (globex, good), (mistyped, good), (acme, ["user_id": "*"]), (acme, [:]), (acme, []),
        ]
        // These are refused the long way alone, which keeps the refusal in the audit log or asks for a user's tenant.
        for key in [reader, "nonsense", try service.token("alice")] {
            #expect(try await service.sendAtHand("POST", target, good, key: key)?.status == nil)
        }
        for (key, body) in cases {
            let short = try #require(try await service.sendAtHand("POST", target, body, key: key))
            let long = try await service.send("POST", target, body, key: key)
            #expect(short.status == long.status)
            #expect(short.bytes == long.bytes)
        }
    }

    @Test func `a revoked key mints nothing from the moment on at which revoking was answered`() async throws {
        let service = try await Service()
        let acme = try await service.tenant("acme")
        let room = try await service.room(key: acme)
        let order: JSONValue = ["user_id": "alice", "role": "host"]
        let made = try await service.send("POST", "/v1/keys", ["scopes": ["tokens:mint"]], key: acme)
        let key = try made.text("key")
        #expect(try await service.sendAtHand("POST", "/v1/rooms/\(room)/tokens", order, key: key)?.status == 201)
        try await service.send("DELETE", "/v1/keys/\(try made.text("id"))", key: acme)
        #expect(try await service.sendAtHand("POST", "/v1/rooms/\(room)/tokens", order, key: key)?.status == 401)
        #expect(try await service.send("POST", "/v1/rooms/\(room)/tokens", order, key: key).status == 401)
    }

    @Test func `T25 ten thousand tokens have ten thousand ids`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let room = try await service.room(key: key)
        var ids: Set<String> = []
        for _ in 0..<10_000 {
            let answer = try #require(
                try await service.api.respondAtHandForTest("/v1/rooms/\(room)/tokens", ["user_id": "alice", "role": "host"], key: key))
            let token = try #require(answer["token"]?.stringValue)
            let payload = try Base64URL.decode(String(token.split(separator: ".")[1]))
            let claims = try JSONValue.parse(payload, limits: JSONLimits(bytesMax: 4096))
            ids.insert(try #require(claims["jti"]?.stringValue))
        }
        #expect(ids.count == 10_000)
    }

    @Test func `the inspector checks signatures of the caller's own tenant and repeats no token`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let room = try await service.room(key: key)
        let token = try await service.send("POST", "/v1/rooms/\(room)/tokens", ["user_id": "alice", "role": "host"], key: key).text("token")
        let own = try await service.send("POST", "/v1/tokens/inspect", ["token": .string(token)], key: key)
        #expect(own["verdict"] == "valid")
        #expect(!String(decoding: own.bytes, as: UTF8.self).contains(token.split(separator: ".")[2]))
        var cut = token
        cut.removeLast(9)
        #expect(try await service.send("POST", "/v1/tokens/inspect", ["token": .string(cut)], key: key)["verdict"] != "valid")
        for text in ["x", "007", "eyJ", String(repeating: "A", count: 16_384), token.replacing(".", with: " "), "006" + token] {
            #expect(try await service.send("POST", "/v1/tokens/inspect", ["token": .string(text)], key: key).status == 200)
        }
    }

    @Test(arguments: [
        ("livekit", "api_secret", "NEW_LIVEKIT_SECRET", Service.livekitSettings),
        ("agora", "app_certificate", "NEW_AGORA_CERTIFICATE", Service.agoraSettings),
    ])
    func `T24 tokens of the previous secret are known while it is named, and new ones are of the new one at once`(
        provider: String, field: String, name: String, settings: JSONValue
    ) async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let room = try await service.room(key: key, ["provider": .string(provider)])
        func minted() async throws -> JSONValue {
            let order: JSONValue = ["user_id": "alice", "role": "host"]
            return .string(try await service.send("POST", "/v1/rooms/\(room)/tokens", order, key: key).text("token"))
        }
        func verdict(_ token: JSONValue) async throws -> JSONValue? {
            try await service.send("POST", "/v1/tokens/inspect", ["token": token], key: key)["verdict"]
        }
        func change(current: String, previous: JSONValue?) async throws -> Service.Answer {
            var settings = try #require(settings.objectValue)
            let old = try #require(settings[field])
            settings[field] = ["env": .string(current)]
            if let previous { settings["previous_\(field)"] = previous.isNull ? old : previous }
            var providers: JSONObject = ["livekit": Service.livekitSettings, "agora": Service.agoraSettings]
            providers[provider] = .object(settings)
            let answer = try await service.send(
                "PATCH", "/v1/tenants/acme", ["providers": .object(providers)], key: service.operatorKey)
            if answer.status == 200 { #expect(answer["providers"]?[provider]?["previous_\(field)"] == settings["previous_\(field)"]) }
            return answer
        }
        let before = try await minted()
        #expect(try await verdict(before) == "valid")

        #expect(try await change(current: name, previous: .null).status == 200)
        let after = try await minted()
        for token in [before, after] { #expect(try await verdict(token) == "valid") }

        #expect(try await change(current: name, previous: nil).status == 200)
        #expect(try await verdict(before) == "signature_invalid")
        #expect(try await verdict(after) == "valid")
        for unusable in [name, "NOT_SET"] {
            #expect(
                try await change(current: name, previous: ["env": .string(unusable)]).pointers
                    == ["/providers/\(provider)/previous_\(field)"])
        }
    }

    @Test func `a provider secret that cannot be read any more mints nothing and is 503`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let room = try await service.room(key: key)
        // The settings as an older start may have left them: the variable is gone since.
        let tenant = try #require(try await service.store.tenant(TenantID("acme")))
        var changed = tenant
        changed.providers = ProviderSettings(
            livekit: .init(serverURL: "wss://livekit.example", apiKey: "APItest", apiSecret: try SecretReference(environment: "GONE")),
            agora: nil)
        let change = AuditEntry(
            at: Service.start, tenant: nil, actor: .machine, operation: .changeTenant, subject: "acme", requestID: nil)
        #expect(try await service.store.replaceTenant(tenant, with: changed, change))
        let answer = try await service.send("POST", "/v1/rooms/\(room)/tokens", ["user_id": "alice", "role": "host"], key: key)
        #expect(answer.code == "unavailable")
        #expect(!String(decoding: answer.bytes, as: UTF8.self).contains("GONE"))
    }
}
