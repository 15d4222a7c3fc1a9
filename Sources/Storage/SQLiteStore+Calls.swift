public import Calls
import GRDB
public import Vocabulary

extension SQLiteStore {
    public func place(_ call: NewCall, _ ticket: ChangeTicket) async throws(StoreError) -> CallOutcome {
        try await changes.change { writing in try writing.place(call, ticket) }
    }

    public func move(_ move: CallMove, _ id: CallID, _ ticket: ChangeTicket) async throws(StoreError) -> CallOutcome {
        try await changes.change { writing in try writing.move(move, id, ticket) }
    }

    public func recordMints(_ entries: [AuditEntry], whileActive call: CallKey) async throws(StoreError) -> Bool {
        try await changes.change { writing in try writing.recordMints(entries, whileActive: call) }
    }

    public func attach(_ courier: any Courier) async throws(StoreError) {
        try await changes.attach(courier)
    }

    public func isAnswered(_ key: IdempotencyKey, of tenant: TenantID) async throws(StoreError) -> Bool {
        try await read { db in
            try Row.fetchOne(
                db.prepared(
                    """
                    SELECT 1 FROM idempotency JOIN calls ON calls.seq = idempotency.call
                    WHERE idempotency.tenant = ? AND sender = ? AND key = ?
                    """, [.text(tenant.text), .text(key.sender), .text(key.text)])) != nil
        }
    }

    public func call(_ id: CallID, of tenant: TenantID) async throws(StoreError) -> Call? {
        let key = CallKey(tenant: tenant, id: id)
        if let known = knownCalls[key] { return known.call }
        let generation = knownCalls.generation
        // Before the database: a call that ends in between is found by where it stands, and one that had ended by its id.
        let seq = liveCalls.seq(of: key)
        let known = try await read { db in try db.call(key, liveAt: seq) }
        if let known, known.call.isLive { knownCalls.keepRead(known, for: known.call.key, since: generation) }
        return known?.call
    }

    public func liveCall(of user: UserID, in tenant: TenantID) async throws(StoreError) -> Call? {
        guard let key = liveCalls.call(of: UserKey(tenant: tenant, id: user)) else { return nil }
        let call = try await call(key.id, of: tenant)
        return call?.isLive == true ? call : nil
    }

    public func isFreeAtHand(_ user: UserID, in tenant: TenantID) -> Bool {
        liveCalls.call(of: UserKey(tenant: tenant, id: user)) == nil
    }

    public func usersInCalls(among users: [UserID], of tenant: TenantID) async throws(StoreError) -> Set<UserID> {
        Set(users.filter { !isFreeAtHand($0, in: tenant) })
    }

    public func activeCallsCount() -> Int { liveCalls.activeCount }

    public func calls(of tenant: TenantID, _ filter: CallFilter, page: PageRequest) async throws(StoreError) -> Page<Call> {
        let after = page.after ?? 0
        let (source, order, values) = source(of: tenant, filter, after: after)
        let state =
            switch filter.state {
            case nil: "1"
            case .ringing: "ended_at IS NULL AND accepted_at IS NULL"
            case .active: "ended_at IS NULL AND accepted_at IS NOT NULL"
            case .ended: "ended_at IS NOT NULL"
            }
        // The plus keeps SQLite from looking for the tenant in an index that is in another order.
        let sql = "SELECT calls.* FROM \(source) AND +calls.tenant = ? AND seq > ? AND \(state) ORDER BY \(order) LIMIT ?"
        return try await read { db in
            let rows = try Row.fetchAll(
                db.prepared(sql, values + [.text(tenant.text), .integer(after), .integer(Int64(page.limit + 1))]))
            return try Self.page(rows, limit: page.limit) { try KnownCall($0).call }
        }
    }

    public func liveCalls(page: PageRequest) async throws(StoreError) -> Page<Call> {
        try await read { db in
            let rows = try Row.fetchAll(
                db.prepared(
                    """
                    SELECT * FROM calls WHERE seq IN (SELECT seq FROM calls INDEXED BY calls_live WHERE ended_at IS NULL AND seq > ?)
                    ORDER BY seq LIMIT ?
                    """,
                    [.integer(page.after ?? 0), .integer(Int64(page.limit + 1))]))
            return try Self.page(rows, limit: page.limit) { try KnownCall($0).call }
        }
    }

    /// Where to look for calls, and what they come in the order of: as few rows as the filter allows.
    ///
    /// Among the calls of a tenant nearly all are ended, so looking for ended ones passes over no more than are live. Which live call a
    /// user is in was asked before the database is: one that ends in between is among the ended ones as well, and comes once.
    private func source(
        of tenant: TenantID, _ filter: CallFilter, after: Int64
    ) -> (source: String, order: String, values: [SQLValue]) {
        let ofTenant: [SQLValue] = [.text(tenant.text)]
        guard let user = filter.user else {
            switch filter.state {
            case .ringing, .active: return ("calls INDEXED BY calls_live WHERE calls.tenant = ? AND ended_at IS NULL", "seq", ofTenant)
            case .ended, nil:
                let source = "stretches CROSS JOIN calls ON \(Stretch.holds("calls.seq")) WHERE stretches.tenant = ? AND stretch >= ?"
                return (source, "stretch, seq", ofTenant + [.integer(after / Stretch.places)])
            }
        }
        let ended = "SELECT call FROM call_users WHERE tenant = ? AND user = ?"
        let ofUser = ofTenant + [.text(user.text)]
        let live = [SQLValue.optional(liveCalls.seq(ofCallOf: UserKey(tenant: tenant, id: user)))]
        switch filter.state {
        case .ringing, .active: return ("calls WHERE seq = ?", "seq", live)
        case .ended: return ("calls WHERE seq IN (\(ended))", "seq", ofUser)
        case nil: return ("calls WHERE seq IN (\(ended) UNION ALL SELECT ?)", "seq", ofUser + live)
        }
    }
}
