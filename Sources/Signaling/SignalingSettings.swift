public import Switchboard

/// Every bound of the socket counter that an operator or a test may change. Times in seconds. The times of the protocol itself, such as
/// those of its pings, are `SocketSettings`.
public struct SignalingSettings: Sendable, Equatable {
    // How often.
    /// Events of one user, from all its sockets together.
    public var eventsPerUser = Rate(perMinute: 60)
    /// Events of one connection.
    public var eventsPerConnection = Rate(perMinute: 60)
    /// Connects of one user. Counted once its token was found good.
    public var connectsPerUser = Rate(perMinute: 30)
    /// Connects from one address, good and bad.
    public var connectsPerAddress = Rate(perMinute: 600)

    // How many.
    /// Sockets of one user at once.
    public var socketsPerUserMax = 16
    /// Events of one connection that wait for their turn. One more is refused.
    public var waitingEventsMax = 32
    /// Topics and users that one socket may listen to beside its own user.
    public var roomsPerSocketMax = 64
    /// Up to how many users of a tenant are online is everybody told who comes and goes: every one more costs a message to all.
    public var presenceBroadcastUsersMax = 1000
    /// How many users who are gone are remembered with the moment.
    public var lastSeenMax = 100_000

    // How long.
    /// How long a party of an active call may be without a socket before the call ends.
    public var graceSeconds = 15
    /// How long a client may take to connect again once it has noticed that it has to: those of Socket.IO try again after 7.5 s at most.
    public var returnSeconds = 10
    /// How old a request for a call may be: clients keep what they could not send, and send it when they are back.
    public var staleSeconds = 30
    /// How long a device may take to say that it rings.
    public var ringAcknowledgementSeconds = 30
    /// How often it is looked whether tenants were closed.
    public var tenantSweepSeconds = 1

    /// The usual bounds.
    public init() {}
}
