import Calls
import Testing
import Vocabulary

@Suite struct RoomTests {
    static let start = UnixTime(1_800_000_000)

    static func room() throws -> Room {
        Room(
            name: RoomName(tenant: try TenantID("acme"), kind: .room, random: 1), provider: .livekit, maxParticipants: nil, metadata: nil,
            createdAt: start, expiresAt: start + 60)
    }

    @Test(arguments: [(-1, Room.State.open), (0, .open), (59, .open), (60, .expired), (61, .expired), (1_000_000, .expired)])
    func `a room is open until the second in which it expires`(second: Int, state: Room.State) throws {
        #expect(try Self.room().state(at: Self.start + second) == state)
    }

    @Test(arguments: [0, 59, 60, 61, 1_000_000]) func `a closed room is closed at any moment, also when its time is over`(second: Int)
        throws
    {
        let room = try Self.room().closed(at: Self.start + 10)

        #expect(room.state(at: Self.start + second) == .closed)
    }

    @Test func `closing twice keeps the first moment and everything else`() throws {
        let room = try Self.room()
        let closed = room.closed(at: Self.start + 10)

        #expect(closed.closedAt == Self.start + 10)
        #expect(closed.closed(at: Self.start + 20) == closed)
        #expect(closed.name == room.name && closed.createdAt == room.createdAt && closed.expiresAt == room.expiresAt)
        #expect(room.closedAt == nil)
    }

    @Test func `a room belongs to the tenant that its name carries`() throws {
        #expect(try Self.room().tenant == TenantID("acme"))
    }
}
