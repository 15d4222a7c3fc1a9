import Metering

/// What the socket counter counts.
struct SignalingMetrics: Sendable {
    private let events: CounterTable
    private let refusals: CounterTable
    private let connects: CounterTable

    init(_ registry: MetricRegistry) {
        events = registry.counters(
            "socket_events_total", "Events of clients, by what they ask for.", labels: ["event"],
            rows: ClientEvent.allCases.map { [$0.rawValue] } + [["unknown"]])
        refusals = registry.counters(
            "socket_refusals_total", "What clients of sockets were refused, connects and events, and sockets that were put out.",
            labels: ["code"],
            rows: Refusal.Code.allCases.map { [$0.rawValue] })
        connects = registry.counters("socket_connects_total", "Sockets that were let in.")
    }

    /// An event came; nil: one that nobody knows.
    func received(_ event: ClientEvent?) {
        events.add(row: event?.number ?? ClientEvent.allCases.count)
    }

    func refused(_ code: Refusal.Code) {
        refusals.add(row: code.number)
    }

    func connected() {
        connects.add()
    }
}

extension ClientEvent {
    private static let numbers = Dictionary(uniqueKeysWithValues: allCases.enumerated().map { ($1, $0) })

    /// Its place among all cases.
    fileprivate var number: Int { Self.numbers[self] ?? 0 }
}

extension Refusal.Code {
    private static let numbers = Dictionary(uniqueKeysWithValues: allCases.enumerated().map { ($1, $0) })

    /// Its place among all cases.
    fileprivate var number: Int { Self.numbers[self] ?? 0 }
}
