/// The public name of an API key: what lists, logs and audit rows call it. It opens nothing.
///
/// Shape: `key_` and 25 digits of base 36.
public struct APIKeyID: Hashable, Sendable, CustomStringConvertible {
    public let text: String

    public init(random: UInt128) {
        self.text = "key_\(Base36.text(of: random))"
    }

    /// - Throws: `VocabularyError` when the text is not of that shape.
    public init(_ text: String) throws(VocabularyError) {
        guard text.hasPrefix("key_"), Base36.number(of: text.utf8.dropFirst(4)) != nil else {
            throw VocabularyError("a key's id reads key_<25 digits>")
        }
        self.text = text
    }

    public var description: String { text }
}
