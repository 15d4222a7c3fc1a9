public import StrictJSON
public import Vocabulary

/// What the inspector found out about a text: what it is, what it is worth now, what it allows, and what is wrong with it.
///
/// It holds what the token says, decoded, but neither the token's text nor its signature: nobody can join with an inspection.
public struct TokenInspection: Sendable, Equatable {
    /// How the token is written. The raw values are those of the published profiles (`jwt`, `007`).
    public enum Format: String, Sendable, CaseIterable {
        case jwt
        case agora007 = "007"
        case agora006 = "006"
        case agora005 = "005"
        case agora004 = "004"
        case agora003 = "003"
        case agora002 = "002"
        case agora001 = "001"
        case unknown
    }

    /// What the token is worth at the time of the inspection, in one word.
    public enum Verdict: String, Sendable, CaseIterable {
        /// The signature holds and so do the times.
        case valid
        case expired
        case notYetValid = "not_yet_valid"
        /// The signature does not fit the key that the token names.
        case signatureInvalid = "signature_invalid"
        /// Nothing is wrong with form and times, but there is no key here to check the signature with.
        case notChecked = "not_checked"
        /// The provider's newest server refuses its form, whatever the signature: cut off, not signed as it should be, no expiry.
        case malformed
    }

    /// Whether the signature was checked and holds.
    public enum Signature: String, Sendable, CaseIterable {
        case valid
        case invalid
        case notChecked = "not_checked"
    }

    public internal(set) var format: Format
    /// Whose token it is; nil where that cannot be told.
    public internal(set) var provider: ProviderKind?
    public internal(set) var verdict: Verdict
    public internal(set) var signature: Signature
    public internal(set) var issuedAt: UnixTime?
    public internal(set) var expiresAt: UnixTime?
    /// The first part of a JWT.
    public internal(set) var header: JSONValue?
    /// The second part of a JWT.
    public internal(set) var claims: JSONValue?
    /// What an Agora token says.
    public internal(set) var content: JSONValue?
    /// What the token allows in a room, in the provider's words: LiveKit's `video` object, or Agora's privileges of the RTC service.
    public internal(set) var grants: JSONValue?
    /// In the order: the text, the signature, the times, the permissions. At most ``findingsMax``.
    public internal(set) var findings: [TokenFinding]

    /// The most findings of one inspection.
    public static let findingsMax = 64

    init(
        _ format: Format, _ provider: ProviderKind? = nil, verdict: Verdict, signature: Signature = .notChecked,
        findings: [TokenFinding] = []
    ) {
        self.format = format
        self.provider = provider
        self.verdict = verdict
        self.signature = signature
        self.findings = findings
    }

    /// The inspection as `POST /v1/tokens/inspect` answers it. Absent fields are left out.
    public var jsonValue: JSONValue {
        var object: JSONObject = [
            "format": .string(format.rawValue), "verdict": .string(verdict.rawValue), "signature": .string(signature.rawValue),
            "findings": .array(findings.map(\.jsonValue)),
        ]
        object["provider"] = provider.map { .string($0.rawValue) }
        object["issued_at"] = issuedAt.flatMap(Self.text)
        object["expires_at"] = expiresAt.flatMap(Self.text)
        object["header"] = header
        object["claims"] = claims
        object["content"] = content
        object["grants"] = grants
        return .object(object)
    }

    /// A time that RFC 3339 can write: the years 1970 to 9999. A foreign token may hold any number.
    private static func text(_ time: UnixTime) -> JSONValue? {
        (0...253_402_300_799).contains(time.seconds) ? .string(time.rfc3339) : nil
    }
}

extension TokenFinding {
    /// The finding as the contract writes it.
    public var jsonValue: JSONValue {
        ["code": .string(code), "severity": .string(severity.rawValue), "message": .string(message)]
    }
}
