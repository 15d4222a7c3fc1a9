public import Vocabulary

/// A call that somebody wants to place. Every field is within its bounds already.
public struct NewCall: Sendable, Equatable {
    public let id: CallID
    /// Whether the client brought the id; then placing is repeated by repeating the id.
    public let isIDBrought: Bool
    public let room: RoomName
    public let caller: UserID
    public let callerDevice: DeviceID?
    /// Whether that device is on a socket.
    public let hasCallerSocket: Bool
    public let callee: UserID
    public let media: CallMedia
    public let provider: ProviderKind
    public let metadata: String?
    public let ringSeconds: Int
    /// Whether both users have to be in the tenant's directory.
    public let needsKnownUsers: Bool

    public init(
        id: CallID, isIDBrought: Bool, room: RoomName, caller: UserID, callerDevice: DeviceID?, callee: UserID, media: CallMedia,
        provider: ProviderKind, metadata: String?, ringSeconds: Int, needsKnownUsers: Bool, hasCallerSocket: Bool = false
    ) {
        self.id = id
        self.isIDBrought = isIDBrought
        self.room = room
        self.caller = caller
        self.callerDevice = callerDevice
        self.hasCallerSocket = hasCallerSocket
        self.callee = callee
        self.media = media
        self.provider = provider
        self.metadata = metadata
        self.ringSeconds = ringSeconds
        self.needsKnownUsers = needsKnownUsers
    }

    /// Whose call it is to be: its room says so.
    public var tenant: TenantID { room.tenant }
}

/// What the store knows that matters to a placing.
public struct PlacementFacts: Sendable, Equatable {
    /// The call that has the brought id, or had it given to it when it was crossed.
    public var sameID: Call?
    /// The live call that the caller is in.
    public var ofCaller: Call?
    /// The live call that the callee is in.
    public var ofCallee: Call?
    /// Whether both are in the directory. Only asked where the call needs it.
    public var areUsersKnown: Bool

    public init(sameID: Call?, ofCaller: Call?, ofCallee: Call?, areUsersKnown: Bool) {
        self.sameID = sameID
        self.ofCaller = ofCaller
        self.ofCallee = ofCallee
        self.areUsersKnown = areUsersKnown
    }
}

/// What comes of a placing.
public enum PlacementAnswer: Sendable, Equatable {
    /// A new call, ringing, at version 1.
    case placed(Call)
    /// The callee's own call to the caller rings already: this call, accepted. Where the client brought an id, that id leads to it too.
    case crossed(Call)
    /// The same call was placed before with the same id.
    case repeated(Call)
    case refused(CallRefusal)
}

/// The rules of placing a call, in the order in which they are asked.
///
/// | asked | answer |
/// |---|---|
/// | caller and callee are the same user | calling oneself |
/// | the brought id is known | the same order: repeated, else call exists |
/// | both users have to be known, and one is not | callee unavailable |
/// | the callee's own call to the caller rings | crossed: that call, accepted |
/// | the caller is in a live call | already in a call |
/// | the callee is in a live call | user busy |
/// | else | placed |
///
/// When two users call each other at once, the call that was committed first is the call, also where the second one asked for other media
/// or another provider.
public enum CallPlacement {
    /// What comes of placing this call now, for a store that knows these facts.
    public static func answer(to new: NewCall, knowing facts: PlacementFacts, at now: UnixTime) -> PlacementAnswer {
        guard new.caller != new.callee else { return .refused(.callingOneself) }
        if let known = facts.sameID {
            return isRepeated(known, new) ? .repeated(known) : .refused(.callExists)
        }
        if new.needsKnownUsers && !facts.areUsersKnown { return .refused(.calleeUnavailable) }
        if let live = facts.ofCaller { return answer(to: new, callerIn: live, at: now) }
        if facts.ofCallee != nil { return .refused(.userBusy) }
        return .placed(ringing(new, at: now))
    }

    /// Whether the call that is known by the brought id is what this order asked for when it came first.
    private static func isRepeated(_ known: Call, _ new: NewCall) -> Bool {
        guard let caller = known.party(new.caller), let callee = known.party(new.callee) else { return false }
        // The id was given to the call when it was crossed. What the crossing order wanted besides the user is not kept.
        if known.id != new.id { return true }
        return caller.side == .caller && callee.side == .callee && known.media == new.media && known.provider == new.provider
    }

    private static func answer(to new: NewCall, callerIn live: Call, at now: UnixTime) -> PlacementAnswer {
        guard live.state == .ringing, live.party(new.caller)?.side == .callee, live.party(new.callee)?.side == .caller,
            case .moved(let accepted) = CallTransition.apply(
                .cross(by: new.caller, device: new.callerDevice, hasSocket: new.hasCallerSocket), to: live, at: now)
        else { return .refused(.alreadyInCall) }
        return .crossed(accepted)
    }

    private static func ringing(_ new: NewCall, at now: UnixTime) -> Call {
        Call(
            id: new.id, room: new.room, provider: new.provider, media: new.media, metadata: new.metadata,
            parties: [
                Party(user: new.caller, side: .caller, device: new.callerDevice, joinedAt: now, hadSocket: new.hasCallerSocket),
                Party(user: new.callee, side: .callee, device: nil, joinedAt: nil),
            ],
            placedAt: now, ringDeadline: now + new.ringSeconds, acceptedAt: nil, ending: nil, version: 1)
    }
}
