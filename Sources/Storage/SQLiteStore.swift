// Storage: where everything acknowledged is kept.
//
// One SQLite file through GRDB, in WAL mode with `synchronous = FULL`: a change is answered when it is on the disk. One process owns the
// file (a lock beside it says so), which is what lets the store vouch for records that it holds in memory. Numbered migrations make the
// schema; a file that a newer version wrote is refused.

public import Calls
import Foundation
import GRDB
public import Vocabulary

/// Why the store could not be opened. One line for the person who started the service.
public struct StoreOpeningError: Error, CustomStringConvertible, Sendable {
    public let description: String
}

/// The store on one SQLite file.
public final class SQLiteStore: Store {
    let pool: DatabasePool
    let knownRooms = RecordCache<RoomName, Room>(capacity: 50_000)
    let knownTenants = RecordCache<TenantID, Tenant>(capacity: 10_000)
    let knownKeys = RecordCache<[UInt8], APIKeyRecord>(capacity: 50_000)
    private let lock: DatabaseFileLock

    /// Opens the file, makes it where it is absent (readable by its owner alone), and brings its schema up to date.
    /// - Throws: `StoreOpeningError` when the file cannot be written, is in use, is no database, or was written by a newer version.
    public init(path: String) throws(StoreOpeningError) {
        self.lock = try DatabaseFileLock(databasePath: path)
        do {
            self.pool = try DatabasePool(path: path, configuration: Self.configuration)
            let migrator = Migrations.migrator
            guard try !pool.read(migrator.hasBeenSuperseded) else {
                throw StoreOpeningError(description: "the database \(path) was written by a newer version of callgate")
            }
            try migrator.migrate(pool)
            // Here and not in `prepareDatabase`: the pool sets NORMAL when it turns WAL mode on, and it does that last.
            try pool.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA synchronous = FULL") }
        } catch let error as StoreOpeningError {
            throw error
        } catch let error as DatabaseError {
            throw StoreOpeningError(description: "the database \(path) cannot be used: \(error.message ?? error.resultCode.description)")
        } catch {
            throw StoreOpeningError(description: "the database \(path) cannot be used: \(error)")
        }
    }

    /// Gives the file back. Called once, when nobody asks the store any more.
    public func close() throws {
        try pool.close()
        lock.release()
    }

    public func probe() async throws(StoreError) {
        try await write { db in
            try db.execute(sql: "UPDATE service SET probed = probed + 1 WHERE id = 1")
        }
        let rows = try await read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM service") }
        guard rows == 1 else { throw .internal("the table service does not hold its one row") }
    }

    public func cursorSecret() async throws(StoreError) -> Secret {
        let bytes = try await read { db in try Data.fetchOne(db, sql: "SELECT cursor_secret FROM service WHERE id = 1") }
        guard let bytes, bytes.count == 32 else { throw .internal("the cursor secret is missing") }
        return Secret(bytes: [UInt8](bytes))
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "callgate"
        configuration.maximumReaderCount = 4
        configuration.busyMode = .timeout(5)
        return configuration
    }

    // MARK: - The two doors to the database

    /// Makes a change, all of it or nothing.
    ///
    /// - Parameter remember: is told what came of it when it is committed, before the next change begins. So what is remembered is in the
    ///   order of the commits; whoever waited for the answer could come after a later one.
    func write<T: Sendable>(
        _ change: @escaping @Sendable (Database) throws -> T, remember: @escaping @Sendable (T) -> Void = { _ in }
    ) async throws(StoreError) -> T {
        do {
            return try await pool.writeWithoutTransaction { db in
                var result: T?
                try db.inTransaction {
                    result = try change(db)
                    return .commit
                }
                guard let result else { throw StoreError.internal("a transaction ended without a result") }
                remember(result)
                return result
            }
        } catch {
            throw Self.storeError(error)
        }
    }

    func read<T: Sendable>(_ question: @escaping @Sendable (Database) throws -> T) async throws(StoreError) -> T {
        do {
            return try await pool.read(question)
        } catch {
            throw Self.storeError(error)
        }
    }

    /// What a failure of SQLite means to somebody who can act on it.
    private static func storeError(_ error: any Error) -> StoreError {
        if let error = error as? StoreError { return error }
        if error is CancellationError { return .unavailable("the caller went away") }
        guard let error = error as? DatabaseError else { return .internal("\(error)") }
        switch error.resultCode {
        case .SQLITE_CONSTRAINT: return .duplicate
        case .SQLITE_ERROR, .SQLITE_MISUSE, .SQLITE_RANGE, .SQLITE_MISMATCH: return .internal("\(error)")
        default: return .unavailable("\(error.resultCode): \(error.message ?? "")")
        }
    }
}
