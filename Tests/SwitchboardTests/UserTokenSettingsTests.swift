import Calls
import StrictJSON
import Testing
import Vocabulary

@testable import Switchboard

/// What the desk looks at before a tenant with users is kept.
@Suite struct UserTokenSettingsTests {
    /// Field and reason with which the desk does not make the tenant; nil when it does.
    private func fault(
        _ settings: UserTokenSettings, _ house: UserTokenHouse, _ providers: ProviderSettings = UserTokenHouse.providers,
        id: String = "acme"
    ) async throws -> String? {
        let error = await deskError { try await house.tenant(id, settings, providers) }
        guard let error else { return nil }
        guard case .invalid(let field, let reason) = error else {
            Issue.record("\(error)")
            return "\(error)"
        }
        #expect(try await house.store.tenant(TenantID(id)) == nil, "nothing is kept")
        for secret in [UserTokenHouse.secret, UserTokenHouse.liveKitSecret, UserTokenHouse.agoraCertificate] {
            #expect(!reason.contains(secret))
        }
        return "\(field): \(reason)"
    }

    private func settings(secret name: String, issuer: String = UserTokenHouse.issuer) -> UserTokenSettings {
        UserTokenHouse.settings(.hs256, .secret(.environment(name)), issuer: issuer)
    }

    private let keySet = UserTokenSettings.Keys.keySetFile(UserTokenHouse.keySetPath)

    @Test func `a secret has to be there, long enough and not a published one`() async throws {
        let house = try await UserTokenHouse()
        for (text, reason) in [
            (nil, "the environment variable S is not set"),
            ("0123456789012345678901234567890", "the HMAC key is too short: 32 bytes at least, 48 for HS384, 64 for HS512"),
            ("reallyreallyreallyreallyverysafe", "the HMAC key is on the published list of known secrets"),
            (
                PublishedKeys.pem("PUBLIC KEY", PublishedKeys.rsaPublicBase64),
                "the key is malformed: a PEM text is not an HMAC secret"
            ),
        ] as [(String?, String)] {
            house.vault.put(text, "S")
            #expect(try await fault(settings(secret: "S"), house) == "user_tokens/secret: \(reason)")
        }
        house.vault.put("01234567890123456789012345678901", "S")
        #expect(try await fault(settings(secret: "S"), house) == nil)
    }

