import Testing

@testable import Vocabulary

@Suite struct CallIDTests {
    /// Texts that fit both ids, but for their length.
    static let shapes = ["abcdefgh", "A-_.0000", "0.......", "call-1_b", "Z0123456789"]
    static let misshapen = [
        "-abcdefg", "_abcdefg", ".abcdefg", "abcdefg ", " abcdefg", "abcd efg", "abcdefg/", "abcdefg:", "abcdefg@", "abcdefg~", "abcdefg*",
        "abcdefg%", "abcdefg\n", "abcdefg\u{0}", "abcdefgé", "äbcdefgh", "abcdefg\u{301}", "１２３４５６７８", "..",
    ]

    @Test(arguments: shapes + [String(repeating: "x", count: 8), String(repeating: "x", count: 64)])
    func `a call id of the right shape is kept byte for byte`(text: String) throws {
        #expect(try CallID(text).text == text)
        #expect(try CallID(text).description == text)
    }

    @Test(arguments: misshapen + ["", "a", String(repeating: "x", count: 7), String(repeating: "x", count: 65)])
    func `a call id of another shape is refused`(text: String) {
        #expect(throws: VocabularyError.self) { try CallID(text) }
    }

    @Test(arguments: shapes + ["a", "0", "Z.", "9-", String(repeating: "x", count: 64)])
    func `a device id of the right shape is kept byte for byte`(text: String) throws {
        #expect(try DeviceID(text).text == text)
        #expect(try DeviceID(text).description == text)
    }

    @Test(arguments: misshapen + ["", "-", "_", ".", String(repeating: "x", count: 65)])
    func `a device id of another shape is refused`(text: String) {
        #expect(throws: VocabularyError.self) { try DeviceID(text) }
    }

    @Test func `letter case and every byte tell ids apart`() throws {
        #expect(try CallID("abcdefgh") != CallID("Abcdefgh"))
        #expect(try CallID("abcdefgh") != CallID("abcdefgh."))
        #expect(try DeviceID("phone") != DeviceID("Phone"))
    }

    @Test(arguments: [0, 1, 35, 36, UInt128.max]) func `an id of the service is one that a client could bring`(random: UInt128) throws {
        let made = CallID(random: random)

        #expect(try CallID(made.text) == made)
        #expect(made.text.utf8.count == 30 && made.text.hasPrefix("call_"))
        #expect(Base36.number(of: made.text.utf8.dropFirst(5)) == random)
    }

    @Test func `the words for media are those of the contract`() {
        #expect(CallMedia.allCases.map(\.rawValue) == ["audio", "video"])
    }
}
