// One write for a commit, instead of two for each of its pages.
//
// SQLite writes each page of a commit into its log by itself, and before it the page's header, though all of them lie one behind the
// other. Here is what stands between the writing connection and its log: it keeps what is written together, and hands it on in one piece
// before the log is synchronised, read, measured, cut or closed. A commit is synchronised (`synchronous = FULL`) before SQLite counts it or
// tells another connection of it, so nobody ever sees less in the file than without this. What the file system says to a piece SQLite is
// told when it synchronises: a commit that could not be written fails as it ever did.
//
// Only the functions that SQLite calls on that one file are exchanged, by its documented structures (SQLITE_FCNTL_JOURNAL_POINTER,
// https://www.sqlite.org/c3ref/file.html). The work itself is done by those that were there before.

import Calls
import GRDB
import GRDBSQLite

/// What SQLite calls on a log: its functions, and behind them, where it does not look, what they need.
private struct JoinedLog {
    /// Has to be the first. All but those that are named in `use` are the file's own.
    var methods: sqlite3_io_methods
    /// The file's own.
    let own: UnsafePointer<sqlite3_io_methods>
    /// What was not handed on yet.
    let piece = UnsafeMutableRawPointer.allocate(byteCount: pieceBytes, alignment: 16)
    /// Where in the file it belongs.
    var start: sqlite3_int64 = 0
    var count = 0

    /// 31 pages with their headers. SQLite's function for Unix writes 131,071 bytes at once at most, and takes a multiple of 131,072 for
    /// nothing.
    static let pieceBytes = 31 * (4096 + 24)

    static func of(_ file: UnsafeMutablePointer<sqlite3_file>) -> UnsafeMutablePointer<JoinedLog> {
        UnsafeMutableRawPointer(mutating: file.pointee.pMethods).assumingMemoryBound(to: JoinedLog.self)
    }

    /// Takes what is to be written, or says why what was written before could not be.
    mutating func write(_ bytes: UnsafeRawPointer, _ length: Int, at offset: sqlite3_int64, _ file: UnsafeMutablePointer<sqlite3_file>)
        -> CInt
    {
        if count > 0, offset != start + sqlite3_int64(count) || count + length > Self.pieceBytes {
            let code = handOn(file)
            guard code == SQLITE_OK else { return code }
        }
        guard length <= Self.pieceBytes else { return own.pointee.xWrite(file, bytes, CInt(length), offset) }
        if count == 0 { start = offset }
        (piece + count).copyMemory(from: bytes, byteCount: length)
        count += length
        return SQLITE_OK
    }

    /// Writes what was kept. Where it cannot be, it is given up: SQLite is told, and takes its transaction back.
    mutating func handOn(_ file: UnsafeMutablePointer<sqlite3_file>) -> CInt {
        guard count > 0 else { return SQLITE_OK }
        defer { count = 0 }
        return own.pointee.xWrite(file, piece, CInt(count), start)
    }
}

enum JoinedWrites {
    /// Joins what the connection writes into its log from now on, until it is closed.
    /// - Throws: when the connection does not synchronise each commit, or has no log.
    static func use(in db: Database) throws {
        guard try Int.fetchOne(db, sql: "PRAGMA synchronous") == 2, try String.fetchOne(db, sql: "PRAGMA journal_mode") == "wal" else {
            throw StoreError.internal("commits are not synchronised, and may not be kept back")
        }
        var found: UnsafeMutablePointer<sqlite3_file>?
        let code = sqlite3_file_control(db.sqliteConnection, "main", SQLITE_FCNTL_JOURNAL_POINTER, &found)
        guard code == SQLITE_OK, let file = found, file.pointee.pMethods != nil else {
            throw StoreError.internal("the log of the database is not open")
        }
        join(file)
    }

    /// Joins what is written into an open file from now on, until it is closed.
    static func join(_ file: UnsafeMutablePointer<sqlite3_file>) {
        guard let own = file.pointee.pMethods else { return }
        var methods = own.pointee
        methods.xWrite = { file, bytes, length, offset in
            guard let file, let bytes else { return SQLITE_MISUSE }
            return JoinedLog.of(file).pointee.write(bytes, Int(length), at: offset, file)
        }
        methods.xSync = { file, flags in JoinedWrites.after(file) { $0.xSync(file, flags) } }
        methods.xRead = { file, bytes, length, offset in JoinedWrites.after(file) { $0.xRead(file, bytes, length, offset) } }
        methods.xFileSize = { file, size in JoinedWrites.after(file) { $0.xFileSize(file, size) } }
        methods.xTruncate = { file, size in JoinedWrites.after(file) { $0.xTruncate(file, size) } }
        methods.xClose = { file in
            guard let file else { return SQLITE_MISUSE }
            let log = JoinedLog.of(file)
            let written = log.pointee.handOn(file)
            let own = log.pointee.own
            file.pointee.pMethods = own
            log.pointee.piece.deallocate()
            log.deinitialize(count: 1)
            log.deallocate()
            let closed = own.pointee.xClose(file)
            return written == SQLITE_OK ? closed : written
        }
        let log = UnsafeMutablePointer<JoinedLog>.allocate(capacity: 1)
        log.initialize(to: JoinedLog(methods: methods, own: own))
        file.pointee.pMethods = UnsafeRawPointer(log).assumingMemoryBound(to: sqlite3_io_methods.self)
    }

    /// Does something with a log that holds everything that was written.
    private static func after(
        _ file: UnsafeMutablePointer<sqlite3_file>?, _ act: (sqlite3_io_methods) -> CInt
    ) -> CInt {
        guard let file else { return SQLITE_MISUSE }
        let log = JoinedLog.of(file)
        let code = log.pointee.handOn(file)
        return code == SQLITE_OK ? act(log.pointee.own.pointee) : code
    }
}
