import Vocabulary

/// Counts the rings, so that nobody's phone rings without end.
///
/// Every attempt costs the pair, also one that is refused; only a phone that rings costs its owner. So whoever knocks too often keeps
/// nobody else out.
final class RingLimits: Sendable {
    /// A ring on its way. What it costs can be given back.
    struct Ring: Sendable {
        let tenant: TenantID
        let caller: UserID
        let callee: UserID
    }

    private struct Pair: Hashable {
        let tenant: TenantID
        let caller: UserID
        let callee: UserID
    }

    private struct Callee: Hashable {
        let tenant: TenantID
        let user: UserID
    }

    private let pairs: TokenBuckets<Pair>?
    private let callees: TokenBuckets<Callee>?

    init(_ limits: DeskLimits) {
        pairs = limits.ringsPerPair.map { TokenBuckets($0) }
        callees = limits.ringsPerCallee.map { TokenBuckets($0) }
    }

    /// Pays for a ring.
    /// - Returns: nil when it may ring, else the seconds until it may; then nothing was paid to the callee's bucket.
    func take(_ ring: Ring, at now: Duration) -> Int? {
        if let seconds = pairs?.take(Pair(tenant: ring.tenant, caller: ring.caller, callee: ring.callee), at: now) { return seconds }
        return callees?.take(Callee(tenant: ring.tenant, user: ring.callee), at: now)
    }

    /// Nobody's phone rang after all.
    func giveBack(_ ring: Ring, wholly: Bool) {
        callees?.giveBack(Callee(tenant: ring.tenant, user: ring.callee))
        if wholly { pairs?.giveBack(Pair(tenant: ring.tenant, caller: ring.caller, callee: ring.callee)) }
    }
}
