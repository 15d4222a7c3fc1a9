import GRDB
import GRDBSQLite

/// A value on its way into a statement.
enum SQLValue {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])

    static func optional(_ text: String?) -> SQLValue { text.map { .text($0) } ?? .null }
    static func optional(_ number: Int64?) -> SQLValue { number.map { .integer($0) } ?? .null }
}

/// Statements that are prepared once per connection and bound without detours.
///
/// GRDB's own way through `StatementArguments` makes several arrays for every execution and looks every argument up by name. Under the
/// changes of calls, a dozen statements each, that was more work than SQLite's own; so the values are handed to SQLite directly here,
/// and everything else (errors, transactions, the cache) stays GRDB's.
extension Database {
    /// Executes one statement that returns no rows.
    func run(_ sql: String, _ values: [SQLValue] = []) throws {
        try prepared(sql, values).execute()
    }

    /// The statement with these values in the places of its `?`, ready to be executed or fetched from.
    func prepared(_ sql: String, _ values: [SQLValue]) throws -> Statement {
        let statement = try cachedStatement(sql: sql)
        // Takes the statement back to its start and tells GRDB that its arguments are seen to.
        statement.setUncheckedArguments(StatementArguments())
        for (index, value) in values.enumerated() {
            let code = Self.bind(value, to: statement.sqliteStatement, at: CInt(index + 1))
            guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code), sql: sql) }
        }
        return statement
    }

    private static func bind(_ value: SQLValue, to statement: OpaquePointer, at index: CInt) -> CInt {
        // SQLITE_TRANSIENT: SQLite takes a copy.
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        switch value {
        case .null:
            return sqlite3_bind_null(statement, index)
        case .integer(let number):
            return sqlite3_bind_int64(statement, index, number)
        case .text(var text):
            return text.withUTF8 { bytes in
                // An empty text has no address, and no address would mean NULL.
                guard let address = bytes.baseAddress else { return sqlite3_bind_text(statement, index, "", 0, transient) }
                return address.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
                    sqlite3_bind_text(statement, index, $0, CInt(bytes.count), transient)
                }
            }
        case .blob(let bytes):
            return bytes.withUnsafeBytes { bytes in
                guard let address = bytes.baseAddress else { return sqlite3_bind_zeroblob(statement, index, 0) }
                return sqlite3_bind_blob(statement, index, address, CInt(bytes.count), transient)
            }
        }
    }
}
