import Calls
import Signing
import StrictJSON
import Testing
import Tokens
import Vocabulary

@testable import Switchboard

/// The form of a user's token and its signature.
@Suite struct UserTokenTests {
    @Test func `a token of the tenant's own provider opens as its user`() async throws {
        let house = try await UserTokenHouse.withSecret()

        let caller = try await house.desk.authenticate(try TokenSigner.secret.token())

        #expect(caller.owner == .user(try TenantID("acme"), try UserID("alice")))
        #expect(caller.key == nil)
        #expect(caller.scopes.isEmpty)
        #expect(caller.userName == nil)
        #expect(caller.expiresAt == UserTokenHouse.now + 300)
    }

    @Test func `each algorithm verifies with its own keys`() async throws {
        for (algorithm, signer) in [
            (UserTokenSettings.Algorithm.rs256, try TokenSigner.rsa()), (.es256, try .p256()), (.eddsa, try .ed25519()),
        ] {
            let house = try await UserTokenHouse.withKeySet(algorithm, [signer])
            #expect(try await house.refusal(of: signer.token()) == nil, "\(algorithm)")
            var parts = try signer.token().split(separator: ".").map(String.init)
            parts[1] = Base64URL.encode(JSONValue.object(claims(["sub": "bob"])).canonicalBytes)
            #expect(try await house.refusal(of: parts.joined(separator: ".")) == .signing(.signatureInvalid), "\(algorithm)")
        }
    }

    @Test(arguments: ["none", "None", "NONE", "nOnE", ""])
    func `T01 an unsigned token is refused, with and without its last dot`(name: String) async throws {
        let house = try await UserTokenHouse.withSecret()
        let header = #"{"alg":"\#(name)","typ":"JWT"}"#
        let signed = try TokenSigner.secret.token(header: header)
        let unsigned = signed.split(separator: ".").dropLast().joined(separator: ".")

        #expect(try await house.refusal(of: signed) == .header("alg"))
        #expect(try await house.refusal(of: unsigned + ".") == .header("alg"))
        #expect(try await house.refusal(of: unsigned) == .signing(.tokenMalformed("it does not have three parts")))
    }

