import Calls
import StrictJSON
import Vocabulary

// What a tenant's users may hear over their sockets: its topics, and each other's events.

extension TenantReader {
    static func topics(_ reader: inout FieldReader) -> [TopicRule]? {
        reader.objects("topics", count: 0...Limits.topicRulesMax, topicRule)
    }

    static func userRoomRoles(_ reader: inout FieldReader) -> [String]? {
        reader.strings("user_room_roles", count: 0...Limits.userRolesMax, bytes: 1...Limits.userRoleBytesMax)
    }

    private static func topicRule(_ reader: inout FieldReader) -> TopicRule? {
        let pattern = reader.requiredParsed("pattern") { text in try TopicPattern(text) }
        let join = reader.requiredOneOf("join", TopicRule.Join.self)
        let roles = reader.strings("roles", count: 1...Limits.userRolesMax, bytes: 1...Limits.userRoleBytesMax)
        guard let pattern, let join, !reader.hasFaults else { return nil }
        do throws(VocabularyError) {
            return try TopicRule(pattern: pattern, join: join, roles: roles ?? [])
        } catch {
            reader.fault(nil, .invalid, error.description)
            return nil
        }
    }
}

extension TopicRule {
    /// The rule as the contract's `TopicRule`.
    var json: JSONValue {
        var object: JSONObject = ["pattern": .string(pattern.text), "join": .string(join.rawValue)]
        if !roles.isEmpty { object["roles"] = .array(roles.map { .string($0) }) }
        return .object(object)
    }
}
