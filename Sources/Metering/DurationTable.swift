/// How long things took, one histogram for each row of label values.
public final class DurationTable: Metric {
    let head: MetricHead
    private let rows: [[String]]
    private let bounds: [Int]
    private let isSparse: Bool
    /// For each row its buckets, those beyond the last bound, and the sum in nanoseconds.
    private let cells: AtomicCells
    private let stride: Int

    init(_ head: MetricHead, rows: [[String]], bounds: [Int], isSparse: Bool) {
        precondition(rows.allSatisfy { $0.count == head.labels.count }, "every row of \(head.name) has a value for each label")
        precondition(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }, "the bounds of \(head.name) grow")
        self.head = head
        self.rows = rows
        self.bounds = bounds
        self.isSparse = isSparse
        stride = bounds.count + 2
        cells = AtomicCells(count: rows.count * stride)
    }

    /// Adds one duration to a row.
    public func add(nanoseconds: Int, row: Int = 0) {
        var bucket = 0
        while bucket < bounds.count, nanoseconds > bounds[bucket] { bucket += 1 }
        cells.add(1, to: row * stride + bucket)
        cells.add(max(0, nanoseconds), to: row * stride + stride - 1)
    }

    /// How many durations a row has.
    public func count(row: Int = 0) -> Int {
        (0...bounds.count).reduce(0) { $0 + cells[row * stride + $1] }
    }

    func write(into text: inout PrometheusText) {
        text.begin(head, "histogram")
        let labels = head.labels + ["le"]
        for (index, row) in rows.enumerated() {
            let first = index * stride
            if isSparse, count(row: index) == 0 { continue }
            var count = 0
            for (bucket, bound) in bounds.enumerated() {
                count += cells[first + bucket]
                text.add(head.name + "_bucket", labels, row + [PrometheusText.number(Double(bound) / 1e9)], Double(count))
            }
            count += cells[first + bounds.count]
            text.add(head.name + "_bucket", labels, row + ["+Inf"], Double(count))
            text.add(head.name + "_sum", head.labels, row, Double(cells[first + stride - 1]) / 1e9)
            text.add(head.name + "_count", head.labels, row, Double(count))
        }
    }
}

extension DurationTable {
    /// Bounds for what should take less than a millisecond and must not take seconds, in nanoseconds.
    public static let requestBounds = [
        50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000, 100_000_000, 250_000_000,
        1_000_000_000, 5_000_000_000,
    ]
}
