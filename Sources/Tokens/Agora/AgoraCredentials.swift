public import Vocabulary

/// What signs Agora tokens: the app id, which is public, and the app certificate, which is not.
///
/// Both are exactly 32 hexadecimal digits and are kept as they were written: Agora signs the letters, so the same certificate in
/// another letter case makes bad signatures. Spaces and line ends are refused, although one of Agora's own builders lets them pass.
public struct AgoraCredentials: Sendable {
    /// The app id, 32 hexadecimal digits, in the letter case it was given in.
    public let appID: String
    /// The app certificate, 32 hexadecimal digits.
    public let certificate: Secret

    /// The length of an app id and of a certificate, in characters.
    public static let digitCount = 32

    /// - Throws: ``TokenError/credentialsRefused(_:)`` for anything but 32 hexadecimal digits.
    public init(appID: String, certificate: Secret) throws(TokenError) {
        guard Self.isHexadecimal(appID.utf8) else {
            throw .credentialsRefused("the Agora app id is not 32 hexadecimal digits")
        }
        guard certificate.withBytes({ Self.isHexadecimal($0) }) else {
            throw .credentialsRefused("the Agora app certificate is not 32 hexadecimal digits")
        }
        self.appID = appID
        self.certificate = certificate
    }

    /// Whether these are 32 hexadecimal digits of either letter case.
    public static func isHexadecimal(_ text: some Collection<UInt8>) -> Bool {
        text.count == digitCount
            && text.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"):
                    true
                default: false
                }
            }
    }
}
