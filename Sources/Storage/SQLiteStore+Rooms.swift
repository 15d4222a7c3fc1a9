public import Calls
import GRDB
public import Vocabulary

extension SQLiteStore {
    public func insert(_ room: Room, openRoomsMax: Int) async throws(StoreError) {
        try await write { db in
            try Self.requireOpenTenant(room.tenant, in: db)
            let open = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM rooms WHERE tenant = ? AND closed_at IS NULL AND expires_at > ?",
                arguments: [room.tenant.text, room.createdAt.seconds])
            guard let open, open < openRoomsMax else { throw StoreError.limitReached }
            try db.execute(
                sql: """
                    INSERT INTO rooms (tenant, name, provider, max_participants, metadata, created_at, expires_at, closed_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    room.tenant.text, room.name.text, room.provider.rawValue, room.maxParticipants, room.metadata, room.createdAt.seconds,
                    room.expiresAt.seconds, room.closedAt?.seconds,
                ])
        } remember: { [knownRooms] in
            knownRooms.keepWritten(room, for: room.name)
        }
    }

    public func roomAtHand(_ name: RoomName) -> Room? {
        knownRooms[name]
    }

    public func room(_ name: RoomName) async throws(StoreError) -> Room? {
        if let room = knownRooms[name] { return room }
        let generation = knownRooms.generation
        let room = try await read { db in try Self.fetchRoom(name, in: db) }
        if let room { knownRooms.keepRead(room, for: name, since: generation) }
        return room
    }

    public func rooms(of tenant: TenantID, state: Room.State?, at now: UnixTime, page: PageRequest) async throws(StoreError) -> Page<Room> {
        let condition =
            switch state {
            case nil: "(1 OR :now)"
            case .open: "closed_at IS NULL AND expires_at > :now"
            case .closed: "(closed_at IS NOT NULL OR (0 AND :now))"
            case .expired: "closed_at IS NULL AND expires_at <= :now"
            }
        return try await read { db in
            let rows = try Row.fetchAll(
                db, sql: "SELECT * FROM rooms WHERE tenant = :tenant AND seq > :after AND \(condition) ORDER BY seq LIMIT :limit",
                arguments: ["tenant": tenant.text, "after": page.after ?? 0, "now": now.seconds, "limit": page.limit + 1])
            return try Self.page(rows, limit: page.limit, Self.room)
        }
    }

    public func closeRoom(_ name: RoomName, at now: UnixTime) async throws(StoreError) -> Room? {
        try await write { db -> Room? in
            guard let room = try Self.fetchRoom(name, in: db) else { return nil }
            let closed = room.closed(at: now)
            if room != closed {
                try db.execute(
                    sql: "UPDATE rooms SET closed_at = ? WHERE tenant = ? AND name = ?",
                    arguments: [closed.closedAt?.seconds, name.tenant.text, name.text])
            }
            return closed
        } remember: { [knownRooms] closed in
            if let closed { knownRooms.keepWritten(closed, for: name) }
        }
    }

    private static func fetchRoom(_ name: RoomName, in db: Database) throws -> Room? {
        try Row.fetchOne(db, sql: "SELECT * FROM rooms WHERE tenant = ? AND name = ?", arguments: [name.tenant.text, name.text]).map(room)
    }

    private static func room(_ row: Row) throws -> Room {
        Room(
            name: try RoomName(row["name"]), provider: try word(row["provider"]), maxParticipants: row["max_participants"],
            metadata: row["metadata"], createdAt: UnixTime(row["created_at"]), expiresAt: UnixTime(row["expires_at"]),
            closedAt: moment(row["closed_at"]))
    }
}
