import StrictJSON
import Testing
import Vocabulary

@testable import Signing

struct JWKTests {
    private static func changed(_ jwk: JSONValue, _ name: String, _ value: JSONValue?) throws -> JSONValue {
        guard case .object(var members) = jwk else { throw SigningError.keyMalformed("the test's own key") }
        members[name] = value
        return .object(members)
    }

    private static func isMalformed(_ jwk: JSONValue) -> Bool {
        if case .keyMalformed? = Examples.refusal({ try JWSKey(jwk: jwk) }) { true } else { false }
    }

    private static func isUnsuitable(_ jwk: JSONValue) -> Bool {
        if case .keyUnsuitable? = Examples.refusal({ try JWSKey(jwk: jwk) }) { true } else { false }
    }

    private static let publicKeys = [
        (Examples.rsaJWK, JWSAlgorithm.RS256), (Examples.p256JWK, JWSAlgorithm.ES256), (Examples.ed25519JWK, JWSAlgorithm.EdDSA),
    ]

    @Test(arguments: publicKeys + [(Examples.secretJWK, .HS256)])
    func `the kind of key fixes the algorithm, and alg must agree`(_ jwk: JSONValue, _ algorithm: JWSAlgorithm) throws {
        #expect(try JWSKey(jwk: jwk).algorithm == algorithm)
        #expect(try JWSKey(jwk: Self.changed(jwk, "alg", .string(algorithm.rawValue))).algorithm == algorithm)
        for other in ["RS384", "PS256", "ES384", "ES521", "none", "RSA-OAEP", "A256GCM", ""] {
            #expect(Self.isUnsuitable(try Self.changed(jwk, "alg", .string(other))))
        }
        #expect(Self.isMalformed(try Self.changed(jwk, "alg", 1)))
        #expect(Examples.refusal { try JWSKey(jwk: jwk, algorithm: algorithm == .ES256 ? .RS256 : .ES256) } != nil)
        #expect(Examples.refusal { try JWSKey(jwk: jwk, algorithm: algorithm) } == nil)
    }

    @Test func `a secret without alg needs the caller's word`() throws {
        let bare = try Self.changed(Examples.secretJWK, "alg", nil)

        #expect(Self.isMalformed(bare))
        #expect(try JWSKey(jwk: bare, algorithm: .HS512).algorithm == .HS512)
        #expect(Examples.refusal { try JWSKey(jwk: Examples.secretJWK, algorithm: .HS512) } == .algorithmMismatch)
    }

    @Test func `a secret in a JWK obeys the rules of secrets`() throws {
        let jwk = { (alg: String, bytes: [UInt8]) -> JSONValue in
            ["kty": "oct", "alg": .string(alg), "k": .string(Base64URL.encode(bytes))]
        }

        #expect(Examples.refusal { try JWSKey(jwk: jwk("HS256", [UInt8](0..<31))) } == .keyTooShort)
        #expect(Examples.refusal { try JWSKey(jwk: jwk("HS384", [UInt8](0..<47))) } == .keyTooShort)
        #expect(Examples.refusal { try JWSKey(jwk: jwk("HS512", [UInt8](0..<63))) } == .keyTooShort)
        #expect(Examples.refusal { try JWSKey(jwk: jwk("HS256", Array("reallyreallyreallyreallyverysafe".utf8))) } == .keyKnownWeak)
        #expect(Self.isMalformed(["kty": "oct", "alg": "HS256"]))
        #expect(Self.isMalformed(["kty": "oct", "alg": "HS256", "k": 5]))
    }

    @Test(arguments: publicKeys)
    func `use and key_ops are honoured`(_ jwk: JSONValue, _ algorithm: JWSAlgorithm) throws {
        #expect(try JWSKey(jwk: Self.changed(jwk, "use", "sig")).mayVerify)
        #expect(try JWSKey(jwk: Self.changed(jwk, "key_ops", ["verify"])).mayVerify)
        #expect(Self.isUnsuitable(try Self.changed(jwk, "use", "enc")))
        #expect(Self.isUnsuitable(try Self.changed(jwk, "use", "SIG")))
        for operations in [[], ["sign"], ["encrypt", "decrypt"], ["VERIFY"]] as [JSONValue] {
            #expect(Self.isUnsuitable(try Self.changed(jwk, "key_ops", operations)))
        }
        for wrong in ["verify", ["verify", "verify"], [1], nil, ["a": "b"]] as [JSONValue] {
            #expect(Self.isMalformed(try Self.changed(jwk, "key_ops", wrong)))
        }
        #expect(Self.isMalformed(try Self.changed(jwk, "use", ["sig"])))
    }

