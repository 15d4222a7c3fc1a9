public import Vocabulary

/// Two or more users of one tenant, one room, one state.
///
/// A call is `ringing` from its placing on, `active` from its acceptance on, and `ended` for good. Every change makes it one version older,
/// and every version it ever had can be told from the last one (`asOf`): so whoever repeats a request gets the answer of then, and what is
/// still to be told to somebody needs no more than a version to be remembered.
public struct Call: Sendable, Equatable {
    /// What a call is at a given version.
    public enum State: String, CaseIterable, Sendable {
        case ringing
        case active
        case ended
    }

    /// How a call ended.
    public struct Ending: Sendable, Equatable {
        public let at: UnixTime
        public let reason: EndReason
        /// Who ended it; nil where no party did: a deadline, the tenant's own server, the service.
        public let by: UserID?
        /// What that party said about it, unread by the service.
        public let note: String?
        /// The device of that party, where it named itself: it has its answer and need not be told. Only a rejecting device names itself.
        public let device: DeviceID?

        public init(at: UnixTime, reason: EndReason, by: UserID?, note: String?, device: DeviceID?) {
            self.at = at
            self.reason = reason
            self.by = by
            self.note = note
            self.device = device
        }
    }

    struct Facts: Equatable {
        let id: CallID
        let room: RoomName
        let provider: ProviderKind
        let media: CallMedia
        let metadata: String?
        var parties: [Party]
        let placedAt: UnixTime
        let ringDeadline: UnixTime
        var acceptedAt: UnixTime?
        var ending: Ending?
        var version: Int
    }

    private var facts: Shared<Facts>

    /// Puts a call together from what was kept of it.
    public init(
        id: CallID, room: RoomName, provider: ProviderKind, media: CallMedia, metadata: String?, parties: [Party], placedAt: UnixTime,
        ringDeadline: UnixTime, acceptedAt: UnixTime?, ending: Ending?, version: Int
    ) {
        facts = Shared(
            Facts(
                id: id, room: room, provider: provider, media: media, metadata: metadata, parties: parties, placedAt: placedAt,
                ringDeadline: ringDeadline, acceptedAt: acceptedAt, ending: ending, version: version))
    }

    /// What tells it from the other calls of its tenant.
    public var id: CallID { facts.value.id }
    /// Where the parties meet. Its name carries the tenant and is never used again.
    public var room: RoomName { facts.value.room }
    /// The media plane that its room is on.
    public var provider: ProviderKind { facts.value.provider }
    /// What its parties want to send each other.
    public var media: CallMedia { facts.value.media }
    /// Text of the app, handed on unread.
    public var metadata: String? { facts.value.metadata }
    /// The caller first. Two today; nothing here depends on that number.
    public var parties: [Party] { facts.value.parties }
    /// When it began to ring.
    public var placedAt: UnixTime { facts.value.placedAt }
    /// Until when it rings.
    public var ringDeadline: UnixTime { facts.value.ringDeadline }
    /// When a callee accepted it; nil while nobody has.
    public var acceptedAt: UnixTime? { facts.value.acceptedAt }
    /// How it ended; nil while it lives.
    public var ending: Ending? { facts.value.ending }
    /// 1 when it was placed, one more with every change.
    public var version: Int { facts.value.version }

    /// Whose call it is: its room says so.
    public var tenant: TenantID { room.tenant }
    /// What tells it from all other calls.
    public var key: CallKey { CallKey(tenant: tenant, id: id) }

    /// What it is now: told from what has happened to it.
    public var state: State {
        if ending != nil { return .ended }
        return acceptedAt == nil ? .ringing : .active
    }

    /// Whether it keeps its parties from other calls.
    public var isLive: Bool { ending == nil }

    /// The party that this user is; nil where the user is not in the call.
    public func party(_ user: UserID) -> Party? { parties.first { $0.user == user } }
    /// The one who placed it.
    public var caller: Party? { parties.first { $0.side == .caller } }
    /// The others: those whom the caller called.
    public var callees: [Party] { parties.filter { $0.side == .callee } }

    /// The call as it was when it had that version; itself for its own version and later ones.
    public func asOf(_ version: Int) -> Call {
        guard version < self.version else { return self }
        return changed { call in
            call.version = version
            call.ending = nil
            guard version == 1 else { return }
            call.acceptedAt = nil
            for index in call.parties.indices where call.parties[index].side == .callee {
                call.parties[index].device = nil
                call.parties[index].joinedAt = nil
                call.parties[index].hadSocket = false
            }
        }
    }

    /// A copy in which some facts are others.
    func changed(_ change: (inout Facts) -> Void) -> Call {
        var call = self
        change(&call.facts.value)
        return call
    }
}

/// One user in a call.
public struct Party: Sendable, Equatable {
    /// On which end of the call a party is.
    public enum Side: String, CaseIterable, Sendable {
        case caller
        case callee
    }

    public let user: UserID
    public let side: Side
    /// The device that placed or accepted the call, where it named itself. Only that one gets the party's tokens.
    public internal(set) var device: DeviceID?
    /// When the party agreed to the call: the caller by placing it, a callee by accepting it.
    public internal(set) var joinedAt: UnixTime?
    /// Whether that device was on a socket when it joined: then it is waited for when it has none, also by a service that has just
    /// started.
    public internal(set) var hadSocket: Bool

    public init(user: UserID, side: Side, device: DeviceID?, joinedAt: UnixTime?, hadSocket: Bool = false) {
        self.user = user
        self.side = side
        self.device = device
        self.joinedAt = joinedAt
        self.hadSocket = hadSocket
    }
}

/// What tells one call from all others.
public struct CallKey: Hashable, Sendable {
    public let tenant: TenantID
    public let id: CallID

    public init(tenant: TenantID, id: CallID) {
        self.tenant = tenant
        self.id = id
    }
}

/// Why a call ended.
public enum EndReason: String, CaseIterable, Sendable {
    /// The callee did not want it.
    case rejected
    /// The caller took it back, or was gone, before it was accepted.
    case cancelled
    /// Nobody accepted it in time.
    case missed
    /// A party hung up.
    case hungUp = "hung_up"
    /// A party was gone for longer than its grace.
    case partyGone = "party_gone"
    /// It reached the longest time a call may last.
    case timeLimit = "time_limit"
    /// One of its users was taken out of the tenant's directory.
    case userRemoved = "user_removed"
    /// The tenant was closed.
    case tenantClosed = "tenant_closed"
}
