import Calls
import Foundation
import GRDB
import Synchronization
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

    @Test func `S04 a full disk is unavailable for changes, goes on answering, and works again when there is space`() async throws {
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
        let call = try await store.accepted(Sample.newCall(1))
        let user = User(
            tenant: tenant.id, id: call.parties[0].user, displayName: nil, roles: [], createdAt: Sample.start, updatedAt: Sample.start)
        let retention = Retention(
            idempotencyBefore: Sample.start, endedCallsBefore: Sample.start, closedRoomsBefore: Sample.start, deadKeysBefore: Sample.start,
            auditBefore: Sample.start)
        try await Self.execute("PRAGMA query_only = 1", store)

        let changes: [(String, () async throws -> Void)] = [
            ("insert room", { try await store.insert(Sample.room(2), openRoomsMax: 10) }),
            ("close room", { _ = try await store.closeRoom(room.name, at: Sample.start) }),
            ("insert key", { try await store.insert(Sample.key(2)) }),
            ("revoke key", { _ = try await store.revokeKey(key.id, at: Sample.start) }),
            ("insert tenant", { try await store.insert(Sample.tenant("other")) }),
            ("replace tenant", { _ = try await store.replaceTenant(tenant, with: Sample.tenant(openRoomsMax: 5)) }),
            ("place call", { _ = try await store.placed(Sample.newCall(2, "carl", "dora")) }),
            ("move call", { _ = try await store.move(Sample.end(), call.id, Sample.ticket()) }),
            ("refuse call", { _ = try await store.move(Sample.end(), CallID("not-there"), Sample.ticket()) }),
            ("put user", { _ = try await store.put(user, usersMax: 10, Sample.audit(.putUser, "ann", of: tenant.id)) }),
            ("delete user", { _ = try await store.deleteUser(user.id, Sample.ticket()) }),
            ("append", { try await store.append([Sample.audit(.mintRoomToken, room.name.text, of: tenant.id)]) }),
            ("forget", { _ = try await store.forget(retention, rowsMax: 10) }),
            ("attach", { try await store.attach(Notebook()) }),
            ("close tenant", { _ = try await store.closeTenant(tenant.id, at: Sample.start) }),
            ("probe", { try await store.probe() }),
        ]
        for (name, change) in changes { #expect(await Self.refusal(change) == .unavailable, "\(name)") }
        #expect(
            store.roomAtHand(room.name) == room && store.tenantAtHand(tenant.id) == tenant && store.keyAtHand(digest: key.digest) == key)
        #expect(try await store.storedRoom(room.name) == room)
        #expect(try await store.key(key.id) == key)
        #expect(try await store.storedCall(call.id) == call)
        #expect(try await store.call(call.id, of: tenant.id) == call)

        try await Self.execute("PRAGMA query_only = 0", store)
        for (name, change) in changes { #expect(await Self.refusal(change) == nil, "\(name)") }
        try await StoreContract.expectChain(store)
    }

    @Test func `on a full disk no call is half placed or half moved, and the chain goes on when there is space`() async throws {
        let database = try TemporaryDatabase()
        let store = try database.open()
        try await store.insert(Sample.tenant())
        let metadata = String(repeating: "m", count: 2000)
        let live = try await store.placed(Sample.newCall(0, "carl", "dora"))
        for round in 1...5 {
            let pages = try #require(try await store.pool.write { db in try Int.fetchOne(db, sql: "PRAGMA page_count") })
            try await Self.execute("PRAGMA max_page_count = \(pages + round)", store)
            let answers = await withTaskGroup(of: (Int, Refusal?).self) { group in
                for number in 1...40 {
                    group.addTask {
                        let refusal = await Self.refusal {
                            let name = "\(round)-\(number)"
                            let call = try await store.placed(
                                Sample.newCall(round * 100 + number, "ann-\(name)", "bob-\(name)", metadata: metadata))
                            return try await store.moved(call, Sample.accept("bob-\(name)"))
                        }
                        return (number, refusal)
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.contains { $0.1 == .unavailable } && answers.allSatisfy { $0.1 == nil || $0.1 == .unavailable })
            #expect(try await store.call(live.id, of: live.tenant) == live)
            try await Self.execute("PRAGMA max_page_count = 1000000", store)

            for (number, refusal) in answers {
                let new = try Sample.newCall(round * 100 + number)
                let stored = try await store.storedCall(new.id)
                if refusal == nil { #expect(stored?.state == .active) }
                #expect(try await store.call(new.id, of: new.tenant) == stored)
                #expect(try await store.liveCall(of: UserID("bob-\(round)-\(number)"), in: new.tenant) == stored)
            }
            try await StoreContract.expectChain(store)
        }
        let kept = try await store.calls(of: live.tenant, CallFilter(state: nil, user: nil), page: PageRequest(after: nil, limit: 1000))
            .items
        #expect(try await store.liveCalls(page: PageRequest(after: nil, limit: 1000)).items == kept)
        let placed = try await store.callLog().filter { $0 == "call.place done" }
        #expect(placed.count == kept.count)
    }

    /// Ends the next commits with an error, as a disk can do that takes everything but the last write.
    private final class CommitBreaker: TransactionObserver {
        let isBroken = Atomic<Bool>(true)

        func observes(eventsOfKind kind: DatabaseEventKind) -> Bool { true }
        func databaseDidChange(with event: DatabaseEvent) {}
        func databaseWillCommit() throws { if isBroken.load(ordering: .relaxed) { throw DatabaseError(resultCode: .SQLITE_FULL) } }
        func databaseDidCommit(_ db: Database) {}
        func databaseDidRollback(_ db: Database) {}
    }

    @Test func `a commit that fails fails all that were in it, and nothing of them is known or told afterwards`() async throws {
        let database = try TemporaryDatabase()
        let store = try database.open()
        try await store.insert(Sample.tenant())
        let courier = Notebook()
        try await store.attach(courier)
        let live = try await store.placed(Sample.newCall(0, "carl", "dora"))
        let told = courier.events
        let breaker = CommitBreaker()
        store.pool.add(transactionObserver: breaker)
        let refusals = await withTaskGroup(of: Refusal?.self) { group in
            for number in 1...40 {
                group.addTask { await Self.refusal { try await store.placed(Sample.newCall(number, "ann-\(number)", "bob-\(number)")) } }
            }
            group.addTask { await Self.refusal { try await store.moved(live, Sample.accept("dora")) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(refusals == Array(repeating: .unavailable, count: 41))
        #expect(try await store.call(live.id, of: live.tenant) == live)
        #expect(store.knownCalls[live.key]?.call == live)
        #expect(courier.events == told)

        breaker.isBroken.store(false, ordering: .relaxed)
        _ = try await store.moved(live, Sample.accept("dora"))
        _ = try await store.placed(Sample.newCall(1, "ann-1", "bob-1"))
        #expect(courier.events.count == told.count + 3)
        try await StoreContract.expectChain(store)
    }

    @Test func `calls that were answered, and what is to be told of them, are in the files at that moment`() async throws {
        let database = try TemporaryDatabase()
        let store = try database.open()
        try await store.insert(Sample.tenant())
        var calls: [Call] = []
        for number in 1...30 {
            var call = try await store.placed(Sample.newCall(number, "ann-\(number)", "bob-\(number)"))
            if number % 3 > 0 { call = try await store.moved(call, Sample.accept("bob-\(number)")) }
            if number % 3 > 1 { call = try await store.moved(call, Sample.end("bob-\(number)")) }
            calls.append(call)
            guard number % 10 == 0 else { continue }
            let copy = database.path(of: "copy-\(number)")
            for suffix in ["", "-wal"] { try FileManager.default.copyItem(atPath: database.path + suffix, toPath: copy + suffix) }
            let survivor = try SQLiteStore(path: copy)
            for call in calls { #expect(try await survivor.call(call.id, of: call.tenant) == call) }
            let courier = Notebook()
            try await survivor.attach(courier)
            #expect(courier.events == calls.flatMap { call in (1...call.version).flatMap { CallEvent.all(of: call.asOf($0)) } })
            try await StoreContract.expectChain(survivor)
        }
    }

    @Test(arguments: ["", "-wal"]) func `S05 a database whose file was taken away takes no changes until it is back`(suffix: String)
        async throws
    {
        let database = try TemporaryDatabase()
        let store = try database.open()
        try await store.insert(Sample.tenant())
        let (path, aside) = (database.path + suffix, database.path + suffix + ".aside")
        try FileManager.default.moveItem(atPath: path, toPath: aside)

        #expect(await Self.refusal { try await store.probe() } == .unavailable)
        #expect(await Self.refusal { try await store.placed(Sample.newCall(1)) } == .unavailable)
        #expect(try await store.storedTenant(Sample.tenant().id) != nil)
        // Another file in its place is not the database either.
        try FileManager.default.copyItem(atPath: aside, toPath: path)
        #expect(await Self.refusal { try await store.probe() } == .unavailable)
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.moveItem(atPath: aside, toPath: path)
        _ = try await store.placed(Sample.newCall(1))
        try await StoreContract.expectChain(store)
    }

    @Test func `after closing, the database file alone holds everything`() async throws {
        let database = try TemporaryDatabase()
        let store = try database.open()
        try await store.insert(Sample.tenant())
        let call = try await store.placed(Sample.newCall(1))
        try store.close()
        let copy = database.path(of: "copy.sqlite")
        try FileManager.default.copyItem(atPath: database.path, toPath: copy)

        #expect(try await SQLiteStore(path: copy).call(call.id, of: call.tenant) == call)
    }

    @Test func `a store that was closed answers with errors and does not crash`() async throws {
        let database = try TemporaryDatabase()
        let store = try database.open()
        try store.close()

        #expect(await Self.refusal { try await store.probe() } != nil)
        #expect(await Self.refusal { try await store.insert(Sample.tenant()) } != nil)
        #expect(await Self.refusal { try await store.room(Sample.room(1).name) } != nil)
    }

    @Test(arguments: [
        "UPDATE calls SET media = 'smell'", "UPDATE calls SET parties = 'x'", "UPDATE calls SET parties = 'caller ann - x'",
        "UPDATE calls SET id = 'x'", "UPDATE calls SET tenant = 'other'", "UPDATE calls SET ended_at = 1, end_reason = 'x'",
    ]) func `a call that is not ours is an internal error and not a crash`(change: String) async throws {
        let database = try TemporaryDatabase()
        let store = try database.open()
        try await store.insert(Sample.tenant())
        _ = try await store.placed(Sample.newCall(1))
        try await Self.execute(change, store)

        let all = CallFilter(state: nil, user: nil)
        let page = PageRequest(after: nil, limit: 10)
        #expect(
            await Self.refusal {
                _ = try await store.liveCalls(page: page)
                _ = try await store.calls(of: TenantID("acme"), all, page: page)
            } == .internal)
        #expect(await Self.refusal { try await store.placed(Sample.newCall(3, "carl", "dora")) } == nil)
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
