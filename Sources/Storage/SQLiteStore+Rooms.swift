public import Calls
import GRDB
public import Vocabulary

extension SQLiteStore {
    public func insert(_ room: Room, openRoomsMax: Int, _ audit: AuditEntry) async throws(StoreError) {
        try await changes.change { writing in
            try writing.requireOpenTenant(room.tenant)
            let open = try Int.fetchOne(
                writing.db.prepared(
                    "SELECT count(*) FROM rooms WHERE tenant = ? AND closed_at IS NULL AND expires_at > ?",
                    [.text(room.tenant.text), .integer(room.createdAt.seconds)]))
            guard let open, open < openRoomsMax else { throw StoreError.limitReached }
            try writing.db.run(
                """
                INSERT INTO rooms (tenant, name, provider, max_participants, metadata, created_at, expires_at, closed_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    .text(room.tenant.text), .text(room.name.text), .text(room.provider.rawValue),
                    .optional(room.maxParticipants.map(Int64.init)), .optional(room.metadata), .integer(room.createdAt.seconds),
                    .integer(room.expiresAt.seconds), .optional(room.closedAt?.seconds),
                ])
            try writing.audit(audit)
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

    public func closeRoom(_ name: RoomName, at now: UnixTime, _ audit: AuditEntry) async throws(StoreError) -> Room? {
        try await changes.change { writing -> Room? in
            guard let room = try Self.fetchRoom(name, in: writing.db) else { return nil }
            let closed = room.closed(at: now)
            guard room != closed else {
                try writing.audit(audit.with(outcome: AuditEntry.repeated))
                return closed
            }
            try writing.db.run(
                "UPDATE rooms SET closed_at = ? WHERE tenant = ? AND name = ?",
                [.optional(closed.closedAt?.seconds), .text(name.tenant.text), .text(name.text)])
            try writing.audit(audit)
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
