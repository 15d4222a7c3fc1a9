// The statements under every change of a call, a dozen of them, ten thousand times a second.
//
// GRDB prepares them and owns the connection, the transactions and the errors. In between they are bound and stepped through SQLite's own
// functions: GRDB's way makes an array of arguments for each execution, finds the statement by its text, and looks after observers that we
// have none of, which together cost as much as SQLite's work. Everything that is asked seldom goes GRDB's way (`Database.run`).

import GRDB
import GRDBSQLite

/// A statement that is prepared once and kept.
enum HotStatement: Int, CaseIterable {
    case insertCall
    case updateCall
    case endCall
    case insertCallUser
    case insertAudit
    case insertStretch
    case answer
    case insertAnswer

    fileprivate var sql: String {
        switch self {
        case .insertCall:
            """
            INSERT INTO calls (seq, tenant, id, room, provider, media, metadata, parties, placed_at, ring_deadline, version)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        // Two statements: one that names `ended_at` rewrites the entry in the index of live calls, whatever it sets.
        case .updateCall: "UPDATE calls SET parties = ?, accepted_at = ?, version = ? WHERE seq = ?"
        case .endCall:
            """
            UPDATE calls SET parties = ?, accepted_at = ?, version = ?, ended_at = ?, end_reason = ?, ended_by = ?, end_note = ?,
                end_device = ?
            WHERE seq = ?
            """
        case .insertCallUser: "INSERT INTO call_users (tenant, user, call) VALUES (?, ?, ?)"
        case .insertAudit:
            """
            INSERT INTO audit (seq, salt, at, tenant, actor, operation, subject, outcome, request_id, token_id, token_sha256,
                token_identity, token_room, token_role, token_provider, token_expires_at, hash)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        case .insertStretch: "INSERT OR IGNORE INTO stretches (tenant, stretch) VALUES (?, ?)"
        case .answer: "SELECT seq, fingerprint, call, version FROM idempotency WHERE tenant = ? AND sender = ? AND key = ?"
        case .insertAnswer:
            "INSERT INTO idempotency (seq, tenant, sender, key, fingerprint, call, version, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        }
    }
}

/// The hot statements of one connection.
final class HotStatements: @unchecked Sendable {
    // Unchecked: all of it is used on the writer's queue alone, one change after the other.

    private var statements: [Statement?] = Array(repeating: nil, count: HotStatement.allCases.count)
    /// Where texts lie while their statement runs, so that SQLite need not make copies of its own.
    private let shelf = UnsafeMutableRawPointer.allocate(byteCount: Binding.shelfBytes, alignment: 1)

    deinit {
        shelf.deallocate()
    }

    /// Gives the statements up. A connection cannot be closed before.
    func removeAll() {
        statements = Array(repeating: nil, count: statements.count)
    }

    /// Executes a statement.
    /// - Parameters:
    ///   - bind: gives the values for the `?`, all of them, in their order.
    ///   - row: is handed each row.
    func run(_ hot: HotStatement, in db: Database, _ bind: (inout Binding) -> Void, row: (ResultRow) throws -> Void = { _ in }) throws {
        let statement = try statements[hot.rawValue] ?? prepare(hot, in: db)
        let pointer = statement.sqliteStatement
        var binding = Binding(statement: pointer, shelf: shelf)
        bind(&binding)
        // Also after a failure: a statement is left as it was found, and what it failed with was told already.
        defer { sqlite3_reset(pointer) }
        var code = binding.code == SQLITE_OK ? sqlite3_step(pointer) : binding.code
        while code == SQLITE_ROW {
            try row(ResultRow(statement: pointer))
            code = sqlite3_step(pointer)
        }
        guard code == SQLITE_DONE else {
            let message = db.sqliteConnection.map { String(cString: sqlite3_errmsg($0)) }
            throw DatabaseError(resultCode: ResultCode(rawValue: code), message: message, sql: hot.sql)
        }
    }

    private func prepare(_ hot: HotStatement, in db: Database) throws -> Statement {
        let statement = try db.makeStatement(sql: hot.sql)
        statements[hot.rawValue] = statement
        return statement
    }
}

/// The values of a statement, one after the other.
struct Binding {
    fileprivate let statement: OpaquePointer
    fileprivate let shelf: UnsafeMutableRawPointer
    fileprivate static let shelfBytes = 16 * 1024
    private var used = 0
    private var index: CInt = 0
    /// What SQLite said to the values; the first complaint stays.
    fileprivate private(set) var code = SQLITE_OK

    fileprivate init(statement: OpaquePointer, shelf: UnsafeMutableRawPointer) {
        self.statement = statement
        self.shelf = shelf
    }

    mutating func add(_ number: Int64) {
        index += 1
        note(sqlite3_bind_int64(statement, index, number))
    }

    mutating func add(_ number: Int64?) {
        if let number { add(number) } else { addNull() }
    }

    mutating func add(_ text: String) {
        var text = text
        index += 1
        text.withUTF8 { bytes in
            let place = put(UnsafeRawBufferPointer(bytes))
            note(
                sqlite3_bind_text(
                    statement, index, place.address.assumingMemoryBound(to: CChar.self), CInt(bytes.count), place.destructor))
        }
    }

    mutating func add(_ text: String?) {
        if let text { add(text) } else { addNull() }
    }

    mutating func add(_ bytes: [UInt8]) {
        index += 1
        bytes.withUnsafeBytes { bytes in
            let place = put(bytes)
            note(sqlite3_bind_blob(statement, index, place.address, CInt(bytes.count), place.destructor))
        }
    }

    mutating func add(_ bytes: [UInt8]?) {
        if let bytes { add(bytes) } else { addNull() }
    }

    private mutating func addNull() {
        index += 1
        note(sqlite3_bind_null(statement, index))
    }

    private mutating func note(_ result: CInt) {
        if code == SQLITE_OK { code = result }
    }

    /// Puts bytes where they stay while the statement runs; what does not fit there SQLite has to copy.
    private mutating func put(_ bytes: UnsafeRawBufferPointer) -> (address: UnsafeRawPointer, destructor: sqlite3_destructor_type?) {
        // Nothing has no address, but SQLite needs one: none would mean NULL.
        guard let start = bytes.baseAddress else { return (UnsafeRawPointer(shelf), nil) }
        guard used + bytes.count <= Self.shelfBytes else { return (start, unsafeBitCast(-1, to: sqlite3_destructor_type.self)) }
        let place = shelf + used
        place.copyMemory(from: start, byteCount: bytes.count)
        used += bytes.count
        return (UnsafeRawPointer(place), nil)
    }
}

/// A row of a hot statement, while it is there.
struct ResultRow {
    fileprivate let statement: OpaquePointer

    func integer(_ column: CInt) -> Int64 {
        sqlite3_column_int64(statement, column)
    }

    func bytes(_ column: CInt) -> [UInt8] {
        let start = sqlite3_column_blob(statement, column)
        return [UInt8](UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column))))
    }

    func text(_ column: CInt) -> String {
        String(decoding: bytes(column), as: UTF8.self)
    }
}
