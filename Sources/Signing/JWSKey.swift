import StrictJSON
public import Vocabulary

/// A key that signs or verifies compact JWS tokens (RFC 7515), parsed and checked once, then kept.
///
/// The algorithm belongs to the key. A token that names another one is refused before its signature is looked at, so neither `none` nor
/// an RSA public key used as an HMAC secret gets anywhere (RFC 8725 sections 3.1 and 3.2). Every rule about keys is checked here, when
/// the key is read, and holds in release builds too:
///
/// | kind | rule |
/// |---|---|
/// | HS256, HS384, HS512 | at least 32, 48, 64 bytes; not on the list of known secrets; not a PEM text |
/// | RS256 | 2048 to 8192 bits, public exponent odd and at least 65537, modulus not of the ROCA kind |
/// | ES256 | a point on P-256 |
/// | EdDSA | an Ed25519 key |
///
/// Safe to use from any thread.
public final class JWSKey: Sendable {
    /// The one algorithm that this key is for.
    public let algorithm: JWSAlgorithm
    /// The key's `kid`: written into tokens it signs, and compared with the `kid` of tokens it verifies when they have one.
    public let keyID: String?
    /// Whether `sign` is possible.
    public let maySign: Bool
    /// Whether `verify` is possible: always, unless a JWK's `key_ops` say otherwise.
    public let mayVerify: Bool
    private let material: Material
    /// The header of the tokens that are signed most, in base64url.
    private let headerOfJWT: [UInt8]

    /// What signs: a secret, or an OpenSSL key.
    enum Material: Sendable {
        case secret(HMACKey)
        case pair(AsymmetricKey)
    }

    /// What a key may be used for. A public key never signs.
    struct Uses {
        var sign = true
        var verify = true
    }

    init(_ algorithm: JWSAlgorithm, _ material: Material, keyID: String?, uses: Uses) throws(SigningError) {
        if let keyID, !(1...JWSLimits.keyIDBytesMax).contains(keyID.utf8.count) {
            throw .keyMalformed("the kid is empty or longer than \(JWSLimits.keyIDBytesMax) bytes")
        }
        self.algorithm = algorithm
        self.keyID = keyID
        self.material = material
        switch material {
        case .secret: maySign = uses.sign
        case .pair(let pair): maySign = uses.sign && pair.isPrivate
        }
        mayVerify = uses.verify
        headerOfJWT = Self.header(algorithm, keyID, type: "JWT")
    }

    /// An HMAC key. Throws `keyTooShort` (RFC 7518 section 3.2), `keyKnownWeak`, `algorithmMismatch` for an algorithm without secret,
    /// and `keyMalformed` for a PEM text: whoever configures a public key as a secret has published the secret.
    public static func hmac(_ algorithm: JWSAlgorithm, secret: Secret, keyID: String? = nil) throws(SigningError) -> JWSKey {
        try JWSKey(algorithm, .secret(secret, for: algorithm), keyID: keyID, uses: Uses())
    }

    /// A public key from PEM (`BEGIN PUBLIC KEY`): RSA, P-256 or Ed25519, which fixes the algorithm.
    /// Throws `keyMalformed` or `keyUnsuitable`.
    public static func publicKey(pem: String, keyID: String? = nil) throws(SigningError) -> JWSKey {
        let key = try AsymmetricKey(publicPEM: Array(pem.utf8))
        return try JWSKey(key.algorithm, .pair(key), keyID: keyID, uses: Uses())
    }

    /// A private key from PEM (PKCS #8, or the older forms for RSA and EC), not encrypted: RSA, P-256 or Ed25519, which fixes the
    /// algorithm. It verifies as well. Throws `keyMalformed` or `keyUnsuitable`.
    public static func privateKey(pem: Secret, keyID: String? = nil) throws(SigningError) -> JWSKey {
        let key = try AsymmetricKey(privatePEM: pem)
        return try JWSKey(key.algorithm, .pair(key), keyID: keyID, uses: Uses())
    }
}

