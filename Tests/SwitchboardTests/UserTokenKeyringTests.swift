import Calls
import Signing
import StrictJSON
import Testing
import Vocabulary

@testable import Switchboard

/// Where the keys come from, and when they are read again. Time is the stopwatch's: nobody waits.
@Suite struct UserTokenKeyringTests {
    private static let unknown = UserTokenRefusal.signing(.keyUnknown)

    private static func jwk(_ signer: TokenSigner, _ name: String, _ value: JSONValue?) -> JSONValue {
        guard case .object(var members) = signer.jwk else { return signer.jwk }
        members[name] = value
        return .object(members)
    }

    private static func set(_ keys: [JSONValue]) -> String { JSONValue.object(["keys": .array(keys)]).canonicalText }

    // MARK: Which keys count

    @Test func `a kid finds its key, and no kid the only one of the algorithm`() async throws {
        let (first, second) = (try TokenSigner.ed25519(1, "a"), try TokenSigner.ed25519(2, "b"))
        let (unnamed, stranger) = (try TokenSigner.ed25519(1, nil), try TokenSigner.ed25519(3, "c"))
        let both = try await UserTokenHouse.withKeySet(.eddsa, [first, second, .rsa("a-rsa"), .p256("a-ec")])
        #expect(try await both.refusal(of: first.token()) == nil)
        #expect(try await both.refusal(of: second.token()) == nil)
        #expect(try await both.refusal(of: unnamed.token()) == Self.unknown)
        #expect(try await both.refusal(of: stranger.token()) == Self.unknown)

        let one = try await UserTokenHouse.withKeySet(.eddsa, [first, .rsa("a-rsa"), .p256("a-ec")])
        #expect(try await one.refusal(of: unnamed.token()) == nil)
        let nameless = try await UserTokenHouse.withKeySet(.eddsa, [unnamed])
        #expect(try await nameless.refusal(of: unnamed.token()) == nil)
        #expect(try await nameless.refusal(of: first.token()) == Self.unknown)
    }

    @Test func `a kid of another key does not verify`() async throws {
        let (first, second) = (try TokenSigner.ed25519(1, "a"), try TokenSigner.ed25519(2, "b"))
        let house = try await UserTokenHouse.withKeySet(.eddsa, [first, second])
        #expect(try await house.refusal(of: first.token(header: #"{"alg":"EdDSA","kid":"b"}"#)) == .signing(.signatureInvalid))
    }

    @Test func `A14 an EC and RSA mix verifies with the keys of the settings' algorithm only`() async throws {
        let (rsa, ec) = (try TokenSigner.rsa(), try TokenSigner.p256())
        let house = try await UserTokenHouse.withKeySet(.rs256, [rsa, ec])
        #expect(try await house.refusal(of: rsa.token()) == nil)
        #expect(try await house.refusal(of: ec.token()) == Self.unknown)
        #expect(try await house.refusal(of: ec.token(header: #"{"alg":"ES256"}"#)) == .signing(.algorithmMismatch))
    }

    @Test func `A14 a key for encryption is left out`() async throws {
        let (signing, encrypting) = (try TokenSigner.ed25519(1, "sig"), try TokenSigner.ed25519(2, "enc"))
        let house = try await UserTokenHouse()
        for (name, value) in [("use", "enc"), ("key_ops", ["sign"]), ("alg", "ECDH-ES")] as [(String, JSONValue)] {
            house.vault.put(keySet: Self.set([signing.jwk, Self.jwk(encrypting, name, value)]), "/keys/\(name).json")
            let issuer = "https://\(name)"
            try await house.tenant(
                name.replacing("_", with: "-"), UserTokenHouse.settings(.eddsa, .keySetFile("/keys/\(name).json"), issuer: issuer))
            let claims = claims(["iss": .string(issuer)])
            #expect(try await house.refusal(of: signing.token(claims)) == nil)
            #expect(try await house.refusal(of: encrypting.token(claims)) == Self.unknown, "\(name)")
        }
    }

    // MARK: Reading again

