import StrictJSON
import Switchboard
import Vocabulary

/// Who of a tenant's users is on a socket now, and events to them from the app's own backend.
struct PresenceOperations: Sendable {
    let desk: Switchboard

    @Sendable func get(_ operation: Operation) async throws(Problem) -> APIResponse {
        APIResponse(json: try await one(operation).json)
    }

    @Sendable func list(_ operation: Operation) async throws(Problem) -> APIResponse {
        let caller = try operation.requireCaller()
        let query = try Query(operation.request.target, known: ["users", "online", "limit", "cursor"])
        let users = try query.users("users", count: 1...Limits.presenceUsersMax)
        let isOnline = try query.word("online", OnlineFilter.self) != nil
        guard (users == nil) == isOnline else {
            throw Problem(.malformedRequest, "Name users, or ask for all who are online (online=true).")
        }
        guard let users else {
            let (cursor, limit) = try operation.page(query)
            let page = try await asking { () async throws(DeskError) in
                try await desk.onlineUsers(cursor: cursor, limit: limit, for: caller)
            }
            return APIResponse(json: page.json("users") { $0.json })
        }
        guard try query.text("cursor", bytesMax: Limits.cursorBytesMax) == nil, try query.integer("limit", in: Limits.pageSize) == nil
        else {
            throw Problem(.malformedRequest, "limit and cursor go with online=true; of named users all are answered.")
        }
        let found = try await asking { () async throws(DeskError) in try await desk.presence(of: users, for: caller) }
        return APIResponse(json: ["users": .array(found.map(\.json))])
    }

    @Sendable func sendEvent(_ operation: Operation) async throws(Problem) -> APIResponse {
        let caller = try operation.requireCaller()
        let (recipient, event) = try operation.body { body -> (AppEvent.Recipient, AppEvent)? in
            let recipient = body.requiredObject("to", Self.recipient)
            let name = body.requiredParsed("event") { text in try AppEventName(text) }
            let data = body.value("data")
            if let data, data.canonicalBytes.count > Limits.eventDataBytesMax {
                body.fault("data", .tooLong, "must have at most \(Limits.eventDataBytesMax) bytes as compact JSON")
            }
            guard let recipient, let name else { return nil }
            return (recipient, AppEvent(name: name, data: data ?? JSONValue.null))
        }
        let sockets = try await asking { () async throws(DeskError) in try await desk.send(event, to: recipient, for: caller) }
        return APIResponse(json: ["sockets": .integer(Int64(sockets))])
    }

    private static func recipient(_ reader: inout FieldReader) -> AppEvent.Recipient? {
        let user = reader.parsed("user") { text in try UserID(text) }
        let topic = reader.parsed("topic") { text in try TopicName(text) }
        if user != nil, topic != nil { reader.fault(nil, .invalid, "names a user or a topic, not both") }
        if user == nil, topic == nil, !reader.hasFaults { reader.fault(nil, .missing, "names a user (user) or a topic (topic)") }
        return user.map { .user($0) } ?? topic.map { .topic($0) }
    }

    // MARK: In the words of an app that moves here

    @Sendable func isOnline(_ operation: Operation) async throws(Problem) -> APIResponse {
        let presence = try await one(operation).presence
        return APIResponse(json: [
            "userId": .string(presence.user.text), "isOnline": .bool(presence.isOnline),
            "socketId": presence.socketID.map { .string($0) } ?? .null,
        ])
    }

    @Sendable func connectedUsers(_ operation: Operation) async throws(Problem) -> APIResponse {
        let caller = try operation.requireCaller()
        let (count, users) = try await asking { () async throws(DeskError) in
            try await desk.connectedUsers(limit: Limits.connectedUsersMax, for: caller)
        }
        return APIResponse(json: ["count": .integer(Int64(count)), "users": .array(users.map { .string($0.text) })])
    }

    /// The presence of the user whom the path names.
    private func one(_ operation: Operation) async throws(Problem) -> Reachability {
        let caller = try operation.requireCaller()
        let user = try operation.userParameter(0)
        let found = try await asking { () async throws(DeskError) in try await desk.presence(of: [user], for: caller) }
        guard let one = found.first else { throw Problem(.internal, cause: "a user has no presence") }
        return one
    }
}

/// What `online` may say. Who is not online cannot be listed: nobody knows them all.
private enum OnlineFilter: String, CaseIterable {
    case yes = "true"
}

extension Reachability {
    /// The contract's `Presence`.
    fileprivate var json: JSONValue {
        var object: JSONObject = [
            "user": .string(presence.user.text), "online": .bool(presence.isOnline), "devices": .integer(Int64(presence.devices)),
            "in_call": .bool(isInCall),
        ]
        if let lastSeenAt = presence.lastSeenAt { object["last_seen_at"] = .string(lastSeenAt.rfc3339) }
        return .object(object)
    }
}
