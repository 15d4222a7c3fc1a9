import StrictJSON
import Testing
import Vocabulary

@testable import Signing

/// What `verify` refuses. The tokens here are signed with the right key: but for the one thing named they would be taken.
struct JWSVerifyTests {
    private static let secret = [UInt8](0..<64)
    private let key: JWSKey

    init() throws {
        key = try JWSKey.hmac(.HS256, secret: Secret(bytes: Self.secret), keyID: "k1")
    }

    private func refusal(header: String) -> SigningError? {
        Examples.refusal { try key.verify(Examples.token(header: header, secret: Self.secret)) }
    }

    @Test(arguments: [
        #"{"alg":"HS256"}"#, #"{"alg":"HS256","typ":"JWT","kid":"k1","cty":"x","custom":[{"a":1}]}"#, " {\n\t\"alg\" : \"HS256\" } ",
        #"{"\u0061lg":"HS\u003256"}"#, #"{"alg":"HS256","x5t":"a","x5t#S256":"b","iss":"c"}"#,
    ])
    func `a header without refused members is taken`(_ header: String) {
        #expect(refusal(header: header) == nil)
    }

    @Test(arguments: ["none", "None", "NONE", "nOnE", ""])
    func `T01 an unsigned token is refused, with and without its last dot`(_ name: String) {
        let input = Base64URL.encode(Array(#"{"alg":"\#(name)"}"#.utf8)) + ".e30"

        #expect(Examples.refusal { try key.verify(input + ".") } == .algorithmMismatch)
        #expect(Examples.refusal { try key.verify(input) } == .tokenMalformed("it does not have three parts"))
        #expect(refusal(header: #"{"alg":"\#(name)"}"#) == .algorithmMismatch)
    }

    @Test func `T02 a token signed with the RSA public key's text as secret is refused`() throws {
        let key = try JWSKey.publicKey(pem: Examples.rsaPublicPEM)
        let lines = Examples.rsaPublicPEM.split(separator: "\n")
        let der = try Base64.decode(String(lines[1]))

        for secret in [Array(Examples.rsaPublicPEM.utf8), Array(Examples.rsaPublicPEM.utf8.dropLast()), der] {
            for header in [#"{"alg":"HS256"}"#, #"{"alg":"RS256"}"#] {
                #expect(Examples.refusal { try key.verify(Examples.token(header: header, secret: secret)) } != nil)
            }
        }
    }

    @Test func `T03 a token that is valid under another algorithm is refused`() throws {
        for token in [Examples.rs256, Examples.es256, Examples.edDSA] {
            #expect(Examples.refusal { try key.verify(token) } == .algorithmMismatch)
        }
        let longer = try JWSKey.hmac(.HS512, secret: Secret(bytes: Self.secret))
        let token = try longer.sign(payload: [])
        #expect(Examples.refusal { try key.verify(token) } == .algorithmMismatch)
    }

    @Test(arguments: [
        #"{}"#, #"{"alg":"hs256"}"#, #"{"alg":"HS256 "}"#, #"{"alg":" HS256"}"#, #"{"alg":"HS384"}"#, #"{"alg":"HS256\n"}"#,
        #"{"ALG":"HS256"}"#,
    ])
    func `an alg that is not the key's, letter for letter, is refused`(_ header: String) {
        #expect(refusal(header: header) == .algorithmMismatch)
    }

    @Test(arguments: [
        #""alg":null"#, #""alg":["HS256"]"#, #""alg":256"#, #""alg":"HS256","kid":1"#, #""alg":"HS256","kid":["k1"]"#,
        #""alg":"HS256","kid":null"#, #""alg":"HS256","kid":{}"#, #""alg":"HS256","kid":"""#, #""alg":"HS256","typ":1"#,
    ])
    func `a header member of the wrong type is refused`(_ members: String) {
        guard case .tokenMalformed? = refusal(header: "{\(members)}") else {
            Issue.record("taken, or refused for another reason")
            return
        }
    }

    @Test(arguments: ["unknown", "../../dev/null", "k1' OR '1'='1", "K1", "k1 ", "k\u{301}1"])
    func `T09 a kid that is not the key's is refused`(_ keyID: String) {
        #expect(refusal(header: #"{"alg":"HS256","kid":"\#(keyID)"}"#) == .keyUnknown)
    }

    @Test func `T09 a kid is at most 256 bytes long and has no NUL`() throws {
        let long = String(repeating: "k", count: 256)
        let key = try JWSKey.hmac(.HS256, secret: Secret(bytes: Self.secret), keyID: long)
        let token = { (keyID: String) in Examples.token(header: #"{"alg":"HS256","kid":"\#(keyID)"}"#, secret: Self.secret) }

        #expect(Examples.refusal { try key.verify(token(long)) } == nil)
        #expect(Examples.refusal { try key.verify(token(long + "k")) } == .tokenMalformed("the kid is empty or too long"))
        #expect(refusal(header: #"{"alg":"HS256","kid":"k1\u0000"}"#) != nil)
    }

    @Test(arguments: [
        ("jku", #""https://evil.example/jwks""#), ("x5u", #""https://evil.example/x""#), ("jwk", #"{"kty":"oct","k":"AAAA"}"#),
        ("x5c", #"["AAAA"]"#),
        ("crit", #"["exp"]"#), ("crit", #"[]"#), ("crit", "null"), ("b64", "false"), ("b64", "true"), ("zip", #""DEF""#), ("jku", "null"),
    ])
    func `T10 and T11 a header that brings a key, an address, an extension or compression is refused`(_ name: String, _ value: String) {
        #expect(refusal(header: #"{"alg":"HS256","\#(name)":\#(value)}"#) == .headerRefused(name))
    }

    @Test(arguments: [
        #"{"alg":"HS256","alg":"HS256"}"#, #"{"alg":"none","alg":"HS256"}"#, #"{"alg":"HS256","\u0061lg":"none"}"#,
        #"{"alg":"HS256","kid":"k1","kid":"k1"}"#, #"{"alg":"HS256","x":{"a":1,"a":2}}"#,
    ])
    func `T12 a header with a duplicate member is refused`(_ header: String) {
        #expect(refusal(header: header) == .tokenMalformed("the header is not strict JSON"))
    }

    @Test(arguments: [
        "", "[]", "null", "1", #""HS256""#, #"{"alg":"HS256"}{}"#, #"{"alg":"HS256""#, #"{alg:"HS256"}"#, #"{"alg":"HS256",}"#,
        "\u{FEFF}{}",
    ])
    func `a header that is not one strict object is refused`(_ header: String) {
        guard case .tokenMalformed? = refusal(header: header) else {
            Issue.record("taken, or refused for another reason")
            return
        }
    }

    @Test func `a header that is not UTF-8 is refused`() {
        let input = Base64URL.encode(Array(#"{"alg":"HS256","x":""#.utf8) + [0xff] + Array(#""}"#.utf8)) + ".e30"
        let tag = HMACKey(.sha256, key: Self.secret).authenticationCode(for: Array(input.utf8))

        #expect(
            Examples.refusal { try key.verify(input + "." + Base64URL.encode(tag)) } == .tokenMalformed("the header is not strict JSON"))
    }

    @Test func `T14 a token that is padded, spaced, cut or extended is refused`() throws {
        let token = try key.sign(payload: Array("{}".utf8))
        let parts = token.split(separator: ".").map(String.init)
        let (header, payload, signature) = (parts[0], parts[1], parts[2])
        let wrong = [
            token + "=", token + " ", " " + token, token + "\n", token + "\r\n", token + "?", token + ".", "." + token, token + "\0",
            header + "=." + payload + "." + signature, header + "." + payload + "=." + signature, header + "." + payload + "?." + signature,
            header + "?." + payload + "." + signature, header + " ." + payload + "." + signature, header + "." + payload, header, "", ".",
            "..", "...",
            token + ".AA.AA", "." + payload + "." + signature, header + ".." + signature, header + "." + payload + ".",
            #"{"payload":"\#(payload)","protected":"\#(header)","signature":"\#(signature)"}"#, token + "," + token, "Bearer " + token,
        ]

        for text in wrong {
            #expect(Examples.refusal { try key.verify(text) } != nil)
        }
    }

    @Test func `T14 of all last characters of a signature only the canonical one is taken`() throws {
        let token = try key.sign(payload: Array("{}".utf8))
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

        let taken = alphabet.filter { last in Examples.refusal { try key.verify(token.dropLast() + String(last)) } == nil }

        #expect(taken == String(token.suffix(1)))
    }

    @Test func `a token of 16 KiB is taken, one byte more is not`() throws {
        let overhead = try key.sign(payload: []).utf8.count
        // 16 KiB less the overhead, as base64 of whole groups of three bytes, is at most this payload.
        let largest = (16 * 1024 - overhead) / 4 * 3
        let token = try key.sign(payload: [UInt8](repeating: 0x20, count: largest))

        #expect(Examples.refusal { try key.verify(token) } == nil)
        #expect(token.utf8.count > 16 * 1024 - 4)
        #expect(Examples.refusal { try key.verify(try key.sign(payload: [UInt8](repeating: 0x20, count: largest + 3))) } == .tokenTooLarge)
        #expect(Examples.refusal { try key.verify(token, limits: JWSLimits(tokenBytesMax: token.utf8.count - 1)) } == .tokenTooLarge)
    }

    @Test func `a header of 4 KiB is taken, one byte more is not`() {
        let header = { (count: Int) in #"{"alg":"HS256","x":""# + String(repeating: "y", count: count - 22) + #""}"# }

        #expect(header(4096).utf8.count == 4096)
        #expect(refusal(header: header(4096)) == nil)
        #expect(refusal(header: header(4097)) != nil)
        #expect(refusal(header: header(8192)) == .tokenTooLarge)
    }

    @Test func `a deep header is refused`() {
        let deep = String(repeating: "[", count: 1000) + String(repeating: "]", count: 1000)

        #expect(refusal(header: #"{"alg":"HS256","x":\#(deep)}"#) == .tokenMalformed("the header is not strict JSON"))
    }

    @Test func `an unverified token shows what it says, signed or not`() throws {
        let token = try UnverifiedJWS(Base64URL.encode(Array(#"{"alg":"none","kid":"a","typ":"JWT"}"#.utf8)) + ".e30.")

        #expect(token.algorithmName == "none")
        #expect(token.keyID == "a")
        #expect(token.type == "JWT")
        #expect(token.payload == Array("{}".utf8))
        #expect(token.signature.isEmpty)
    }
}
