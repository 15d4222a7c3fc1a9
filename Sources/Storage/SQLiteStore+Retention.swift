public import Calls
import Foundation
import GRDB
import Vocabulary

// Retention: what is old goes, a slice at a time, so that nobody waits long for the writer.
//
// Rows are written in the order of time, so what is old stands in front, and no index is needed to find it. A few rows in front may have to
// stay (a call that lasted long, a row from a moment when the clock was wrong): the first rows are looked at, four times as many as may go,
// and from among them goes what may. The audit log is a chain and loses its front alone.

extension SQLiteStore {
    public func forget(_ retention: Retention, rowsMax: Int) async throws(StoreError) -> Bool {
        let slice = RetentionSlice(retention: retention, rowsMax: rowsMax)
        // A change for each table: what else waits for the writer goes in between.
        var counts = [
            try await changes.change(slice.forgetAnswers), try await changes.change(slice.forgetCalls),
            try await changes.change(slice.forgetAudit),
        ]
        // Forgotten users, rooms and keys answer as what is not there from now on; nothing at hand may say otherwise.
        counts.append(
            try await changes.change(slice.forgetUsers) { [knownUsers] count in if count > 0 { knownUsers.forgetAll() } })
        counts.append(
            try await changes.change(slice.forgetRooms) { [knownRooms] names in knownRooms.forget(names) }.count)
        counts.append(
            try await changes.change(slice.forgetKeys) { [knownKeys] digests in knownKeys.forget(digests) }.count)
        return counts.contains { $0 >= rowsMax }
    }
}

/// One slice of every table. Each function returns how many rows it took away, or which.
private struct RetentionSlice: Sendable {
    let retention: Retention
    let rowsMax: Int

    @Sendable func forgetAnswers(_ writing: Writing) throws -> Int {
        let old = try oldRows(in: "idempotency", where: "at < ?", [.integer(retention.idempotencyBefore.seconds)], writing.db)
        for seq in old { try writing.db.run("DELETE FROM idempotency WHERE seq = ?", [.integer(seq)]) }
        return old.count
    }

    @Sendable func forgetCalls(_ writing: Writing) throws -> Int {
        let old = try oldRows(in: "calls", where: "ended_at < ?", [.integer(retention.endedCallsBefore.seconds)], writing.db)
        for seq in old {
            guard let known = try writing.db.call(seq: seq) else { continue }
            for party in known.call.parties {
                try writing.db.run(
                    "DELETE FROM call_users WHERE tenant = ? AND user = ? AND call = ?",
                    [.text(known.call.tenant.text), .text(party.user.text), .integer(seq)])
            }
            try writing.db.run("DELETE FROM calls WHERE seq = ?", [.integer(seq)])
        }
        return old.count
    }

    @Sendable func forgetRooms(_ writing: Writing) throws -> [RoomName] {
        let old = try oldRows(
            in: "rooms", where: "ifnull(closed_at, expires_at) < ?", [.integer(retention.closedRoomsBefore.seconds)], writing.db)
        return try old.compactMap { seq in
            let name = try String.fetchOne(writing.db.prepared("DELETE FROM rooms WHERE seq = ? RETURNING name", [.integer(seq)]))
            return try name.map { try RoomName($0) }
        }
    }

    /// Living keys may be older than dead ones, so these have an index of their own.
    @Sendable func forgetKeys(_ writing: Writing) throws -> [[UInt8]] {
        try Data.fetchAll(
            writing.db.prepared(
                """
                DELETE FROM api_keys WHERE seq IN (
                    SELECT seq FROM api_keys WHERE (revoked_at IS NOT NULL OR expires_at IS NOT NULL)
                        AND min(ifnull(revoked_at, expires_at), ifnull(expires_at, revoked_at)) < ? LIMIT ?)
                RETURNING digest
                """, [.integer(retention.deadKeysBefore.seconds), .integer(Int64(rowsMax))])
        ).map([UInt8].init)
    }

    /// The directory of a tenant goes when the tenant is closed.
    @Sendable func forgetUsers(_ writing: Writing) throws -> Int {
        try writing.db.run(
            """
            DELETE FROM users WHERE (tenant, id) IN (
                SELECT users.tenant, users.id FROM tenants JOIN users ON users.tenant = tenants.id
                WHERE tenants.closed_at IS NOT NULL LIMIT ?)
            """, [.integer(Int64(rowsMax))])
        return writing.db.changesCount
    }

    @Sendable func forgetAudit(_ writing: Writing) throws -> Int {
        let rows = try Row.fetchAll(
            writing.db.prepared("SELECT seq, at, hash FROM audit ORDER BY seq LIMIT ?", [.integer(Int64(rowsMax))]))
        let old = rows.prefix { row in
            let at: Int64 = row["at"]
            return at < retention.auditBefore.seconds
        }
        guard let last = try old.last.map({ try AuditHead(row: $0) }) else { return 0 }
        try writing.db.run("DELETE FROM audit WHERE seq <= ?", [.integer(last.seq)])
        try writing.db.run("UPDATE audit_anchor SET seq = ?, hash = ?", [.integer(last.seq), .blob(last.hash)])
        // Calls are found by their stretches too, should one be older than the log.
        try writing.db.run(
            "DELETE FROM stretches WHERE stretch < min(?, ifnull((SELECT min(seq) FROM calls), ?)) / ?",
            [.integer(last.seq + 1), .integer(last.seq + 1), .integer(Stretch.places)])
        return old.count
    }

    /// Those among the first rows of a table for which the condition holds.
    private func oldRows(in table: String, where condition: String, _ values: [SQLValue], _ db: Database) throws -> [Int64] {
        try Int64.fetchAll(
            db.prepared(
                """
                SELECT seq FROM \(table) WHERE \(condition)
                    AND seq <= (SELECT max(seq) FROM (SELECT seq FROM \(table) ORDER BY seq LIMIT ?))
                ORDER BY seq LIMIT ?
                """, values + [.integer(Int64(rowsMax * 4)), .integer(Int64(rowsMax))]))
    }
}
