import Calls
import Signing
import StrictJSON
import Testing

@testable import Switchboard

/// What the header of a user's token may say. The tokens here are signed with the right key.
@Suite struct UserTokenHeaderTests {
    @Test(arguments: [
        #"{}"#, #"{"alg":null}"#, #"{"alg":["HS256"]}"#, #"{"alg":256}"#, #"{"ALG":"HS256"}"#,
    ])
    func `a header without an alg is refused`(header: String) async throws {
        let house = try await UserTokenHouse.withSecret()
        #expect(try await house.refusal(of: TokenSigner.secret.token(header: header)) == .header("alg"))
    }

    @Test(arguments: ["unknown", "../../dev/null", "k' OR '1'='1", "RSA-1", "rsa-1 ", "rsa-1\\u0301", "rsa-2"])
    func `T09 a kid that nobody published is refused, and names no file`(keyID: String) async throws {
        let rsa = try TokenSigner.rsa()
        let house = try await UserTokenHouse.withKeySet(.rs256, [rsa])
        let withSecret = try await UserTokenHouse.withSecret()

        #expect(try await house.refusal(of: rsa.token(header: #"{"alg":"RS256","kid":"\#(keyID)"}"#)) == .signing(.keyUnknown))
        // A secret has no name, so nothing can be named in a token that it signs.
        let token = try TokenSigner.secret.token(header: #"{"alg":"HS256","kid":"\#(keyID)"}"#)
        #expect(try await withSecret.refusal(of: token) == .signing(.keyUnknown))
        #expect(house.vault.keySetQuestions <= 2)
    }

    @Test(arguments: [
        #""""#, "null", "1", #"["rsa-1"]"#, "{}", "\"" + String(repeating: "k", count: 257) + "\"",
    ])
    func `T09 a kid that is no short text is refused before anybody is asked`(keyID: String) async throws {
        let rsa = try TokenSigner.rsa()
        let house = try await UserTokenHouse.withKeySet(.rs256, [rsa])
        let before = house.vault.keySetQuestions

        #expect(try await house.refusal(of: rsa.token(header: #"{"alg":"RS256","kid":\#(keyID)}"#)) == .header("kid"))
        #expect(house.vault.keySetQuestions == before)
    }

    @Test func `T09 a kid of 4 KB, with a NUL or twice is refused`() async throws {
        let rsa = try TokenSigner.rsa()
        let house = try await UserTokenHouse.withKeySet(.rs256, [rsa])

        for (header, expected) in [
            (#"{"alg":"RS256","kid":"\#(String(repeating: "k", count: 4096))"}"#, SigningError.tokenTooLarge),
            (#"{"alg":"RS256","kid":"rsa-1\u0000"}"#, .tokenMalformed("the header is not strict JSON")),
            (#"{"alg":"RS256","kid":"rsa-1","kid":"rsa-1"}"#, .tokenMalformed("the header is not strict JSON")),
        ] {
            #expect(try await house.refusal(of: rsa.token(header: header)) == .signing(expected))
        }
    }

    @Test(arguments: [
        ("jku", #""https://evil.example/jwks""#), ("x5u", #""https://evil.example/x""#), ("jwk", #"{"kty":"oct","k":"AAAA"}"#),
        ("x5c", #"["AAAA"]"#), ("crit", #"["exp"]"#), ("crit", "[]"), ("b64", "false"), ("zip", #""DEF""#),
    ])
    func `T10 and T11 a header that brings a key, an address, an extension or compression is refused`(name: String, value: String)
        async throws
    {
        let house = try await UserTokenHouse.withSecret()
        let token = try TokenSigner.secret.token(header: #"{"alg":"HS256","\#(name)":\#(value)}"#)
        #expect(try await house.refusal(of: token) == .signing(.headerRefused(name)))
    }

    @Test(arguments: [
        #"{"alg":"HS256","alg":"HS256"}"#, #"{"alg":"none","alg":"HS256"}"#, #"{"alg":"HS256","\u0061lg":"HS256"}"#,
        #"{"alg":"HS256","typ":"JWT","typ":"JWT"}"#, #"{"alg":"HS256","x":{"a":1,"a":2}}"#, "[]", "null", "", #"{"alg":"HS256"}{}"#,
    ])
    func `T12 a header with a duplicate name, or that is no object, is refused`(header: String) async throws {
        let house = try await UserTokenHouse.withSecret()
        guard case .signing(.tokenMalformed)? = try await house.refusal(of: TokenSigner.secret.token(header: header)) else {
            Issue.record("taken, or refused for another reason")
            return
        }
    }

    @Test func `a typ is absent, JWT or at+jwt in any letter case, with application before it or without`() async throws {
        let house = try await UserTokenHouse.withSecret()

        for type in [nil, "JWT", "jwt", "Jwt", "at+jwt", "AT+JWT", "application/jwt", "Application/AT+JWT", "application/at+jwt"] {
            #expect(try await house.refusal(of: TokenSigner.secret.token(type: type)) == nil, "\(type ?? "none")")
        }
        for type in [
            "", "JWS", "JOSE", "dpop+jwt", "logout+jwt", "secevent+jwt", "id+jwt", "text/jwt", "application/application/jwt", "JWT ",
            " JWT",
            "jwt;x=1", "at+jwt/", "application/", "K\u{301}WT",
        ] {
            #expect(try await house.refusal(of: TokenSigner.secret.token(type: type)) == .header("typ"), "\(type)")
        }
        for type in ["1", "null", #"["JWT"]"#, "true"] {
            #expect(try await house.refusal(of: TokenSigner.secret.token(header: #"{"alg":"HS256","typ":\#(type)}"#)) == .header("typ"))
        }
    }
}
