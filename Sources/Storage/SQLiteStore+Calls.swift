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
        let known = try await read { db in try db.call(key) }
        if let known, known.call.isLive { knownCalls.keepRead(known, for: known.call.key, since: generation) }
        return known?.call
    }

    public func liveCall(of user: UserID, in tenant: TenantID) async throws(StoreError) -> Call? {
        guard let key = liveParties.call(of: UserKey(tenant: tenant, id: user)) else { return nil }
        if let known = knownCalls[key]?.call, known.isLive { return known }
        return try await read { db in try db.liveCall(of: user, in: tenant)?.call }
    }

    public func isFreeAtHand(_ user: UserID, in tenant: TenantID) -> Bool {
        liveParties.call(of: UserKey(tenant: tenant, id: user)) == nil
    }

    public func usersInCalls(among users: [UserID], of tenant: TenantID) async throws(StoreError) -> Set<UserID> {
        Set(users.filter { !isFreeAtHand($0, in: tenant) })
    }

    public func activeCallsCount() -> Int { liveParties.activeCount }

    public func calls(of tenant: TenantID, _ filter: CallFilter, page: PageRequest) async throws(StoreError) -> Page<Call> {
        let (source, values) = Self.source(of: tenant, filter)
        let state =
            switch filter.state {
            case nil: "1"
            case .ringing: "ended_at IS NULL AND accepted_at IS NULL"
            case .active: "ended_at IS NULL AND accepted_at IS NOT NULL"
            case .ended: "ended_at IS NOT NULL"
            }
        let sql = "SELECT calls.* FROM \(source) AND seq > ? AND \(state) ORDER BY seq LIMIT ?"
        return try await read { db in
            let rows = try Row.fetchAll(
                db.prepared(sql, values + [.integer(page.after ?? 0), .integer(Int64(page.limit + 1))]))
            return try Self.page(rows, limit: page.limit) { try KnownCall($0).call }
        }
    }

    public func liveCalls(page: PageRequest) async throws(StoreError) -> Page<Call> {
        try await read { db in
            let rows = try Row.fetchAll(
                db.prepared(
                    "SELECT * FROM calls WHERE seq IN (SELECT call FROM live_parties WHERE call > ?) ORDER BY seq LIMIT ?",
                    [.integer(page.after ?? 0), .integer(Int64(page.limit + 1))]))
            return try Self.page(rows, limit: page.limit) { try KnownCall($0).call }
        }
    }

    /// Where to look for calls: as few rows as the filter allows.
    ///
    /// Live calls are found by who is in them. Among the calls of a tenant or of a user nearly all are ended, so looking for ended ones
    /// passes over no more than are live.
    private static func source(of tenant: TenantID, _ filter: CallFilter) -> (String, [SQLValue]) {
        let (table, condition, values): (String, String, [SQLValue]) =
            switch (filter.user, filter.state) {
            case (let user?, .ringing), (let user?, .active):
                ("live_parties", "tenant = ? AND user = ?", [.text(tenant.text), .text(user.text)])
            case (let user?, .ended), (let user?, nil): ("call_users", "tenant = ? AND user = ?", [.text(tenant.text), .text(user.text)])
            case (nil, .ringing), (nil, .active): ("live_parties", "tenant = ?", [.text(tenant.text)])
            case (nil, .ended), (nil, nil): ("", "", [])
            }
        guard !table.isEmpty else { return ("calls WHERE tenant = ?", [.text(tenant.text)]) }
        return ("calls WHERE tenant = ? AND seq IN (SELECT call FROM \(table) WHERE \(condition))", [.text(tenant.text)] + values)
    }
}
