import StrictJSON
import Testing
import Vocabulary

@testable import Signing

struct JWSKeyTests {
    private static let secret = [UInt8](0..<64)

    // MARK: the published examples

    @Test(arguments: [
        (Examples.secretJWK, Examples.hs256, JWSAlgorithm.HS256), (Examples.rsaJWK, Examples.rs256, .RS256),
        (Examples.p256JWK, Examples.es256, .ES256),
    ])
    func `the tokens of RFC 7515 appendix A are verified`(_ jwk: JSONValue, _ token: String, _ algorithm: JWSAlgorithm) throws {
        let verified = try JWSKey(jwk: jwk).verify(token)

        #expect(verified.payload == Examples.payload)
        #expect(verified.algorithm == algorithm)
        #expect(verified.header["alg"] == .string(algorithm.rawValue))
    }

    @Test func `the token of RFC 8037 appendix A is verified`() throws {
        let verified = try JWSKey(jwk: Examples.ed25519JWK).verify(Examples.edDSA)

        #expect(verified.payload == Array("Example of Ed25519 signing".utf8))
    }

    @Test func `the deterministic signatures of the examples are written again`() throws {
        let rsa = try JWSKey.privateKey(pem: Secret(utf8: Examples.rsaPrivatePEM))
        let ed25519 = try JWSKey.privateKey(pem: Examples.ed25519PrivatePEM())

        #expect(try rsa.sign(payload: Examples.payload, type: nil) == Examples.rs256)
        #expect(try ed25519.sign(payload: Array("Example of Ed25519 signing".utf8), type: nil) == Examples.edDSA)
    }

    @Test func `a token of ours is what the RFC says, byte for byte`() throws {
        let key = try JWSKey.hmac(.HS256, secret: Secret(bytes: Self.secret), keyID: "k1")

        let token = try key.sign(payload: Array("{}".utf8))

        #expect(token == Examples.token(header: #"{"alg":"HS256","kid":"k1","typ":"JWT"}"#, secret: Self.secret))
        #expect(
            try key.sign(payload: Array("{}".utf8), type: "cg+jwt")
                == Examples.token(header: #"{"alg":"HS256","kid":"k1","typ":"cg+jwt"}"#, secret: Self.secret))
    }

    // MARK: signing

    private static func signers() throws -> [JWSKey] {
        [
            try .hmac(.HS256, secret: Secret(bytes: secret)), try .hmac(.HS384, secret: Secret(bytes: secret)),
            try .hmac(.HS512, secret: Secret(bytes: secret)), try .privateKey(pem: Secret(utf8: Examples.rsaPrivatePEM)),
            try .privateKey(pem: Examples.p256PrivatePEM()), try .privateKey(pem: Examples.ed25519PrivatePEM()),
        ]
    }

    @Test func `every algorithm verifies what it signed, and nothing that was changed`() throws {
        let keys = try Self.signers()
        #expect(keys.map(\.algorithm) == JWSAlgorithm.allCases)

        for key in keys {
            for payload in [[], Array("{}".utf8), SecureRandom.bytes(1000)] {
                let token = try key.sign(payload: payload)
                #expect(try key.verify(token).payload == payload)
                #expect(try key.verify(Array(token.utf8)).payload == payload)
                let parts = token.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
                let other = Base64URL.encode(payload + [1])
                #expect(Examples.refusal { try key.verify([parts[0], other, parts[2]].joined(separator: ".")) } == .signatureInvalid)
            }
        }
    }

    @Test func `a changed bit anywhere in a signature is refused`() throws {
        for key in try Self.signers() {
            let token = try UnverifiedJWS(try key.sign(payload: [1, 2, 3]))
            let start = String(decoding: token.signingInput, as: UTF8.self) + "."
            for index in token.signature.indices {
                var signature = token.signature
                signature[index] ^= 0x10
                #expect(Examples.refusal { try key.verify(start + Base64URL.encode(signature)) } == .signatureInvalid)
            }
            for wrong in [token.signature + [0], [0] + token.signature, Array(token.signature.dropLast()), []] {
                #expect(Examples.refusal { try key.verify(start + Base64URL.encode(wrong)) } == .signatureInvalid)
            }
        }
    }

    @Test func `an ES256 signature in DER is refused`() throws {
        let key = try JWSKey.privateKey(pem: Examples.p256PrivatePEM())
        let token = try UnverifiedJWS(try key.sign(payload: [1]))
        let der = try #require(ECDSASignature.der(fromRaw: token.signature))

        #expect(ECDSASignature.raw(fromDER: der) == token.signature)
        #expect(
            Examples.refusal { try key.verify(String(decoding: token.signingInput, as: UTF8.self) + "." + Base64URL.encode(der)) }
                == .signatureInvalid)
    }

    @Test func `a public key verifies and does not sign`() throws {
        let key = try JWSKey.publicKey(pem: Examples.rsaPublicPEM)

        #expect(key.algorithm == .RS256)
        #expect(!key.maySign)
        #expect(try key.verify(Examples.rs256).payload == Examples.payload)
        #expect(Examples.refusal { try key.sign(payload: []) } == .keyNotPrivate)
    }

