public import Calls
public import Vocabulary

/// What a caller asks for when it places a call. Every field is within its bounds already.
public struct CallOrder: Sendable {
    /// Who calls: named by a key; a user is always itself.
    public let caller: UserID?
    public let callee: UserID
    public let media: CallMedia
    public let provider: ProviderKind?
    /// The id that the client brings along.
    public let id: CallID?
    /// The device that the caller calls from.
    public let device: DeviceID?
    public let metadata: String?

    public init(
        caller: UserID?, callee: UserID, media: CallMedia, provider: ProviderKind?, id: CallID?, device: DeviceID?, metadata: String?
    ) {
        self.caller = caller
        self.callee = callee
        self.media = media
        self.provider = provider
        self.id = id
        self.device = device
        self.metadata = metadata
    }
}

/// As whom somebody acts in a call.
public struct PartyClaim: Sendable {
    /// The party for which a key acts; a user is always itself.
    public let user: UserID?
    public let device: DeviceID?

    public init(user: UserID?, device: DeviceID?) {
        self.user = user
        self.device = device
    }
}

/// A call that was placed now or, by the same request, before.
public struct PlacedCall: Sendable {
    public let call: Call
    /// Whether this is the answer to its placing; false where it is a call that was there already: by a brought id, or because two users
    /// called each other.
    public let isNew: Bool
}

/// An accepted call, with what opens its room.
public struct AcceptedCall: Sendable {
    public let call: Call
    /// For a user, its own token alone. For a key those of all parties, the caller's first, to be handed over.
    public let joins: [Join]
}
