import Calls
import Testing
import Vocabulary

/// The `...AtHand` questions: what they answer is current, or nil.
extension StoreContract {
    static let atHand: [StoreRule] = [
        StoreRule("what is at hand of a room is what was written last") { bench in
            let store = try await bench.makeStore()
            try await store.insert(Sample.tenant())
            let room = try Sample.room(1)

            #expect(store.roomAtHand(room.name) == nil)
            try await store.insert(room, openRoomsMax: 10)
            #expect(isCurrent(store.roomAtHand(room.name), room))
            _ = try await store.closeRoom(room.name, at: Sample.start + 1)
            #expect(isCurrent(store.roomAtHand(room.name), room.closed(at: Sample.start + 1)))
            _ = try await store.closeRoom(room.name, at: Sample.start + 2)
            #expect(isCurrent(store.roomAtHand(room.name), room.closed(at: Sample.start + 1)))
        },
        StoreRule("what is at hand of a tenant is what was written last") { bench in
            let store = try await bench.makeStore()
            let tenant = try Sample.tenant()

            #expect(store.tenantAtHand(tenant.id) == nil)
            try await store.insert(tenant)
            #expect(isCurrent(store.tenantAtHand(tenant.id), tenant))
            var changed = try Sample.tenant(openRoomsMax: 5)
            #expect(try await store.replaceTenant(tenant, with: changed))
            #expect(isCurrent(store.tenantAtHand(tenant.id), changed))
            #expect(try await store.replaceTenant(tenant, with: tenant) == false)
            #expect(isCurrent(store.tenantAtHand(tenant.id), changed))
            _ = try await store.closeTenant(tenant.id, at: Sample.start + 1)
            changed.closedAt = Sample.start + 1
            #expect(isCurrent(store.tenantAtHand(tenant.id), changed))
        },
        StoreRule("what is at hand of a key is what was written last") { bench in
            let store = try await bench.makeStore()
            try await store.insert(Sample.tenant())
            let key = try Sample.key(1)

            #expect(store.keyAtHand(digest: key.digest) == nil)
            try await store.insert(key)
            #expect(isCurrent(store.keyAtHand(digest: key.digest), key))
            _ = try await store.revokeKey(key.id, at: Sample.start + 1)
            #expect(isCurrent(store.keyAtHand(digest: key.digest), key.revoked(at: Sample.start + 1)))
        },
        StoreRule("no open room and no active key of a closed tenant is at hand") { bench in
            let store = try await bench.makeStore()
            try await store.insert(Sample.tenant())
            for number in 1...20 {
                try await store.insert(Sample.room(number), openRoomsMax: 100)
                try await store.insert(Sample.key(number))
            }
            _ = try await store.closeTenant(Sample.tenant().id, at: Sample.start + 1)

            for number in 1...20 {
                let (room, key) = (try Sample.room(number), try Sample.key(number))
                #expect(isCurrent(store.roomAtHand(room.name), room.closed(at: Sample.start + 1)))
                #expect(isCurrent(store.keyAtHand(digest: key.digest), key.revoked(at: Sample.start + 1)))
            }
        },
        StoreRule("what was read is at hand as it was read, and not after a change") { bench in
            let first = try await bench.makeStore()
            let (tenant, room, key) = (try Sample.tenant(), try Sample.room(1), try Sample.key(1))
            try await first.insert(tenant)
            try await first.insert(room, openRoomsMax: 10)
            try await first.insert(key)
            let store = try await bench.reopen(first)

            #expect(try await store.tenant(tenant.id) == tenant)
            #expect(try await store.room(room.name) == room)
            #expect(try await store.key(digest: key.digest) == key)
            #expect(isCurrent(store.tenantAtHand(tenant.id), tenant))
            #expect(isCurrent(store.roomAtHand(room.name), room))
            #expect(isCurrent(store.keyAtHand(digest: key.digest), key))
            _ = try await store.revokeKey(key.id, at: Sample.start + 1)
            _ = try await store.closeTenant(tenant.id, at: Sample.start + 2)
            #expect(store.tenantAtHand(tenant.id)?.closedAt != nil || store.tenantAtHand(tenant.id) == nil)
            #expect(isCurrent(store.roomAtHand(room.name), room.closed(at: Sample.start + 2)))
            #expect(isCurrent(store.keyAtHand(digest: key.digest), key.revoked(at: Sample.start + 1)))
        },
        StoreRule("two hundred closes and reads at once leave no open room at hand") { bench in
            let store = try await bench.reopen(try await filled(bench, rooms: 20))
            try await withThrowingTaskGroup { group in
                for turn in 0..<200 {
                    let name = try Sample.room(1 + turn % 20).name
                    group.addTask { _ = try await store.closeRoom(name, at: Sample.start + turn) }
                    group.addTask { _ = try await store.room(name) }
                }
                try await group.waitForAll()
            }

            for number in 1...20 {
                let name = try Sample.room(number).name
                let stored = try #require(try await store.storedRoom(name))
                #expect(stored.closedAt != nil)
                #expect(isCurrent(store.roomAtHand(name), stored))
                #expect(try await store.room(name) == stored)
            }
        },
        StoreRule("a room that was read as closed is never read as open again") { bench in
            let store = try await bench.reopen(try await filled(bench, rooms: 1))
            let name = try Sample.room(1).name
            try await withThrowingTaskGroup { group in
                for turn in 0..<200 {
                    group.addTask {
                        if turn == 100 { _ = try await store.closeRoom(name, at: Sample.start) }
                        let before = try await store.room(name)
                        let atHand = store.roomAtHand(name)
                        let after = try await store.room(name)
                        for (one, next) in [(before, atHand), (before, after), (atHand, after)] where one?.closedAt != nil {
                            #expect(next == nil || next?.closedAt != nil)
                        }
                    }
                }
                try await group.waitForAll()
            }
        },
    ]

    /// What is at hand may be nothing; if it is something it is the value that the store holds.
    static func isCurrent<Record: Equatable>(_ atHand: Record?, _ stored: Record?) -> Bool {
        atHand == nil || atHand == stored
    }

    /// A store with a tenant and so many open rooms of it.
    static func filled(_ bench: StoreBench, rooms count: Int = 0) async throws -> any Store {
        let store = try await bench.makeStore()
        try await store.insert(Sample.tenant())
        for number in 0..<count { try await store.insert(Sample.room(number + 1), openRoomsMax: 1000) }
        return store
    }
}
