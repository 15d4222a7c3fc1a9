import Calls
import Foundation
import GRDB
import Vocabulary

/// The audit log's rows.
extension Database {
    /// The end of the audit log.
    ///
    /// Where somebody cut rows off, other tables may have rows whose places are above it. The log goes on above them: their places are
    /// taken, and the gap shows.
    func auditHead() throws -> AuditHead {
        let last = try Row.fetchOne(self, sql: "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").map { try AuditHead(row: $0) }
        guard let head = try last ?? auditAnchor() else { throw StoreError.internal("the anchor of the audit log is missing") }
        let taken =
            try Int64.fetchOne(
                self,
                sql: """
                    SELECT max(ifnull((SELECT max(seq) FROM calls), 0), ifnull((SELECT max(told) FROM service), 0),
                        ifnull((SELECT max(seq) FROM idempotency), 0))
                    """) ?? 0
        return taken > head.seq ? AuditHead(seq: taken, hash: head.hash) : head
    }

    /// The last row that was removed from the front of the audit log because it was old; place 0 when none was. Nil when somebody took the
    /// anchor away.
    func auditAnchor() throws -> AuditHead? {
        try Row.fetchOne(self, sql: "SELECT seq, hash FROM audit_anchor").map { try AuditHead(row: $0) }
    }
}

extension AuditHead {
    init(row: Row) throws {
        let hash = try row.decode(Data.self, forColumn: "hash")
        self.init(seq: try row.decode(forColumn: "seq"), hash: [UInt8](hash))
    }
}

extension AuditEntry {
    /// Reads an entry back. Whoever checks the log meets files that somebody changed: whatever stands there, it throws and does not trap.
    init(row: Row) throws {
        let tenant = try row.decode(String?.self, forColumn: "tenant")
        self.init(
            at: UnixTime(try row.decode(forColumn: "at")), tenant: try tenant.map { try TenantID($0) },
            actor: try Actor(kept: row.decode(forColumn: "actor")), operation: try SQLiteStore.word(row.decode(forColumn: "operation")),
            subject: try row.decode(forColumn: "subject"), outcome: try row.decode(forColumn: "outcome"),
            requestID: try row.decode(forColumn: "request_id"), token: try Token(row: row))
    }

    /// The same entry with what really came of it.
    func with(outcome: String) -> AuditEntry {
        AuditEntry(
            at: at, tenant: tenant, actor: actor, operation: operation, subject: subject, outcome: outcome, requestID: requestID,
            token: token)
    }

    /// The entry as the database can keep it: a NUL would end a text there, and the row would not read as it was written. Wherever
    /// somebody sends one, the mark for an unknown character stands instead.
    var storable: AuditEntry {
        func hasNUL(_ text: String) -> Bool {
            text.utf8.withContiguousStorageIfAvailable { $0.contains(0) } ?? text.utf8.contains(0)
        }
        guard [subject, outcome, requestID, token?.id, token?.role].contains(where: { $0.map(hasNUL) == true }) else { return self }
        func clean(_ text: String) -> String {
            String(String.UnicodeScalarView(text.unicodeScalars.map { $0 == "\0" ? "\u{FFFD}" : $0 }))
        }
        return AuditEntry(
            at: at, tenant: tenant, actor: actor, operation: operation, subject: clean(subject), outcome: clean(outcome),
            requestID: requestID.map(clean),
            token: token.map {
                Token(
                    id: clean($0.id), sha256: $0.sha256, identity: $0.identity, room: $0.room, role: clean($0.role), provider: $0.provider,
                    expiresAt: $0.expiresAt)
            })
    }

    /// The outcome of what was so already.
    static let repeated = "repeated"
}

extension AuditEntry.Token {
    /// Nil where the row is not about a token.
    fileprivate init?(row: Row) throws {
        guard let id = try row.decode(String?.self, forColumn: "token_id") else {
            let parts = ["token_sha256", "token_identity", "token_room", "token_role", "token_provider", "token_expires_at"]
            guard parts.allSatisfy({ (row[$0] as DatabaseValue?)?.isNull ?? true }) else {
                throw StoreError.internal("the database holds half a token")
            }
            return nil
        }
        self.init(
            id: id, sha256: [UInt8](try row.decode(Data.self, forColumn: "token_sha256")),
            identity: try UserID(row.decode(forColumn: "token_identity")), room: try RoomName(row.decode(forColumn: "token_room")),
            role: try row.decode(forColumn: "token_role"), provider: try SQLiteStore.word(row.decode(forColumn: "token_provider")),
            expiresAt: UnixTime(try row.decode(forColumn: "token_expires_at")))
    }
}

extension Actor {
    /// Reads what `text` wrote.
    fileprivate init(kept text: String) throws {
        switch text {
        case "machine": self = .machine
        case "service": self = .service
        default:
            if text.hasPrefix("user:") {
                self = .user(try UserID(String(text.dropFirst(5))))
            } else {
                self = .key(try APIKeyID(text))
            }
        }
    }
}
