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
            try FileManager.default.removeFolder(at: directory)
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

extension FileManager {
    /// Removes a folder with everything in it. A store whose last reference went is closed on a queue of its own, perhaps only now, and
    /// takes its log away then: what somebody else removes from the folder meanwhile is no failure.
    func removeFolder(at folder: URL) throws {
        do {
            try removeItem(at: folder)
        } catch CocoaError.fileNoSuchFile where fileExists(atPath: folder.path) {
            try removeFolder(at: folder)
        }
    }
}
