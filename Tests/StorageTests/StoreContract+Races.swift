import Calls
import Testing
import Vocabulary

/// One change is halted at each of its steps, another one is made and acknowledged meanwhile, and then the first goes on. Whatever was
/// halted where: what is at hand afterwards is what the store holds.
extension StoreContract {
    static let races: [StoreRule] = [
        race("a room that is closed while it is being made is not left open at hand") { store in
            try await store.insert(Sample.room(1), openRoomsMax: 10)
        } meanwhile: { store in
            _ = try await store.closeRoom(Sample.room(1).name, at: Sample.start)
        },
        race("a room that is being made while its tenant is closed is not left open at hand") { store in
            try await store.insert(Sample.room(1), openRoomsMax: 10)
        } meanwhile: { store in
            _ = try await store.closeTenant(Sample.tenant().id, at: Sample.start)
        },
        race("a key that is being made while its tenant is closed is not left active at hand") { store in
            try await store.insert(Sample.key(1))
        } meanwhile: { store in
            _ = try await store.closeTenant(Sample.tenant().id, at: Sample.start)
        },
        race("a key that is revoked while it is being made is not left active at hand") { store in
            try await store.insert(Sample.key(1))
        } meanwhile: { store in
            _ = try await store.revokeKey(Sample.key(1).id, at: Sample.start)
        },
        race("a key that is being revoked while its tenant is closed is not left active at hand", key: true) { store in
            _ = try await store.revokeKey(Sample.key(1).id, at: Sample.start)
        } meanwhile: { store in
            _ = try await store.closeTenant(Sample.tenant().id, at: Sample.start + 1)
        },
        race("a tenant that is being changed while it is closed is not left open at hand") { store in
            _ = try await store.replaceTenant(Sample.tenant(), with: Sample.tenant(openRoomsMax: 5))
        } meanwhile: { store in
            _ = try await store.closeTenant(Sample.tenant().id, at: Sample.start)
        },
        race("of two changes of a tenant the later one is at hand") { store in
            _ = try await store.replaceTenant(Sample.tenant(), with: Sample.tenant(openRoomsMax: 5))
        } meanwhile: { store in
            _ = try await store.replaceTenant(Sample.tenant(openRoomsMax: 5), with: Sample.tenant(openRoomsMax: 6))
        },
        race("a room that is being read while it is closed is not left open at hand", room: true) { store in
            _ = try await store.room(Sample.room(1).name)
        } meanwhile: { store in
            _ = try await store.closeRoom(Sample.room(1).name, at: Sample.start)
        },
        race("a room that is being read while its tenant is closed is not left open at hand", room: true) { store in
            _ = try await store.room(Sample.room(1).name)
        } meanwhile: { store in
            _ = try await store.closeTenant(Sample.tenant().id, at: Sample.start)
        },
        race("a key that is being read while it is revoked is not left active at hand", key: true) { store in
            _ = try await store.key(digest: Sample.key(1).digest)
        } meanwhile: { store in
            _ = try await store.revokeKey(Sample.key(1).id, at: Sample.start)
        },
        race("a tenant that is being read while it is closed is not left open at hand") { store in
            _ = try await store.tenant(Sample.tenant().id)
        } meanwhile: { store in
            _ = try await store.closeTenant(Sample.tenant().id, at: Sample.start)
        },
        race("a room whose closing is given up half-way is at hand as the store holds it", room: true, givesUp: true) { store in
            _ = try await store.closeRoom(Sample.room(1).name, at: Sample.start)
        } meanwhile: { _ in
        },
        race("a tenant whose closing is given up half-way is at hand as the store holds it", room: true, key: true, givesUp: true) {
            store in
            _ = try await store.closeTenant(Sample.tenant().id, at: Sample.start)
        } meanwhile: { _ in
        },
    ]

    /// - Parameters:
    ///   - room, key: whether the tenant has a room and a key already, none of which is at hand.
    ///   - givesUp: whether the halted task is cancelled, as when its client goes away.
    private static func race(
        _ promise: String, room: Bool = false, key: Bool = false, givesUp: Bool = false,
        _ change: @escaping @Sendable (any Store) async throws -> Void, meanwhile: @escaping @Sendable (any Store) async throws -> Void
    ) -> StoreRule {
        StoreRule(promise) { bench in
            let halts = try await SteppingExecutor.atEveryHalt { store in
                // Where the other change came first, this one may be refused; it must not be half done.
                _ = await refusal { try await change(store) }
            } scene: {
                let store = try await bench.makeStore()
                try await store.insert(Sample.tenant())
                if room { try await store.insert(Sample.room(1), openRoomsMax: 10) }
                if key { try await store.insert(Sample.key(1)) }
                return try await bench.reopen(store)
            } meanwhile: { store, task in
                try await meanwhile(store)
                if givesUp { task.cancel() }
            } expect: { store, halt in
                try await expectCurrent(store, "halted at step \(halt)")
            }
            #expect(halts > 1, "the change could be halted half-way")
        }
    }

    private static func expectCurrent(_ store: any Store, _ comment: Comment) async throws {
        let (tenant, room, key) = (try Sample.tenant(), try Sample.room(1), try Sample.key(1))
        let storedTenant = try await store.storedTenant(tenant.id)
        let storedRoom = try await store.storedRoom(room.name)
        let storedKey = try await store.key(key.id)
        #expect(isCurrent(store.tenantAtHand(tenant.id), storedTenant), comment)
        #expect(isCurrent(store.roomAtHand(room.name), storedRoom), comment)
        #expect(isCurrent(store.keyAtHand(digest: key.digest), storedKey), comment)
        #expect(try await store.tenant(tenant.id) == storedTenant, comment)
        #expect(try await store.room(room.name) == storedRoom, comment)
        #expect(try await store.key(digest: key.digest) == storedKey, comment)
        if storedTenant?.closedAt != nil {
            #expect(storedRoom == nil || storedRoom?.closedAt != nil, comment)
            #expect(storedKey == nil || storedKey?.revokedAt != nil, comment)
        }
    }
}
