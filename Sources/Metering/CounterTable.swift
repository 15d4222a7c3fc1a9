/// Numbers that only grow, one for each row of label values.
public final class CounterTable: Metric {
    let head: MetricHead
    private let rows: [[String]]
    private let cells: AtomicCells

    init(_ head: MetricHead, rows: [[String]]) {
        precondition(rows.allSatisfy { $0.count == head.labels.count }, "every row of \(head.name) has a value for each label")
        self.head = head
        self.rows = rows
        cells = AtomicCells(count: rows.count)
    }

    /// Adds to a row, by its place among those that the table was made with.
    public func add(_ amount: Int = 1, row: Int = 0) {
        cells.add(amount, to: row)
    }

    /// What a row has come to.
    public func value(row: Int = 0) -> Int { cells[row] }

    func write(into text: inout PrometheusText) {
        text.begin(head, "counter")
        for (index, row) in rows.enumerated() { text.add(head.name, head.labels, row, Double(cells[index])) }
    }
}

/// Numbers that are looked up when somebody asks.
final class LookupTable: Metric {
    let head: MetricHead
    private let rows: [[String]]
    private let isCounter: Bool
    private let look: @Sendable () -> [Double]

    init(_ head: MetricHead, rows: [[String]], isCounter: Bool, look: @escaping @Sendable () -> [Double]) {
        precondition(rows.allSatisfy { $0.count == head.labels.count }, "every row of \(head.name) has a value for each label")
        self.head = head
        self.rows = rows
        self.isCounter = isCounter
        self.look = look
    }

    /// A row for which nothing was found is left out.
    func write(into text: inout PrometheusText) {
        text.begin(head, isCounter ? "counter" : "gauge")
        for (row, value) in zip(rows, look()) { text.add(head.name, head.labels, row, value) }
    }
}