    @Test func `a secret does only what its key_ops name`() throws {
        let signer = try JWSKey(jwk: Self.changed(Examples.secretJWK, "key_ops", ["sign"]))
        let verifier = try JWSKey(jwk: Self.changed(Examples.secretJWK, "key_ops", ["verify"]))
        let token = try signer.sign(payload: [1])

        #expect(try verifier.verify(token).payload == [1])
        #expect(Examples.refusal { try verifier.sign(payload: [1]) } == .keyUnsuitable("its key_ops leave out sign"))
        #expect(Examples.refusal { try signer.verify(token) } == .keyUnsuitable("its key_ops leave out verify"))
    }

    @Test(arguments: publicKeys)
    func `a private member is refused`(_ jwk: JSONValue, _ algorithm: JWSAlgorithm) throws {
        for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
            #expect(Self.isMalformed(try Self.changed(jwk, name, .string(Examples.p256Private))))
        }
    }

    @Test(arguments: publicKeys)
    func `certificates and unknown members are ignored, kid is kept`(_ jwk: JSONValue, _ algorithm: JWSAlgorithm) throws {
        let certified = try Self.changed(Self.changed(jwk, "x5c", ["AAAA"]), "custom", ["a": 1])

        let key = try JWSKey(jwk: Self.changed(certified, "kid", "k1"))

        #expect(key.keyID == "k1")
        #expect(Self.isMalformed(try Self.changed(jwk, "kid", 1)))
        #expect(Self.isMalformed(try Self.changed(jwk, "kid", "")))
        #expect(Self.isMalformed(try Self.changed(jwk, "kid", .string(String(repeating: "k", count: 257)))))
    }

    @Test func `an RSA key is 2048 to 8192 bits with a proper exponent`() throws {
        let odd = { (count: Int) -> JSONValue in .string(Base64URL.encode([0xC0] + [UInt8](repeating: 0x55, count: count - 1))) }

        for bytes in [128, 255, 1025] {
            #expect(Self.isMalformed(try Self.changed(Examples.rsaJWK, "n", odd(bytes))))
        }
        for exponent in ["", "AA", "AQ", "Aw", "AAEAAQ", "AQAA", "AQAAAAAAAAAB", "AQAB="] {
            #expect(Self.isMalformed(try Self.changed(Examples.rsaJWK, "e", .string(exponent))))
        }
        #expect(Self.isMalformed(try Self.changed(Examples.rsaJWK, "e", nil)))
        #expect(Self.isMalformed(try Self.changed(Examples.rsaJWK, "n", nil)))
        #expect(Self.isMalformed(try Self.changed(Examples.rsaJWK, "n", .string("AA" + Examples.rsaModulus))))
    }

    @Test func `an even modulus is refused`() throws {
        let modulus = try Base64URL.decode(Examples.rsaModulus)

        #expect(Self.isMalformed(try Self.changed(Examples.rsaJWK, "n", .string(Base64URL.encode(modulus.dropLast() + [0xA0])))))
    }

    @Test func `an EC point has 32 bytes a coordinate and lies on the curve`() throws {
        let x = try Base64URL.decode("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU")

        #expect(Self.isMalformed(try Self.changed(Examples.p256JWK, "x", .string(Base64URL.encode([0] + x)))))
        #expect(Self.isMalformed(try Self.changed(Examples.p256JWK, "x", .string(Base64URL.encode(Array(x.dropLast()))))))
        #expect(Self.isMalformed(try Self.changed(Examples.p256JWK, "x", .string(Base64URL.encode(x.dropLast() + [0x44])))))
        #expect(Self.isMalformed(try Self.changed(Examples.p256JWK, "y", .string(Base64URL.encode([UInt8](repeating: 0xff, count: 32))))))
        let zero = JSONValue.string(Base64URL.encode([UInt8](repeating: 0, count: 32)))
        #expect(Self.isMalformed(try Self.changed(Self.changed(Examples.p256JWK, "x", zero), "y", zero)))
        #expect(Self.isMalformed(try Self.changed(Examples.p256JWK, "y", nil)))
    }

    @Test(arguments: ["P-384", "P-521", "secp256k1", "p-256", "", "Ed448", "X25519"])
    func `another curve is unsuitable`(_ curve: String) throws {
        #expect(Self.isUnsuitable(try Self.changed(Examples.p256JWK, "crv", .string(curve))))
        #expect(Self.isUnsuitable(try Self.changed(Examples.ed25519JWK, "crv", .string(curve))))
    }

    @Test func `an Ed25519 key has 32 bytes`() throws {
        for count in [0, 31, 33] {
            #expect(
                Self.isMalformed(try Self.changed(Examples.ed25519JWK, "x", .string(Base64URL.encode([UInt8](repeating: 9, count: count)))))
            )
        }
    }

    @Test func `what is not a JWK is refused`() {
        for value in [nil, [], "x", 1, [:], ["kty": 1]] as [JSONValue] {
            #expect(Self.isMalformed(value))
        }
        #expect(Self.isUnsuitable(["kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA"]))
    }
}

