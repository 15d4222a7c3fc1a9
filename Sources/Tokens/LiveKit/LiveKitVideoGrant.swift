/// What a LiveKit token allows in rooms: its `video` claim, every member of it.
///
/// This is the whole vocabulary of the vendor, for reading foreign tokens and for server tokens. Tokens for people are written by
/// ``LiveKitMinter`` from a ``JoinGrant``, which cannot express the server-wide members.
public struct LiveKitVideoGrant: LiveKitGrantObject {
    /// Create and delete any room of the server.
    public var roomCreate: Bool?
    /// List all rooms of the server.
    public var roomList: Bool?
    /// Record any room of the server.
    public var roomRecord: Bool?
    /// Administer the room named in `room`.
    public var roomAdmin: Bool?
    /// Join the room named in `room`.
    public var roomJoin: Bool?
    public var room: String?
    /// Absent means yes.
    public var canPublish: Bool?
    /// Absent means yes.
    public var canSubscribe: Bool?
    /// Absent means as `canPublish`.
    public var canPublishData: Bool?
    /// Absent, and also empty, means every source.
    public var canPublishSources: [String]?
    public var canUpdateOwnMetadata: Bool?
    public var canSubscribeMetrics: Bool?
    public var canManageAgentSession: Bool?
    /// Administer all ingress of the server.
    public var ingressAdmin: Bool?
    public var hidden: Bool?
    public var recorder: Bool?
    /// Register as an agent worker.
    public var agent: Bool?
    /// Where `roomAdmin` may move or forward participants to.
    public var destinationRoom: String?

    public init() {}

    public static var flags: [(name: String, path: Flag)] {
        [
            ("agent", \.agent), ("canManageAgentSession", \.canManageAgentSession), ("canPublish", \.canPublish),
            ("canPublishData", \.canPublishData), ("canSubscribe", \.canSubscribe), ("canSubscribeMetrics", \.canSubscribeMetrics),
            ("canUpdateOwnMetadata", \.canUpdateOwnMetadata), ("hidden", \.hidden), ("ingressAdmin", \.ingressAdmin),
            ("recorder", \.recorder), ("roomAdmin", \.roomAdmin), ("roomCreate", \.roomCreate), ("roomJoin", \.roomJoin),
            ("roomList", \.roomList), ("roomRecord", \.roomRecord),
        ]
    }

    public static var texts: [(name: String, path: Text)] {
        [("destinationRoom", \.destinationRoom), ("room", \.room)]
    }

    public static var lists: [(name: String, path: List)] {
        [("canPublishSources", \.canPublishSources)]
    }
}

extension LiveKitVideoGrant {
    /// What a person's token says: every permission written out, also those that are refused.
    ///
    /// The one place that turns our words into LiveKit's; the contract's table is printed from it and the minter's text is made from it.
    init(publish: PublishSet, subscribe: Bool, data: Bool, room: String) {
        self.init()
        self.room = room
        roomJoin = true
        canPublish = !publish.isEmpty
        canPublishSources = publish.sources.map(\.rawValue)
        canPublishData = data
        canSubscribe = subscribe
        canSubscribeMetrics = false
        canUpdateOwnMetadata = false
        canManageAgentSession = false
        hidden = false
        recorder = false
        agent = false
        roomAdmin = false
        roomCreate = false
        roomList = false
        roomRecord = false
        ingressAdmin = false
    }
}
