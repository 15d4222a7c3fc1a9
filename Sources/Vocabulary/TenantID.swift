// Vocabulary: the words that cannot hold a wrong value.
//
// Every other room speaks in these types. A `TenantID`, a `UserID` or a `RoomName` that exists has passed its rule once and for all;
// nothing further in checks it again. The room imports nothing, opens nothing and reads no clock.

/// The name of a tenant: the wall between two customers of one service.
///
/// Shape: `[a-z0-9][a-z0-9-]{0,31}`, 1 to 32 bytes, and not itself a room name. The second half of the rule makes room names
/// prefix-free: no room name can be another room name with text appended, which is what the older Agora format needs to be safe.
public struct TenantID: Hashable, Sendable, CustomStringConvertible {
    public let text: String

    /// - Throws: `VocabularyError` when the text is not of that shape.
    public init(_ text: String) throws(VocabularyError) {
        let bytes = text.utf8
        guard (1...32).contains(bytes.count) else {
            throw VocabularyError("a tenant id has 1 to 32 characters")
        }
        guard bytes.allSatisfy({ ASCII.isLowercaseOrDigit($0) || $0 == ASCII.hyphen }), bytes.first != ASCII.hyphen else {
            throw VocabularyError("a tenant id is made of a-z, 0-9 and '-', and does not begin with '-'")
        }
        guard !RoomName.endsLikeARoomName(text) else {
            throw VocabularyError("a tenant id may not read as a room name")
        }
        self.text = text
    }

    public var description: String { text }
}
