import Testing

@testable import Gateway

/// The check of text, against what Swift itself takes for UTF-8.
@Suite struct `The check of UTF-8` {
    /// Every text of up to three of the bytes at which the rules change.
    private static let texts: [[UInt8]] = {
        let edges: [UInt8] = [
            0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC1, 0xC2, 0xDF, 0xE0, 0xED, 0xEF, 0xF0, 0xF4, 0xF5,
        ]
        var texts: [[UInt8]] = [[]]
        var last = texts
        for _ in 0..<3 {
            last = last.flatMap { text in edges.map { text + [$0] } }
            texts += last
        }
        return texts
    }()

    @Test func `takes what Swift takes, whole and cut anywhere`() {
        for padding in [[], [UInt8](repeating: 0x61, count: 9)] {
            let wrong = Self.texts.filter { text in
                let bytes = padding + text + (text.count == 3 ? [0x80] : []) + padding
                var whole = UTF8Check()
                let isWhole = whole.take(bytes) && whole.isComplete
                var cut = UTF8Check()
                let isCut = bytes.allSatisfy { cut.take([$0]) } && cut.isComplete
                let isText = String(validating: bytes, as: UTF8.self) != nil
                return isWhole != isText || isCut != isText
            }
            #expect(wrong.isEmpty)
        }
    }

    @Test func `counts by the second`() {
        var rate = RateWindow()
        let answers = [(1, 5_999), (1, 5_999), (1, 5_999), (1, 5_999), (3, 6_000), (Int.max, 6_001), (1, 6_002)].map { amount, now in
            rate.take(amount, at: now, max: 3)
        }
        #expect(answers == [true, true, true, false, true, false, false])
    }
}
