import Logging
import StrictJSON
import Synchronization
import Testing

@testable import Gateway

/// What somebody sends is never more than part of one line.
@Suite struct LineLogHandlerTests {
    private static let hostile = [
        "a\nb", "a\r\nb", "a\rb", "\u{1B}[2J\u{1B}[31mred", "a\u{0}b", "a\u{7F}b", "a\u{85}b", "a\u{2028}b", "a\u{2029}b", "a\u{202E}b",
        "a\u{200B}b", "a\u{FEFF}b", "a\u{9B}31mb", "\u{E0001}", "\u{F8FF}", "a\" level=error b=\"c", "\\n", "a\tb", "a\u{8}\u{8}b",
        "2026-01-01T00:00:00.000Z error callgate: forged", "\u{1F468}\u{200D}\u{1F469}",
    ]

    private func line(_ format: LineLogHandler.Format, _ log: (Logger) -> Void) -> String {
        let written = Mutex("")
        var logger = Logger(label: "callgate") { _ in
            LineLogHandler(label: "callgate", format: format) { line in written.withLock { $0 += line } }
        }
        logger.logLevel = .trace
        log(logger)
        return written.withLock { $0 }
    }

    @Test(arguments: hostile, LineLogHandler.Format.allCases)
    func `O13 whatever stands in a value, it is one line, without a character that a terminal obeys`(
        text: String, format: LineLogHandler.Format
    ) {
        let line = line(format) { $0.error("refused", metadata: ["request.id": "\(text)", "cause": ["\(text)", "x"]]) }
        #expect(line.last == "\n")
        for scalar in line.dropLast().unicodeScalars {
            let isDangerous =
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
                case _: false
                }
            #expect(!isDangerous, "\(scalar.escaped(asASCII: true)) in \(line)")
        }
        #expect(line.split(separator: "\n").count == 1)
    }

    /// NUL is left out: our own reader of JSON refuses it, however it is written.
    @Test(arguments: hostile.filter { !$0.utf8.contains(0) }) func `O13 in JSON a value is what it was`(text: String) throws {
        let line = line(.json) { $0.warning("refused", metadata: ["request.id": "\(text)", "\(text)": "name"]) }
        let object = try JSONValue.parse(Array(line.utf8), limits: JSONLimits(bytesMax: 1 << 16))
        #expect(object["request.id"]?.stringValue?.unicodeScalars.elementsEqual(text.unicodeScalars) == true)
        #expect(object["level"] == "warning" && object["message"] == "refused")
    }

    @Test func `O13 a value cannot pass for further facts`() {
        let line = line(.text) { $0.info("refused", metadata: ["cause": "a b=c", "id": "x\" y=\"z", "request.id": "abc-123"]) }
        #expect(line.hasSuffix(#" info callgate: refused cause="a b=c" id="x\" y=\"z" request.id=abc-123"# + "\n"))
    }

    @Test func `a line begins with the moment, and what a logger carries is in it`() {
        let line = line(.text) { logger in
            var logger = logger
            logger[metadataKey: "node"] = "one"
            logger.debug("here", metadata: ["a": "1"])
        }
        #expect(line.contains(#/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z debug callgate: here a=1 node=one\n$/#))
    }

    @Test func `a value that never ends is cut`() {
        let line = line(.json) { $0.info("long", metadata: ["cause": "\(String(repeating: "x", count: 1 << 20))"]) }
        #expect(line.utf8.count < 5000 && line.hasSuffix("…\"}\n"))
    }
}
