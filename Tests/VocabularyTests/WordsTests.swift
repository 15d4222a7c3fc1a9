import Testing

@testable import Vocabulary

@Suite struct WordsTests {
    @Test(arguments: ["a", "0", "acme", "a-b", "a--", String(repeating: "z", count: 32)])
    func `a tenant id of the right shape is taken as it is`(text: String) throws {
        #expect(try TenantID(text).text == text)
    }

    @Test(arguments: ["", "-a", "A", "a_b", "a.b", "ä", "a b", "a\u{0}", String(repeating: "z", count: 33)])
    func `N06 a tenant id of another shape is refused`(text: String) {
        #expect(throws: VocabularyError.self) { try TenantID(text) }
    }

    @Test(arguments: ["alice", "1", "4294967295", "a.b@example.com", "auth0|5f7c", "A-1_2~3+4=5:6", String(repeating: "x", count: 64)])
    func `a user id of the right shape is kept byte for byte`(text: String) throws {
        #expect(try UserID(text).text == text)
    }

    @Test(arguments: [
        "", "*", "0", "01", "4294967296", "a b", "a*", "é", "e\u{301}", "a/b", "a\\b", "\"", "a\n", "a\u{0}", " a", "a ",
        String(repeating: "x", count: 65), "99999999999999999999",
    ])
    func `T18 a user id that a vendor could misread is refused`(text: String) {
        #expect(throws: VocabularyError.self) { try UserID(text) }
    }

    @Test func `a user id that is a number says so`() throws {
        #expect(try UserID("42").number == 42)
        #expect(try UserID("a42").number == nil)
    }

    @Test func `a secret shows nothing of itself`() {
        let secret = Secret(utf8: "hunter2-canary")
        struct Holder { let secret: Secret }
        var dumped = ""
        dump(Holder(secret: secret), to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), "\(Holder(secret: secret))", dumped, "\(Optional(secret) as Any)"] {
            #expect(!text.contains("canary"))
        }
        #expect("\(secret)" == "<secret>")
    }

    @Test func `secrets match by content and length`() {
        #expect(Secret(utf8: "abc").matches(Secret(bytes: [97, 98, 99])))
        #expect(!Secret(utf8: "abc").matches(Secret(utf8: "abd")))
        #expect(!Secret(utf8: "abc").matches(Secret(utf8: "ab")))
        #expect(Secret(utf8: "").matches(Secret(bytes: [])))
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00Z"), (1_767_225_600, "2026-01-01T00:00:00Z"), (951_827_696, "2000-02-29T12:34:56Z"),
        (-1, "1969-12-31T23:59:59Z"), (4_107_542_399, "2100-02-28T23:59:59Z"), (4_107_542_400, "2100-03-01T00:00:00Z"),
        (253_402_300_799, "9999-12-31T23:59:59Z"), (1_709_164_800, "2024-02-29T00:00:00Z"),
    ])
    func `a moment is written as RFC 3339`(seconds: Int64, text: String) {
        #expect(UnixTime(seconds).rfc3339 == text)
    }

    @Test func `scopes of the operator and of tenants overlap in keys and the audit log only`() {
        #expect(Scope.allCases.filter { $0.isForTenants && $0.isForOperator } == [.auditRead, .keysAdmin])
    }
}
