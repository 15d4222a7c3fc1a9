public import Calls
import Signing
public import Vocabulary

/// What a caller asks for when it asks for a room. Every field is within its bounds already.
public struct RoomOrder: Sendable {
    public let provider: ProviderKind?
    public let maxParticipants: Int?
    public let lifetimeSeconds: Int
    public let metadata: String?

    public init(provider: ProviderKind?, maxParticipants: Int?, lifetimeSeconds: Int, metadata: String?) {
        self.provider = provider
        self.maxParticipants = maxParticipants
        self.lifetimeSeconds = lifetimeSeconds
        self.metadata = metadata
    }
}

/// A page of a list with the cursor of the next one.
public struct SealedPage<Item: Sendable>: Sendable {
    public let items: [Item]
    public let nextCursor: String?
}

extension Switchboard {
    /// The present moment, for those who show a room's state beside it.
    public var now: UnixTime { clock() }

    /// Makes a room with a fresh name for the caller's tenant.
    public func createRoom(_ order: RoomOrder, for caller: Caller) async throws(DeskError) -> Room {
        let tenant = try await tenant(of: caller, needed: .roomsWrite)
        let provider = order.provider ?? tenant.defaultProvider
        guard tenant.providers.kinds.contains(provider) else { throw .providerNotConfigured(provider) }
        if order.maxParticipants != nil, provider == .agora {
            throw .invalid(field: "max_participants", reason: "Agora rooms cannot be capped by a token; leave it out")
        }
        let now = clock()
        let room = Room(
            name: RoomName(tenant: tenant.id, kind: .room, random: SecureRandom.uint128()), provider: provider,
            maxParticipants: order.maxParticipants, metadata: order.metadata, createdAt: now, expiresAt: now + order.lifetimeSeconds)
        let audit = entry(.createRoom, room.name.text, in: tenant.id, for: caller, at: now)
        try await asking { () async throws(StoreError) in try await store.insert(room, openRoomsMax: tenant.openRoomsMax, audit) }
        return room
    }

    /// The room of that name, if it is the caller's tenant's.
    public func room(_ name: RoomName, for caller: Caller, needed scope: Scope = .roomsRead) async throws(DeskError) -> Room {
        guard try caller.tenant(needed: scope) == name.tenant else { throw .notFound }
        guard let room = try await asking({ () async throws(StoreError) in try await store.room(name) }) else { throw .notFound }
        return room
    }

    /// The rooms of the caller's tenant, oldest first.
    public func rooms(state: Room.State?, cursor: String?, limit: Int, for caller: Caller) async throws(DeskError) -> SealedPage<Room> {
        let tenant = try caller.tenant(needed: .roomsRead)
        let list = "rooms of \(tenant), \(state?.rawValue ?? "all")"
        let page = PageRequest(after: try cursors.open(cursor, of: list), limit: limit)
        let found = try await asking { () async throws(StoreError) in
            try await store.rooms(of: tenant, state: state, at: clock(), page: page)
        }
        return SealedPage(items: found.items, nextCursor: cursors.seal(found.next, of: list))
    }

    /// Closes a room for good. Closing again is answered the same way.
    public func closeRoom(_ name: RoomName, for caller: Caller) async throws(DeskError) {
        guard try caller.tenant(needed: .roomsWrite) == name.tenant else { throw .notFound }
        let now = clock()
        let audit = entry(.closeRoom, name.text, in: name.tenant, for: caller, at: now)
        let closed = try await asking { () async throws(StoreError) in try await store.closeRoom(name, at: now, audit) }
        guard closed != nil else { throw .notFound }
    }

    /// The tenant that the caller's key belongs to, as it is now.
    func tenant(of caller: Caller, needed scope: Scope) async throws(DeskError) -> Tenant {
        try await openTenant(try caller.tenant(needed: scope))
    }

    /// A tenant that a credential was checked for. It can have been closed since.
    func openTenant(_ id: TenantID) async throws(DeskError) -> Tenant {
        let tenant = try await asking { () async throws(StoreError) in try await store.tenant(id) }
        guard let tenant, tenant.closedAt == nil else { throw .unauthenticated }
        return tenant
    }
}
