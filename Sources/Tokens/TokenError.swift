public import Vocabulary

/// Everything that can go wrong in this room: a grant that must not be written, credentials that must not be used, a token
/// that does not hold.
public enum TokenError: Error, Equatable, Sendable {
    /// A provider's credentials are malformed or too weak. The text says which and why, and never contains the secret.
    case credentialsRefused(String)
    /// What was asked for is not something a token may say.
    case grantRefused(GrantField, String)
    /// The text is no token of the format that was expected, or it breaks that format's rules.
    case malformed(String)
    /// The token is signed with another algorithm than the one its key is for.
    case algorithmNotAllowed(String)
    /// The signature does not fit the content and the key.
    case signatureInvalid
    /// The token was made under another key (LiveKit `iss`) or another app (Agora app id) than ours.
    case issuerUnknown
    /// The token carries no expiry, so it would never end.
    case expiryMissing
    /// The token ended at this time.
    case expired(UnixTime)
    /// The token begins to hold at this time only.
    case notYetValid(UnixTime)
    /// Something failed that no caller can do anything about.
    case `internal`(String)

    /// The field of a grant that was refused. The raw values are the names the contract uses.
    public enum GrantField: String, Sendable, CaseIterable {
        case room
        case identity = "user_id"
        case publish
        case lifetimeSeconds = "ttl_seconds"
        case displayName = "display_name"
        case metadata
        case attributes
        case issuedAt = "issued_at"
        case roomMaxParticipants = "max_participants"
        case roomMetadata = "room_metadata"
        case provider
    }
}

extension TokenError: CustomStringConvertible {
    /// The error in plain words.
    public var description: String {
        switch self {
        case .credentialsRefused(let why): "the provider's credentials are refused: \(why)"
        case .grantRefused(let field, let why): "\(field.rawValue): \(why)"
        case .malformed(let why): "the token is malformed: \(why)"
        case .algorithmNotAllowed(let name): "the token is signed with \(name), which is not allowed"
        case .signatureInvalid: "the signature does not fit"
        case .issuerUnknown: "the token was made under another key"
        case .expiryMissing: "the token has no expiry"
        case .expired(let time): "the token expired at \(time.rfc3339)"
        case .notYetValid(let time): "the token is not valid before \(time.rfc3339)"
        case .internal(let why): "internal error: \(why)"
        }
    }
}
