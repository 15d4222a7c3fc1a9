import StrictJSON
import Switchboard
import Tokens
import Vocabulary

/// Join tokens: mint them, explain them, say what they can be.
struct TokenOperations: Sendable {
    let desk: Switchboard

    @Sendable func mint(_ operation: Operation) async throws(Problem) -> APIResponse {
        let caller = try operation.requireCaller()
        let name = try operation.parameter(0, RoomName.init(_:))
        let order = try operation.tokenOrder()
        let join = try await asking { () async throws(DeskError) in try await desk.mintToken(order, room: name, for: caller) }
        return join.response
    }

    @Sendable func mintAtHand(_ operation: Operation) throws(Problem) -> APIResponse? {
        let caller = try operation.requireCaller()
        let name = try operation.parameter(0, RoomName.init(_:))
        let order = try operation.tokenOrder()
        return try askingAtHand { () throws(DeskError) in try desk.mintTokenAtHand(order, room: name, for: caller) }?.response
    }

    @Sendable func inspect(_ operation: Operation) async throws(Problem) -> APIResponse {
        let caller = try operation.requireCaller()
        let token = try operation.body { $0.requiredString("token", bytes: 1...Limits.inspectedTokenBytesMax) }
        let inspection = try await asking { () async throws(DeskError) in try await desk.inspect(token, for: caller) }
        return APIResponse(headers: [APIResponse.noStore], json: inspection.jsonValue)
    }

    @Sendable func profiles(_ operation: Operation) async throws(Problem) -> APIResponse {
        APIResponse(json: TokenProfile.contract)
    }

    /// The endpoint that LiveKit's client SDKs call (`TokenSource.endpoint`).
    ///
    /// Several of those SDKs always send `room_config`, empty or with null members, so null means absent here. A `room_config` that says
    /// something is refused: through it a client could start an egress or dispatch an agent.
    @Sendable func mintForLiveKitSDK(_ operation: Operation) async throws(Problem) -> APIResponse {
        let caller = try operation.requireCaller()
        let (name, order) = try operation.body(nullMeansAbsent: true) { body -> (RoomName, TokenOrder)? in
            let room = body.requiredParsed("room_name") { text in try RoomName(text) }
            let user = body.requiredParsed("participant_identity") { text in try UserID(text) }
            let displayName = body.string("participant_name", bytes: 0...JoinGrant.displayNameBytesMax)
            let metadata = body.string("participant_metadata", bytes: 0...JoinGrant.metadataBytesMax)
            let attributes = body.attributes("participant_attributes")
            _ = body.object("room_config") { config -> Bool? in
                if let agents = config.value("agents"), agents != [] {
                    config.fault("agents", .notAllowed, "a client may not dispatch agents")
                }
                return true
            }
            guard let room, let user else { return nil }
            return (
                room,
                TokenOrder(
                    user: user, role: .participant, lifetimeSeconds: TokenProfile.lifetimeSecondsDefault, displayName: displayName,
                    metadata: metadata, attributes: attributes ?? [], publish: nil)
            )
        }
        let join = try await asking { () async throws(DeskError) in
            try await desk.mintToken(order, room: name, provider: .livekit, for: caller)
        }
        guard case .livekit(let serverURL) = join.connection else { throw Problem(.internal, cause: "a LiveKit room joins elsewhere") }
        var answer: JSONObject = [
            "server_url": .string(serverURL), "participant_token": .string(join.minted.token), "room_name": .string(name.text),
        ]
        if let displayName = order.displayName, !displayName.isEmpty { answer["participant_name"] = .string(displayName) }
        return APIResponse(status: 201, headers: [APIResponse.noStore], json: .object(answer))
    }
}

extension Operation {
    /// The body of `mintRoomToken`.
    fileprivate func tokenOrder() throws(Problem) -> TokenOrder {
        try body { body -> TokenOrder? in
            let user = body.requiredParsed("user_id") { text in try UserID(text) }
            let role = body.requiredOneOf("role", Role.self)
            let lifetime = body.integer("ttl_seconds", in: TokenProfile.lifetimeSecondsBounds.asInt64)
            let displayName = body.string("display_name", bytes: 1...JoinGrant.displayNameBytesMax)
            let metadata = body.string("metadata", bytes: 0...JoinGrant.metadataBytesMax)
            let attributes = body.attributes("attributes")
            let publish = body.words("publish", count: 0...PublishSource.allCases.count, PublishSource.self)
            guard let user, let role else { return nil }
            return TokenOrder(
                user: user, role: role, lifetimeSeconds: lifetime.map(Int.init) ?? TokenProfile.lifetimeSecondsDefault,
                displayName: displayName, metadata: metadata, attributes: attributes ?? [], publish: publish)
        }
    }
}

extension FieldReader {
    fileprivate mutating func attributes(_ name: String) -> [(String, String)]? {
        stringMap(
            name, count: 0...JoinGrant.attributesMax, nameBytes: JoinGrant.attributeNameBytes,
            valueBytes: 0...JoinGrant.attributeValueBytesMax)
    }
}

extension Join {
    /// The join token as the contract's `Join`. Written piece by piece, because this answer is on the hot path.
    fileprivate var response: APIResponse {
        var json = JSONWriter(capacity: 2048)
        json.beginObject()
        json.name(fixed: "connect")
        write(connection, into: &json)
        json.name(fixed: "expires_at")
        json.string(minted.expiresAt.rfc3339)
        json.name(fixed: "grants")
        json.raw(bytes: minted.grantsText)
        json.name(fixed: "identity")
        json.string(minted.identity.text)
        json.name(fixed: "issued_at")
        json.string(minted.issuedAt.rfc3339)
        json.name(fixed: "provider")
        json.string(minted.provider.rawValue)
        json.name(fixed: "role")
        json.string(minted.role.rawValue)
        json.name(fixed: "room")
        json.string(minted.room.text)
        json.name(fixed: "token")
        json.string(minted.token)
        json.endObject()
        return APIResponse(status: 201, contentType: "application/json", headers: [APIResponse.noStore], body: json.takeBytes())
    }

    private func write(_ connection: Connection, into json: inout JSONWriter) {
        json.beginObject()
        switch connection {
        case .livekit(let serverURL):
            json.name(fixed: "server_url")
            json.string(serverURL)
        case .agora(let appID, let channel, let uid):
            json.name(fixed: "app_id")
            json.string(appID)
            json.name(fixed: "channel")
            json.string(channel)
            json.name(fixed: "uid")
            if let uid { json.integer(Int64(uid)) } else { json.string(minted.identity.text) }
        }
        json.endObject()
    }
}
