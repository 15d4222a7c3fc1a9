import Calls
import Foundation
import GRDB
import Testing

@testable import Storage

/// A directory of its own for one test's database, removed with the value.
final class TemporaryDatabase: Sendable {
    let directory: URL

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "callgate-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
    }

    deinit {
        do {
            try FileManager.default.removeItem(at: directory)
        } catch {
            Issue.record("the temporary directory could not be removed: \(error)")
        }
    }

    var path: String { path(of: "callgate.sqlite") }

    func path(of name: String) -> String { directory.appending(path: name).path }

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
