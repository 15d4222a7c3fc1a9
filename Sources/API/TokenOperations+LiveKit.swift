import StrictJSON
import Switchboard
import Tokens
import Vocabulary

extension TokenOperations {
    /// The endpoint that LiveKit's client SDKs call (`TokenSource.endpoint`).
    ///
    /// A key mints for a room of its tenant, or for a party of a live call by the name of the call's room. A user's token mints for its
    /// user alone, and for the user's live call alone.
    @Sendable func mintForLiveKitSDK(_ operation: Operation) async throws(Problem) -> APIResponse {
        let caller = try operation.requireCaller()
        let request = try operation.body(nullMeansAbsent: true) { SDKRequest(&$0, from: caller) }
        let join = try await asking { () async throws(DeskError) in
            if let order = request.order {
                return try await desk.mintToken(order, room: request.room, provider: .livekit, for: caller)
            }
            return try await desk.mintCallToken(
                room: request.room, as: PartyClaim(user: request.user, device: nil), provider: .livekit, for: caller)
        }
        guard case .livekit(let serverURL) = join.connection else { throw Problem(.internal, cause: "a LiveKit room joins elsewhere") }
        var answer: JSONObject = [
            "server_url": .string(serverURL), "participant_token": .string(join.minted.token), "room_name": .string(request.room.text),
        ]
        if let name = request.order?.displayName, !name.isEmpty { answer["participant_name"] = .string(name) }
        return APIResponse(status: 201, headers: [APIResponse.noStore], json: .object(answer))
    }
}

/// What a client of LiveKit's SDKs sends.
///
/// Several of those SDKs always send `room_config`, empty or with null members, so null means absent here. A `room_config` that says
/// something is refused: through it a client could start an egress or dispatch an agent.
private struct SDKRequest {
    let room: RoomName
    /// The one whom a key names; a user is always itself.
    let user: UserID?
    /// What a key asks for in a room that is no call's.
    let order: TokenOrder?

    init?(_ body: inout FieldReader, from caller: Caller) {
        let room = body.requiredParsed("room_name") { text in try RoomName(text) }
        let user = Self.user(&body, caller)
        let displayName = body.string("participant_name", bytes: 0...JoinGrant.displayNameBytesMax)
        let metadata = body.string("participant_metadata", bytes: 0...JoinGrant.metadataBytesMax)
        let attributes = body.attributes("participant_attributes")
        _ = body.object("room_config") { config -> Bool? in
            if let agents = config.value("agents"), agents != [] {
                config.fault("agents", .notAllowed, "a client may not dispatch agents")
            }
            return true
        }
        guard let room else { return nil }
        self.room = room
        self.user = user
        if room.kind == .room, let user {
            order = TokenOrder(
                user: user, role: .participant, lifetimeSeconds: TokenProfile.lifetimeSecondsDefault, displayName: displayName,
                metadata: metadata, attributes: attributes ?? [], publish: nil)
        } else {
            order = nil
            let given = [
                ("participant_name", !(displayName ?? "").isEmpty), ("participant_metadata", !(metadata ?? "").isEmpty),
                ("participant_attributes", !(attributes ?? []).isEmpty),
            ]
            for (name, isGiven) in given where isGiven {
                body.fault(name, .notAllowed, "a party of a call does not describe itself; leave it out")
            }
        }
    }

    private static func user(_ body: inout FieldReader, _ caller: Caller) -> UserID? {
        guard case .user(_, let own) = caller.owner else { return body.requiredParsed("participant_identity") { text in try UserID(text) } }
        if let named = body.string("participant_identity", bytes: 0...64), !named.utf8.elementsEqual(own.text.utf8) {
            body.fault("participant_identity", .notAllowed, "is the user whose token was sent; it may be left out")
        }
        return nil
    }
}
