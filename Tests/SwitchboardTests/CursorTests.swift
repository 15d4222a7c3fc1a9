import Calls
import Signing
import Testing
import Vocabulary

@testable import Switchboard

@Suite struct CursorTests {
    /// A desk with five rooms of acme and of other, and the cursor after the second open room of acme.
    static func scene() async throws -> (house: TestDesk, acme: Caller, other: Caller, cursor: String) {
        let house = try await TestDesk.open()
        var callers: [Caller] = []
        for id in ["acme", "other"] {
            try await house.tenant(id)
            callers.append(try await house.caller(id))
            for _ in 0..<5 { try await house.room(for: callers[callers.count - 1]) }
        }
        let cursor = try await house.desk.rooms(state: .open, cursor: nil, limit: 2, for: callers[0]).nextCursor
        return (house, callers[0], callers[1], try #require(cursor))
    }

    @Test func `the cursors of a list lead through every item once`() async throws {
        let (house, acme, _, _) = try await Self.scene()
        let all = try await house.desk.rooms(state: nil, cursor: nil, limit: 100, for: acme)
        var names: [RoomName] = []
        var cursor: String?
        repeat {
            let page = try await house.desk.rooms(state: nil, cursor: cursor, limit: 2, for: acme)
            names += page.items.map(\.name)
            cursor = page.nextCursor
        } while cursor != nil

        #expect(all.nextCursor == nil && all.items.count == 5)
        #expect(names == all.items.map(\.name))
    }

    @Test func `a cursor with any bit flipped is refused`() async throws {
        let (house, acme, _, cursor) = try await Self.scene()
        let bytes = try Base64URL.decode(cursor)

        for bit in 0..<bytes.count * 8 {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << (bit % 8)
            let other = Base64URL.encode(flipped)
            #expect(
                await refusal { try await house.desk.rooms(state: .open, cursor: other, limit: 2, for: acme) } == .invalidCursor,
                "bit \(bit)")
        }
        #expect(await refusal { try await house.desk.rooms(state: .open, cursor: cursor, limit: 2, for: acme) } == nil)
    }

    @Test func `a cursor does not tell the position, which counts what all tenants do`() throws {
        let seal = CursorSeal(secret: Secret(bytes: [UInt8](repeating: 7, count: 32)))
        for position in [1, 2, 3, 0x0102_0304_0506_0708] as [Int64] {
            let bytes = try Base64URL.decode(try #require(seal.seal(position, of: "rooms of acme, all")))
            let plain = withUnsafeBytes(of: position.bigEndian) { Array($0) }
            for start in 0...bytes.count - 8 { #expect(Array(bytes[start..<start + 8]) != plain) }
            #expect(try seal.open(Base64URL.encode(bytes), of: "rooms of acme, all") == position)
        }
    }

    @Test func `what is no cursor is refused without asking the store`() async throws {
        let (house, acme, _, cursor) = try await Self.scene()
        let before = house.store.questions
        let zeros = Base64URL.encode([UInt8](repeating: 0, count: 24))

        for text in ["", "x", " ", cursor + "A", String(cursor.dropLast()), cursor + "=", cursor + cursor, zeros, "5", "-1", "é", "\u{0}"] {
            #expect(
                await refusal { try await house.desk.rooms(state: .open, cursor: text, limit: 2, for: acme) } == .invalidCursor, "\(text)")
        }
        #expect(house.store.questions == before)
    }

    @Test func `a cursor is good for its own list only`() async throws {
        let (house, acme, other, cursor) = try await Self.scene()

        #expect(await refusal { try await house.desk.rooms(state: .open, cursor: cursor, limit: 2, for: other) } == .invalidCursor)
        for state in [nil, Room.State.closed, .expired] {
            #expect(await refusal { try await house.desk.rooms(state: state, cursor: cursor, limit: 2, for: acme) } == .invalidCursor)
        }
        #expect(await refusal { try await house.desk.keys(cursor: cursor, limit: 2, for: acme) } == .invalidCursor)
        #expect(await refusal { try await house.desk.keys(cursor: cursor, limit: 2, for: house.manager) } == .invalidCursor)
        #expect(await refusal { try await house.desk.tenants(cursor: cursor, limit: 2, for: house.manager) } == .invalidCursor)
    }

    @Test func `the cursors of keys and tenants are good for their own lists only`() async throws {
        let (house, acme, other, _) = try await Self.scene()
        for caller in [acme, other] {
            let order = KeyOrder(tenant: nil, scopes: [.roomsRead], label: nil, environment: .live, lifetimeSeconds: nil)
            _ = try await house.desk.createKey(order, for: caller)
        }
        let own = try #require(try await house.desk.keys(cursor: nil, limit: 1, for: acme).nextCursor)
        let everybody = try #require(try await house.desk.keys(cursor: nil, limit: 1, for: house.manager).nextCursor)
        let tenants = try #require(try await house.desk.tenants(cursor: nil, limit: 1, for: house.manager).nextCursor)

        #expect(try await house.desk.keys(cursor: own, limit: 1, for: acme).items.count == 1)
        #expect(try await house.desk.tenants(cursor: tenants, limit: 1, for: house.manager).items.map(\.id.text) == ["other"])
        #expect(await refusal { try await house.desk.keys(cursor: own, limit: 1, for: other) } == .invalidCursor)
        #expect(await refusal { try await house.desk.keys(cursor: everybody, limit: 1, for: acme) } == .invalidCursor)
        #expect(await refusal { try await house.desk.keys(cursor: own, limit: 1, for: house.manager) } == .invalidCursor)
        #expect(await refusal { try await house.desk.keys(cursor: tenants, limit: 1, for: house.manager) } == .invalidCursor)
        #expect(await refusal { try await house.desk.tenants(cursor: everybody, limit: 1, for: house.manager) } == .invalidCursor)
    }

    @Test(arguments: ["anybody", "operator", "all"]) func `no tenant's id makes its cursors those of somebody else's list`(id: String)
        async throws
    {
        let house = try await TestDesk.open()
        try await house.tenant(id)
        let caller = try await house.caller(id)
        _ = try await house.key(id)
        let own = try #require(try await house.desk.keys(cursor: nil, limit: 1, for: caller).nextCursor)
        let everybody = try #require(try await house.desk.keys(cursor: nil, limit: 1, for: house.manager).nextCursor)

        #expect(await refusal { try await house.desk.keys(cursor: everybody, limit: 1, for: caller) } == .invalidCursor)
        #expect(await refusal { try await house.desk.keys(cursor: own, limit: 1, for: house.manager) } == .invalidCursor)
    }

    @Test func `a cursor stays good over a restart and is worth nothing at another store`() async throws {
        let (first, acme, _, cursor) = try await Self.scene()
        let elsewhere = try await Self.scene()
        let expected = try await first.desk.rooms(state: .open, cursor: cursor, limit: 2, for: acme).items
        let house = try await first.restarted()

        #expect(try await house.desk.rooms(state: .open, cursor: cursor, limit: 2, for: acme).items == expected)
        #expect(
            await refusal { try await elsewhere.house.desk.rooms(state: .open, cursor: cursor, limit: 2, for: elsewhere.acme) }
                == .invalidCursor)
    }
}
