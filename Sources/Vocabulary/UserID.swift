/// A user within one tenant. The same text in two tenants names two different people.
///
/// Shape: 1 to 64 bytes of `A-Z a-z 0-9 _ . @ : + = | ~ -`, kept byte for byte. These are characters that every vendor takes in an
/// identity; `*`, which Agora reads as "anybody", is not among them. A text of digits only must be a plain number from 1 to
/// 4294967295 without leading zeros, because Agora reads such a text as its numeric uid, and 0 there means "anybody" too.
public struct UserID: Hashable, Sendable, CustomStringConvertible {
    public let text: String

    /// - Throws: `VocabularyError` when the text is not of that shape.
    public init(_ text: String) throws(VocabularyError) {
        let bytes = text.utf8
        guard (1...64).contains(bytes.count) else {
            throw VocabularyError("a user id has 1 to 64 characters")
        }
        guard bytes.allSatisfy(Self.isAllowed) else {
            throw VocabularyError("a user id is made of letters, digits and _ . @ : + = | ~ -")
        }
        if bytes.allSatisfy(ASCII.isDigit) {
            guard bytes.first != ASCII.zero, UInt32(text) != nil else {
                throw VocabularyError("a user id of digits only is a number from 1 to 4294967295 without leading zeros")
            }
        }
        self.text = text
    }

    /// The id as the number that Agora calls a uid, where it is one.
    public var number: UInt32? {
        text.utf8.allSatisfy(ASCII.isDigit) ? UInt32(text) : nil
    }

    public var description: String { text }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        if ASCII.isLetterOrDigit(byte) { return true }
        switch byte {
        case UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "@"), UInt8(ascii: ":"), UInt8(ascii: "+"), UInt8(ascii: "="),
            UInt8(ascii: "|"), UInt8(ascii: "~"), UInt8(ascii: "-"):
            return true
        default:
            return false
        }
    }
}
