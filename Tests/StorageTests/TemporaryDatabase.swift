import Calls
import Foundation
import GRDB
import TestSupport
import Testing

@testable import Storage

/// A directory of its own for one test's database, removed with the value.
final class TemporaryDatabase: Sendable {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    var directory: URL { folder.url }
    var path: String { path(of: "callgate.sqlite") }

    func path(of name: String) -> String { folder.path(name) }

    func open() throws -> SQLiteStore { try SQLiteStore(path: path) }
}

/// Places for SQLite stores, one file each, that stay as long as the bench does.
final class SQLiteBench: Sendable {
    private let home: TemporaryDatabase

    init() throws {
        home = try TemporaryDatabase()
    }

    var bench: StoreBench {
        StoreBench {
            try SQLiteStore(path: self.home.path(of: UUID().uuidString))
        } reopen: { store in
            let store = try #require(store as? SQLiteStore)
            let path = store.pool.path
            try store.close()
            return try SQLiteStore(path: path)
        }
    }
}
