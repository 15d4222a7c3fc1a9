internal import Signing
public import Vocabulary

/// A key with which the inspector may check a signature.
///
/// Any secret is taken, also one that is too weak to mint with: that it is weak is then one of the findings.
public enum InspectionKey: Sendable {
    case livekit(apiKey: String, secret: Secret)
    case agora(AgoraCredentials)
}

extension InspectionKey {
    /// How a LiveKit secret answers to a signature.
    enum LiveKitAnswer: Equatable {
        case signed
        /// Signed with the bytes that the secret's text stands for in base64, which no LiveKit library does.
        case signedWithDecodedSecret
        case notSigned
    }

    /// Tries a secret on a token with one of the three HMAC algorithms; nil for another algorithm.
    static func answer(of secret: Secret, to token: JWTText) -> LiveKitAnswer? {
        guard let digest = digest(of: token.algorithm) else { return nil }
        if token.isSigned(with: HMACKey(digest, secret: secret)) { return .signed }
        if let decoded = secret.withBytes(decodedBase64), token.isSigned(with: HMACKey(digest, key: decoded)) {
            return .signedWithDecodedSecret
        }
        return .notSigned
    }

    private static func digest(of algorithm: String?) -> DigestAlgorithm? {
        switch algorithm {
        case "HS256": .sha256
        case "HS384": .sha384
        case "HS512": .sha512
        case _: nil
        }
    }

    private static func decodedBase64(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        do {
            return try Base64.decode(text)
        } catch {
            return nil
        }
    }
}
