// Calls: who may speak with whom, and where.
//
// The room holds the values that the service keeps (rooms, tenants, API keys, calls) with the rules about them, and the
// protocols of the store that keeps them. Values and functions only: time comes in as an argument, and nothing is opened here.

public import Vocabulary

/// A named place on a media plane, opened by one tenant, for a limited time.
///
/// Its name is never used again, and a room that was closed stays closed.
public struct Room: Sendable, Equatable {
    /// What a room is at a given moment. Only an open room gets tokens.
    public enum State: String, CaseIterable, Sendable {
        case open
        case closed
        case expired
    }

    public let name: RoomName
    public let provider: ProviderKind
    /// How many may be inside, where the provider can count them.
    public let maxParticipants: Int?
    /// Text of the app, handed to the provider unread.
    public let metadata: String?
    public let createdAt: UnixTime
    public let expiresAt: UnixTime
    public private(set) var closedAt: UnixTime?

    public init(
        name: RoomName, provider: ProviderKind, maxParticipants: Int?, metadata: String?, createdAt: UnixTime, expiresAt: UnixTime,
        closedAt: UnixTime? = nil
    ) {
        self.name = name
        self.provider = provider
        self.maxParticipants = maxParticipants
        self.metadata = metadata
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.closedAt = closedAt
    }

    /// Whose room it is: its name says so.
    public var tenant: TenantID { name.tenant }

    /// Closing beats expiring: a room that was closed in time stays `closed`.
    public func state(at now: UnixTime) -> State {
        if closedAt != nil { return .closed }
        return now < expiresAt ? .open : .expired
    }

    /// The room after closing it. Closing twice keeps the first moment.
    public func closed(at now: UnixTime) -> Room {
        var room = self
        room.closedAt = closedAt ?? now
        return room
    }
}