extension JWSKey {
    /// Signs a payload: `header.payload.signature`. The header has `alg`, `kid` where the key has one, and `typ` unless nil is given.
    /// Throws `keyNotPrivate` or `keyUnsuitable`.
    public func sign(payload: [UInt8], type: String? = "JWT") throws(SigningError) -> String {
        guard maySign else { throw material.canSign ? .keyUnsuitable("its key_ops leave out sign") : .keyNotPrivate }
        let header = type == "JWT" ? headerOfJWT : Self.header(algorithm, keyID, type: type)
        var token = [UInt8]()
        // Room for the signature of a 2048 bit key (342 characters) and two dots; a longer one makes the array grow once.
        token.reserveCapacity(header.count + Base64URL.encodedCount(payload.count) + 344)
        token += header
        token.append(UInt8(ascii: "."))
        Base64URL.append(payload, to: &token)
        let signature =
            switch material {
            case .secret(let key): key.authenticationCode(for: token)
            case .pair(let key): try key.sign(token)
            }
        token.append(UInt8(ascii: "."))
        Base64URL.append(signature, to: &token)
        return String(decoding: token, as: UTF8.self)
    }

    /// Checks a compact token and answers what it says.
    ///
    /// Refused: another form than three parts of strict base64url; a header that is not strict JSON or has `crit`, `b64`, `zip`, `jku`,
    /// `jwk`, `x5u` or `x5c`; an `alg` other than the key's, letter for letter; a `kid` other than the key's; a wrong signature.
    /// Callers answer all of these alike. Claims are not looked at.
    public func verify(_ compact: String, limits: JWSLimits = JWSLimits()) throws(SigningError) -> VerifiedJWS {
        try verify(UnverifiedJWS(compact, limits: limits))
    }

    /// Checks a compact token, given as its bytes; the rules are those of the text's.
    public func verify(_ compact: [UInt8], limits: JWSLimits = JWSLimits()) throws(SigningError) -> VerifiedJWS {
        try verify(UnverifiedJWS(bytes: compact, limits: limits))
    }

    /// Checks a token that was taken apart before; the rules are those of the text's.
    public func verify(_ token: UnverifiedJWS) throws(SigningError) -> VerifiedJWS {
        try token.checkHeader()
        guard mayVerify else { throw .keyUnsuitable("its key_ops leave out verify") }
        // Byte for byte: Swift's == would also take texts that Unicode calls equivalent.
        guard token.algorithmName?.utf8.elementsEqual(algorithm.rawValue.utf8) == true else { throw .algorithmMismatch }
        if let expected = keyID, let named = token.keyID, !expected.utf8.elementsEqual(named.utf8) { throw .keyUnknown }
        let isGenuine =
            switch material {
            case .secret(let key): key.isValid(token.signature, for: token.signingInput)
            case .pair(let key): key.isValid(token.signature, for: token.signingInput)
            }
        guard isGenuine else { throw .signatureInvalid }
        return VerifiedJWS(token, by: self)
    }

    /// 32 bytes by which a key is known again: the same for the same key, whatever it is called and wherever it was read. They tell nothing
    /// of a secret.
    public var fingerprint: [UInt8] {
        switch material {
        case .secret(let key): Digest.sha256(key.authenticationCode(for: Array("fingerprint".utf8)))
        case .pair(let key): Digest.sha256(key.publicBytes)
        }
    }

    private static func header(_ algorithm: JWSAlgorithm, _ keyID: String?, type: String?) -> [UInt8] {
        var header: JSONObject = ["alg": .string(algorithm.rawValue)]
        if let keyID { header["kid"] = .string(keyID) }
        if let type { header["typ"] = .string(type) }
        var text = [UInt8]()
        Base64URL.append(JSONValue.object(header).canonicalBytes, to: &text)
        return text
    }
}

extension JWSKey.Material {
    /// A secret under the rules for its algorithm.
    static func secret(_ secret: Secret, for algorithm: JWSAlgorithm) throws(SigningError) -> JWSKey.Material {
        guard let digest = algorithm.hmacDigest else { throw .algorithmMismatch }
        guard secret.count >= digest.byteCount else { throw .keyTooShort }
        guard !WeakSecrets.isKnownWeak(secret) else { throw .keyKnownWeak }
        guard !secret.withBytes({ $0.starts(with: "-----BEGIN ".utf8) }) else {
            throw .keyMalformed("a PEM text is not an HMAC secret")
        }
        return .secret(HMACKey(digest, secret: secret))
    }

    /// Whether there is anything to sign with, whatever the uses say.
    fileprivate var canSign: Bool {
        switch self {
        case .secret: true
        case .pair(let key): key.isPrivate
        }
    }
}
