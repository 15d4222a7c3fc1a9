import Metering

/// What the counter counts of the requests that it answers. The port adds how long they took.
public final class APIMetrics: Sendable {
    private static let classes = ["1xx", "2xx", "3xx", "4xx", "5xx"]
    private let requests: DurationTable
    private let problems: CounterTable
    /// The number of a request that names no operation.
    private let noOperation: Int
    private let codeNumbers = CaseNumbers<ProblemCode>()

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

    /// An answer is known.
    public func answered(_ answer: APIResponse, after nanoseconds: Int) {
        let row = (answer.operation ?? noOperation) * Self.classes.count + min(max(answer.status / 100 - 1, 0), 4)
        requests.add(nanoseconds: nanoseconds, row: row)
    }

    /// A request was refused, here or by the port.
    public func refused(_ code: ProblemCode) {
        problems.add(row: codeNumbers[code])
    }
}
