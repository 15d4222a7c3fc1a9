internal import Signing
public import Vocabulary

/// The API key and secret of one LiveKit server or project, checked once and kept ready to sign.
///
/// The HMAC key is the secret's text as UTF-8 bytes, never decoded from base64, as every SDK of LiveKit does it.
/// Who holds them may do everything on that server: all API keys of a LiveKit server see all of its rooms.
public final class LiveKitCredentials: Sendable {
    /// Names the secret: `iss` of every token.
    public let apiKey: String
    let key: HMACKey

    /// How many bytes an API key may have.
    public static let apiKeyBytes = 1...64

    /// - Parameters:
    ///   - apiKey: 1...64 printable ASCII characters.
    ///   - secret: at least 32 bytes, and none that is published.
    /// - Throws: ``TokenError/credentialsRefused(_:)``.
    public init(apiKey: String, secret: Secret) throws(TokenError) {
        guard Self.isAPIKey(apiKey) else {
            throw .credentialsRefused(
                "a LiveKit API key has 1 to \(Self.apiKeyBytes.upperBound) characters of printable ASCII without spaces")
        }
        do {
            _ = try JWSKey.hmac(.HS256, secret: secret)
        } catch {
            throw .credentialsRefused("the LiveKit secret: \(error)")
        }
        self.apiKey = apiKey
        self.key = HMACKey(.sha256, secret: secret)
    }

    /// Whether the text has the shape of an API key.
    public static func isAPIKey(_ text: String) -> Bool {
        apiKeyBytes.contains(text.utf8.count) && text.utf8.allSatisfy { $0 >= 0x21 && $0 <= 0x7E }
    }
}
