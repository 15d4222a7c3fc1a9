/// Why a text cannot be the word it was offered as.
///
/// `description` is meant for the person who sent the text; it never repeats the text itself.
public struct VocabularyError: Error, Equatable, Sendable, CustomStringConvertible {
    public let description: String

    /// Says in one sentence what is wrong. It may be shown to whoever wrote the text, so it repeats nothing of it.
    public init(_ description: String) {
        self.description = description
    }
}
