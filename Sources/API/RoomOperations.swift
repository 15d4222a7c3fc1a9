import Calls
import StrictJSON
import Switchboard
import Vocabulary

/// Rooms: ask for one, list them, look at one, close it.
struct RoomOperations: Sendable {
    let desk: Switchboard

    @Sendable func create(_ operation: Operation) async throws(Problem) -> APIResponse {
        let caller = try operation.requireCaller()
        let order = try operation.body { body -> RoomOrder? in
            let provider = body.oneOf("provider", ProviderKind.self)
            let maxParticipants = body.integer("max_participants", in: Limits.roomParticipants.asInt64)
            let lifetime = body.integer("ttl_seconds", in: Limits.roomLifetimeSeconds.asInt64)
            let metadata = body.string("metadata", bytes: 0...Limits.roomMetadataBytesMax)
            return RoomOrder(
                provider: provider, maxParticipants: maxParticipants.map(Int.init),
                lifetimeSeconds: lifetime.map(Int.init) ?? Limits.roomLifetimeSecondsDefault, metadata: metadata)
        }
        let room = try await asking { () async throws(DeskError) in try await desk.createRoom(order, for: caller) }
        return APIResponse(status: 201, headers: [("location", "/v1/rooms/\(room.name)")], json: room.json(at: desk.now))
    }

    @Sendable func list(_ operation: Operation) async throws(Problem) -> APIResponse {
        let caller = try operation.requireCaller()
        let query = try Query(operation.request.target, known: ["limit", "cursor", "state"])
        let state = try query.word("state", Room.State.self)
        let (cursor, limit) = try operation.page(query)
        let page = try await asking { () async throws(DeskError) in
            try await desk.rooms(state: state, cursor: cursor, limit: limit, for: caller)
        }
        let now = desk.now
        return APIResponse(json: page.json("rooms") { $0.json(at: now) })
    }

    @Sendable func get(_ operation: Operation) async throws(Problem) -> APIResponse {
        let caller = try operation.requireCaller()
        let name = try operation.parameter(0, RoomName.init(_:))
        let room = try await asking { () async throws(DeskError) in try await desk.room(name, for: caller) }
        return APIResponse(json: room.json(at: desk.now))
    }

    @Sendable func close(_ operation: Operation) async throws(Problem) -> APIResponse {
        let caller = try operation.requireCaller()
        let name = try operation.parameter(0, RoomName.init(_:))
        try await asking { () async throws(DeskError) in try await desk.closeRoom(name, for: caller) }
        return .noContent
    }
}

extension Room {
    /// The room as the contract's `Room`.
    fileprivate func json(at now: UnixTime) -> JSONValue {
        var object: JSONObject = [
            "name": .string(name.text), "tenant": .string(tenant.text), "provider": .string(provider.rawValue),
            "state": .string(state(at: now).rawValue), "created_at": .string(createdAt.rfc3339), "expires_at": .string(expiresAt.rfc3339),
        ]
        if let closedAt { object["closed_at"] = .string(closedAt.rfc3339) }
        if let maxParticipants { object["max_participants"] = .integer(Int64(maxParticipants)) }
        if let metadata { object["metadata"] = .string(metadata) }
        return .object(object)
    }
}

extension SealedPage {
    /// The page as the contract's lists: the items under `name`, and `next_cursor` where there is more.
    func json(_ name: String, _ item: (Item) -> JSONValue) -> JSONValue {
        var object: JSONObject = [:]
        object[name] = .array(items.map(item))
        if let nextCursor { object["next_cursor"] = .string(nextCursor) }
        return .object(object)
    }
}

extension ClosedRange<Int> {
    var asInt64: ClosedRange<Int64> { Int64(lowerBound)...Int64(upperBound) }
}
