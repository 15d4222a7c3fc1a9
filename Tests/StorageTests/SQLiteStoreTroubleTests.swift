import Calls
import Foundation
import GRDB
import Testing
import Vocabulary

@testable import Storage

/// What the store does when the disk does not do what it should.
///
/// A full disk and a disk that takes no writes are made with SQLite's own means on the writing connection (`max_page_count`,
/// `query_only`): they end in the same result codes, SQLITE_FULL and SQLITE_READONLY, and need no rights and no second file system.
@Suite struct SQLiteStoreTroubleTests {
    static func refusal<Answer: Sendable>(_ question: () async throws -> Answer) async -> Refusal? {
        await StoreContract.refusal(question)
    }

    @Test func `every change is on the disk before it is answered`() async throws {
        let database = try TemporaryDatabase()
        let store = try database.open()

        // 2 is FULL: every commit is synced. 1, NORMAL, may lose answered changes when the power fails.
        #expect(try await store.pool.write { db in try Int.fetchOne(db, sql: "PRAGMA synchronous") } == 2)
        #expect(try await store.pool.write { db in try String.fetchOne(db, sql: "PRAGMA journal_mode") } == "wal")
    }

    @Test func `what was answered is in the files at that moment, as a kill would leave them`() async throws {
        let database = try TemporaryDatabase()
        let store = try database.open()
        let secret = try await store.cursorSecret()
        try await store.insert(Sample.tenant())
        for number in 1...50 {
            try await store.insert(Sample.room(number), openRoomsMax: 100)
            if number % 2 == 0 { _ = try await store.closeRoom(Sample.room(number).name, at: Sample.start) }
            try await store.insert(Sample.key(number))

            guard number % 10 == 0 else { continue }
            let copy = database.path(of: "copy-\(number)")
            for suffix in ["", "-wal"] { try FileManager.default.copyItem(atPath: database.path + suffix, toPath: copy + suffix) }
            let survivor = try SQLiteStore(path: copy)
            #expect(try await survivor.cursorSecret().matches(secret))
            for kept in 1...number {
                let room = try Sample.room(kept)
                #expect(try await survivor.room(room.name) == (kept % 2 == 0 ? room.closed(at: Sample.start) : room))
                #expect(try await survivor.key(Sample.key(kept).id) == Sample.key(kept))
            }
        }
    }

    @Test func `a full disk is unavailable for changes, goes on answering, and works again when there is space`() async throws {
        let database = try TemporaryDatabase()
        let store = try database.open()
        try await store.insert(Sample.tenant())
        let pages = try #require(try await store.pool.write { db in try Int.fetchOne(db, sql: "PRAGMA page_count") })
        try await Self.execute("PRAGMA max_page_count = \(pages)", store)

        var refused: (room: Room, refusal: Refusal)?
        for number in 1...50 where refused == nil {
            let room = try Sample.room(number, metadata: String(repeating: "m", count: 4096))
            if let refusal = await Self.refusal({ try await store.insert(room, openRoomsMax: 100) }) { refused = (room, refusal) }
        }
        let room = try #require(refused?.room)
        #expect(refused?.refusal == .unavailable)
        #expect(store.roomAtHand(room.name) == nil)
        #expect(try await store.room(room.name) == nil)
        #expect(try await store.tenant(Sample.tenant().id) == Sample.tenant())

        try await Self.execute("PRAGMA max_page_count = 1000000", store)
        try await store.insert(room, openRoomsMax: 100)
        #expect(try await store.storedRoom(room.name) == room)
        try await store.probe()
    }

    @Test func `a disk that takes no writes is unavailable for every change, goes on answering, and works again`() async throws {
        let database = try TemporaryDatabase()
        let store = try database.open()
        let (tenant, room, key) = (try Sample.tenant(), try Sample.room(1), try Sample.key(1))
        try await store.insert(tenant)
        try await store.insert(room, openRoomsMax: 10)
        try await store.insert(key)
        try await Self.execute("PRAGMA query_only = 1", store)

        let changes: [(String, () async throws -> Void)] = [
            ("insert room", { try await store.insert(Sample.room(2), openRoomsMax: 10) }),
            ("close room", { _ = try await store.closeRoom(room.name, at: Sample.start) }),
            ("insert key", { try await store.insert(Sample.key(2)) }),
            ("revoke key", { _ = try await store.revokeKey(key.id, at: Sample.start) }),
            ("insert tenant", { try await store.insert(Sample.tenant("other")) }),
            ("replace tenant", { _ = try await store.replaceTenant(tenant, with: Sample.tenant(openRoomsMax: 5)) }),
            ("close tenant", { _ = try await store.closeTenant(tenant.id, at: Sample.start) }),
            ("probe", { try await store.probe() }),
        ]
        for (name, change) in changes { #expect(await Self.refusal(change) == .unavailable, "\(name)") }
        #expect(
            store.roomAtHand(room.name) == room && store.tenantAtHand(tenant.id) == tenant && store.keyAtHand(digest: key.digest) == key)
        #expect(try await store.storedRoom(room.name) == room)
        #expect(try await store.key(key.id) == key)

        try await Self.execute("PRAGMA query_only = 0", store)
        for (name, change) in changes { #expect(await Self.refusal(change) == nil, "\(name)") }
    }

    @Test func `a store that was closed answers with errors and does not crash`() async throws {
        let database = try TemporaryDatabase()
        let store = try database.open()
        try store.close()

        #expect(await Self.refusal { try await store.probe() } != nil)
        #expect(await Self.refusal { try await store.insert(Sample.tenant()) } != nil)
        #expect(await Self.refusal { try await store.room(Sample.room(1).name) } != nil)
    }

    @Test(arguments: ["UPDATE rooms SET provider = 'zoom'", "UPDATE rooms SET name = 'x'", "UPDATE rooms SET name = 'x-room-y'"])
    func `a row that is not ours is an internal error and not a crash`(change: String) async throws {
        let database = try TemporaryDatabase()
        let store = try database.open()
        try await store.insert(Sample.tenant())
        try await store.insert(Sample.room(1), openRoomsMax: 10)
        try await Self.execute(change, store)

        let question = {
            try await store.rooms(of: Sample.tenant().id, state: nil, at: Sample.start, page: PageRequest(after: nil, limit: 10))
        }
        #expect(await Self.refusal(question) == .internal)
    }

    @Test func `of a provider's secret the file holds where it is, and of a key its digest`() async throws {
        let database = try TemporaryDatabase()
        let store = try database.open()
        try await store.insert(Sample.tenant(providers: ProviderSettings(livekit: Sample.livekit().livekit, agora: Sample.agora())))
        try await store.insert(Sample.key(1))

        let texts = try await store.pool.read { db in
            let row = try Row.fetchOne(db, sql: "SELECT livekit_api_secret, agora_app_certificate FROM tenants")
            let livekit: String? = row?["livekit_api_secret"]
            let agora: String? = row?["agora_app_certificate"]
            return [livekit, agora]
        }
        #expect(texts == ["env:LIVEKIT_API_SECRET", "file:/run/secrets/agora certificate"])
        let digest = try await store.pool.read { db in try Data.fetchOne(db, sql: "SELECT digest FROM api_keys") }
        #expect(try digest == Data(Sample.key(1).digest))
    }

    private static func execute(_ sql: String, _ store: SQLiteStore) async throws {
        try await store.pool.writeWithoutTransaction { db in try db.execute(sql: sql) }
    }
}
