public import Calls
import GRDB
public import Vocabulary

/// Which open tenants were asked for.
enum TenantsQuestion: Hashable, Sendable {
    /// Those whose users' tokens have that issuer, by its bytes: as texts, two issuers that Unicode calls equivalent would be one.
    case issuer([UInt8])
    case oldest
}

extension SQLiteStore {
    public func insert(_ tenant: Tenant, _ audit: AuditEntry) async throws(StoreError) {
        try await changes.change { writing in
            try TenantRow.insert(tenant, in: writing.db)
            try writing.audit(audit)
        } remember: { [knownTenants, knownTenantLists] in
            knownTenants.keepWritten(tenant, for: tenant.id)
            knownTenantLists.forgetAll()
        }
    }

    public func tenantAtHand(_ id: TenantID) -> Tenant? {
        knownTenants[id]
    }

    public func tenant(_ id: TenantID) async throws(StoreError) -> Tenant? {
        if let tenant = knownTenants[id] { return tenant }
        let generation = knownTenants.generation
        let tenant = try await read { db in try TenantRow.fetch(id, in: db) }
        if let tenant { knownTenants.keepRead(tenant, for: id, since: generation) }
        return tenant
    }

    public func tenants(page: PageRequest) async throws(StoreError) -> Page<Tenant> {
        try await read { db in
            let rows = try Row.fetchAll(
                db, sql: "SELECT * FROM tenants WHERE seq > ? ORDER BY seq LIMIT ?", arguments: [page.after ?? 0, page.limit + 1])
            return try Self.page(rows, limit: page.limit, TenantRow.tenant)
        }
    }

    public func tenants(issuer: String) async throws(StoreError) -> [Tenant] {
        if let tenants = knownTenantLists[.issuer(Array(issuer.utf8))] { return tenants }
        let generation = knownTenantLists.generation
        let tenants = try await read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM tenants WHERE user_token_issuer = ? AND closed_at IS NULL ORDER BY seq LIMIT 64",
                arguments: [issuer]
            ).map(TenantRow.tenant)
        }
        // An issuer of nobody is not kept: anybody can think of any number of those.
        if !tenants.isEmpty { knownTenantLists.keepRead(tenants, for: .issuer(Array(issuer.utf8)), since: generation) }
        return tenants
    }

    public func oldestOpenTenants() async throws(StoreError) -> [Tenant] {
        if let tenants = knownTenantLists[.oldest] { return tenants }
        let generation = knownTenantLists.generation
        let tenants = try await read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM tenants WHERE closed_at IS NULL ORDER BY seq LIMIT 2"
            ).map(TenantRow.tenant)
        }
        knownTenantLists.keepRead(tenants, for: .oldest, since: generation)
        return tenants
    }

    public func replaceTenant(_ old: Tenant, with new: Tenant, _ audit: AuditEntry) async throws(StoreError) -> Bool {
        try await changes.change { writing -> Bool in
            guard try TenantRow.fetch(new.id, in: writing.db) == old else { return false }
            try TenantRow.update(new, in: writing.db)
            writing.memory.openTenants.remove(new.id)
            try writing.audit(audit)
            return true
        } remember: { [knownTenants, knownTenantLists] isReplaced in
            guard isReplaced else { return }
            knownTenants.keepWritten(new, for: new.id)
            knownTenantLists.forgetAll()
        }
    }

    public func closeTenant(_ id: TenantID, at now: UnixTime, _ audit: AuditEntry) async throws(StoreError) -> Bool {
        let closed = try await changes.change { writing -> Tenant? in
            guard var tenant = try TenantRow.fetch(id, in: writing.db) else { return nil }
            guard tenant.closedAt == nil else {
                try writing.audit(audit.with(outcome: AuditEntry.repeated))
                return tenant
            }
            tenant.closedAt = now
            try writing.audit(audit)
            try writing.closeTenant(id, at: now, requestID: audit.requestID)
            return tenant
        } remember: { [knownTenants, knownTenantLists, knownRooms, knownKeys] closed in
            guard let closed else { return }
            knownTenants.keepWritten(closed, for: id)
            knownTenantLists.forgetAll()
            knownRooms.forgetAll()
            knownKeys.forgetAll()
        }
        return closed != nil
    }
}

extension Writing {
    fileprivate func closeTenant(_ id: TenantID, at now: UnixTime, requestID: String?) throws {
        memory.openTenants.remove(id)
        for table in [
            "UPDATE tenants SET closed_at = ? WHERE id = ?",
            "UPDATE rooms SET closed_at = ? WHERE tenant = ? AND closed_at IS NULL",
            "UPDATE api_keys SET revoked_at = ? WHERE tenant = ? AND revoked_at IS NULL",
        ] {
            try db.run(table, [.integer(now.seconds), .text(id.text)])
        }
        let live = try Row.fetchAll(
            db.prepared(
                "SELECT * FROM calls INDEXED BY calls_live WHERE tenant = ? AND ended_at IS NULL ORDER BY seq", [.text(id.text)]))
        for call in try live.map(KnownCall.init) { try expire(call, .tenantClosed, at: now, requestID: requestID) }
    }
}
