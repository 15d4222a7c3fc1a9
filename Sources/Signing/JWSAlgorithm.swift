/// The signature algorithms of this service (RFC 7518 section 3.1, RFC 8037 section 3.1), under their registered names. `none` is not one.
public enum JWSAlgorithm: String, Sendable, Hashable, CaseIterable {
    /// HMAC with SHA-256, SHA-384, SHA-512: one secret signs and verifies.
    case HS256, HS384, HS512
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    case RS256
    /// ECDSA on P-256 with SHA-256.
    case ES256
    /// Ed25519.
    case EdDSA

    /// The digest of an HMAC algorithm, and nil for the others. Its length is also the least length of the key.
    var hmacDigest: DigestAlgorithm? {
        switch self {
        case .HS256: .sha256
        case .HS384: .sha384
        case .HS512: .sha512
        case .RS256, .ES256, .EdDSA: nil
        }
    }
}
