import Calls
import Foundation
import GRDB
import Storage
import Testing
import Vocabulary

@Suite struct SQLiteStoreOpeningTests {
    /// What opening the file was refused with; nil when it was opened.
    static func refusal(_ path: String) -> String? {
        do {
            let store = try SQLiteStore(path: path)
            try store.close()
            return nil
        } catch let error as StoreOpeningError {
            #expect(!error.description.contains("\n"), "one line for the person who started the service")
            return "\(error)"
        } catch {
            Issue.record("not an opening error: \(error)")
            return nil
        }
    }

    @Test func `a new database and the files beside it can be read by their owner alone`() async throws {
        let database = try TemporaryDatabase()
        let store = try database.open()
        try await store.insert(Sample.tenant())

        let names = try FileManager.default.contentsOfDirectory(atPath: database.directory.path).sorted()
        #expect(names == ["callgate.sqlite", "callgate.sqlite-shm", "callgate.sqlite-wal", "callgate.sqlite.lock"])
        for name in names {
            let attributes = try FileManager.default.attributesOfItem(atPath: database.path(of: name))
            #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
        }
    }

    @Test(arguments: ["media = 'smell'", "parties = 'x'", "id = 'x'", "tenant = 'other'"])
    func `a database with a live call that cannot be read is refused, and opened when the call is as it was`(damage: String) async throws {
        let database = try TemporaryDatabase()
        let store = try database.open()
        try await store.insert(Sample.tenant())
        let call = try await store.placed(Sample.newCall(1))
        try store.close()
        let queue = try DatabaseQueue(path: database.path)
        try await queue.write { db in
            try db.execute(sql: "CREATE TABLE kept AS SELECT media, parties, id, tenant FROM calls")
            try db.execute(sql: "UPDATE calls SET \(damage)")
        }

        #expect(Self.refusal(database.path)?.hasPrefix("the database \(database.path) cannot be used: ") == true)
        try await queue.write { db in
            try db.execute(sql: "UPDATE calls SET (media, parties, id, tenant) = (SELECT * FROM kept)")
        }
        try queue.close()
        #expect(try await database.open().call(call.id, of: call.tenant) == call)
    }

    @Test func `a second store on the same file is refused and the first one goes on`() async throws {
        let database = try TemporaryDatabase()
        let store = try database.open()

        let refusal = Self.refusal(database.path)
        #expect(refusal?.contains("in use") == true)
        #expect(refusal?.contains(database.path) == true)
        try await store.insert(Sample.tenant())
        #expect(try await store.storedTenant(Sample.tenant().id) != nil)
    }

    @Test func `a second store is refused also when it comes to the file by another name`() async throws {
        let database = try TemporaryDatabase()
        let store = try database.open()
        let names = [database.path(of: "link.sqlite"), database.path(of: "directory")]
        try FileManager.default.createSymbolicLink(atPath: names[0], withDestinationPath: database.path)
        try FileManager.default.createSymbolicLink(atPath: names[1], withDestinationPath: database.directory.path)

        for path in [names[0], names[1] + "/callgate.sqlite", database.directory.path + "/./callgate.sqlite"] {
            #expect(Self.refusal(path)?.contains("in use") == true, "\(path)")
        }
        try await store.probe()
    }

    @Test func `closing gives the file back although somebody still holds the store`() async throws {
        let database = try TemporaryDatabase()
        let store = try database.open()
        try await store.insert(Sample.tenant())
        try store.close()

        #expect(Self.refusal(database.path) == nil)
        await #expect(throws: StoreError.self) { try await store.probe() }
    }

    @Test func `a path that cannot be written is refused with the path and the reason`() throws {
        let database = try TemporaryDatabase()
        try Data("x".utf8).write(to: URL(filePath: database.path(of: "file")))
        let paths = [
            database.directory.path, database.path(of: "missing/callgate.sqlite"), database.path(of: "file/callgate.sqlite"),
            database.path(of: String(repeating: "n", count: 300)),
        ]

        for path in paths {
            let refusal = Self.refusal(path)
            #expect(refusal?.contains(path) == true, "\(path)")
            #expect(refusal?.contains("cannot be written: ") == true, "\(path)")
        }
        #expect(Self.refusal("")?.contains("cannot be written: ") == true)
    }

    /// Whoever may write to everything cannot try this.
    @Test(.enabled(if: geteuid() != 0, "root may write to a file that is not writable: run as somebody else"))
    func `a file without the right to write is refused`() throws {
        let database = try TemporaryDatabase()
        try database.open().close()
        try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: database.path)

        #expect(Self.refusal(database.path)?.contains("cannot be written") == true)
    }

    @Test(arguments: ["A text that is no database.", String(repeating: "no database\n", count: 5000)])
    func `a file that is no database is refused and left as it is`(content: String) throws {
        let database = try TemporaryDatabase()
        try Data(content.utf8).write(to: URL(filePath: database.path))

        for _ in 0..<2 { #expect(Self.refusal(database.path)?.contains("not a database") == true) }
        #expect(try Data(contentsOf: URL(filePath: database.path)) == Data(content.utf8))
    }

    @Test func `an empty file becomes a database`() async throws {
        let database = try TemporaryDatabase()
        try Data().write(to: URL(filePath: database.path))

        try await database.open().probe()
    }

    @Test func `a database of a newer version is refused and left as it is`() throws {
        let database = try TemporaryDatabase()
        try database.open().close()
        try Self.change(database.path) { db in
            try db.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('999 what a later version does')")
        }

        for _ in 0..<2 { #expect(Self.refusal(database.path)?.contains("newer version") == true) }
        let kept = try Self.change(database.path) { db in try String.fetchAll(db, sql: "SELECT identifier FROM grdb_migrations") }
        #expect(kept.contains("999 what a later version does"))
    }

    @Test func `a refused file can be opened as soon as it is right, by the same process`() throws {
        let database = try TemporaryDatabase()
        try database.open().close()
        try Self.change(database.path) { db in try db.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('999')") }
        #expect(Self.refusal(database.path) != nil)
        try Self.change(database.path) { db in try db.execute(sql: "DELETE FROM grdb_migrations WHERE identifier = '999'") }

        #expect(Self.refusal(database.path) == nil)
    }

    /// Changes the file as another program would.
    static func change<T>(_ path: String, _ change: (Database) throws -> T) throws -> T {
        let queue = try DatabaseQueue(path: path)
        let result = try queue.write(change)
        try queue.close()
        return result
    }
}