struct JWKSTests {
    private static func keyed(_ jwk: JSONValue, _ keyID: String) throws -> JSONValue {
        guard case .object(var members) = jwk else { throw SigningError.keyMalformed("the test's own key") }
        members["kid"] = .string(keyID)
        return .object(members)
    }

    @Test func `a set finds a key by its kid and verifies with it`() throws {
        let set = try JWKS(["keys": [Self.keyed(Examples.rsaJWK, "a"), Self.keyed(Examples.p256JWK, "b")], "other": 1])
        let signer = try JWSKey.privateKey(pem: Examples.p256PrivatePEM(), keyID: "b")

        #expect(try set.key(for: "a").algorithm == .RS256)
        #expect(try set.verify(signer.sign(payload: [1])).algorithm == .ES256)
        #expect(Examples.refusal { try set.key(for: "c") } == .keyUnknown)
        #expect(Examples.refusal { try set.key(for: nil) } == .keyUnknown)
        // The key is found by kid, and then it fixes the algorithm.
        let confused = try JWSKey.privateKey(pem: Examples.p256PrivatePEM(), keyID: "a")
        #expect(Examples.refusal { try set.verify(confused.sign(payload: [1])) } == .algorithmMismatch)
    }

    @Test func `a token without kid is for the only key of a set`() throws {
        #expect(try JWKS(["keys": [Examples.rsaJWK]]).verify(Examples.rs256).payload == Examples.payload)
        #expect(Examples.refusal { try JWKS(["keys": [Examples.rsaJWK, Examples.p256JWK]]).verify(Examples.rs256) } == .keyUnknown)
    }

    @Test func `a kid of the wrong type does not pass for none`() throws {
        let secret = try Base64URL.decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
        let set = try JWKS(["keys": [Examples.secretJWK]])

        #expect(Examples.refusal { try set.verify(Examples.token(header: #"{"alg":"HS256"}"#, secret: secret)) } == nil)
        #expect(Examples.refusal { try set.verify(Examples.token(header: #"{"alg":"HS256","kid":7}"#, secret: secret)) } != nil)
        #expect(
            Examples.refusal { try set.verify(Examples.token(header: #"{"alg":"HS256","jku":"x"}"#, secret: secret)) }
                == .headerRefused("jku"))
    }

    @Test func `keys that are not for us are skipped and named`() throws {
        let set = try JWKS([
            "keys": [
                ["kty": "AKP", "alg": "ML-DSA-44"], Examples.rsaJWK, ["kty": "RSA", "use": "enc"],
                ["kty": "EC", "crv": "P-384", "kid": "b"],
                ["kty": "oct", "alg": "A256KW", "k": "AAAA"],
            ]
        ])

        #expect(set.keys.map(\.algorithm) == [.RS256])
        #expect(set.skipped.count == 4)
        #expect(set.skipped[0] == "key 0 of the set was skipped: the kty is not oct, RSA, EC or OKP")
        #expect(set.skipped[1] == "key 2 of the set was skipped: its use is not sig")
    }

    @Test func `a duplicate kid, a wrong key or secrets beside public keys refuse the set`() throws {
        let sets: [JSONValue] = [
            ["keys": [try Self.keyed(Examples.rsaJWK, "a"), try Self.keyed(Examples.p256JWK, "a")]],
            ["keys": [Examples.rsaJWK, ["kty": "RSA", "e": "AQAB", "n": "AQAB"]]],
            ["keys": [Examples.rsaJWK, try Self.keyed(Examples.secretJWK, "s")]],
            ["keys": .array([JSONValue](repeating: Examples.ed25519JWK, count: 101))],
            ["keys": [:]], [:], [], ["keys": [1]],
        ]

        for set in sets {
            guard case .keyMalformed? = Examples.refusal({ try JWKS(set) }) else {
                Issue.record("taken, or refused for another reason")
                continue
            }
        }
    }

    @Test func `a set without usable keys verifies nothing`() throws {
        let set = try JWKS(text: Array(#"{"keys":[]}"#.utf8))

        #expect(Examples.refusal { try set.verify(Examples.rs256) } == .keyUnknown)
    }

    @Test(arguments: [#"{"keys":[],"keys":[]}"#, "", "{", #"{"keys":[{"kty":"oct","kty":"RSA"}]}"#])
    func `a set that is not strict JSON is refused`(_ text: String) {
        #expect(Examples.refusal { try JWKS(text: Array(text.utf8)) } == .keyMalformed("a key set is strict JSON"))
    }
}
