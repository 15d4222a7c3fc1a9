import Metering
import Vocabulary

/// What the desk counts.
struct DeskMetrics: Sendable {
    /// Rows in the order of `rows`.
    private let tokens: CounterTable

    init(_ registry: MetricRegistry) {
        tokens = registry.counters(
            "tokens_minted_total", "Join tokens that were handed out, and requests for one that were refused.",
            labels: ["provider", "result"],
            rows: ProviderKind.allCases.map { [$0.rawValue, "minted"] } + [["none", "refused"]])
    }

    /// Tokens are handed out: the audit log holds their rows.
    func handedOut(_ count: Int, on provider: ProviderKind) {
        guard let row = ProviderKind.allCases.firstIndex(of: provider) else { return }
        tokens.add(count, row: row)
    }

    /// Somebody was refused a token.
    func refusedToken() {
        tokens.add(row: ProviderKind.allCases.count)
    }
}
