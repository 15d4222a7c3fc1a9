/// The name of an event that an app's backend sends over the sockets.
///
/// Shape: 1 to 64 bytes of `A-Z a-z 0-9 _ . : -`, a letter or digit first. Names that the service or the protocol gives events of its own
/// are not among them, so that nobody can pass for it: what begins with `call:`, `call-`, `user:` or `user-`, and the words of
/// `reservedWords`.
public struct AppEventName: Hashable, Sendable, CustomStringConvertible {
    public let text: String

    /// Names that mean something already, by themselves.
    public static let reservedWords: Set<String> = [
        "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener", "connected", "error", "incoming-call",
    ]
    /// Beginnings of the names of events that are the service's own.
    public static let reservedPrefixes = ["call:", "call-", "user:", "user-"]

    /// - Throws: `VocabularyError` when the text is not of that shape, or reserved.
    public init(_ text: String) throws(VocabularyError) {
        let bytes = text.utf8
        guard (1...64).contains(bytes.count), let first = bytes.first, ASCII.isLetterOrDigit(first),
            bytes.allSatisfy({ ASCII.isLetterOrDigit($0) || $0 == UInt8(ascii: ":") || CallID.isPunctuation($0) })
        else { throw VocabularyError("an event has 1 to 64 letters, digits and _ . : -, a letter or digit first") }
        guard !Self.reservedWords.contains(text), !Self.reservedPrefixes.contains(where: { text.hasPrefix($0) }) else {
            throw VocabularyError("that name belongs to an event of the service's own")
        }
        self.text = text
    }

    public var description: String { text }
}