    @Test func `a set is read once, and again after a minute`() async throws {
        let signer = try TokenSigner.ed25519()
        let house = try await UserTokenHouse.withKeySet(.eddsa, [signer])
        let before = house.vault.keySetQuestions
        for (seconds, questions) in [(0, 1), (0, 1), (10, 1), (49, 1), (1, 2), (0, 2), (59, 2), (1, 3)] {
            house.watch.advance(.seconds(seconds))
            #expect(try await house.refusal(of: signer.token()) == nil)
            #expect(house.vault.keySetQuestions - before == questions)
        }
        house.clock.set(UserTokenHouse.now + 100)
        #expect(try await house.refusal(of: signer.token()) == nil)
        #expect(house.vault.keySetQuestions - before == 3, "the machine's clock has nothing to do with it")
    }

    @Test func `A15 a key that was taken out of the set stops working within a minute`() async throws {
        let (leaving, staying) = (try TokenSigner.ed25519(1, "a"), try TokenSigner.ed25519(2, "b"))
        let house = try await UserTokenHouse.withKeySet(.eddsa, [leaving, staying])
        #expect(try await house.refusal(of: leaving.token()) == nil)

        house.vault.publish([staying])
        house.watch.advance(.seconds(59))
        #expect(try await house.refusal(of: leaving.token()) == nil)
        house.watch.advance(.seconds(1))
        #expect(try await house.refusal(of: leaving.token()) == Self.unknown)
        #expect(try await house.refusal(of: staying.token()) == nil)
    }

    @Test func `A15 a set without any key takes them all away`() async throws {
        let signer = try TokenSigner.ed25519()
        let house = try await UserTokenHouse.withKeySet(.eddsa, [signer])
        #expect(try await house.refusal(of: signer.token()) == nil)
        house.vault.publish([])
        house.watch.advance(.seconds(60))
        #expect(try await house.refusal(of: signer.token()) == Self.unknown)
        house.vault.publish([signer])
        house.watch.advance(.seconds(10))
        #expect(try await house.refusal(of: signer.token()) == nil)
    }

    @Test func `A15 a key that was replaced under its name stops working within a minute`() async throws {
        let (old, new) = (try TokenSigner.ed25519(1, "key"), try TokenSigner.ed25519(2, "key"))
        let house = try await UserTokenHouse.withKeySet(.eddsa, [old])
        #expect(try await house.refusal(of: old.token()) == nil)
        house.vault.publish([new])
        house.watch.advance(.seconds(60))
        #expect(try await house.refusal(of: old.token()) == .signing(.signatureInvalid))
        #expect(try await house.refusal(of: new.token()) == nil)
    }

    @Test func `a new key works at once, when the set was not read for 10 s`() async throws {
        let (old, new) = (try TokenSigner.ed25519(1, "a"), try TokenSigner.ed25519(2, "b"))
        let house = try await UserTokenHouse.withKeySet(.eddsa, [old])
        #expect(try await house.refusal(of: old.token()) == nil)
        house.vault.publish([old, new])

        house.watch.advance(.milliseconds(9_999))
        #expect(try await house.refusal(of: new.token()) == Self.unknown)
        house.watch.advance(.milliseconds(1))
        #expect(try await house.refusal(of: new.token()) == nil)
        #expect(try await house.refusal(of: old.token()) == nil)
    }

