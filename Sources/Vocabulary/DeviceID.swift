/// One device of a user, as the device names itself: a phone that rings beside a laptop.
///
/// Shape: 1 to 64 bytes of `A-Z a-z 0-9 _ . -`, a letter or digit first. It tells the devices of one user apart and opens nothing.
public struct DeviceID: Hashable, Sendable, CustomStringConvertible {
    public let text: String

    /// - Throws: `VocabularyError` when the text is not of that shape.
    public init(_ text: String) throws(VocabularyError) {
        guard CallID.isName(text.utf8, bytes: 1...64) else {
            throw VocabularyError("a device id has 1 to 64 letters, digits and _ . -, a letter or digit first")
        }
        self.text = text
    }

    public var description: String { text }
}
