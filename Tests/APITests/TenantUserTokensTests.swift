import StrictJSON
import Testing
import Vocabulary

@testable import API

/// How a tenant's own users are known: `user_tokens` and `users` of a tenant.
struct TenantUserTokensTests {
    private static func order(_ id: String, _ userTokens: String) -> [UInt8] {
        let livekit = #"{"server_url":"wss://x","api_key":"k","api_secret":{"env":"LIVEKIT_SECRET"}}"#
        return Array(#"{"id":"\#(id)","providers":{"livekit":\#(livekit)},"user_tokens":\#(userTokens)}"#.utf8)
    }

    @Test func `settings are shown as they were given, with their defaults and without the secret`() async throws {
        let service = try await Service()
        let settings: JSONValue = [
            "alg": "HS256", "issuer": "https://id.example", "audience": "calls", "secret": ["env": "USER_TOKEN_SECRET"],
            "previous_secret": ["env": "OLD_USER_TOKEN_SECRET"],
            "claims": ["user": "uid", "tenant": "org", "name": "nick", "roles": "groups"], "lifetime_seconds_max": 3600,
        ]
        let made = try await service.send(
            "POST", "/v1/tenants",
            [
                "id": "acme", "providers": ["livekit": Service.livekitSettings], "user_tokens": settings,
                "users": ["unknown": "refused"],
            ], key: service.operatorKey)
        #expect(made.status == 201)
        #expect(made["user_tokens"] == settings)
        #expect(made["users"] == ["unknown": "refused"])
        #expect(!String(decoding: made.bytes, as: UTF8.self).contains(try #require(TestSecrets.values["USER_TOKEN_SECRET"])))
        #expect(try await service.send("GET", "/v1/tenants/acme", key: service.operatorKey).bytes == made.bytes)

        _ = try await service.tenant("globex")
        let plain = try await service.send("GET", "/v1/tenants/globex", key: service.operatorKey)
        #expect(plain["users"] == ["unknown": "allowed"])
        #expect(plain["user_tokens"]?["claims"] == ["user": "sub"])
        #expect(plain["user_tokens"]?["lifetime_seconds_max"] == 86_400)
        let bare = try await service.send(
            "POST", "/v1/tenants", ["id": "bare", "providers": ["livekit": Service.livekitSettings]], key: service.operatorKey)
        #expect(bare["user_tokens"] == nil)
    }

    @Test func `A15 a key set at an address is shown as it was given, and fetched when a user comes`() async throws {
        let outside = FakeOutside()
        let service = try await Service(outside: outside)
        let settings: JSONValue = [
            "alg": "RS256", "issuer": "https://id.example", "jwks": ["url": "https://id.example/keys?of=acme"], "claims": ["user": "sub"],
            "lifetime_seconds_max": 86_400,
        ]
        let made = try await service.send(
            "POST", "/v1/tenants", ["id": "acme", "providers": ["livekit": Service.livekitSettings], "user_tokens": settings],
            key: service.operatorKey)
        #expect(made["user_tokens"] == settings)
        #expect(outside.asked.isEmpty)

        let token = try service.token("alice", of: "acme", [("iss", "https://id.example")])
        let answer = try await service.send("GET", "/v1/calls", key: token)
        #expect(answer.status == 503)
        #expect(outside.asked == ["https://id.example/keys?of=acme"])
    }

    @Test func `the settings say which claims name the user, and who the tokens are for`() async throws {
        let service = try await Service()
        _ = try await service.tenant("acme")
        let settings: JSONValue = [
            "alg": "HS256", "issuer": .string(Service.issuer(of: "acme")), "audience": "calls", "secret": ["env": "USER_TOKEN_SECRET"],
            "claims": ["user": "uid"], "lifetime_seconds_max": 3600,
        ]
        #expect(try await service.send("PATCH", "/v1/tenants/acme", ["user_tokens": settings], key: service.operatorKey).status == 200)
        let good = try service.token("alice", of: "acme", [("uid", "zoe"), ("aud", ["calls", "chat"])])
        let placed = try await service.send("POST", "/v1/calls", ["callee": "bob", "media": "audio"], key: good)
        #expect(placed["caller"] == "zoe")
        let bad = [
            try service.token("alice", of: "acme", [("aud", "calls")]), try service.token("alice", of: "acme", [("uid", "zoe")]),
            try service.token("alice", of: "acme", [("uid", "zoe"), ("aud", "chat")]),
            try service.token("alice", of: "acme", [("uid", "zoe"), ("aud", "calls"), ("iat", .integer(Service.start.seconds - 1))]),
            try service.token("alice", of: "acme", [("uid", "zoe"), ("aud", "calls"), ("video", [:])]),
        ]
        for token in bad { #expect(try await service.send("GET", "/v1/calls", key: token).status == 401) }
    }

    @Test func `null takes the settings away, leaving them out leaves them`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let alice = try service.token("alice")
        #expect(try await service.send("GET", "/v1/calls", key: alice).status == 200)
        let renamed = try await service.send("PATCH", "/v1/tenants/acme", ["display_name": "Acme"], key: service.operatorKey)
        #expect(renamed["user_tokens"]?["alg"] == "HS256")
        #expect(try await service.send("GET", "/v1/calls", key: alice).status == 200)
        let removed = try await service.send("PATCH", "/v1/tenants/acme", ["user_tokens": .null], key: service.operatorKey)
        #expect(removed.status == 200)
        #expect(removed["user_tokens"] == nil)
        #expect(try await service.send("GET", "/v1/calls", key: alice).status == 401)
        #expect(try await service.send("GET", "/v1/calls", key: key).status == 200)
        let changed = try await service.send("PATCH", "/v1/tenants/acme", ["users": ["unknown": "refused"]], key: service.operatorKey)
        #expect(changed["users"] == ["unknown": "refused"])
        #expect(changed["user_tokens"] == nil)
        for field in ["users", "providers", "limits"] {
            let answer = try await service.send(
                "PATCH", "/v1/tenants/acme", .object(JSONObject([(field, .null)])), key: service.operatorKey)
            #expect(answer.pointers == ["/\(field)"])
        }
    }

    @Test(arguments: [
        (#"{}"#, ["/user_tokens/alg", "/user_tokens/issuer"]), ("null", ["/user_tokens"]), ("[]", ["/user_tokens"]),
        (#"{"alg":"none","issuer":"i"}"#, ["/user_tokens/alg"]),
        (#"{"alg":"HS256","issuer":"i"}"#, ["/user_tokens/secret"]),
        (#"{"alg":"HS256","issuer":"i","jwks":{"file":"/k"}}"#, ["/user_tokens/jwks", "/user_tokens/secret"]),
        (#"{"alg":"HS256","issuer":"i","secret":"plain text"}"#, ["/user_tokens/secret"]),
        (#"{"alg":"HS256","issuer":"i","secret":{}}"#, ["/user_tokens/secret"]),
        (#"{"alg":"HS256","issuer":"i","secret":{"env":"NOT_SET"}}"#, ["/user_tokens/secret"]),
        (#"{"alg":"HS256","issuer":"i","secret":{"env":"SHORT_SECRET"}}"#, ["/user_tokens/secret"]),
        (#"{"alg":"HS256","issuer":"i","secret":{"env":"KNOWN_SECRET"}}"#, ["/user_tokens/secret"]),
        (#"{"alg":"HS256","issuer":"i","secret":{"env":"LIVEKIT_SECRET"}}"#, ["/user_tokens/secret"]),
        (#"{"alg":"HS256","issuer":"k","secret":{"env":"USER_TOKEN_SECRET"}}"#, ["/user_tokens/issuer"]),
        (#"{"alg":"HS256","issuer":"","secret":{"env":"USER_TOKEN_SECRET"}}"#, ["/user_tokens/issuer"]),
        (#"{"alg":"RS256","issuer":"i","secret":{"env":"USER_TOKEN_SECRET"}}"#, ["/user_tokens/secret", "/user_tokens/jwks"]),
        (#"{"alg":"HS256","issuer":"i","previous_secret":{"env":"OLD_USER_TOKEN_SECRET"}}"#, ["/user_tokens/secret"]),
        (
            #"{"alg":"HS256","issuer":"i","secret":{"env":"USER_TOKEN_SECRET"},"previous_secret":{"env":"USER_TOKEN_SECRET"}}"#,
            ["/user_tokens/previous_secret"]
        ),
        (
            #"{"alg":"HS256","issuer":"i","secret":{"env":"USER_TOKEN_SECRET"},"previous_secret":{"env":"NOT_SET"}}"#,
            ["/user_tokens/previous_secret"]
        ),
        (
            #"{"alg":"RS256","issuer":"i","jwks":{"file":"/k"},"previous_secret":{"env":"USER_TOKEN_SECRET"}}"#,
            ["/user_tokens/previous_secret"]
        ),
        (#"{"alg":"EdDSA","issuer":"i","jwks":{"file":"keys.json"}}"#, ["/user_tokens/jwks/file"]),
        (#"{"alg":"EdDSA","issuer":"i","jwks":{"file":"/a/../keys.json"}}"#, ["/user_tokens/jwks/file"]),
        (#"{"alg":"ES256","issuer":"i","jwks":{}}"#, ["/user_tokens/jwks"]),
        (#"{"alg":"ES256","issuer":"i","jwks":{"url":"https://x","file":"/k"}}"#, ["/user_tokens/jwks"]),
        (#"{"alg":"ES256","issuer":"i","jwks":{"url":"ftp://x"}}"#, ["/user_tokens/jwks/url"]),
        (#"{"alg":"ES256","issuer":"i","jwks":{"url":"http://x"}}"#, ["/user_tokens/jwks/url"]),
        (#"{"alg":"ES256","issuer":"i","jwks":{"uri":"https://x"}}"#, ["/user_tokens/jwks", "/user_tokens/jwks/uri"]),
        (#"{"alg":"ES256","issuer":"i","jwks":{"file":"/not/there.json"}}"#, ["/user_tokens/jwks"]),
        (#"{"alg":"HS256","issuer":"i","secret":{"env":"USER_TOKEN_SECRET"},"claims":{"user":""}}"#, ["/user_tokens/claims/user"]),
        (#"{"alg":"HS256","issuer":"i","secret":{"env":"USER_TOKEN_SECRET"},"claims":{"user":"iss"}}"#, ["/user_tokens/claims/user"]),
        (#"{"alg":"HS256","issuer":"i","secret":{"env":"USER_TOKEN_SECRET"},"claims":{"x":"y"}}"#, ["/user_tokens/claims/x"]),
        (
            #"{"alg":"HS256","issuer":"i","secret":{"env":"USER_TOKEN_SECRET"},"lifetime_seconds_max":59}"#,
            ["/user_tokens/lifetime_seconds_max"]
        ),
        (
            #"{"alg":"HS256","issuer":"i","secret":{"env":"USER_TOKEN_SECRET"},"lifetime_seconds_max":2592001}"#,
            ["/user_tokens/lifetime_seconds_max"]
        ),
        (#"{"alg":"HS256","issuer":"i","secret":{"env":"USER_TOKEN_SECRET"},"leeway":1}"#, ["/user_tokens/leeway"]),
    ])
    func `settings that cannot be are refused with pointers, and no tenant is made`(settings: String, pointers: [String]) async throws {
        let service = try await Service()
        let answer = try await service.send(
            "POST", "/v1/tenants", bytes: Self.order("acme", settings), contentType: "application/json", key: service.operatorKey)
        #expect(answer.status == 422)
        #expect(answer.pointers == pointers)
        #expect(try await service.send("GET", "/v1/tenants/acme", key: service.operatorKey).status == 404)
    }

    @Test func `two tenants share an issuer only where a claim tells them apart`() async throws {
        let service = try await Service()
        _ = try await service.tenant("acme")
        let issuer = Service.issuer(of: "acme")
        let settings = #"{"alg":"HS256","issuer":"\#(issuer)","secret":{"env":"USER_TOKEN_SECRET"},"claims":{"tenant":"org"}}"#
        let answer = try await service.send(
            "POST", "/v1/tenants", bytes: Self.order("globex", settings), contentType: "application/json", key: service.operatorKey)
        #expect(answer.pointers == ["/user_tokens/issuer"])
    }
}
