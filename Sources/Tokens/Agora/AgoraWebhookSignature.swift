import Signing
public import Vocabulary

/// Checks what Agora's notification service (NCS) signs: the raw body of a webhook, with a secret from Agora's console.
///
/// `Agora-Signature` is the hexadecimal HMAC-SHA1 of the body, `Agora-Signature-V2` the HMAC-SHA256. Check before parsing: other spacing
/// or another order of members is another body.
public final class AgoraWebhookSignature: Sendable {
    /// The header with the HMAC-SHA1.
    public static let headerName = "Agora-Signature"
    /// The header with the HMAC-SHA256.
    public static let headerNameV2 = "Agora-Signature-V2"

    private let sha1: HMACKey
    private let sha256: HMACKey

    /// - Throws: ``TokenError/credentialsRefused(_:)`` for an empty secret, which anybody could sign with.
    public init(secret: Secret) throws(TokenError) {
        guard secret.count > 0 else { throw .credentialsRefused("the secret of the Agora webhook is empty") }
        sha1 = HMACKey(.sha1, secret: secret)
        sha256 = HMACKey(.sha256, secret: secret)
    }

    /// Whether the body was signed with the secret.
    ///
    /// Where the newer signature is there it decides alone, so that nobody gets by with the older one by spoiling the newer. Without
    /// either header the answer is no.
    public func isValid(_ body: [UInt8], signature: String?, signatureV2: String?) -> Bool {
        if let signatureV2 { return isValid(body, signatureV2, sha256) }
        if let signature { return isValid(body, signature, sha1) }
        return false
    }

    private func isValid(_ body: [UInt8], _ signature: String, _ key: HMACKey) -> Bool {
        guard let tag = Self.bytes(ofHexadecimal: signature) else { return false }
        return key.isValid(tag, for: body)
    }

    private static func bytes(ofHexadecimal text: String) -> [UInt8]? {
        let digits = text.utf8.map(digit)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for place in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[place], let low = digits[place + 1] else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func digit(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
