import Calls
import Signing
import StrictJSON
import Testing
import Vocabulary

@testable import Switchboard

/// Keys that an identity provider publishes at an address. Time is the stopwatch's, and the provider the test's: nobody waits.
@Suite struct FetchedKeysTests {
    private static let unknown = UserTokenRefusal.signing(.keyUnknown)

    /// A desk with one tenant, whose provider publishes these keys.
    private func house(_ signers: [TokenSigner]) async throws -> UserTokenHouse {
        let house = try await UserTokenHouse()
        house.outside.publish(signers)
        try await house.tenant(
            "acme", UserTokenHouse.settings(.eddsa, .keySetAddress(try WebAddress("https://id.example.com/keys"))))
        return house
    }

    @Test func `keys are fetched when the first user comes, and not before`() async throws {
        let signer = try TokenSigner.ed25519()
        let house = try await house([signer])
        #expect(house.outside.questions.isEmpty)
        for _ in 0..<10 { #expect(try await house.refusal(of: signer.token()) == nil) }
        #expect(house.outside.questions.map(\.address.text) == ["https://id.example.com/keys"])
        #expect(house.outside.questions[0].bodyBytesMax == 262_144)
    }

    @Test func `an address that may not be asked is refused when it is set`() async throws {
        let house = try await UserTokenHouse()
        let settings = UserTokenHouse.settings(.eddsa, .keySetAddress(try WebAddress("http://id.example.com/keys")))
        let error = try #require(await deskError { try await house.tenant("acme", settings) })
        guard case .invalid(let field, let reason) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(field == "user_tokens/jwks/url")
        #expect(reason == "is not https")
    }

    @Test func `A12 10,000 tokens with unknown keys cost one fetch in 30 s`() async throws {
        let signer = try TokenSigner.ed25519()
        let house = try await house([signer])
        #expect(try await house.refusal(of: signer.token()) == nil)
        let tenants = try await house.store.tenants(issuer: UserTokenHouse.issuer)
        let payload = try signer.token().split(separator: ".")[1]
        for number in 0..<10_000 {
            let header = Base64URL.encode(Array(#"{"alg":"EdDSA","kid":"storm-\#(number)"}"#.utf8))
            let token = try UnverifiedUserToken("\(header).\(payload).AAAA")
            await #expect(throws: Self.unknown) { try await house.desk.caller(token, of: tenants, at: UserTokenHouse.now) }
            house.watch.advance(.milliseconds(10))
        }
        #expect(house.outside.questions.count == 4, "one at first, and one each 30 of the 100 s")
        #expect(try await house.refusal(of: signer.token()) == nil)
    }

    @Test func `A12 all who wait share one fetch`() async throws {
        let signer = try TokenSigner.ed25519()
        let house = try await house([signer])
        let text = try signer.token()
        house.outside.hold()
        let taken = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<100 { group.addTask { await refusal { try await house.desk.authenticate(text) } == nil } }
            await house.outside.asked(1)
            house.outside.release()
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(taken == 100)
        #expect(house.outside.questions.count == 1)
    }

    @Test func `a new key works at once, when the last fetch was 30 s ago`() async throws {
        let (old, new) = (try TokenSigner.ed25519(1, "a"), try TokenSigner.ed25519(2, "b"))
        let house = try await house([old])
        #expect(try await house.refusal(of: old.token()) == nil)
        house.outside.publish([old, new])
        house.watch.advance(.milliseconds(29_999))
        #expect(try await house.refusal(of: new.token()) == Self.unknown)
        house.watch.advance(.milliseconds(1))
        #expect(try await house.refusal(of: new.token()) == nil)
    }

    @Test func `A15 a key that the provider removed is refused after 15 min at the latest`() async throws {
        let (leaving, staying) = (try TokenSigner.ed25519(1, "a"), try TokenSigner.ed25519(2, "b"))
        let house = try await house([leaving, staying])
        #expect(try await house.refusal(of: leaving.token()) == nil)
        house.outside.publish([staying])
        house.watch.advance(.seconds(599))
        #expect(try await house.refusal(of: leaving.token()) == nil)
        #expect(house.outside.questions.count == 1)
        house.watch.advance(.seconds(301))
        #expect(try await house.refusal(of: leaving.token()) == Self.unknown)
        #expect(try await house.refusal(of: staying.token()) == nil)
    }

    @Test func `A15 keys of 10 min are fetched again while they are used, and nobody waits for it`() async throws {
        let (leaving, staying) = (try TokenSigner.ed25519(1, "a"), try TokenSigner.ed25519(2, "b"))
        let house = try await house([leaving, staying])
        #expect(try await house.refusal(of: leaving.token()) == nil)
        house.outside.publish([staying])
        house.outside.hold()
        house.watch.advance(.seconds(600))
        #expect(try await house.refusal(of: leaving.token()) == nil)
        await house.outside.asked(2)
        #expect(try await house.refusal(of: leaving.token()) == nil)
        house.outside.release()
        let token = try leaving.token()
        while await deskError({ try await house.desk.authenticate(token) }) == nil { await Task.yield() }
        #expect(house.outside.questions.count == 2)
    }

    static let bad: [(Int, String)?] = [
        nil, (500, "{}"), (404, #"{"keys":[]}"#), (301, #"{"keys":[]}"#), (302, ""), (204, ""), (200, ""), (200, "<html></html>"),
        (200, "[]"),
        (200, #"{"keys":[],"keys":[]}"#), (200, #"{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}"#),
    ]

    @Test(arguments: bad)
    func `A13 while the provider answers badly or not at all the last keys go on, for a day`(answer: (Int, String)?) async throws {
        let signer = try TokenSigner.ed25519()
        let house = try await house([signer])
        #expect(try await house.refusal(of: signer.token()) == nil)
        if let answer { house.outside.answer(answer.0, answer.1) } else { house.outside.fail("is down") }

        house.watch.advance(.seconds(900))
        #expect(try await house.refusal(of: signer.token()) == nil)
        #expect(house.desk.userTroubles.first?.hasPrefix("tenant acme: user_tokens/jwks: ") == true)
        house.watch.advance(.seconds(86_400 - 900 - 1))
        #expect(try await house.refusal(of: signer.token()) == nil)
        house.watch.advance(.seconds(1))
        let count = house.outside.questions.count
        #expect(await refusal { try await house.desk.authenticate(signer.token()) } == .unavailable)
        #expect(house.outside.questions.count - count <= 1)

        house.outside.publish([signer])
        house.watch.advance(.seconds(30))
        #expect(try await house.refusal(of: signer.token()) == nil)
        #expect(house.desk.userTroubles.isEmpty)
    }

    @Test func `A13 a provider that was never there is asked every 30 s, and makes nobody out to be wrong`() async throws {
        let signer = try TokenSigner.ed25519()
        let house = try await house([signer])
        house.outside.fail("is down")
        for _ in 0..<60 {
            #expect(await refusal { try await house.desk.authenticate(signer.token()) } == .unavailable)
            house.watch.advance(.seconds(1))
        }
        #expect(house.outside.questions.count == 2)
    }

    @Test func `A13 a provider that is slow holds up no other tenant, and no user whose key is known`() async throws {
        let signer = try TokenSigner.ed25519()
        let house = try await house([signer])
        try await house.tenant("globex", UserTokenHouse.settings(issuer: "https://other"))
        #expect(try await house.refusal(of: signer.token()) == nil)
        house.outside.hold()
        house.watch.advance(.seconds(700))
        for _ in 0..<100 {
            #expect(try await house.refusal(of: signer.token()) == nil)
            #expect(try await house.refusal(of: TokenSigner.secret.token(claims(["iss": "https://other"]))) == nil)
        }
        house.outside.release()
    }

    @Test func `changed settings use nothing of what was fetched before`() async throws {
        let signer = try TokenSigner.ed25519()
        let house = try await house([signer])
        #expect(try await house.refusal(of: signer.token()) == nil)
        house.outside.publish([])
        try await house.change(to: UserTokenHouse.settings(.eddsa, .keySetAddress(try WebAddress("https://new.example.com/keys"))))
        #expect(try await house.refusal(of: signer.token()) == Self.unknown)
        #expect(house.outside.questions.last?.address.text == "https://new.example.com/keys")
    }
}
