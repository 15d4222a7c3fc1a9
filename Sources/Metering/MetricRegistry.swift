// Metering: how much of what.
//
// Counters and histograms that anybody may add to from any thread, and their text as Prometheus reads it. Every metric is a table whose
// rows are known when it is made, one row for each combination of label values that can be. So nothing that a client says can become a
// label, a metric cannot grow, and adding to it is one or two atomic additions to a cell that is found by its number: no lock, no
// dictionary, no text. Texts are made when somebody looks.

import Synchronization

/// All metrics of one service. Each room makes its own when the service starts, and keeps what it adds to.
public final class MetricRegistry: Sendable {
    private let metrics = Mutex<[any Metric]>([])

    public init() {}

    /// A number that only grows, for each row of label values.
    public func counters(_ name: String, _ help: String, labels: [String] = [], rows: [[String]] = [[]]) -> CounterTable {
        add(CounterTable(MetricHead(name: name, help: help, labels: labels), rows: rows))
    }

    /// Durations in seconds, for each row of label values.
    /// - Parameters:
    ///   - bounds: the upper ends of the buckets in nanoseconds, growing.
    ///   - isSparse: rows to which nothing was ever added are left out of the text.
    public func durations(
        _ name: String, _ help: String, labels: [String] = [], rows: [[String]] = [[]], bounds: [Int], isSparse: Bool = false
    ) -> DurationTable {
        add(DurationTable(MetricHead(name: name, help: help, labels: labels), rows: rows, bounds: bounds, isSparse: isSparse))
    }

    /// Numbers that are looked up when somebody asks, one for each row of label values.
    /// - Parameter isCounter: whether they only grow.
    public func lookups(
        _ name: String, _ help: String, labels: [String] = [], rows: [[String]] = [[]], isCounter: Bool = false,
        _ look: @escaping @Sendable () -> [Double]
    ) {
        _ = add(LookupTable(MetricHead(name: name, help: help, labels: labels), rows: rows, isCounter: isCounter, look: look))
    }

    /// Everything, in the text format of Prometheus, version 0.0.4.
    public var text: String {
        var text = PrometheusText()
        for metric in metrics.withLock({ $0 }) { metric.write(into: &text) }
        return text.text
    }

    /// The names of all metrics, in the order of their making.
    public var names: [String] { metrics.withLock { $0.map(\.head.name) } }

    private func add<Made: Metric>(_ metric: Made) -> Made {
        metrics.withLock { metrics in
            precondition(!metrics.contains { $0.head.name == metric.head.name }, "two metrics have the name \(metric.head.name)")
            metrics.append(metric)
        }
        return metric
    }
}

/// What every metric has.
protocol Metric: Sendable {
    var head: MetricHead { get }
    func write(into text: inout PrometheusText)
}

/// What a metric is called, what it says, and what its labels are called.
struct MetricHead: Sendable {
    let name: String
    let help: String
    let labels: [String]
}
