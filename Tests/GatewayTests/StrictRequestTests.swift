import Foundation
import Testing

/// The requests with which the parser's makers test it: what it must refuse, we refuse.
///
/// They lie beside the checkout. Without them this suite is skipped, and says so; the cases that matter are in `MalformedRequestTests`.
@Suite(.enabled(if: ParserCases.areThere, "SKIPPED: no ../shared/data/llhttp beside the checkout, so the parser's own cases were not sent"))
struct `X01 The parser's strict requests` {
    /// A request that is never to be answered where it stands behind a malformed one.
    private static let probe = HTTPText.request("GET", "/health", [("X-Request-Id", "probe-1234")])

    @Test func `what must fail is refused, the connection closed, and nothing after it read as a request`() async throws {
        let cases = try ParserCases.load().filter { $0.outcome != .passes }
        #expect(cases.count > 60)
        try await RunningGateway.with { gateway in
            for example in cases {
                for text in example.variants {
                    let client = try await gateway.client()
                    try await client.send(text + Array("\r\n\r\n".utf8) + Array(Self.probe.utf8))
                    let (answers, end) = try await client.rest()
                    let last = try #require(answers.last, "\(example.name): no answer")
                    if example.outcome == .fails {
                        #expect([400, 413, 415, 431].contains(last.status), "\(example.name): \(last.statusLine)")
                    }
                    #expect(last.isLast, "\(example.name)")
                    #expect(answers.allSatisfy { $0.requestID != "probe-1234" }, "\(example.name): the probe was answered")
                    #expect(end == .closed, "\(example.name)")
                    try await client.close()
                }
            }
            try await gateway.expectOpenConnections(0)
        }
    }

    @Test func `what may pass is answered without an error of ours, however it is cut`() async throws {
        let cases = try ParserCases.load().filter { $0.outcome == .passes }
        #expect(cases.count > 40)
        try await RunningGateway.with { gateway in
            for example in cases {
                for text in example.variants {
                    for cut in [text.count, text.count / 2, 1] {
                        let client = try await gateway.client()
                        try await client.send(Array(text[..<cut]))
                        try await client.send(Array(text[cut...]))
                        try await client.endSending()
                        let answers = try await client.rest().answers
                        #expect(answers.allSatisfy { (200..<500).contains($0.status) }, "\(example.name)")
                        try await client.close()
                    }
                }
            }
            try await gateway.expectOpenConnections(0)
        }
    }
}

/// The cases of the parser's own tests, written in Markdown: a request in an `http` block, and a log of what the parser saw of it.
struct ParserCases {
    enum Outcome {
        case passes
        /// It is the last one of its connection: what stands behind it is of another protocol, or may not be there.
        case ends
        case fails
    }

    let name: String
    let text: [UInt8]
    let outcome: Outcome

    /// As it is, and with a host, which most of them lack: without one the service would refuse them for that already.
    var variants: [[UInt8]] {
        let lineEnd: [UInt8] = [13, 10]
        guard let end = text.firstRange(of: lineEnd), end.lowerBound > 0 else { return [text] }
        return [text, text[..<end.upperBound] + Array("Host: a\r\n".utf8) + text[end.upperBound...]]
    }

    private static let folder = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "shared/data/llhttp/request")

    static var areThere: Bool { FileManager.default.fileExists(atPath: folder.path) }

    static func load() throws -> [ParserCases] {
        try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "md" }.sorted { $0.path < $1.path }
            .flatMap { cases(in: try String(contentsOf: $0, encoding: .utf8), file: $0.lastPathComponent) }
    }

    private static func cases(in text: String, file: String) -> [ParserCases] {
        let pattern = #/<!-- meta=(?<meta>.*?) -->\s*```http\n(?<request>.*?)\n```\s*```log\n(?<log>.*?)\n```/#.dotMatchesNewlines()
        return text.matches(of: pattern).enumerated().compactMap { index, match in
            // Other types are of a parser that was told to be lenient, or of one that a program pauses.
            guard match.meta.contains(#/"type": *"request"/#), !match.meta.contains("pause"), !match.meta.contains("skipBody") else {
                return nil
            }
            return ParserCases(
                name: "\(file), case \(index + 1)", text: bytes(String(match.request)), outcome: outcome(of: match.log))
        }
    }

    private static func outcome(of log: Substring) -> Outcome {
        guard let error = log.firstMatch(of: #/error code=\d+ reason="([^"]*)"/#) else { return .passes }
        return ["Pause on CONNECT/Upgrade", "Data after `Connection: close`"].contains(error.1) ? .ends : .fails
    }

    /// The block's text as it goes over the wire: line ends are CR LF, a backslash at a line's end joins it with the next, and escapes
    /// stand for bytes.
    private static func bytes(_ block: String) -> [UInt8] {
        var text = block.replacing("\\\n", with: "").replacing("\n", with: "\r\n")
        for (escape, character) in ["\\r": "\r", "\\n": "\n", "\\t": "\t", "\\f": "\u{0C}"] {
            text = text.replacing(escape, with: character)
        }
        return Array(text.replacing(#/\\x([0-9a-fA-F]{2})/#) { String(UnicodeScalar(UInt8($0.1, radix: 16) ?? 0)) }.unicodeScalars).map {
            UInt8(truncatingIfNeeded: $0.value)
        }
    }
}
