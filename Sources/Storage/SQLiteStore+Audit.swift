public import Calls
import Foundation
import GRDB
import Vocabulary

extension SQLiteStore {
    public func append(_ entries: [AuditEntry]) async throws(StoreError) {
        try await changes.change { writing in
            for entry in entries { try writing.audit(entry) }
        }
    }

    public func append(_ entry: AuditEntry, done: @escaping @Sendable (StoreError?) -> Void) {
        changes.change { writing in
            _ = try writing.audit(entry)
        } done: { result in
            switch result {
            case .success: done(nil)
            case .failure(let error): done(error)
            }
        }
    }

    public func auditRows(of owner: AuditOwner, page: PageRequest) async throws(StoreError) -> Page<AuditRow> {
        let tenant: TenantID? =
            switch owner {
            case .tenant(let tenant): tenant
            case .operator: nil
            }
        let sql = """
            SELECT audit.*, before.hash AS previous_hash FROM stretches CROSS JOIN audit ON \(Stretch.holds("audit.seq"))
            LEFT JOIN audit AS before ON before.seq = audit.seq - 1
            WHERE stretches.tenant = ? AND stretch >= ? AND audit.tenant IS ? AND audit.seq > ? ORDER BY stretch, audit.seq LIMIT ?
            """
        let after = page.after ?? 0
        let values: [SQLValue] = [
            .text(Stretch.name(of: tenant)), .integer(after / Stretch.places), .optional(tenant?.text), .integer(after),
            .integer(Int64(page.limit + 1)),
        ]
        return try await read { db in
            let rows = try Row.fetchAll(db.prepared(sql, values))
            let anchor = try db.auditAnchor()
            return try Self.page(rows, limit: page.limit) { row in
                let seq: Int64 = row["seq"]
                let salt: Data = row["salt"]
                let hash: Data = row["hash"]
                let before: Data? = row["previous_hash"]
                guard let previousHash = before.map([UInt8].init) ?? (anchor?.seq == seq - 1 ? anchor?.hash : nil) else {
                    throw StoreError.internal("the row before \(seq) is missing in the audit log")
                }
                return AuditRow(
                    seq: seq, entry: try AuditEntry(row: row), salt: [UInt8](salt), previousHash: previousHash, hash: [UInt8](hash))
            }
        }
    }
}
