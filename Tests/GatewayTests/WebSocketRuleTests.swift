import NIOCore
import NIOWebSocket
import Testing

extension Sockets {
    /// RFC 6455, rule by rule: what Autobahn's cases 1 to 7 and 10 ask, as a table of our own.
    @Suite struct `The rules of WebSocket` {
        /// What is sent, and what comes back. A code ends the connection.
        struct Case: Sendable, CustomTestStringConvertible {
            let testDescription: String
            let pieces: [[UInt8]]
            var frames: [Frame] = []
            var code: UInt16?
            var isEnd = true
        }

        private static let valid: [[UInt8]] = [
            Array("κόσμε".utf8), Array("Hello-µ@ßöäüàá-UTF-8!!".utf8), Array("\u{10FFFF}\u{FFFF}\u{0}\u{D7FF}\u{E000}".utf8), [],
        ]
        private static let invalid: [[UInt8]] = [
            [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0xAF], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x8F, 0xBF, 0xBF],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0x80], [0xBF], [0xFE], [0xFF],
            [0x61, 0xCE], [0xCE, 0x61], [0xE1, 0xBD], [0xF0, 0x90, 0x8D], [0xF0, 0x90, 0x8D, 0x61],
        ]

        static let cases: [Case] = {
            var cases: [Case] = []
            func add(_ name: String, _ pieces: [[UInt8]], _ frames: [Frame] = [], code: UInt16? = nil, isEnd: Bool = true) {
                cases.append(Case(testDescription: name, pieces: pieces, frames: frames, code: code, isEnd: isEnd))
            }
            let bye = Raw.close(1000)
            for length in [0, 125, 126, 127, 128, 65_535, 65_536] {
                let payload = [UInt8](repeating: 0x2A, count: length)
                add("1.1 text of \(length)", [Raw.frame(1, payload), bye], [Frame(opcode: .text, payload: payload)], code: 1000)
                let bytes = [UInt8](repeating: 0xFE, count: length)
                add("1.2 binary of \(length)", [Raw.frame(2, bytes), bye], [Frame(opcode: .binary, payload: bytes)], code: 1000)
            }
            for payload in [[], Array("Hello".utf8), [0x00, 0xFF, 0xFE], [UInt8](repeating: 0xFE, count: 125)] {
                add("2 ping of \(payload.count)", [Raw.frame(9, payload), bye], [Frame(opcode: .pong, payload: payload)], code: 1000)
            }
            add("2.5 ping of 126", [Raw.frame(9, [UInt8](repeating: 1, count: 126), length: 126)], code: 1002)
            add("2.7 pong nobody asked for", [Raw.frame(10), Raw.frame(10, [1]), bye], code: 1000)
            add("2.9 pong, then ping", [Raw.frame(10, [1]), Raw.frame(9, [2]), bye], [Frame(opcode: .pong, payload: [2])], code: 1000)
            add(
                "2.10 ten pings", (0..<10).map { Raw.frame(9, [$0]) } + [bye], (0..<10).map { Frame(opcode: .pong, payload: [$0]) },
                code: 1000)
            for rsv in UInt8(1)...7 {
                add("3 rsv \(rsv)", [Raw.text("a"), Raw.frame(1, [0x62], rsv: rsv), Raw.frame(9)], [.text("a")], code: 1002)
                add("3 rsv \(rsv) in a ping", [Raw.frame(9, rsv: rsv)], code: 1002)
            }
            for opcode in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] {
                add("4 opcode \(opcode)", [Raw.text("a"), Raw.frame(opcode, [1]), Raw.frame(9)], [.text("a")], code: 1002)
            }
            add("5.1 fragmented ping", [Raw.frame(9, [1], fin: false), Raw.frame(0, [2])], code: 1002)
            add("5.2 fragmented pong", [Raw.frame(10, [1], fin: false), Raw.frame(0, [2])], code: 1002)
            add("5.3 two fragments", [Raw.text("a", fin: false), Raw.frame(0, [0x62]), bye], [.text("ab")], code: 1000)
            add(
                "5.6 ping between fragments", [Raw.text("a", fin: false), Raw.frame(9, [7]), Raw.frame(0, [0x62]), bye],
                [Frame(opcode: .pong, payload: [7]), .text("ab")], code: 1000)
            add("5.9 continuation of nothing", [Raw.frame(0, [1]), Raw.text("a")], code: 1002)
            add("5.12 open continuation of nothing", [Raw.frame(0, [1], fin: false), Raw.text("a")], code: 1002)
            add(
                "5.15 continuation after the end", [Raw.text("a", fin: false), Raw.frame(0, [0x62]), Raw.frame(0, [1])], [.text("ab")],
                code: 1002)
            add("5.18 text within a text", [Raw.text("a", fin: false), Raw.text("b")], code: 1002)
            add(
                "5.19 five fragments, two pings",
                [
                    Raw.text("1", fin: false), Raw.frame(0, [0x32], fin: false), Raw.frame(9, [1]), Raw.frame(0, [0x33], fin: false),
                    Raw.frame(0, [], fin: false), Raw.frame(9, [2]), Raw.frame(0, [0x35]), bye,
                ], [Frame(opcode: .pong, payload: [1]), Frame(opcode: .pong, payload: [2]), .text("1235")], code: 1000)
            add("6.1 empty fragments", [Raw.frame(1, fin: false), Raw.frame(0, fin: false), Raw.frame(0), bye], [.text("")], code: 1000)
            for text in valid {
                add("6.2 valid text", [Raw.frame(1, text), bye], [Frame(opcode: .text, payload: text)], code: 1000)
                let bytes = text.map { [$0] }
                add(
                    "6.2 valid text byte by byte",
                    [Raw.frame(1, fin: false)] + bytes.map { Raw.frame(0, $0, fin: false) } + [Raw.frame(0), bye],
                    [Frame(opcode: .text, payload: text)], code: 1000)
            }
            for text in invalid {
                add("6.3 invalid text \(text)", [Raw.frame(1, Array("ok".utf8) + text)], code: 1007)
                add(
                    "6.3 invalid text \(text) byte by byte",
                    [Raw.frame(1, fin: false)] + text.map { Raw.frame(0, [$0], fin: false) } + [Raw.frame(0)], code: 1007)
            }
            // The message never ends; the fault must not wait for that.
            add("6.4 fails fast", [Raw.text("κόσμε", fin: false), Raw.frame(0, [0xF4, 0x90], fin: false)], code: 1007)
            add("7.1 close alone", [Raw.frame(8)], isEnd: true)
            add("7.1 nothing is answered after the close", [bye, Raw.frame(9), Raw.text("a"), bye], code: 1000)
            add(
                "7.1.6 a message, then a close", [Raw.frame(2, [UInt8](repeating: 1, count: 200_000)), bye],
                [Frame(opcode: .binary, payload: [UInt8](repeating: 1, count: 200_000))], code: 1000)
            add("7.3.2 close of one byte", [Raw.frame(8, [3])], code: 1002)
            add("7.3.4 close with words", [Raw.close(1000, Array("good bye".utf8))], code: 1000)
            add("7.3.5 close with 123 bytes of words", [Raw.close(1000, [UInt8](repeating: 0x2A, count: 123))], code: 1000)
            add("7.3.6 close of 126 bytes", [Raw.frame(8, [3, 0xE8] + [UInt8](repeating: 0x2A, count: 124), length: 126)], code: 1002)
            add("7.5 close with words that are none", [Raw.close(1000, [0xED, 0xA0, 0x80])], code: 1007)
            for code: UInt16 in [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999] {
                add("7.7 close \(code)", [Raw.close(code)], code: code)
            }
            for code: UInt16 in [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535] {
                add("7.9 close \(code)", [Raw.close(code)], code: 1002)
            }
            let long = [UInt8](repeating: 0x2A, count: 65_536)
            add(
                "10.1 fragments of 1300",
                [Raw.frame(1, Array(long.prefix(1300)), fin: false)]
                    + stride(from: 1300, to: 65_536, by: 1300).map { start in
                        Raw.frame(0, Array(long[start..<min(start + 1300, 65_536)]), fin: start + 1300 >= 65_536)
                    } + [bye], [Frame(opcode: .text, payload: long)], code: 1000)
            add("a frame without a mask", [Raw.frame(1, [0x61], isMasked: false)], code: 1002)
            return cases
        }()

        @Test func `X15 every case, as it is and cut anywhere`() async throws {
            try await SocketBench.with { gateway, _ in
                for item in Self.cases {
                    let bytes = item.pieces.flatMap { $0 }
                    for cut in bytes.count < 400 ? [bytes.count, 1] : [bytes.count, 997] {
                        let client = try await gateway.client()
                        try await client.becomeWebSocket("/websocket-echo")
                        for start in stride(from: 0, to: bytes.count, by: max(1, cut)) {
                            client.push(bytes: Array(bytes[start..<min(start + cut, bytes.count)]))
                        }
                        for frame in item.frames { #expect(try await client.frame() == frame, "\(item.testDescription), cut \(cut)") }
                        try await client.expectClose(item.code, "\(item.testDescription), cut \(cut)")
                        try await client.close()
                    }
                }
                try await gateway.expectOpenConnections(0)
            }
        }

        @Test func `X15 a message may be as large as is allowed, in one piece or many, and not a byte larger`() async throws {
            try await SocketBench.with(echoBytesMax: 1000) { gateway, _ in
                let full = [UInt8](repeating: 0x2A, count: 1000)
                for pieces in [[Raw.frame(2, full)], [Raw.frame(2, Array(full[..<500]), fin: false), Raw.frame(0, Array(full[500...]))]] {
                    let client = try await gateway.client()
                    try await client.becomeWebSocket("/websocket-echo")
                    for piece in pieces { try await client.send(piece) }
                    #expect(try await client.frame() == Frame(opcode: .binary, payload: full))
                    try await client.close()
                }
                for pieces in [[Raw.frame(2, full + [1])], [Raw.frame(2, full, fin: false), Raw.frame(0, [1])]] {
                    let client = try await gateway.client()
                    try await client.becomeWebSocket("/websocket-echo")
                    for piece in pieces { try await client.send(piece) }
                    try await client.expectClose(1009)
                    try await client.close()
                }
            }
        }
    }
}
