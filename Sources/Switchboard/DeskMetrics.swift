import Metering
import Vocabulary

/// What the desk counts.
struct DeskMetrics: Sendable {
    /// Rows in the order of `rows`.
    private let tokens: CounterTable
    /// Rows in the order of `RemoteCheck.Verdict`.
    private let remoteChecks: CounterTable

    init(_ registry: MetricRegistry) {
        tokens = registry.counters(
            "tokens_minted_total", "Join tokens that were handed out, and requests for one that were refused.",
            labels: ["provider", "result"],
            rows: ProviderKind.allCases.map { [$0.rawValue, "minted"] } + [["none", "refused"]])
        remoteChecks = registry.counters(
            "remote_checks_total", "Questions to the apps of tenants whose an opaque credential is, by what came of them.",
            labels: ["result"], rows: [["user"], ["nobody"], ["undecided"]])
    }

    /// Tokens are handed out: the audit log holds their rows.
    func handedOut(_ count: Int, on provider: ProviderKind) {
        guard let row = ProviderKind.allCases.firstIndex(of: provider) else { return }
        tokens.add(count, row: row)
    }

    /// An app was asked whose a credential is.
    func askedApp(_ verdict: RemoteCheck.Verdict) {
        let row =
            switch verdict {
            case .user: 0
            case .nobody: 1
            case .undecided: 2
            }
        remoteChecks.add(row: row)
    }

    /// Somebody was refused a token.
    func refusedToken() {
        tokens.add(row: ProviderKind.allCases.count)
    }
}
