import Metering

/// What the socket counter counts.
struct SignalingMetrics: Sendable {
    private let events: CounterTable
    private let refusals: CounterTable
    private let connects: CounterTable
    private let eventNumbers = CaseNumbers<ClientEvent>()
    private let codeNumbers = CaseNumbers<Refusal.Code>()

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
        events.add(row: event.map { eventNumbers[$0] } ?? eventNumbers.count)
    }

    func refused(_ code: Refusal.Code) {
        refusals.add(row: codeNumbers[code])
    }

    func connected() {
        connects.add()
    }
}
