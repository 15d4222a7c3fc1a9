import Logging
import Synchronization
import Testing

@testable import API

@Suite struct TraceContextTests {
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let span = "00f067aa0ba902b7"

    @Test(arguments: [
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff", "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-the-future-will-be-like",
    ])
    func `a header of the right shape is read`(text: String) throws {
        let context = try #require(TraceContext(text))
        #expect(context.traceID == Self.trace && context.spanID == Self.span)
    }

    @Test(arguments: [
        "", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 ",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01", "0G-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01", "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.more",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01, 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-４bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01", "00-4bf92f3577b34da6a3ce929d0e0e4736\n00f067aa0ba902b7-01-0",
    ])
    func `any other header is ignored`(text: String) {
        #expect(TraceContext(text) == nil)
    }

    @Test func `a line about a request names the request, its operation and its place in the sender's trace`() async throws {
        let service = try await Service()
        let log = LineKeeper()
        let api = API(desk: service.desk, logger: log.logger)

        for (method, target) in [("GET", "/v1/rooms?token=canary"), ("GET", "/health"), ("GET", "/nowhere")] {
            _ = await api.respond(
                to: APIRequest(
                    method: method, target: target, authorization: .none, contentType: nil, requestID: "request-4711",
                    trace: TraceContext("00-\(Self.trace)-\(Self.span)-01"), body: []))
        }

        let lines = log.lines
        #expect(lines.map(\.message) == ["request refused", "request answered", "request refused"])
        for line in lines {
            #expect(line.facts["request.id"] == "request-4711")
            #expect(line.facts["trace_id"] == Self.trace && line.facts["span_id"] == Self.span)
            #expect(!line.facts.values.contains { $0.contains("canary") })
        }
        #expect(lines.map { $0.facts["http.operation"] } == ["listRooms", "getHealth", nil])
    }
}

/// Keeps what is logged.
private final class LineKeeper: Sendable {
    struct Line: Sendable {
        let message: String
        let facts: [String: String]
    }

    private let kept = Mutex<[Line]>([])

    var lines: [Line] { kept.withLock { $0 } }

    var logger: Logger {
        var logger = Logger(label: "test") { _ in Handler(keeper: self) }
        logger.logLevel = .trace
        return logger
    }

    private struct Handler: LogHandler {
        let keeper: LineKeeper
        var logLevel = Logger.Level.trace
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let line = Line(message: event.message.description, facts: (event.metadata ?? [:]).mapValues { "\($0)" })
            keeper.kept.withLock { $0.append(line) }
        }
    }
}
