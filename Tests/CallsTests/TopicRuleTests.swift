import Testing
import Vocabulary

@testable import Calls

/// Who may join which topics.
@Suite struct TopicRuleTests {
    @Test(arguments: [
        "news", "a", "news:*", "*", "{user}", "inbox:{user}", "inbox:{user}:unread", "inbox:{user}:*", "{user}:*", "{user}.x-*",
        "a.b_c-d:", String(repeating: "a", count: 128), String(repeating: "a", count: 127) + "*",
    ])
    func `a pattern is a topic's name with a place for the user and for the rest`(text: String) throws {
        #expect(try TopicPattern(text).text == text)
    }

    @Test(arguments: [
        "", ":a", "-a", "a*b", "**", "*a", "a b", "a/b", "ä", "{User}", "{user", "user}", "{}", "{user}{user}", "a:{user}:{user}",
        "{user}*", "inbox:{user}*", ":{user}", "a:{user}*b", "a\u{0}", String(repeating: "a", count: 129), "a*\u{301}", "{user}\u{301}",
    ])
    func `a text of another shape is no pattern`(text: String) {
        #expect(throws: VocabularyError.self) { try TopicPattern(text) }
    }

    @Test(arguments: [
        ("news", "news", true), ("news", "news2", false), ("news", "News", false), ("news", "new", false), ("news:*", "news:", true),
        ("news:*", "news:a:b", true), ("news:*", "news", false), ("*", "anything", true), ("inbox:{user}", "inbox:ann", true),
        ("inbox:{user}", "inbox:bob", false), ("inbox:{user}", "inbox:ann2", false), ("inbox:{user}", "inbox:", false),
        ("{user}", "ann", true), ("{user}:*", "ann:", true), ("{user}:*", "ann:x", true), ("{user}:*", "ann", false),
        ("{user}:*", "anna:x", false), ("inbox:{user}:unread", "inbox:ann:unread", true), ("inbox:{user}:unread", "inbox:ann:read", false),
    ])
    func `a topic fits a pattern byte for byte`(pattern: String, topic: String, fits: Bool) throws {
        #expect(try TopicPattern(pattern).fits(TopicName(topic), for: UserID("ann")) == fits)
    }

    @Test func `a topic has one owner at most, whatever is in the ids of users`() throws {
        let ids = ["a", "a:", "a:b", "a:b:", ":", ":a", "b", "b:c", "a-b", "a-", "a.b", "a::", "::"]
        let topics = ids.flatMap { id in ["", ":", ":b", ":b:c", "::", "-x", ":-x"].map { "t:\(id)\($0)" } }
        for pattern in ["t:{user}:*", "t:{user}", "t:{user}-*", "t:{user}::*", "t:{user}:b", "t:{user}:-x*"] {
            for topic in topics {
                let owners = try ids.filter { try TopicPattern(pattern).fits(TopicName(topic), for: UserID($0)) }
                #expect(owners.count <= 1, "\(topic) belongs to \(owners) by \(pattern)")
            }
        }
        #expect(try TopicPattern("t:{user}:*").fits(TopicName("t:a:b:c"), for: UserID("a")))
        #expect(try TopicPattern("t:{user}").fits(TopicName("t:a:b"), for: UserID("a:b")), "without a rest every id will do")
    }

    @Test func `a user whose id is no part of a topic's name owns none`() throws {
        let pattern = try TopicPattern("inbox:{user}")
        #expect(try !pattern.fits(TopicName("inbox:ann"), for: UserID("ann@example.com")))
    }

    @Test func `a rule needs what it is about, and nothing else`() throws {
        let plain = try TopicPattern("news")
        let own = try TopicPattern("inbox:{user}")
        for join in [TopicRule.Join.anyone, .role] {
            _ = try TopicRule(pattern: plain, join: join, roles: join == .role ? ["x"] : [])
            _ = try TopicRule(pattern: own, join: join, roles: join == .role ? ["x"] : [])
        }
        _ = try TopicRule(pattern: own, join: .owner)
        #expect(throws: VocabularyError.self) { try TopicRule(pattern: plain, join: .owner) }
        #expect(throws: VocabularyError.self) { try TopicRule(pattern: plain, join: .role) }
        for join in [TopicRule.Join.anyone, .owner] {
            #expect(throws: VocabularyError.self) { try TopicRule(pattern: own, join: join, roles: ["x"]) }
        }
    }

    @Test func `the first rule that lets the user in does so, and without one the user stays out`() throws {
        let rules = [
            try TopicRule(pattern: TopicPattern("ward:{user}:*"), join: .owner),
            try TopicRule(pattern: TopicPattern("ward:*"), join: .role, roles: ["nurse", "doctor"]),
            try TopicRule(pattern: TopicPattern("news"), join: .anyone),
        ]
        func enters(_ topic: String, _ user: String = "ann", _ roles: [String] = []) throws -> Bool {
            rules.admit(try UserID(user), with: roles, into: try TopicName(topic))
        }
        #expect(try enters("news"))
        #expect(try enters("ward:ann:bed"))
        #expect(try !enters("ward:bob:bed"))
        #expect(try enters("ward:bob:bed", "ann", ["porter", "doctor"]))
        for roles in [[], ["Nurse"], ["nurse "], ["nur"], ["nurse,doctor"]] {
            #expect(try !enters("ward:bob:bed", "ann", roles), "\(roles)")
        }
        #expect(try !enters("newsletter"))
        #expect(try ![TopicRule]().admit(UserID("ann"), with: ["nurse"], into: TopicName("news")))
    }

    @Test func `roles are compared byte for byte`() throws {
        let rule = try TopicRule(pattern: TopicPattern("a"), join: .role, roles: ["caf\u{E9}"])
        #expect(try rule.lets(UserID("ann"), with: ["caf\u{E9}"], into: TopicName("a")))
        #expect(try !rule.lets(UserID("ann"), with: ["cafe\u{301}"], into: TopicName("a")))
    }

    @Test(arguments: TopicRule.Join.allCases) func `a rule lets in whom it says, over all kinds`(join: TopicRule.Join) throws {
        let rule = try TopicRule(pattern: TopicPattern("x:{user}"), join: join, roles: join == .role ? ["chief"] : [])
        let own = try TopicName("x:ann")
        let other = try TopicName("x:bob")
        let ann = try UserID("ann")
        #expect(rule.lets(ann, with: ["chief"], into: own))
        #expect(rule.lets(ann, with: [], into: own) == (join != .role))
        #expect(!rule.lets(ann, with: ["chief"], into: other), "{user} is always the one who asks")
    }
}
