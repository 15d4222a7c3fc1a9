import Calls
import Switchboard
import Testing
import Vocabulary

@Suite struct RoomDeskTests {
    static func order(_ provider: ProviderKind? = nil, maxParticipants: Int? = nil, lifetimeSeconds: Int = 60) -> RoomOrder {
        RoomOrder(provider: provider, maxParticipants: maxParticipants, lifetimeSeconds: lifetimeSeconds, metadata: "m")
    }

    @Test func `a room has what was ordered, a fresh name of its tenant, and lives from now on`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant()
        let caller = try await house.caller()
        let room = try await house.desk.createRoom(Self.order(maxParticipants: 5, lifetimeSeconds: 90), for: caller)

        #expect(room.provider == .livekit)
        #expect(room.maxParticipants == 5)
        #expect(room.metadata == "m")
        #expect(room.createdAt == TestDesk.start && room.expiresAt == TestDesk.start + 90)
        #expect(room.name.tenant.text == "acme" && room.name.kind == .room)
        #expect(try await house.desk.room(room.name, for: caller) == room)
    }

    @Test func `a hundred rooms have a hundred names`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant()
        let caller = try await house.caller()
        var names: Set<RoomName> = []
        for _ in 0..<100 { names.insert(try await house.room(for: caller).name) }

        #expect(names.count == 100)
    }

    @Test func `a room is on the tenant's default provider unless the order names another`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant("acme", Providers.both())
        try await house.tenant("agora", Providers.agora())
        let caller = try await house.caller()

        #expect(try await house.desk.createRoom(Self.order(), for: caller).provider == .livekit)
        #expect(try await house.desk.createRoom(Self.order(.agora), for: caller).provider == .agora)
        #expect(try await house.desk.createRoom(Self.order(), for: house.caller("agora")).provider == .agora)
    }

    @Test func `a room on a provider that the tenant does not have is refused`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant()
        try await house.tenant("agora", Providers.agora())
        let (livekit, agora) = (try await house.caller(), try await house.caller("agora"))

        #expect(await refusal { try await house.desk.createRoom(Self.order(.agora), for: livekit) } == .providerNotConfigured(.agora))
        #expect(await refusal { try await house.desk.createRoom(Self.order(.livekit), for: agora) } == .providerNotConfigured(.livekit))
    }

    @Test func `an Agora room with a cap is refused, named or by default`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant("acme", Providers.both())
        try await house.tenant("agora", Providers.agora())
        let (both, agora) = (try await house.caller(), try await house.caller("agora"))

        #expect(
            await refusal { try await house.desk.createRoom(Self.order(.agora, maxParticipants: 2), for: both) }
                == .invalid("max_participants"))
        #expect(
            await refusal { try await house.desk.createRoom(Self.order(maxParticipants: 2), for: agora) } == .invalid("max_participants"))
        #expect(await refusal { try await house.desk.createRoom(Self.order(maxParticipants: 2), for: both) } == nil)
    }

    @Test func `a tenant has as many open rooms as it may have`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant(openRoomsMax: 2)
        let caller = try await house.caller()
        let rooms = [try await house.room(for: caller, lifetimeSeconds: 60), try await house.room(for: caller, lifetimeSeconds: 120)]

        #expect(await refusal { try await house.room(for: caller) } == .limitReached)
        try await house.desk.closeRoom(rooms[1].name, for: caller)
        #expect(await refusal { try await house.room(for: caller) } == nil)
        #expect(await refusal { try await house.room(for: caller) } == .limitReached)
        house.clock.set(TestDesk.start + 60)
        #expect(await refusal { try await house.room(for: caller) } == nil)
        #expect(await refusal { try await house.room(for: caller) } == .limitReached)
    }

    @Test func `another tenant's room is answered exactly like one that does not exist`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant()
        try await house.tenant("other")
        let (caller, stranger) = (try await house.caller(), try await house.caller("other"))
        let room = try await house.room(for: caller)
        let names = [
            room.name, RoomName(tenant: try TenantID("acme"), kind: .room, random: 1),
            RoomName(tenant: try TenantID("other"), kind: .room, random: 1),
            RoomName(tenant: try TenantID("nobody"), kind: .call, random: 1),
        ]

        for name in names {
            let order = try Mint.order()
            let errors = [
                await deskError { try await house.desk.room(name, for: stranger) },
                await deskError { try await house.desk.closeRoom(name, for: stranger) },
                await deskError { try await house.desk.mintToken(order, room: name, for: stranger) },
                await deskError { try await house.desk.mintToken(order, room: name, provider: .agora, for: stranger) },
            ]
            let answers = Set(errors.map { error in error.map { "\($0)" } })
            #expect(answers == ["\(DeskError.notFound)"], "\(name)")
        }
        #expect(await refusal { try await house.desk.mintAtHand(Mint.order(), room: room.name, for: stranger) as Join? } == .notFound)
        #expect(try await house.desk.room(room.name, for: caller) == room)
        #expect(try await house.desk.rooms(state: nil, cursor: nil, limit: 10, for: stranger).items.isEmpty)
    }

    @Test func `closing a room again is answered the same way and keeps the first moment`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant()
        let caller = try await house.caller()
        let room = try await house.room(for: caller)

        try await house.desk.closeRoom(room.name, for: caller)
        house.clock.set(TestDesk.start + 10)
        try await house.desk.closeRoom(room.name, for: caller)
        #expect(try await house.desk.room(room.name, for: caller) == room.closed(at: TestDesk.start))
    }

    @Test func `a list shows the rooms that are in the state now`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant()
        let caller = try await house.caller()
        let short = try await house.room(for: caller, lifetimeSeconds: 60)
        let long = try await house.room(for: caller, lifetimeSeconds: 120)
        let closed = try await house.room(for: caller)
        try await house.desk.closeRoom(closed.name, for: caller)
        func names(_ state: Room.State?) async throws -> [RoomName] {
            try await house.desk.rooms(state: state, cursor: nil, limit: 10, for: caller).items.map(\.name)
        }

        house.clock.set(TestDesk.start + 60)
        #expect(try await names(.open) == [long.name])
        #expect(try await names(.expired) == [short.name])
        #expect(try await names(.closed) == [closed.name])
        #expect(try await names(nil) == [short.name, long.name, closed.name])
    }

    @Test func `a caller whose tenant was closed since is not known any more`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant()
        let caller = try await house.caller()
        let room = try await house.room(for: caller)
        try await house.desk.closeTenant(TenantID("acme"), for: house.manager)

        #expect(await refusal { try await house.room(for: caller) } == .unauthenticated)
        #expect(await refusal { try await house.desk.mintToken(Mint.order(), room: room.name, for: caller) } == .unauthenticated)
        let atHand = await refusal {
            if try await house.desk.mintAtHand(Mint.order(), room: room.name, for: caller) != nil { throw Unexpected() }
        }
        #expect(atHand == nil || atHand == .unauthenticated, "refused, or left to mintToken")
        #expect(await refusal { try await house.desk.inspect("x", for: caller) } == .unauthenticated)
    }
}
