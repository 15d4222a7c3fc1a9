public import Calls
import Foundation
import GRDB
public import Vocabulary

extension SQLiteStore {
    public func insert(_ key: APIKeyRecord, _ audit: AuditEntry) async throws(StoreError) {
        try await changes.change { writing in
            if let tenant = key.tenant { try writing.requireOpenTenant(tenant) }
            try writing.db.run(
                """
                INSERT INTO api_keys (id, tenant, scopes, label, prefix, digest, created_at, expires_at, revoked_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    .text(key.id.text), .optional(key.tenant?.text), .text(key.scopes.map(\.rawValue).sorted().joined(separator: " ")),
                    .optional(key.label), .text(key.prefix), .blob(key.digest), .integer(key.createdAt.seconds),
                    .optional(key.expiresAt?.seconds), .optional(key.revokedAt?.seconds),
                ])
            try writing.audit(audit)
        } remember: { [knownKeys] in
            knownKeys.keepWritten(key, for: key.digest)
        }
    }

    public func keyAtHand(digest: [UInt8]) -> APIKeyRecord? {
        knownKeys[digest]
    }

    public func key(digest: [UInt8]) async throws(StoreError) -> APIKeyRecord? {
        if let key = knownKeys[digest] { return key }
        let generation = knownKeys.generation
        let key = try await read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM api_keys WHERE digest = ?", arguments: [Data(digest)]).map(Self.key)
        }
        if let key { knownKeys.keepRead(key, for: digest, since: generation) }
        return key
    }

    public func key(_ id: APIKeyID) async throws(StoreError) -> APIKeyRecord? {
        try await read { db in try Self.fetchKey(id, in: db) }
    }

    public func keys(of owner: KeyOwner, page: PageRequest) async throws(StoreError) -> Page<APIKeyRecord> {
        try await read { db in
            let rows: [Row]
            switch owner {
            case .tenant(let tenant):
                rows = try Row.fetchAll(
                    db, sql: "SELECT * FROM api_keys WHERE tenant = ? AND seq > ? ORDER BY seq LIMIT ?",
                    arguments: [tenant.text, page.after ?? 0, page.limit + 1])
            case .anybody:
                rows = try Row.fetchAll(
                    db, sql: "SELECT * FROM api_keys WHERE seq > ? ORDER BY seq LIMIT ?", arguments: [page.after ?? 0, page.limit + 1])
            }
            return try Self.page(rows, limit: page.limit, Self.key)
        }
    }

    public func revokeKey(_ id: APIKeyID, at now: UnixTime, _ audit: AuditEntry) async throws(StoreError) -> APIKeyRecord? {
        try await changes.change { writing -> APIKeyRecord? in
            guard let key = try Self.fetchKey(id, in: writing.db) else { return nil }
            guard key.revokedAt == nil else {
                try writing.audit(audit.with(outcome: AuditEntry.repeated))
                return key
            }
            try writing.db.run("UPDATE api_keys SET revoked_at = ? WHERE id = ?", [.integer(now.seconds), .text(id.text)])
            try writing.audit(audit)
            return key.revoked(at: now)
        } remember: { [knownKeys] revoked in
            if let revoked { knownKeys.keepWritten(revoked, for: revoked.digest) }
        }
    }

    public func hasOperatorKey(at now: UnixTime) async throws(StoreError) -> Bool {
        try await read { db in
            try Bool.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (
                        SELECT 1 FROM api_keys WHERE tenant IS NULL AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?))
                    """, arguments: [now.seconds]) ?? false
        }
    }

    private static func fetchKey(_ id: APIKeyID, in db: Database) throws -> APIKeyRecord? {
        try Row.fetchOne(db, sql: "SELECT * FROM api_keys WHERE id = ?", arguments: [id.text]).map(key)
    }

    private static func key(_ row: Row) throws -> APIKeyRecord {
        let scopes: String = row["scopes"]
        let tenant: String? = row["tenant"]
        let digest: Data = row["digest"]
        return APIKeyRecord(
            id: try APIKeyID(row["id"]), tenant: try tenant.map { try TenantID($0) },
            scopes: Set(try scopes.split(separator: " ").map { try word(String($0)) }), label: row["label"], prefix: row["prefix"],
            digest: [UInt8](digest), createdAt: UnixTime(row["created_at"]), expiresAt: moment(row["expires_at"]),
            revokedAt: moment(row["revoked_at"]))
    }
}
