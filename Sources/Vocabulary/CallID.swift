/// The name of a call within its tenant. Made by the service, or brought along by the client that places the call.
///
/// Shape: 8 to 64 bytes of `A-Z a-z 0-9 _ . -`, a letter or digit first, kept byte for byte. Ids of the service read `call_` and 25 digits
/// of base 36 (128 random bits). The same text in two tenants names two different calls.
public struct CallID: Hashable, Sendable, CustomStringConvertible {
    public let text: String

    /// The id of a call whose client brought none. `random` must come from a cryptographic source.
    public init(random: UInt128) {
        self.text = "call_\(Base36.text(of: random))"
    }

    /// - Throws: `VocabularyError` when the text is not of that shape.
    public init(_ text: String) throws(VocabularyError) {
        guard Self.isName(text.utf8, bytes: 8...64) else {
            throw VocabularyError("a call id has 8 to 64 letters, digits and _ . -, a letter or digit first")
        }
        self.text = text
    }

    public var description: String { text }

    /// The shape that call ids and device ids share.
    static func isName(_ bytes: String.UTF8View, bytes length: ClosedRange<Int>) -> Bool {
        guard length.contains(bytes.count), let first = bytes.first, ASCII.isLetterOrDigit(first) else { return false }
        return bytes.allSatisfy { ASCII.isLetterOrDigit($0) || isPunctuation($0) }
    }

    /// The punctuation that names may have.
    static func isPunctuation(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".") || byte == ASCII.hyphen
    }
}