    @Test func `A12 a storm of unknown kids reads the set once in 10 s`() async throws {
        let signer = try TokenSigner.ed25519()
        let house = try await UserTokenHouse.withKeySet(.eddsa, [signer])
        let tenants = try await house.store.tenants(issuer: UserTokenHouse.issuer)
        let before = house.vault.keySetQuestions

        // 10 ms between two tokens. Nobody comes to look at their signatures.
        let payload = try signer.token().split(separator: ".")[1]
        for number in 0..<10_000 {
            let header = Base64URL.encode(Array(#"{"alg":"EdDSA","kid":"storm-\#(number)"}"#.utf8))
            let token = try UnverifiedUserToken("\(header).\(payload).AAAA")
            await #expect(throws: Self.unknown) { try await house.desk.caller(token, of: tenants, at: UserTokenHouse.now) }
            house.watch.advance(.milliseconds(10))
        }
        #expect(house.vault.keySetQuestions - before == 10)
        #expect(try await house.refusal(of: signer.token()) == nil)
    }

    @Test func `many at once read the set once`() async throws {
        let signer = try TokenSigner.ed25519()
        let house = try await UserTokenHouse.withKeySet(.eddsa, [signer])
        let text = try signer.token()
        #expect(try await house.refusal(of: text) == nil)
        let before = house.vault.keySetQuestions
        house.watch.advance(.seconds(60))

        let taken = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<100 { group.addTask { await refusal { try await house.desk.authenticate(text) } == nil } }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(taken == 100)
        #expect(house.vault.keySetQuestions - before == 1)
    }

    // MARK: Trouble with the file

    static let badSets: [String?] = [
        nil, "", "{", "[]", "{}", #"{"keys":{}}"#, "<html></html>", #"{"keys":[1]}"#, #"{"keys":[],"keys":[]}"#,
        #"{"keys":[{"kty":"RSA","e":"AQAB","n":"AQAB","kid":"weak"}]}"#, #"{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}"#,
        #"{"keys":["# + String(repeating: #"{"kty":"x"},"#, count: 100) + #"{"kty":"x"}]}"#, String(repeating: " ", count: 262_144) + "{}",
    ]

    @Test(arguments: badSets)
    func `A13 a set that became bad or unreadable changes nothing`(text: String?) async throws {
        let signer = try TokenSigner.ed25519()
        let house = try await UserTokenHouse.withKeySet(.eddsa, [signer])
        #expect(try await house.refusal(of: signer.token()) == nil)
        #expect(house.desk.userTroubles.isEmpty)

        house.vault.put(keySet: text)
        for _ in 0..<100 {
            house.watch.advance(.seconds(60))
            #expect(try await house.refusal(of: signer.token()) == nil)
        }
        #expect(house.desk.userTroubles.count == 1)
        #expect(house.desk.userTroubles.first?.hasPrefix("tenant acme: user_tokens/jwks: ") == true)

        house.vault.publish([try .ed25519(2, "ed-2")])
        house.watch.advance(.seconds(10))
        #expect(try await house.refusal(of: signer.token()) == Self.unknown)
        #expect(house.desk.userTroubles.isEmpty)
    }

    @Test(arguments: badSets)
    func `A13 a set that was bad since the start is tried every 10 s, and makes nobody out to be wrong`(text: String?) async throws {
        let signer = try TokenSigner.ed25519()
        let house = try await UserTokenHouse()
        try await house.keep("acme", UserTokenHouse.settings(.eddsa, .keySetFile(UserTokenHouse.keySetPath)))
        house.vault.put(keySet: text)

        for _ in 0..<20 {
            #expect(await refusal { try await house.desk.authenticate(signer.token()) } == .unavailable)
            house.watch.advance(.milliseconds(999))
        }
        #expect(house.vault.keySetQuestions == 2)
        house.vault.publish([signer])
        house.watch.advance(.seconds(10))
        #expect(await refusal { try await house.desk.authenticate(signer.token()) } == nil)
    }

    @Test func `while a bad file is tried again every 10 s, it is not tried more often`() async throws {
        let signer = try TokenSigner.ed25519()
        let house = try await UserTokenHouse.withKeySet(.eddsa, [signer])
        #expect(try await house.refusal(of: signer.token()) == nil)
        house.vault.put(keySet: nil)
        house.watch.advance(.seconds(60))
        let before = house.vault.keySetQuestions
        for _ in 0..<40 {
            #expect(try await house.refusal(of: signer.token()) == nil)
            house.watch.advance(.seconds(1))
        }
        #expect(house.vault.keySetQuestions - before == 4)
    }

    // MARK: Secrets

    @Test func `a secret that was replaced in its place holds within a minute`() async throws {
        let house = try await UserTokenHouse.withSecret()
        let other = "Zx9Cv8Bn7Ml6Kj5Hg4Fd3Sa2Qw1Er0Ty-other"
        let (old, new) = (try TokenSigner.secret.token(), try TokenSigner.secret(Array(other.utf8)).token())
        #expect(try await house.refusal(of: old) == nil)

        house.vault.put(other, "USER_SECRET")
        #expect(try await house.refusal(of: new) == .signing(.signatureInvalid))
        house.watch.advance(.seconds(60))
        #expect(try await house.refusal(of: new) == nil)
        #expect(try await house.refusal(of: old) == .signing(.signatureInvalid))

        house.vault.put("short", "USER_SECRET")
        house.watch.advance(.seconds(60))
        #expect(try await house.refusal(of: new) == nil)
        #expect(house.desk.userTroubles.first?.hasPrefix("tenant acme: user_tokens/secret: the HMAC key is too short") == true)
    }

    @Test func `A11 of two secrets either is good, a third is not, and one that is taken away is refused at once`() async throws {
        let house = try await UserTokenHouse.withSecret()
        let names = ["NEW_SECRET", "THIRD_SECRET"]
        for name in names { house.vault.put("Zx9Cv8Bn7Ml6Kj5Hg4Fd3Sa2Qw1Er0Ty-\(name)", name) }
        let old = try TokenSigner.secret.token()
        let others = try names.map { try TokenSigner.secret(Array("Zx9Cv8Bn7Ml6Kj5Hg4Fd3Sa2Qw1Er0Ty-\($0)".utf8)).token() }
        let (new, third) = (others[0], others[1])
        let current = SecretReference.environment("NEW_SECRET")

        try await house.change(to: UserTokenHouse.settings(.hs256, .secret(current, previous: .environment("USER_SECRET"))))
        for token in [old, new] { #expect(try await house.refusal(of: token) == nil) }
        #expect(try await house.refusal(of: third) == .signing(.signatureInvalid))
        for header in [#"{"alg":"HS256","kid":"a"}"#, #"{"alg":"HS384"}"#, #"{"alg":"none"}"#] {
            #expect(try await house.refusal(of: TokenSigner.secret.token(header: header)) != nil, "\(header)")
        }

        try await house.change(to: UserTokenHouse.settings(.hs256, .secret(current)))
        #expect(try await house.refusal(of: old) == .signing(.signatureInvalid))
        #expect(try await house.refusal(of: new) == nil)
    }

    @Test func `a secret is read again for its age only, not for tokens that name a key`() async throws {
        let house = try await UserTokenHouse.withSecret()
        #expect(try await house.refusal(of: TokenSigner.secret.token()) == nil)
        let before = house.vault.secretQuestions
        for _ in 0..<5 {
            house.watch.advance(.seconds(11))
            #expect(try await house.refusal(of: TokenSigner.secret.token(header: #"{"alg":"HS256","kid":"a"}"#)) == Self.unknown)
        }
        #expect(house.vault.secretQuestions == before)
        house.watch.advance(.seconds(5))
        #expect(try await house.refusal(of: TokenSigner.secret.token()) == nil)
        #expect(house.vault.secretQuestions == before + 1)
    }

    @Test func `a secret that was never there makes the service unavailable, and says why to the log only`() async throws {
        let house = try await UserTokenHouse()
        try await house.keep("acme", UserTokenHouse.settings(.hs256, .secret(.environment("MISSING"))))
        let error = try #require(await deskError { try await house.desk.authenticate(TokenSigner.secret.token()) })
        guard case .unavailable(let cause) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(cause == "tenant acme: user_tokens/secret: the environment variable MISSING is not set")
    }

    @Test func `settings whose keys do not fit their algorithm verify nothing`() async throws {
        let house = try await UserTokenHouse()
        house.vault.publish([try .rsa()])
        try await house.keep("acme", UserTokenHouse.settings(.hs256, .keySetFile(UserTokenHouse.keySetPath), issuer: "https://a"))
        try await house.keep("globex", UserTokenHouse.settings(.rs256, .secret(.environment("USER_SECRET")), issuer: "https://b"))
        for issuer in ["https://a", "https://b"] {
            for token in [
                try TokenSigner.secret.token(claims(["iss": .string(issuer)])),
                try TokenSigner.rsa().token(claims(["iss": .string(issuer)])),
            ] {
                #expect(await refusal { try await house.desk.authenticate(token) } == .unavailable)
            }
        }
    }
}
