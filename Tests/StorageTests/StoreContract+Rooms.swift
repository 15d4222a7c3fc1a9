import Calls
import Testing
import Vocabulary

extension StoreContract {
    static let rooms: [StoreRule] = [
        StoreRule("a room comes back as it was put in") { bench in
            let store = try await bench.makeStore()
            try await store.insert(Sample.tenant())
            let whole = Room(
                name: RoomName(tenant: try TenantID("acme"), kind: .call, random: .max), provider: .agora, maxParticipants: 1000,
                metadata: "{\"a\": \"Grüße 👋 'quoted' \\0\"}", createdAt: Sample.start, expiresAt: Sample.start + 86_400)
            let bare = try Sample.room(2)
            for room in [whole, bare] { try await store.insert(room, openRoomsMax: 10) }

            try await bench.nowAndReopened(store) { (store: any Store) async throws in
                for room in [whole, bare] {
                    #expect(try await store.room(room.name) == room)
                    #expect(try await store.storedRoom(room.name) == room)
                }
            }
        },
        StoreRule("rooms are taken up to the limit and not one more") { bench in
            let store = try await bench.makeStore()
            try await store.insert(Sample.tenant())
            for number in 1...3 { try await store.insert(Sample.room(number), openRoomsMax: 3) }

            #expect(await refusal { try await store.insert(Sample.room(4), openRoomsMax: 3) } == .limitReached)
            #expect(try await store.room(Sample.room(4).name) == nil)
            #expect(await refusal { try await store.insert(Sample.room(4), openRoomsMax: 4) } == nil)
        },
        StoreRule("a room stops counting against the limit in the second in which it expires") { bench in
            let store = try await bench.makeStore()
            try await store.insert(Sample.tenant())
            try await store.insert(Sample.room(1, lifetime: 60), openRoomsMax: 1)

            #expect(await refusal { try await store.insert(Sample.room(2, at: Sample.start + 59), openRoomsMax: 1) } == .limitReached)
            #expect(await refusal { try await store.insert(Sample.room(2, at: Sample.start + 60), openRoomsMax: 1) } == nil)
        },
        StoreRule("a closed room does not count against the limit") { bench in
            let store = try await bench.makeStore()
            try await store.insert(Sample.tenant())
            try await store.insert(Sample.room(1), openRoomsMax: 1)
            _ = try await store.closeRoom(Sample.room(1).name, at: Sample.start)

            #expect(await refusal { try await store.insert(Sample.room(2), openRoomsMax: 1) } == nil)
        },
        StoreRule("rooms of another tenant do not count against the limit") { bench in
            let store = try await bench.makeStore()
            for id in ["acme", "other"] { try await store.insert(Sample.tenant(id)) }
            try await store.insert(Sample.room(1, of: "other"), openRoomsMax: 1)

            #expect(await refusal { try await store.insert(Sample.room(1), openRoomsMax: 1) } == nil)
        },
        StoreRule("of fifty rooms at once exactly as many are taken as the limit allows") { bench in
            let store = try await bench.makeStore()
            try await store.insert(Sample.tenant())
            let refusals = await withTaskGroup(of: Refusal?.self) { group in
                for number in 1...50 {
                    group.addTask { await refusal { try await store.insert(Sample.room(number), openRoomsMax: 10) } }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }

            #expect(refusals.filter { $0 == nil }.count == 10)
            #expect(refusals.filter { $0 == .limitReached }.count == 40)
            let kept = try await store.rooms(
                of: Sample.tenant().id, state: .open, at: Sample.start, page: PageRequest(after: nil, limit: 100))
            #expect(kept.items.count == 10)
        },
        StoreRule("a room of an unknown or closed tenant is refused as tenantGone") { bench in
            let store = try await bench.makeStore()
            try await store.insert(Sample.tenant())
            _ = try await store.closeTenant(Sample.tenant().id, at: Sample.start)

            for tenant in ["acme", "nobody"] {
                #expect(await refusal { try await store.insert(Sample.room(1, of: tenant), openRoomsMax: 10) } == .tenantGone)
                #expect(try store.roomAtHand(Sample.room(1, of: tenant).name) == nil)
            }
        },
        StoreRule("a room name is taken once, also after the room was closed") { bench in
            let store = try await bench.makeStore()
            try await store.insert(Sample.tenant())
            let first = try Sample.room(1, metadata: "first")
            try await store.insert(first, openRoomsMax: 10)

            #expect(await refusal { try await store.insert(Sample.room(1, metadata: "second"), openRoomsMax: 10) } == .duplicate)
            #expect(try await store.storedRoom(first.name) == first)
            #expect(try await store.room(first.name) == first)
            _ = try await store.closeRoom(first.name, at: Sample.start)
            #expect(await refusal { try await store.insert(Sample.room(1, metadata: "third"), openRoomsMax: 10) } == .duplicate)
            #expect(try await store.room(first.name) == first.closed(at: Sample.start))
        },
        StoreRule("a room that is not there is nil to read and nil to close") { bench in
            let store = try await bench.makeStore()
            try await store.insert(Sample.tenant())

            #expect(try await store.room(Sample.room(1).name) == nil)
            #expect(try await store.closeRoom(Sample.room(1).name, at: Sample.start) == nil)
            #expect(try store.roomAtHand(Sample.room(1).name) == nil)
        },
        StoreRule("closing a room again changes nothing and keeps the first moment") { bench in
            let store = try await bench.makeStore()
            try await store.insert(Sample.tenant())
            let room = try Sample.room(1)
            try await store.insert(room, openRoomsMax: 10)
            let closed = room.closed(at: Sample.start + 5)

            #expect(try await store.closeRoom(room.name, at: Sample.start + 5) == closed)
            #expect(try await store.closeRoom(room.name, at: Sample.start + 9) == closed)
            try await bench.nowAndReopened(store) { (store: any Store) async throws in
                #expect(try await store.storedRoom(room.name) == closed)
                #expect(try await store.room(room.name) == closed)
            }
        },
    ]
}
