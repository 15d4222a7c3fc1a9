import Calls
import StrictJSON
import Switchboard
import Testing
import Tokens
import Vocabulary

/// The two doors to a join token, `mintToken` and `mintTokenAtHand`, and when they stay shut.
@Suite struct MintDoorsTests {
    /// Asks both doors, and expects the same of them while everything is at hand.
    static func bothDoors(_ order: TokenOrder, _ room: RoomName, _ caller: Caller, _ house: TestDesk) async -> Refusal? {
        let asked = await refusal { try await house.desk.mintToken(order, room: room, for: caller) }
        let atHand = await refusal { try await house.desk.mintAtHand(order, room: room, for: caller) as Join? }
        #expect(asked == atHand)
        return asked
    }

    @Test func `a token at hand is like a token asked for, and costs no question`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant("acme", Providers.both())
        let caller = try await house.caller()
        let order = try Mint.order("alice", .host, lifetimeSeconds: 77, displayName: "A", publish: [.camera])
        for provider in ProviderKind.allCases {
            let room = try await house.room(for: caller, provider)
            let asked = try await house.desk.mintToken(order, room: room.name, for: caller)
            let before = house.store.questions

            let atHand = try #require(try await house.desk.mintAtHand(order, room: room.name, for: caller))
            #expect(house.store.questions == before)
            #expect(atHand.minted.grants == asked.minted.grants)
            #expect(atHand.minted.identity == asked.minted.identity && atHand.minted.role == asked.minted.role)
            #expect(atHand.minted.issuedAt == asked.minted.issuedAt && atHand.minted.expiresAt == asked.minted.expiresAt)
            #expect(atHand.minted.tokenID != asked.minted.tokenID)
            #expect("\(atHand.connection)" == "\(asked.connection)")
        }
    }

    @Test func `a closed room gives no token from the moment on in which closing was answered`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant()
        let caller = try await house.caller()
        let room = try await house.room(for: caller)
        #expect(try await Self.bothDoors(Mint.order(), room.name, caller, house) == nil)

        try await house.desk.closeRoom(room.name, for: caller)
        #expect(try await Self.bothDoors(Mint.order(), room.name, caller, house) == .roomNotOpen)
    }

    @Test func `no token is minted after closing was answered, however many ask at once`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant()
        let caller = try await house.caller()
        let room = try await house.room(for: caller)
        let order = try Mint.order()
        let isClosed = Flag()
        await withTaskGroup { group in
            for turn in 0..<200 {
                group.addTask {
                    if turn == 50, await refusal({ try await house.desk.closeRoom(room.name, for: caller) }) == nil {
                        isClosed.raise()
                    }
                    let wasClosed = isClosed.isRaised
                    let asked = await refusal { try await house.desk.mintToken(order, room: room.name, for: caller) }
                    let atHand = await refusal { try await house.desk.mintAtHand(order, room: room.name, for: caller) as Join? }
                    if wasClosed { #expect(asked == .roomNotOpen && atHand == .roomNotOpen) }
                }
            }
        }
        #expect(isClosed.isRaised)
    }

    @Test func `a room gives tokens until the second in which it expires`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant()
        let caller = try await house.caller()
        let room = try await house.room(for: caller, lifetimeSeconds: 60)

        for (second, expected) in [(0, nil), (59, nil), (60, Refusal.roomNotOpen), (61, .roomNotOpen)] {
            house.clock.set(TestDesk.start + second)
            #expect(try await Self.bothDoors(Mint.order(), room.name, caller, house) == expected, "after \(second) s")
        }
    }

    @Test func `both doors refuse the same orders`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant("acme", Providers.both())
        let caller = try await house.caller()
        let orders: [(TokenOrder, String)] = [
            (try Mint.order(lifetimeSeconds: 601), "ttl_seconds"), (try Mint.order("alice", .viewer, publish: [.camera]), "publish"),
            (try Mint.order(publish: [.camera, .camera]), "publish"),
            (try Mint.order(displayName: String(repeating: "n", count: 257)), "display_name"),
            (try Mint.order(metadata: String(repeating: "m", count: 4097)), "metadata"),
            (try Mint.order(attributes: [("", "v")]), "attributes"),
        ]
        for provider in ProviderKind.allCases {
            let room = try await house.room(for: caller, provider)
            for (order, field) in orders {
                #expect(await Self.bothDoors(order, room.name, caller, house) == .invalid(field), "\(provider) \(field)")
            }
        }
    }

    @Test func `a room on a provider that the tenant gave up gives no token`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant("acme", Providers.both())
        let caller = try await house.caller()
        let room = try await house.room(for: caller, .agora)
        let change = TenantChange(displayName: nil, providers: try Providers.livekit(), defaultProvider: nil, openRoomsMax: nil)
        _ = try await house.desk.changeTenant(TenantID("acme"), change, for: house.manager)

        #expect(try await Self.bothDoors(Mint.order(), room.name, caller, house) == .providerNotConfigured(.agora))
    }

    @Test func `what is not at hand is asked for once`() async throws {
        let first = try await TestDesk.open()
        try await first.tenant()
        let caller = try await first.caller()
        let room = try await first.room(for: caller)
        let house = try await first.restarted()

        #expect(try await house.desk.mintAtHand(Mint.order(), room: room.name, for: caller) == nil)
        _ = try await house.desk.mintToken(Mint.order(), room: room.name, for: caller)
        #expect(try await house.desk.mintAtHand(Mint.order(), room: room.name, for: caller) != nil)
    }

    @Test func `a store that has nothing at hand is asked for every token`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant()
        let caller = try await house.caller()
        let room = try await house.room(for: caller)
        house.store.keepNothingAtHand()

        #expect(try await house.desk.mintAtHand(Mint.order(), room: room.name, for: caller) == nil)
        #expect(await refusal { try await house.desk.mintToken(Mint.order(), room: room.name, for: caller) } == nil)
    }

    @Test func `a room that is not there is asked for and not found`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant()
        let caller = try await house.caller()
        let name = RoomName(tenant: try TenantID("acme"), kind: .room, random: 1)

        #expect(try await house.desk.mintAtHand(Mint.order(), room: name, for: caller) == nil)
        #expect(await refusal { try await house.desk.mintToken(Mint.order(), room: name, for: caller) } == .notFound)
    }

    @Test func `a secret that cannot be read after a start makes tokens unavailable until it can`() async throws {
        let first = try await TestDesk.open()
        try await first.tenant()
        let caller = try await first.caller()
        let room = try await first.room(for: caller)
        let house = try await first.restarted(secrets: TestSecrets([:]))

        #expect(await refusal { try await house.desk.mintToken(Mint.order(), room: room.name, for: caller) } == .unavailable)
        #expect(try await Self.bothDoors(Mint.order(), room.name, caller, house) == .unavailable)
        house.secrets.put(Providers.liveKitSecret, "environment variable LIVEKIT_SECRET")
        #expect(try await Self.bothDoors(Mint.order(), room.name, caller, house) == nil)
    }

    @Test func `a secret is read once and not for every token`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant()
        let caller = try await house.caller()
        let room = try await house.room(for: caller)
        _ = try await house.desk.mintToken(Mint.order(), room: room.name, for: caller)
        let before = house.secrets.questions

        for _ in 0..<100 { _ = try await house.desk.mintAtHand(Mint.order(), room: room.name, for: caller) }
        #expect(house.secrets.questions == before)
    }

    @Test func `after a change of the tenant the next token is signed with the new secret`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant()
        let caller = try await house.caller()
        let room = try await house.room(for: caller)
        _ = try Mint.payload(try await house.desk.mintToken(Mint.order(), room: room.name, for: caller).minted.token)
        let change = TenantChange(
            displayName: nil, providers: try Providers.livekit("OTHER_SECRET", apiKey: "APInew"), defaultProvider: nil, openRoomsMax: nil)
        _ = try await house.desk.changeTenant(TenantID("acme"), change, for: house.manager)

        for join in [
            try await house.desk.mintToken(Mint.order(), room: room.name, for: caller),
            try #require(try await house.desk.mintAtHand(Mint.order(), room: room.name, for: caller)),
        ] {
            #expect(try Mint.payload(join.minted.token, secret: "another-secret-of-more-than-32-bytes")["iss"] == "APInew")
        }
    }
}
