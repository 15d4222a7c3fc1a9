/// The name of a topic within its tenant: what sockets may listen to beside their own user.
///
/// Shape: 1 to 128 bytes of `A-Z a-z 0-9 _ . : -`, a letter or digit first, kept byte for byte.
public struct TopicName: Hashable, Sendable, CustomStringConvertible {
    public static let bytes = 1...128
    public let text: String

    /// - Throws: `VocabularyError` when the text is not of that shape.
    public init(_ text: String) throws(VocabularyError) {
        let bytes = text.utf8
        guard Self.bytes.contains(bytes.count), let first = bytes.first, ASCII.isLetterOrDigit(first),
            bytes.allSatisfy({ ASCII.isLetterOrDigit($0) || $0 == UInt8(ascii: ":") || CallID.isPunctuation($0) })
        else { throw VocabularyError("a topic has 1 to 128 letters, digits and _ . : -, a letter or digit first") }
        self.text = text
    }

    public var description: String { text }
}
