import SocketIO
import Testing

@testable import Gateway

/// Sockets of a whole service. One test at a time: some of them keep a machine busy, and the others of this room do not wait for ever.
@Suite(.serialized) struct Sockets {}

/// An application on sockets that does what its clients tell it, and says what happened.
///
/// A text is sent back. `burst N` brings N texts together, `big N` one of N bytes, `where` the client's address, `close` the end.
struct SocketBench: EngineIOApplication {
    let closings: AsyncStream<CloseReason>
    private let closing: AsyncStream<CloseReason>.Continuation

    init() {
        (closings, closing) = AsyncStream.makeStream(of: CloseReason.self)
    }

    func opened(_ line: any EngineIOLine) -> any EngineIOClient { Far(line, closing) }

    /// Runs a service with this application at `/socket.io/`, and a WebSocket echo beside it, while `use` runs.
    static func with(
        _ settings: SocketSettings = SocketSettings(payloadBytesMax: 100_000), origins: OriginPolicy = .sameOrigin, threads: Int = 3,
        echoBytesMax: Int = 1 << 20, _ use: (RunningGateway, SocketBench) async throws -> Void
    ) async throws {
        let bench = SocketBench()
        let routes: [SocketRoute] = [
            .engineIO("/socket.io/", bench, settings: settings, origins: origins),
            .webSocketEcho("/websocket-echo", bytesMax: echoBytesMax),
        ]
        try await RunningGateway.with(sockets: routes) {
            $0.threads = threads
        } _: { gateway in
            try await use(gateway, bench)
        }
    }

    /// The next connection that has ended, and why.
    func nextClosing() async -> CloseReason? {
        await closings.first { _ in true }
    }

    private final class Far: EngineIOClient {
        private let line: any EngineIOLine
        private let closing: AsyncStream<CloseReason>.Continuation

        init(_ line: any EngineIOLine, _ closing: AsyncStream<CloseReason>.Continuation) {
            self.line = line
            self.closing = closing
        }

        func received(_ message: EngineIOMessage) {
            switch message {
            case .binary(let bytes): line.send(.binary(bytes))
            case .text(let text):
                let words = String(decoding: text, as: UTF8.self).split(separator: " ")
                switch words.first {
                case "burst":
                    for number in 0..<(Int(words[1]) ?? 0) { send("\(number)") }
                case "big": send(String(repeating: "x", count: Int(words[1]) ?? 0))
                case "where": send(line.address)
                case "later":
                    let line = line
                    line.run { line.send(EngineIOPacket.message(Array("later".utf8)[...]).frame) }
                case "close": line.close(.forcedClose)
                case _: line.send(EngineIOPacket.message(text).frame)
                }
            }
        }

        private func send(_ text: String) { line.send(EngineIOPacket.message(Array(text.utf8)[...]).frame) }

        func closed(_ reason: CloseReason) { closing.yield(reason) }
        var nextDeadline: Moment? { nil }
        func tick(at now: Moment) {}
    }
}

/// A polling session as its client sees it.
struct Poller {
    let gateway: RunningGateway
    let sid: String

    static let opening = "/socket.io/?EIO=4&transport=polling"

    init(_ gateway: RunningGateway) async throws {
        self.gateway = gateway
        let client = try await gateway.client()
        let answer = try await client.ask(HTTPText.request("GET", Self.opening))
        try #require(answer.status == 200, "\(answer.text)")
        sid = String(try #require(answer.text.firstMatch(of: #/"sid":"([^"]{20})"/#)).1)
        try await client.close()
    }

    var target: String { "\(Self.opening)&sid=\(sid)" }
    var webSocketTarget: String { "/socket.io/?EIO=4&transport=websocket&sid=\(sid)" }
    var poll: String { HTTPText.request("GET", target) }
    func post(_ body: String, _ headers: [(String, String)] = []) -> String { HTTPText.request("POST", target, headers, body: body) }

    /// A request on a connection of its own, and the answer.
    func ask(_ text: String) async throws -> Answer {
        let client = try await gateway.client()
        let answer = try await client.ask(text)
        try await client.close()
        return answer
    }

    /// Sends a poll on a connection of its own and waits until the service has parked it.
    func park() async throws -> Client {
        let client = try await gateway.client()
        try await client.send(poll)
        // A poll that waits shows in nothing; but the session is on the loop that reads it, and a POST behind it comes after it.
        try await settle()
        return client
    }

    /// Waits until everything sent so far has been read: each loop of the service answers a request that came later.
    func settle() async throws {
        for _ in 0..<4 {
            let client = try await gateway.client()
            for _ in 0..<3 { #expect(try await client.ask(HTTPText.health).status == 200) }
            try await client.close()
        }
    }
}
