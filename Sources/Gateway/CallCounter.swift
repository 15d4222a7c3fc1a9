import Calls
import Metering

/// Counts what happens to calls, as it is told after each commit.
///
/// Every party of a call is told of each change, one after the other, so a change is counted when it is first heard of.
struct CallCounter: Courier {
    private static let endings = EndReason.allCases.map(\.rawValue)
    /// From, to, and what came of it: `placed`, `accepted`, or why the call ended.
    private static let rows =
        [["none", "ringing", "placed"], ["ringing", "active", "accepted"]]
        + ["ringing", "active"].flatMap { from in endings.map { [from, "ended", $0] } }
    private static let numbers = Dictionary(uniqueKeysWithValues: rows.enumerated().map { ($1, $0) })

    private let transitions: CounterTable

    init(_ registry: MetricRegistry) {
        transitions = registry.counters(
            "call_transition_total", "Changes of calls, by the states before and after, and what came of the call.",
            labels: ["from", "to", "result"], rows: Self.rows)
    }

    func carry(_ events: [CallEvent]) {
        var last: Call?
        for event in events where last?.key != event.call.key || last?.version != event.call.version {
            last = event.call
            if let row = Self.numbers[Self.transition(to: event.call)] { transitions.add(row: row) }
        }
    }

    /// How the call came to be as it is. Every change of a call is one to another state.
    private static func transition(to call: Call) -> [String] {
        switch call.state {
        case .ringing: ["none", "ringing", "placed"]
        case .active: ["ringing", "active", "accepted"]
        case .ended: [call.acceptedAt == nil ? "ringing" : "active", "ended", call.ending?.reason.rawValue ?? ""]
        }
    }
}
