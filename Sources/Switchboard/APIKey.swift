import Signing
public import Vocabulary
import Tokens

/// The text of an API key, as it is made and as it is recognised.
///
/// Shape: `cg_live_` or `cg_test_`, 30 random characters of base 62 (178 bits), and the CRC-32 of all that in 6 characters of base 62.
/// The checksum lets scanners tell a real key from a look-alike, and lets the service refuse a mistyped key without asking its store.
public struct APIKey: Sendable {
    /// What the key is for, so that people and scanners see it at a glance. Both open the same doors.
    public enum Environment: String, CaseIterable, Sendable {
        case live
        case test
    }

    /// The number of characters of every key.
    static let length = 44

    /// The whole key. Shown to its maker once, then gone.
    public let secret: Secret
    /// `cg_live_` or `cg_test_` and four characters more: enough to tell keys apart, too little to guess from.
    public let prefix: String
    /// SHA-256 of the whole key.
    public let digest: [UInt8]

    /// Makes a new key from a cryptographic source.
    public init(_ environment: Environment) {
        var bytes = Array("cg_\(environment.rawValue)_".utf8)
        // 248 is the largest multiple of 62 in a byte: larger values are drawn again, so that every character is equally likely.
        while bytes.count < 38 {
            for byte in SecureRandom.bytes(38) where byte < 248 && bytes.count < 38 {
                bytes.append(Base62.digits[Int(byte) % 62])
            }
        }
        bytes += Base62.sixDigits(of: CRC32.of(bytes))
        self.init(checked: bytes)
    }

    /// Recognises a key that somebody sent. Nil when it is none, or mistyped.
    public init?(_ text: some StringProtocol) {
        guard Self.digest(of: text) != nil else { return nil }
        self.init(checked: Array(text.utf8))
    }

    /// Whether the text begins as keys do; what does not may be the token of a user.
    static func looksLikeOne(_ text: some StringProtocol) -> Bool { text.utf8.starts(with: "cg_".utf8) }

    /// The digest by which the store knows a key; nil when the text is no key, or mistyped. Asked for every request.
    static func digest(of text: some StringProtocol) -> [UInt8]? {
        if let digest = text.utf8.withContiguousStorageIfAvailable({ digest(of: UnsafeRawBufferPointer($0)) }) { return digest }
        return Array(text.utf8).withUnsafeBytes { digest(of: $0) }
    }

    private static func digest(of bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        guard bytes.count == length, bytes.starts(with: "cg_live_".utf8) || bytes.starts(with: "cg_test_".utf8),
            bytes[8...].allSatisfy(Base62.isDigit),
            bytes[38...].elementsEqual(Base62.sixDigits(of: CRC32.of(UnsafeRawBufferPointer(rebasing: bytes[..<38]))))
        else { return nil }
        return Digest.of(bytes, .sha256)
    }

    private init(checked bytes: [UInt8]) {
        self.secret = Secret(bytes: bytes)
        self.prefix = String(decoding: bytes[..<12], as: UTF8.self)
        self.digest = Digest.sha256(bytes)
    }
}

/// Numbers in the 62 letters and digits.
enum Base62 {
    static let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        default: false
        }
    }

    /// Six digits hold every 32-bit number; leading zeros are written.
    static func sixDigits(of number: UInt32) -> [UInt8] {
        var rest = number
        var text = [UInt8](repeating: digits[0], count: 6)
        for position in stride(from: 5, through: 0, by: -1) {
            text[position] = digits[Int(rest % 62)]
            rest /= 62
        }
        return text
    }
}
