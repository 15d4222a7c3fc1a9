public import StrictJSON
import Vocabulary

extension JWSKey {
    /// A key from a JWK (RFC 7517): `oct` for HMAC, and the public halves of `RSA`, `EC` with P-256 and `OKP` with Ed25519.
    ///
    /// `algorithm` is what the caller expects, if anything; the JWK's own `alg`, where there is one, must agree with it and with the kind
    /// of key. An `oct` key needs one of the two: nothing else tells HS256 from HS512. `use` must be `sig` where it is given, and `key_ops`
    /// must name `verify` (for `oct`: `sign` or `verify`, and only what is named is allowed). Members that we do not know are ignored,
    /// as RFC 7517 section 4 asks, and so are the certificates in `x5c`: a key is trusted for where it came from.
    ///
    /// A private member (`d`, `p`, `q`, ...) is refused, not ignored: a key set is read from where others can read it too, and then
    /// everybody signs with that key. Private keys come as PEM.
    ///
    /// Throws `keyMalformed`, `keyUnsuitable` (well formed, but not for signatures of ours: key sets may hold such keys), `keyTooShort`,
    /// `keyKnownWeak`.
    public convenience init(jwk: JSONValue, algorithm expected: JWSAlgorithm? = nil) throws(SigningError) {
        let jwk = try JWK(jwk)
        let uses = try jwk.uses()
        let algorithm = try jwk.algorithm(expected: expected)
        let material: Material
        switch algorithm {
        case .HS256, .HS384, .HS512:
            material = try .secret(Secret(bytes: try jwk.bytes("k")), for: algorithm)
        case .RS256:
            material = .pair(try AsymmetricKey.rsa(modulus: try jwk.number("n"), exponent: try jwk.number("e")))
        case .ES256:
            material = .pair(try AsymmetricKey.p256(x: try jwk.bytes("x", count: 32), y: try jwk.bytes("y", count: 32)))
        case .EdDSA:
            material = .pair(try AsymmetricKey.ed25519(try jwk.bytes("x", count: 32)))
        }
        try self.init(algorithm, material, keyID: try jwk.text("kid"), uses: uses)
    }
}

/// The members of one JWK, read with their rules.
struct JWK {
    private let members: JSONObject
    /// The kind of key.
    let kind: String

    init(_ value: JSONValue) throws(SigningError) {
        guard case .object(let members) = value else { throw .keyMalformed("a JWK is an object") }
        guard case .string(let kind)? = members["kty"] else { throw .keyMalformed("a JWK has a kty") }
        self.members = members
        self.kind = kind
    }

    /// An optional text.
    func text(_ name: String) throws(SigningError) -> String? {
        switch members[name] {
        case nil: return nil
        case .string(let text)?: return text
        case .null?, .bool?, .integer?, .real?, .array?, .object?: throw .keyMalformed("\(name) is not a text")
        }
    }

    /// A required byte string in base64url.
    func bytes(_ name: String) throws(SigningError) -> [UInt8] {
        guard let text = try text(name) else { throw .keyMalformed("\(name) is missing") }
        guard let bytes = Base64Alphabet.url.decode(Array(text.utf8)) else { throw .keyMalformed("\(name) is not base64url") }
        return bytes
    }

    /// A required byte string of this length.
    func bytes(_ name: String, count: Int) throws(SigningError) -> [UInt8] {
        let bytes = try bytes(name)
        guard bytes.count == count else { throw .keyMalformed("\(name) does not have \(count) bytes") }
        return bytes
    }

    /// A required number: big-endian, as short as possible (RFC 7518 section 2, Base64urlUInt).
    func number(_ name: String) throws(SigningError) -> [UInt8] {
        let bytes = try bytes(name)
        guard let first = bytes.first, first != 0 else { throw .keyMalformed("\(name) is empty or begins with a zero") }
        // Longer than any modulus we take: not worth a look.
        guard bytes.count <= JWSLimits.rsaBits.upperBound / 8 else { throw .keyMalformed("\(name) is too long") }
        return bytes
    }

    /// The algorithm that `kty`, `crv` and `alg` agree on.
    func algorithm(expected: JWSAlgorithm?) throws(SigningError) -> JWSAlgorithm {
        let named = try text("alg")
        let fixed: JWSAlgorithm
        switch kind {
        case "oct":
            guard let name = named ?? expected?.rawValue else { throw .keyMalformed("an oct key has no alg") }
            guard let algorithm = JWSAlgorithm(rawValue: name), algorithm.hmacDigest != nil else {
                throw .keyUnsuitable("the alg of an oct key is not HS256, HS384 or HS512")
            }
            fixed = algorithm
        case "RSA":
            fixed = .RS256
        case "EC":
            guard try text("crv") == "P-256" else { throw .keyUnsuitable("the curve is not P-256") }
            fixed = .ES256
        case "OKP":
            guard try text("crv") == "Ed25519" else { throw .keyUnsuitable("the curve is not Ed25519") }
            fixed = .EdDSA
        default:
            throw .keyUnsuitable("the kty is not oct, RSA, EC or OKP")
        }
        try refusePrivateMembers()
        guard named == nil || named == fixed.rawValue else { throw .keyUnsuitable("its alg is not \(fixed.rawValue)") }
        guard expected == nil || expected == fixed else { throw .algorithmMismatch }
        return fixed
    }

    private func refusePrivateMembers() throws(SigningError) {
        guard kind != "oct" else { return }
        for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] where members[name] != nil {
            throw .keyMalformed("a JWK with the private member \(name) was published: it can no longer be trusted")
        }
    }

    /// What `use` and `key_ops` leave.
    func uses() throws(SigningError) -> JWSKey.Uses {
        if let use = try text("use"), use != "sig" { throw .keyUnsuitable("its use is not sig") }
        guard let value = members["key_ops"] else { return JWSKey.Uses() }
        guard case .array(let items) = value else { throw .keyMalformed("key_ops is not a list") }
        var operations = Set<String>()
        for item in items {
            guard case .string(let operation) = item, operations.insert(operation).inserted else {
                throw .keyMalformed("key_ops is not a list of different texts")
            }
        }
        let uses = JWSKey.Uses(sign: operations.contains("sign"), verify: operations.contains("verify"))
        guard uses.verify || (uses.sign && kind == "oct") else { throw .keyUnsuitable("its key_ops leave out verify") }
        return uses
    }
}
