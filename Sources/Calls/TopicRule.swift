public import Vocabulary

/// Who may join which topics over a socket. A tenant has a list of these; without one that lets a user in, the user stays out.
public struct TopicRule: Sendable, Equatable {
    /// Whom a rule lets in.
    public enum Join: String, CaseIterable, Sendable {
        /// Every user of the tenant.
        case anyone
        /// The user whose id stands in the topic.
        case owner
        /// Users whose token names one of the rule's roles.
        case role
    }

    public let pattern: TopicPattern
    public let join: Join
    /// Words of the tenant's own; empty but for `role`.
    public let roles: [String]

    /// - Throws: `VocabularyError` where the pattern and the roles do not go together with whom the rule lets in.
    public init(pattern: TopicPattern, join: Join, roles: [String] = []) throws(VocabularyError) {
        switch join {
        case .anyone: break
        case .owner:
            guard pattern.namesUser else { throw VocabularyError("a rule for owners needs {user} in its pattern") }
        case .role:
            guard !roles.isEmpty else { throw VocabularyError("a rule for roles names at least one role") }
        }
        guard join == .role || roles.isEmpty else { throw VocabularyError("only a rule for roles names roles") }
        self.pattern = pattern
        self.join = join
        self.roles = roles
    }

    /// Whether this rule lets a user with these roles join that topic.
    public func lets(_ user: UserID, with roles: [String], into topic: TopicName) -> Bool {
        guard pattern.fits(topic, for: user) else { return false }
        switch join {
        case .anyone, .owner: return true
        case .role: return self.roles.sharesWord(with: roles)
        }
    }
}

/// Which topics a rule is about.
///
/// Shape: a topic's name, at most 128 bytes, in which `{user}` may stand once for the id of the user who asks, and `*` at the end for any
/// rest, none too. Where `{user}` has a `*` behind it, a text stands between them, and its first character ends the id: a user with that
/// character in its id fits no such topic. So `inbox:{user}:*` gives `inbox:a:b:c` to the user `a` and never to a user `a:b`, and a topic
/// has one owner at most.
public struct TopicPattern: Sendable, Hashable, CustomStringConvertible {
    private static let placeholder = "{user}"

    public let text: String
    /// What stands before `{user}`, or the whole text before a `*` where there is no `{user}`.
    private let head: String
    /// What stands behind `{user}`; nil where there is no `{user}`.
    private let tail: String?
    private let hasRest: Bool

    /// - Throws: `VocabularyError` when the text is not of that shape.
    public init(_ text: String) throws(VocabularyError) {
        guard (1...TopicName.bytes.upperBound).contains(text.utf8.count) else { throw VocabularyError("a pattern has 1 to 128 bytes") }
        let hasRest = text.hasSuffix("*")
        let parts = (hasRest ? String(text.dropLast()) : text).split(separator: Self.placeholder, omittingEmptySubsequences: false)
        guard parts.count <= 2 else { throw VocabularyError("{user} stands once in a pattern") }
        let tail = parts.count == 2 ? String(parts[1]) : nil
        guard !hasRest || tail != "" else { throw VocabularyError("between {user} and * stands a text, for example ':'") }
        // What fits the pattern with the shortest user and, where nothing else is there, the shortest rest. It has to be a topic's name.
        let name = String(parts[0]) + (tail.map { "a" + $0 } ?? "")
        do {
            _ = try TopicName(name.isEmpty ? "a" : name)
        } catch {
            throw VocabularyError("a pattern is a topic's name (letters, digits and _ . : -), with {user} for the user and * at its end")
        }
        self.text = text
        self.head = String(parts[0])
        self.tail = tail
        self.hasRest = hasRest
    }

    public var description: String { text }

    /// Whether `{user}` stands in it.
    public var namesUser: Bool { tail != nil }

    /// Whether that topic is meant when this user asks.
    public func fits(_ topic: TopicName, for user: UserID) -> Bool {
        guard let tail else { return matches(topic.text.utf8, head.utf8) }
        if hasRest, let end = tail.utf8.first, user.text.utf8.contains(end) { return false }
        return matches(topic.text.utf8, (head + user.text + tail).utf8)
    }

    private func matches(_ topic: String.UTF8View, _ wanted: String.UTF8View) -> Bool {
        hasRest ? topic.starts(with: wanted) : topic.elementsEqual(wanted)
    }
}

extension [TopicRule] {
    /// Whether one of the rules lets a user with these roles join that topic.
    public func admit(_ user: UserID, with roles: [String], into topic: TopicName) -> Bool {
        contains { $0.lets(user, with: roles, into: topic) }
    }
}

extension [String] {
    /// Whether a word stands in both, byte for byte: Swift's == would also take texts that Unicode calls equivalent.
    public func sharesWord(with others: [String]) -> Bool {
        contains { word in others.contains { $0.utf8.elementsEqual(word.utf8) } }
    }
}
