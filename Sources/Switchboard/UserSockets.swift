public import StrictJSON
public import Vocabulary

/// What the desk asks of the counter that holds the sockets of users. Answered at once, from memory; from any thread.
public protocol UserSockets: Sendable {
    /// What is known of each of these users, in their order.
    func presence(of users: [UserID], in tenant: TenantID) -> [UserPresence]
    /// The users who have a socket now, sorted by the bytes of their ids, from the first one after that id on.
    func online(in tenant: TenantID, after user: UserID?, limit: Int) -> [UserPresence]
    /// How many users of the tenant, or of all tenants, have a socket now.
    func onlineCount(in tenant: TenantID?) -> Int
    /// Whether this device of the user has a socket now.
    func has(_ device: DeviceID, of user: UserID, in tenant: TenantID) -> Bool
    /// Sends an event of the app's own to whoever is to hear it now. Nothing is kept for those who are not there.
    /// - Returns: to how many sockets it was sent.
    func send(_ event: AppEvent, to recipient: AppEvent.Recipient, in tenant: TenantID) -> Int
    /// Puts the sockets of a user out, who is no user any more.
    func putOut(_ user: UserID, in tenant: TenantID)
}

/// Whether a user can be reached on a socket.
public struct UserPresence: Sendable, Equatable {
    public let user: UserID
    /// How many sockets the user has now.
    public let devices: Int
    /// When the user was last heard of; nil where that was before the service started, long ago, or never.
    public let lastSeenAt: UnixTime?
    /// The public id of the socket that came last.
    public let socketID: String?

    /// Whether the user has a socket now.
    public var isOnline: Bool { devices > 0 }

    public init(user: UserID, devices: Int, lastSeenAt: UnixTime?, socketID: String?) {
        self.user = user
        self.devices = devices
        self.lastSeenAt = lastSeenAt
        self.socketID = socketID
    }
}

/// An event that the app's own backend sends to its users.
public struct AppEvent: Sendable, Equatable {
    /// Who is to hear it.
    public enum Recipient: Sendable, Hashable {
        case user(UserID)
        case topic(TopicName)
    }

    public let name: AppEventName
    public let data: JSONValue

    public init(name: AppEventName, data: JSONValue) {
        self.name = name
        self.data = data
    }
}
