/// What can go wrong when keys are read, tokens are signed and signatures are checked.
///
/// Every fault of a token is one answer to the client (401); the cases tell operators and tests apart what a client must not learn.
/// No case carries a secret, a token or a part of one: the texts are constants of this room.
public enum SigningError: Error, Hashable, Sendable {
    /// An HMAC key has fewer than 32 bytes, or fewer than the digest's length (48 for HS384, 64 for HS512; RFC 7518 section 3.2).
    case keyTooShort
    /// The key is on the published list of secrets that attackers try first.
    case keyKnownWeak
    /// The key's text is not what its format asks for, or the key is mathematically wrong.
    case keyMalformed(String)
    /// The key is well formed but not for this: meant for encryption, or an operation its `key_ops` leave out.
    case keyUnsuitable(String)
    /// Signing was asked of a public key.
    case keyNotPrivate
    /// No key answers to the token's `kid`.
    case keyUnknown
    /// The token names another algorithm than the key's, or none.
    case algorithmMismatch
    /// The signature does not belong to this header, payload and key.
    case signatureInvalid
    /// The token is not a compact JWS as RFC 7515 section 7.1 writes it.
    case tokenMalformed(String)
    /// The token, or its header, is longer than the limits allow.
    case tokenTooLarge
    /// The header has a member that this service refuses: the member's name.
    case headerRefused(String)
    /// The text is not base64 of the strict kind asked for.
    case base64Malformed
    /// OpenSSL failed where no input can be blamed.
    case `internal`(String)
}

extension SigningError: CustomStringConvertible {
    /// One sentence for the log.
    public var description: String {
        switch self {
        case .keyTooShort: "the HMAC key is too short: 32 bytes at least, 48 for HS384, 64 for HS512"
        case .keyKnownWeak: "the HMAC key is on the published list of known secrets"
        case .keyMalformed(let reason): "the key is malformed: \(reason)"
        case .keyUnsuitable(let reason): "the key may not be used for this: \(reason)"
        case .keyNotPrivate: "a public key cannot sign"
        case .keyUnknown: "no key has the token's kid"
        case .algorithmMismatch: "the token's alg is not the key's"
        case .signatureInvalid: "the signature is not valid"
        case .tokenMalformed(let reason): "the token is malformed: \(reason)"
        case .tokenTooLarge: "the token or its header is too large"
        case .headerRefused(let name): "the token's header has the refused member \(name)"
        case .base64Malformed: "the text is not strict base64"
        case .internal(let reason): "OpenSSL failed: \(reason)"
        }
    }
}
