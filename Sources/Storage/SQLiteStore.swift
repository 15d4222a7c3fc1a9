// Storage: where everything acknowledged is kept.
//
// One SQLite file through GRDB, in WAL mode with `synchronous = FULL`: a change is answered when it is on the disk. One process owns the
// file (a lock beside it says so), which is what lets the store vouch for records that it holds in memory. Numbered migrations make the
// schema; a file that a newer version wrote is refused.
//
// The way of a change: `SQLiteStore+Calls.swift` (the protocol) -> `GroupCommit.swift` (many changes, one commit) -> `Writing+Calls.swift`
// (find, ask the rules, write, inside the transaction) -> `Writing.swift` (the audit row) and `Writing+Untold.swift` (who is to be told).

public import Calls
import Foundation
import GRDB
public import Metering
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
    /// Live calls, by their own ids.
    let knownCalls = RecordCache<CallKey, KnownCall>(capacity: 50_000)
    let knownTenantLists = RecordCache<TenantsQuestion, [Tenant]>(capacity: 10_000)
    let knownUsers = RecordCache<UserKey, User>(capacity: 50_000)
    let liveCalls = LiveCalls()
    let changes: GroupCommit
    private let metrics: StoreMetrics

    /// Opens the file, makes it where it is absent (readable by its owner alone), and brings its schema up to date.
    /// - Parameter metrics: what it counts.
    /// - Throws: `StoreOpeningError` when the file cannot be written, is in use, is no database, or was written by a newer version.
    public convenience init(
        path: String, metrics: StoreMetrics = StoreMetrics(MetricRegistry())
    ) throws(StoreOpeningError) {
        try self.init(path: path, limits: StoreLimits(), metrics: metrics)
    }

    init(path: String, limits: StoreLimits, metrics: StoreMetrics = StoreMetrics(MetricRegistry())) throws(StoreOpeningError) {
        self.metrics = metrics
        let lock = try DatabaseFileLock(databasePath: path)
        do {
            self.pool = try DatabasePool(path: path, configuration: Self.configuration)
            let migrator = Migrations.migrator
            guard try !pool.read(migrator.hasBeenSuperseded) else {
                throw StoreOpeningError(description: "the database \(path) was written by a newer version of callgate")
            }
            try migrator.migrate(pool)
            try pool.writeWithoutTransaction { [liveCalls] db in
                try db.execute(sql: Self.writerSettings)
                try JoinedWrites.use(in: db)
                try liveCalls.read(db)
            }
        } catch let error as StoreOpeningError {
            throw error
        } catch let error as DatabaseError {
            throw StoreOpeningError(description: "the database \(path) cannot be used: \(error.message ?? error.resultCode.description)")
        } catch {
            throw StoreOpeningError(description: "the database \(path) cannot be used: \(error)")
        }
        self.changes = GroupCommit(
            pool: pool, lock: lock, knownCalls: knownCalls, liveCalls: liveCalls, limits: limits, metrics: metrics)
    }

    /// Makes the changes that were accepted and gives the file back. Called once, when nobody asks the store any more.
    public func close() throws {
        try changes.close()
    }

    public func probe() async throws(StoreError) {
        try await changes.change { writing in
            try writing.db.run("UPDATE service SET probed = probed + 1 WHERE id = 1")
        }
        let rows = try await read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM service") }
        guard rows == 1 else { throw .internal("the table service does not hold its one row") }
    }

    public func cursorSecret() async throws(StoreError) -> Secret {
        let bytes = try await read { db in try Data.fetchOne(db, sql: "SELECT cursor_secret FROM service WHERE id = 1") }
        guard let bytes, bytes.count == 32 else { throw .internal("the cursor secret is missing") }
        return Secret(bytes: [UInt8](bytes))
    }

    /// How the writing connection works. Not set in `prepareDatabase`: the pool sets `synchronous` itself when it turns WAL mode on, and it
    /// does that last.
    ///
    /// - Every commit is synced (FULL).
    /// - The log is copied back every 16 MB: pages that many commits have written are copied once.
    /// - Up to 64 MB of pages stay in memory. Ids and users come in no order, so changes touch pages all over their indexes.
    private static let writerSettings = """
        PRAGMA synchronous = FULL;
        PRAGMA wal_autocheckpoint = 4000;
        PRAGMA cache_size = -65536
        """

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "callgate"
        configuration.maximumReaderCount = 4
        configuration.busyMode = .timeout(5)
        return configuration
    }

    /// Asks the database. Changes go through `changes`.
    func read<T: Sendable>(_ question: @escaping @Sendable (Database) throws -> T) async throws(StoreError) -> T {
        do {
            return try await pool.read(question)
        } catch {
            let reason = StoreError(error)
            metrics.note(.read, reason)
            throw reason
        }
    }
}