    @Test func `many threads may use one key pair`() async throws {
        let keys = try Self.signers()

        let failures = await withTaskGroup(of: Int.self) { group in
            for number in 0..<UInt8(8) {
                group.addTask {
                    keys.count { key in Examples.refusal { try key.verify(try key.sign(payload: [number])) } != nil }
                }
            }
            return await group.reduce(0, +)
        }

        #expect(failures == 0)
    }

    // MARK: what HMAC keys must be

    @Test(arguments: [(JWSAlgorithm.HS256, 32), (.HS384, 48), (.HS512, 64)])
    func `a secret has at least the length of the digest`(_ algorithm: JWSAlgorithm, _ least: Int) {
        #expect(Examples.refusal { try JWSKey.hmac(algorithm, secret: Secret(bytes: SecureRandom.bytes(least))) } == nil)
        #expect(Examples.refusal { try JWSKey.hmac(algorithm, secret: Secret(bytes: SecureRandom.bytes(least - 1))) } == .keyTooShort)
        #expect(Examples.refusal { try JWSKey.hmac(algorithm, secret: Secret(bytes: [])) } == .keyTooShort)
    }

    @Test(arguments: [JWSAlgorithm.RS256, .ES256, .EdDSA])
    func `a secret is no key for an algorithm with key pairs`(_ algorithm: JWSAlgorithm) {
        #expect(Examples.refusal { try JWSKey.hmac(algorithm, secret: Secret(bytes: Self.secret)) } == .algorithmMismatch)
    }

    @Test func `a known secret is refused`() {
        #expect(Examples.refusal { try JWSKey.hmac(.HS256, secret: Secret(utf8: "reallyreallyreallyreallyverysafe")) } == .keyKnownWeak)
    }

    @Test func `a PEM text is no secret`() {
        let refusal = Examples.refusal { try JWSKey.hmac(.HS256, secret: Secret(utf8: Examples.rsaPublicPEM)) }

        #expect(refusal == .keyMalformed("a PEM text is not an HMAC secret"))
    }

    @Test func `a kid has 1 to 256 bytes`() {
        let secret = Secret(bytes: Self.secret)

        #expect(Examples.refusal { try JWSKey.hmac(.HS256, secret: secret, keyID: String(repeating: "k", count: 256)) } == nil)
        #expect(Examples.refusal { try JWSKey.hmac(.HS256, secret: secret, keyID: String(repeating: "k", count: 257)) } != nil)
        #expect(Examples.refusal { try JWSKey.hmac(.HS256, secret: secret, keyID: "") } != nil)
    }

    // MARK: what PEM keys must be

    @Test(arguments: [
        "", "x", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        Examples.pem("PUBLIC KEY", "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcH"),
        Examples.rsaPrivatePEM,
        // 1024 bits.
        Examples.pem(
            "PUBLIC KEY",
            "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCjJtIRNHc2IDx39cgXsfdcHJHl\n"
                + "pu2NhDuFi16EYb2pXIW2xVRipf3zeM4jM9EChhCcHd6/ZJJJ5zbm1zT8/NT+NNp/\n"
                + "43F/e1sQ9jHX3XOj3D8fPxcJX+a3zS0Mot+OK05rMOGU5eA+mML9dIEjwwZO5anM\nNv5vR7Eysg0retl9IQIDAQAB"),
    ])
    func `a text that is no good public key is refused`(_ pem: String) throws {
        guard case .keyMalformed? = Examples.refusal({ try JWSKey.publicKey(pem: pem) }) else {
            Issue.record("taken, or refused for another reason")
            return
        }
    }

    @Test(arguments: [
        // P-384, X25519.
        "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEgQWVAmUr9wBtIk9NyXh9o0mIm2UQvv97\n"
            + "FcM4dxkGcUmDdT5EDwJpg1aaVMskH3/D4dMig99kNAha2Z3Yj9os9Skf9Z8QDJCY\n"
            + "Kx2gItb80LzeuqJwi62Zf3w5q/UxJZ+x",
        "MCowBQYDK2VuAyEAKG3v7s8XbMQuh+iOWTGBLys3A26gvhrcC3LCZnWOPis=",
    ])
    func `a key of another kind is unsuitable`(_ base64: String) {
        guard case .keyUnsuitable? = Examples.refusal({ try JWSKey.publicKey(pem: Examples.pem("PUBLIC KEY", base64)) }) else {
            Issue.record("taken, or refused for another reason")
            return
        }
    }

    @Test func `an encrypted private key is refused without asking for its password`() {
        let encrypted = Examples.pem(
            "ENCRYPTED PRIVATE KEY",
            "MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAj2zoOdGTJJ3AICCAAw\n"
                + "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEL4f/IO7IBMUyhTGC64TBLQEQOMC\n"
                + "/P1ZOkf0WAboB/y9HjBGQqIwJ69lNlmj16Fp4e7bnDpwIePBseBsTRHoffbYaeGk\nQpVQ75y0usGnBPwkZks=")

        #expect(
            Examples.refusal { try JWSKey.privateKey(pem: Secret(utf8: encrypted)) }
                == .keyMalformed("not a PEM text of an unencrypted private key"))
    }

    @Test func `a public key is no private key`() {
        #expect(Examples.refusal { try JWSKey.privateKey(pem: Secret(utf8: Examples.rsaPublicPEM)) } != nil)
    }
}
