import StrictJSON
import Vocabulary

/// Who a user is, in the JSON of those who know it: in the claims of a token, or in the answer of an app.
enum UserFields {
    /// A text that is a `UserID`, or a whole number from 1 to 4294967295, which is the user with those digits. Nil for anything else.
    static func user(_ value: JSONValue?) -> UserID? {
        let text: String
        switch value {
        case .string(let id)?: text = id
        case .integer(let number)?:
            guard (1...Int64(UInt32.max)).contains(number) else { return nil }
            text = String(number)
        case nil, .null?, .bool?, .real?, .array?, .object?: return nil
        }
        do throws(VocabularyError) {
            return try UserID(text)
        } catch {
            return nil
        }
    }

    /// A text of 1 to 256 bytes. Anything else is no name, and no reason to keep its owner out.
    static func name(_ value: JSONValue?) -> String? {
        guard case .string(let text)? = value, (1...Limits.userDisplayNameBytesMax).contains(text.utf8.count) else { return nil }
        return text
    }

    /// A text of 1 to 64 bytes, or a list of at most 16 of them. A list in which one thing is no role gives none at all: who wrote it meant
    /// something else.
    static func roles(_ value: JSONValue?) -> [String] {
        let texts: [String?]
        switch value {
        case .string(let text)?: texts = [text]
        case .array(let values)?: texts = values.count <= Limits.userRolesMax ? values.map(\.stringValue) : []
        case nil, .null?, .bool?, .integer?, .real?, .object?: texts = []
        }
        let roles = texts.compactMap { text in text.flatMap { (1...Limits.userRoleBytesMax).contains($0.utf8.count) ? $0 : nil } }
        return roles.count == texts.count ? roles : []
    }
}