    @Test func `T02 a token signed with the public RSA key as a secret is refused`() async throws {
        let rsa = try TokenSigner.rsa()
        let house = try await UserTokenHouse.withKeySet(.rs256, [rsa])
        let pem = PublishedKeys.pem("PUBLIC KEY", PublishedKeys.rsaPublicBase64)
        let texts = [
            Array(pem.utf8), Array(pem.utf8.dropLast()), try Base64.decode(PublishedKeys.rsaPublicBase64), rsa.jwk.canonicalBytes,
            try Base64URL.decode(PublishedKeys.rsaModulus),
        ]

        for text in texts {
            let forger = TokenSigner.secret(text)
            for keyID in [#","kid":"rsa-1""#, ""] {
                #expect(
                    try await house.refusal(of: forger.token(header: #"{"alg":"HS256"\#(keyID)}"#)) == .signing(.algorithmMismatch))
                #expect(try await house.refusal(of: forger.token(header: #"{"alg":"RS256"\#(keyID)}"#)) == .signing(.signatureInvalid))
            }
        }
    }

    @Test func `T03 a token that is valid under another algorithm than the settings' is refused`() async throws {
        let signers = [try TokenSigner.rsa(nil), try .p256(nil), try .ed25519(1, nil)]
        let withSecret = try await UserTokenHouse.withSecret()
        let withSet = try await UserTokenHouse.withKeySet(.es256, signers)

        for signer in signers {
            #expect(try await withSecret.refusal(of: signer.token()) == .signing(.algorithmMismatch))
            let expected: UserTokenRefusal? = signer.algorithm == "ES256" ? nil : .signing(.algorithmMismatch)
            #expect(try await withSet.refusal(of: signer.token()) == expected)
        }
        #expect(try await withSet.refusal(of: TokenSigner.secret.token()) == .signing(.algorithmMismatch))
        for name in ["HS384", "HS512", "RS384", "PS256", "ES384", "ES256K", "EdDSA ", "hs256", "HS256\\u0020"] {
            #expect(try await withSecret.refusal(of: TokenSigner.secret.token(header: #"{"alg":"\#(name)"}"#)) == .header("alg"))
        }
    }

    @Test(arguments: [
        #""sub":"alice","sub":"alice""#, #""sub":"bob","sub":"alice""#, #""sub":"alice","\u0073ub":"bob""#,
        #""sub":"alice","iss":"https://id.example.com""#, #""sub":"alice","room":1,"room":2"#, #""sub":"alice","a":{"b":[{"c":1,"c":1}]}"#,
        #""sub":"alice","exp":1800000300"#,
    ])
    func `T12 a duplicate name in the claims is refused`(members: String) async throws {
        let house = try await UserTokenHouse.withSecret()
        let payload = #"{"iss":"https://id.example.com","exp":1800000300,\#(members)}"#
        #expect(
            try await house.refusal(of: TokenSigner.secret.token(header: #"{"alg":"HS256"}"#, payload: payload)) == .claimsMalformed)
    }

    @Test(arguments: ["[]", "null", "1", #""alice""#, "", "{", "{}{}", "\u{FEFF}{}", #"{"exp":9223372036854775808}"#, #"{"a":"\ud800"}"#])
    func `claims that are not one strict object are refused`(payload: String) async throws {
        let house = try await UserTokenHouse.withSecret()
        #expect(
            try await house.refusal(of: TokenSigner.secret.token(header: #"{"alg":"HS256"}"#, payload: payload)) == .claimsMalformed)
    }

    @Test func `claims that nest 17 levels deep are refused, 16 are not`() async throws {
        let house = try await UserTokenHouse.withSecret()
        let nested = { (depth: Int) in (0..<depth).reduce(JSONValue.null) { inner, _ in .array([inner]) } }

        #expect(try await house.refusal(of: TokenSigner.secret.token(claims(["a": nested(15)]))) == nil)
        #expect(try await house.refusal(of: TokenSigner.secret.token(claims(["a": nested(16)]))) == .claimsMalformed)
    }

    @Test func `T13 a second word, a list or another scheme is no token`() async throws {
        let house = try await UserTokenHouse.withSecret()
        let token = try TokenSigner.secret.token()

        for text in ["Bearer \(token)", "Bearer Bearer \(token)", "\(token),\(token)", "\(token) \(token)", "\t\(token)", "Basic \(token)"]
        {
            #expect(try await house.refusal(of: text) != nil)
        }
    }

    @Test func `T14 a token that is padded, spaced, cut or extended is refused`() async throws {
        let house = try await UserTokenHouse.withSecret()
        let token = try TokenSigner.secret.token()
        let parts = token.split(separator: ".").map(String.init)
        let wrong = [
            token + "=", token + " ", " " + token, token + "\n", token + "\r\n", token + "?", token + ".", "." + token, token + "\0",
            parts[0] + "=." + parts[1] + "." + parts[2], parts[0] + "." + parts[1] + "=." + parts[2],
            parts[0] + "." + parts[1] + "?." + parts[2], parts[0] + "." + parts[1], parts[0], "", ".", "..", "...", token + ".AA.AA",
            "." + parts[1] + "." + parts[2], parts[0] + ".." + parts[2], parts[0] + "." + parts[1] + ".",
            parts[0] + "." + parts[1] + "." + parts[2].dropLast(),
        ]

        for text in wrong { #expect(try await house.refusal(of: text) != nil) }
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        for last in alphabet where last != token.last {
            #expect(try await house.refusal(of: token.dropLast() + String(last)) != nil)
        }
    }

    @Test func `a token of 16 KiB is taken, one byte more is not`() async throws {
        let house = try await UserTokenHouse.withSecret()
        // A part of base64url has no length that leaves 1 when divided by 4, so two parts are made longer until the sum fits.
        func token(_ length: Int) throws -> String? {
            for (inHeader, inPayload) in (0..<3).flatMap({ inHeader in (11_000..<13_000).map { (inHeader, $0) } }) {
                let header = #"{"alg":"HS256","x":"\#(String(repeating: "y", count: inHeader))"}"#
                let payload = claims(["fill": ""])
                let payloadCount = JSONValue.object(payload).canonicalBytes.count + inPayload
                guard Base64URL.encodedCount(header.utf8.count) + Base64URL.encodedCount(payloadCount) + 45 == length else { continue }
                let full = JSONValue.object(claims(["fill": .string(String(repeating: "z", count: inPayload))]))
                return try TokenSigner.secret.token(header: header, payload: full.canonicalText)
            }
            return nil
        }
        #expect(try token(16 * 1024)?.utf8.count == 16 * 1024)

        #expect(try await house.refusal(of: #require(try token(16 * 1024))) == nil)
        #expect(try await house.refusal(of: #require(try token(16 * 1024 + 1))) == .signing(.tokenTooLarge))
        #expect(try await house.refusal(of: String(repeating: "a", count: 1_000_000)) == .signing(.tokenTooLarge))
    }

    @Test func `T20 a media token opens nothing, and neither does a token that looks like one`() async throws {
        let house = try await UserTokenHouse.withSecret()
        let minter = LiveKitMinter(
            credentials: try LiveKitCredentials(apiKey: "APImedia", secret: Secret(utf8: UserTokenHouse.liveKitSecret)))
        let grant = try JoinGrant(
            room: RoomName(tenant: TenantID("acme"), kind: .room, random: 1), identity: UserID("alice"), role: .host,
            issuedAt: UserTokenHouse.now, lifetimeSeconds: 300, tokenID: 1)
        let token = minter.mint(grant)

        #expect(try await house.refusal(of: token) == .claim("video"))
        for name in ["video", "sip"] {
            for value in [["roomJoin": true], [:], nil, true] as [JSONValue] {
                #expect(try await house.refusal(of: TokenSigner.secret.token(claims([name: value]))) == .claim(name))
            }
        }
        #expect(try await house.refusal(of: "007eJxTYBBbsPKPwsWvf9") != nil)
    }

    @Test func `T20 an API key is never taken for a user's token`() async throws {
        let house = try await UserTokenHouse.withSecret()
        for key in [APIKey(.live), APIKey(.test)] {
            let text = key.secret.withBytes { String(decoding: $0, as: UTF8.self) }
            #expect(try await house.refusal(of: text) != nil)
            #expect(await refusal { try await house.desk.authenticateUser(text) } == .unauthenticated)
        }
    }

    @Test func `every reason for refusing a token looks the same`() async throws {
        let house = try await UserTokenHouse.withSecret()
        let signer = TokenSigner.secret
        let tokens = [
            "", "x", "a.b.c", try signer.token(header: #"{"alg":"none"}"#), try signer.token(type: "JWS"),
            try TokenSigner.secret(Array(repeating: 7, count: 32)).token(), try signer.token(claims(["iss": "https://elsewhere.example"])),
            try signer.token(claims(["exp": 1])), try signer.token(claims(without: ["sub"])), try TokenSigner.rsa().token(),
        ]

        var texts: Set<String> = []
        for token in tokens { texts.insert("\(try #require(await deskError { try await house.desk.authenticate(token) }))") }
        #expect(texts == ["unauthenticated"])
    }

    @Test func `T09 and T12 a token of a wrong form is refused without asking the store, a file or a secret`() async throws {
        let house = try await UserTokenHouse.withSecret()
        let signer = TokenSigner.secret
        let tokens = [
            "", "a.b.c", String(repeating: "a", count: 100_000), try signer.token(header: #"{"alg":"none"}"#),
            try signer.token(header: #"{"alg":"HS256","kid":["../../dev/null"]}"#), try signer.token(header: #"{"alg":"HS256","kid":""}"#),
            try signer.token(header: #"{"alg":"HS256","alg":"HS256"}"#), try signer.token(type: "JWS"),
            try signer.token(claims(["video": [:]])), try signer.token(claims(without: ["iss"])), try signer.token() + "=",
        ]
        let before = (house.store.questions, house.vault.secretQuestions)

        for token in tokens { #expect(await refusal { try await house.desk.authenticate(token) } == .unauthenticated) }
        #expect(house.store.questions == before.0)
        #expect(house.vault.secretQuestions == before.1)
        #expect(house.vault.keySetQuestions == 0)
    }

    @Test func `a store that does not answer makes the service unavailable, not the token wrong`() async throws {
        let house = try await UserTokenHouse.withSecret()
        house.store.fail(.unavailable("the disk is gone"))
        #expect(await refusal { try await house.desk.authenticate(TokenSigner.secret.token()) } == .unavailable)
        house.store.fail(nil)
        #expect(await refusal { try await house.desk.authenticate(TokenSigner.secret.token()) } == nil)
    }

    @Test func `a part of a longer text is a token too`() async throws {
        let house = try await UserTokenHouse.withSecret()
        let header = "Bearer \(try TokenSigner.secret.token())"
        #expect(try await house.desk.authenticate(header.dropFirst(7)).owner == .user(TenantID("acme"), UserID("alice")))
    }
}
