import Metering

/// What the counter counts of the requests that it answers. The port adds how long they took.
public final class APIMetrics: Sendable {
    private static let classes = ["1xx", "2xx", "3xx", "4xx", "5xx"]
    private let requests: DurationTable
    private let problems: CounterTable

    /// - Parameter operations: the ids of all operations, by their numbers.
    init(_ registry: MetricRegistry, operations: [String]) {
        requests = registry.durations(
            "http_request_duration_seconds", "Requests to operations, from the last byte of the request until the answer is known.",
            labels: ["operation", "status"],
            rows: (operations + ["none"]).flatMap { operation in Self.classes.map { [operation, $0] } },
            bounds: DurationTable.requestBounds,
            isSparse: true)
        problems = registry.counters(
            "http_problems_total", "Requests that were answered with a problem, by its code.", labels: ["code"],
            rows: ProblemCode.allCases.map { [$0.rawValue] })
        noOperation = operations.count
    }

    private let noOperation: Int

    /// An answer is known.
    public func answered(_ answer: APIResponse, after nanoseconds: Int) {
        let row = (answer.operation ?? noOperation) * Self.classes.count + min(max(answer.status / 100 - 1, 0), 4)
        requests.add(nanoseconds: nanoseconds, row: row)
    }

    /// A request was refused, here or by the port.
    public func refused(_ code: ProblemCode) {
        problems.add(row: code.number)
    }
}

extension ProblemCode {
    private static let numbers = Dictionary(uniqueKeysWithValues: allCases.enumerated().map { ($1, $0) })

    /// Its place among all cases.
    fileprivate var number: Int { Self.numbers[self] ?? 0 }
}
