import Testing

@testable import Vocabulary

@Suite struct EventWordsTests {
    static let shapes = ["orders:1", "a", "0", "A-_.:0", "order.updated"]
    static let misshapen = ["", "-a", ":a", ".a", "_a", "a b", "a/b", "a\u{0}", "é", "a*", "a,b", "a\n"]

    @Test(arguments: shapes)
    func `a topic and an event of the right shape are kept byte for byte`(text: String) throws {
        #expect(try TopicName(text).text == text)
        #expect(try AppEventName(text).text == text)
    }

    @Test(arguments: misshapen)
    func `a topic and an event of another shape are refused`(text: String) {
        #expect(throws: VocabularyError.self) { try TopicName(text) }
        #expect(throws: VocabularyError.self) { try AppEventName(text) }
    }

    @Test func `they are as long as they may be, and no longer`() throws {
        #expect(try TopicName(String(repeating: "x", count: 128)).text.utf8.count == 128)
        #expect(try AppEventName(String(repeating: "x", count: 64)).text.utf8.count == 64)
        #expect(throws: VocabularyError.self) { try TopicName(String(repeating: "x", count: 129)) }
        #expect(throws: VocabularyError.self) { try AppEventName(String(repeating: "x", count: 65)) }
    }

    @Test(arguments: ["connect", "disconnect", "connected", "error", "call:incoming", "call-accepted", "incoming-call", "user:online"])
    func `an app cannot send an event that is the service's own`(text: String) {
        #expect(throws: VocabularyError.self) { try AppEventName(text) }
    }

    @Test(arguments: ["Error", "caller:here", "connected2", "users"])
    func `names that only look like the service's own are the app's`(text: String) throws {
        #expect(try AppEventName(text).text == text)
    }
}
