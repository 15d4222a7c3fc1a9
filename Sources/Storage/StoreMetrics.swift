import Calls
public import Metering

/// What a store counts of itself.
public final class StoreMetrics: Sendable {
    /// What went wrong when the store did not do what it was asked.
    enum Trouble: Int, CaseIterable {
        /// A transaction, with everything in it.
        case commit
        /// One change in a transaction.
        case change
        /// A question.
        case read
        /// It was not begun: too many waited already, or the store was closed.
        case refused

        fileprivate var text: String {
            switch self {
            case .commit: "commit"
            case .change: "change"
            case .read: "read"
            case .refused: "refused"
            }
        }
    }

    private let errors: CounterTable
    private let auditRows: CounterTable
    private let changes: CounterTable
    private let commits: DurationTable

    /// - Parameter registry: where the numbers are shown.
    public init(_ registry: MetricRegistry) {
        errors = registry.counters(
            "storage_errors_total", "What the store could not do, by what failed.", labels: ["kind"],
            rows: Trouble.allCases.map { [$0.text] })
        auditRows = registry.counters("audit_rows_total", "Rows that came to the audit log.")
        changes = registry.counters("store_changes_total", "Changes that were committed; many share a commit.")
        commits = registry.durations(
            "store_commit_duration_seconds", "Transactions, from their begin until they are on the disk.",
            bounds: DurationTable.requestBounds)
    }

    func note(_ trouble: Trouble) {
        errors.add(row: trouble.rawValue)
    }

    /// The same, where it is one: what a change or a question may answer is no trouble.
    func note(_ trouble: Trouble, _ error: StoreError) {
        switch error {
        case .unavailable, .internal: note(trouble)
        case .duplicate, .limitReached, .tenantGone: break
        }
    }

    func committed(changes count: Int, auditRows rows: Int, after duration: Duration) {
        changes.add(count)
        auditRows.add(rows)
        let (seconds, attoseconds) = duration.components
        commits.add(nanoseconds: Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000))
    }
}