    @Test func `T20 a secret that media tokens are signed with is refused`() async throws {
        let house = try await UserTokenHouse()
        let both = ProviderSettings(
            livekit: UserTokenHouse.providers.livekit,
            agora: .init(
                appID: "0123456789abcdef0123456789abcdef", appCertificate: .environment("AGORA_CERTIFICATE"), identity: .account,
                tokenVersion: .current))
        let onlyAgora = ProviderSettings(livekit: nil, agora: both.agora)
        house.vault.put(UserTokenHouse.liveKitSecret, "COPY")

        for name in ["LIVEKIT_SECRET", "COPY"] {
            #expect(
                try await fault(settings(secret: name), house)
                    == "user_tokens/secret: is the same as providers/livekit/api_secret: use one of its own")
        }
        #expect(
            try await fault(settings(secret: "AGORA_CERTIFICATE"), house, onlyAgora)
                == "user_tokens/secret: is the same as providers/agora/app_certificate: use one of its own")
        house.vault.put(UserTokenHouse.liveKitSecret + "x", "COPY")
        #expect(try await fault(settings(secret: "COPY"), house, onlyAgora) == nil)
    }

    @Test func `A11 a previous secret is held to the rules of a secret, and is another one`() async throws {
        let house = try await UserTokenHouse()
        let settings = UserTokenHouse.settings(.hs256, .secret(.environment("USER_SECRET"), previous: .environment("OLD")))
        for (text, reason) in [
            (nil, "the environment variable OLD is not set"),
            ("short", "the HMAC key is too short: 32 bytes at least, 48 for HS384, 64 for HS512"),
            (UserTokenHouse.secret, "is the same as secret: leave it out"),
            (UserTokenHouse.liveKitSecret, "is the same as providers/livekit/api_secret: use one of its own"),
        ] as [(String?, String)] {
            house.vault.put(text, "OLD")
            #expect(try await fault(settings, house) == "user_tokens/previous_secret: \(reason)")
        }
        house.vault.put("01234567890123456789012345678901", "OLD")
        let providers = ProviderSettings(
            livekit: .init(
                serverURL: "wss://m.example", apiKey: "APImedia", apiSecret: .environment("LIVEKIT_SECRET"),
                previousAPISecret: .environment("OLD")),
            agora: nil)
        #expect(
            try await fault(settings, house, providers)
                == "user_tokens/previous_secret: is the same as providers/livekit/previous_api_secret: use one of its own")
        #expect(try await fault(settings, house) == nil)
    }

    @Test func `T20 an issuer that is the LiveKit api_key is refused, however the keys come`() async throws {
        let house = try await UserTokenHouse()
        house.vault.publish([try .ed25519()])
        for settings in [settings(secret: "USER_SECRET", issuer: "APImedia"), UserTokenHouse.settings(.eddsa, keySet, issuer: "APImedia")] {
            #expect(
                try await fault(settings, house) == "user_tokens/issuer: is the tenant's LiveKit api_key: media tokens have that issuer")
        }
        #expect(try await fault(settings(secret: "USER_SECRET", issuer: "APImedia2"), house) == nil)
    }

    @Test func `a change of the providers is checked beside the settings that stay`() async throws {
        let house = try await UserTokenHouse()
        try await house.tenant("acme", settings(secret: "USER_SECRET", issuer: "APIother"))
        let providers = ProviderSettings(
            livekit: .init(serverURL: "wss://m.example", apiKey: "APIother", apiSecret: .environment("LIVEKIT_SECRET")), agora: nil)
        let change = TenantChange(
            displayName: nil, providers: providers, defaultProvider: nil, openRoomsMax: nil, userTokens: nil, unknownUsers: nil)
        #expect(
            await refusal { try await house.desk.changeTenant(TenantID("acme"), change, for: .machine) } == .invalid("user_tokens/issuer"))
    }

    @Test func `a key set has to be readable, well formed and of use`() async throws {
        let house = try await UserTokenHouse()
        let rsa = try TokenSigner.rsa(), ec = try TokenSigner.p256()
        let settings = UserTokenHouse.settings(.rs256, keySet)
        func found(_ text: String?) async throws -> String? {
            house.vault.put(keySet: text)
            return try await fault(settings, house)
        }
        func set(_ keys: JSONValue...) -> String { JSONValue.object(["keys": .array(keys)]).canonicalText }
        func with(_ name: String, _ value: JSONValue) -> JSONValue {
            var members = rsa.jwk.objectValue ?? [:]
            members[name] = value
            return .object(members)
        }
        let useless = "user_tokens/jwks: the key set has no usable key for RS256"

        #expect(try await found(nil) == "user_tokens/jwks: the file /run/keys/jwks.json cannot be read")
        #expect(try await found("<html>") == "user_tokens/jwks: the key is malformed: a key set is strict JSON")
        #expect(try await found("{}") == "user_tokens/jwks: the key is malformed: a key set is an object with a list of keys")
        #expect(try await found(set()) == useless)
        #expect(try await found(set(ec.jwk)) == useless)
        #expect(try await found(set(with("use", "enc"))) == useless)
        #expect(try await found(set(with("alg", "PS256"))) == useless)
        #expect(try await found(set(["kty": "oct", "alg": "HS256", "k": .string(String(repeating: "k", count: 44))])) == useless)
        #expect(try await found(set(with("d", "AQAB")))?.contains("the private member d was published") == true)
        #expect(
            try await found(set(rsa.jwk, with("alg", "RS256")))
                == "user_tokens/jwks: the key is malformed: two keys of the set have one kid")
        #expect(try await found(set(rsa.jwk, ["kty": "oct", "alg": "HS256", "k": .string(String(repeating: "k", count: 44))])) != nil)
        #expect(try await found(set(rsa.jwk, ec.jwk, with("kty", "other"))) == nil)
    }

    @Test func `A14 a set with an RSA key of 512 bits is refused`() async throws {
        let house = try await UserTokenHouse()
        let weak = JSONValue.object([
            "kty": "RSA", "e": "AQAB", "kid": "weak",
            "n": "vHfp3rCBfhxhFhHWmBqbZxdzSi6DFBKyzTPBbVKbVz6hTZ4mfVuGQpYzdJ8aMkxQbZ1LQ5cKGkXb3a6xXlHzGQ",
        ])
        house.vault.put(keySet: JSONValue.object(["keys": [try TokenSigner.rsa().jwk, weak]]).canonicalText)
        #expect(
            try await fault(UserTokenHouse.settings(.rs256, keySet), house)
                == "user_tokens/jwks: the key is malformed: an RSA key has 2048 to 8192 bits")
    }

    @Test func `the keys have to fit the algorithm`() async throws {
        let house = try await UserTokenHouse()
        house.vault.publish([try .rsa()])
        #expect(try await fault(UserTokenHouse.settings(.hs256, keySet), house) == "user_tokens/secret: is needed with HS256")
        #expect(
            try await fault(UserTokenHouse.settings(.rs256, .secret(.environment("USER_SECRET"))), house)
                == "user_tokens/jwks: is needed with RS256")
    }

    @Test(arguments: ["iss", "aud", "exp", "nbf", "iat", "jti"])
    func `a claim that does not say who somebody is cannot name the user`(claim: String) async throws {
        let house = try await UserTokenHouse()
        #expect(
            try await fault(UserTokenHouse.settings(claims: .init(user: claim)), house)
                == "user_tokens/claims/user: the claim \(claim) does not say who the user is")
    }

    @Test func `tenants may share an issuer only where each names a tenant claim`() async throws {
        let house = try await UserTokenHouse()
        let (plain, named) = (UserTokenHouse.settings(), UserTokenHouse.settings(claims: .init(tenant: "org")))
        try await house.tenant("acme", plain)

        #expect(
            try await fault(plain, house, id: "globex")
                == "user_tokens/issuer: another tenant's tokens have this issuer: name a tenant claim")
        #expect(
            try await fault(named, house, id: "globex")
                == "user_tokens/issuer: the tokens of tenant acme have this issuer, and its settings name no tenant claim")
        #expect(try await fault(UserTokenHouse.settings(issuer: UserTokenHouse.issuer + "/"), house, id: "globex") == nil)

        try await house.change(to: named)
        #expect(try await fault(plain, house, id: "initech")?.hasPrefix("user_tokens/issuer: ") == true)
        #expect(try await fault(named, house, id: "initech") == nil)
        #expect(await refusal { try await house.change("acme", to: plain) } == .invalid("user_tokens/issuer"))
    }

    @Test func `a tenant is no stranger to its own issuer`() async throws {
        let house = try await UserTokenHouse.withSecret()
        try await house.change(to: UserTokenHouse.settings(audience: "callgate"))
        try await house.change(to: UserTokenHouse.settings())
        #expect(try await house.refusal(of: TokenSigner.secret.token()) == nil)
    }

    @Test func `64 tenants may share an issuer, and all of them are found`() async throws {
        let house = try await UserTokenHouse()
        let named = UserTokenHouse.settings(claims: .init(tenant: "org"))
        for number in 1...64 { try await house.tenant("t\(number)", named) }

        #expect(try await fault(named, house, id: "t65") == "user_tokens/issuer: 64 tenants have this issuer, and no more can")
        for number in [1, 33, 64] {
            let token = try TokenSigner.secret.token(claims(["org": .string("t\(number)")]))
            #expect(try await house.owner(token) == .user(TenantID("t\(number)"), UserID("alice")))
        }
        try await house.change("t64", to: named)
        try await house.desk.closeTenant(TenantID("t1"), for: .machine)
        #expect(try await fault(named, house, id: "t65") == nil)
    }

    @Test func `settings that go away are not checked`() async throws {
        let house = try await UserTokenHouse.withSecret()
        house.vault.put(nil, "USER_SECRET")
        try await house.change(to: nil)
        #expect(try await house.store.tenant(TenantID("acme"))?.userTokens == nil)
    }
}
