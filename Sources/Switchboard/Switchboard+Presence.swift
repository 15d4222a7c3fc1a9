import Calls
import Synchronization
public import Vocabulary

/// Whether a user can be reached, and whether it is free.
public struct Reachability: Sendable, Equatable {
    public let presence: UserPresence
    /// Whether the user is in a live call, ringing or accepted: nobody else can ring it meanwhile.
    public let isInCall: Bool
}

/// What the service counts of all its tenants together.
public struct ServiceCounts: Sendable, Equatable {
    /// Users who have a socket now.
    public let connectedUsers: Int
    /// Calls that were accepted and are not over.
    public let activeCalls: Int
    /// Calls that ring.
    public let ringingCalls: Int
}

extension Switchboard {
    /// From now on presence is asked, and events are sent, where the sockets are. Until then nobody is online.
    public func attach(sockets: any UserSockets) {
        self.sockets.withLock { $0 = sockets }
    }

    /// How these users of the caller's tenant can be reached, in their order. A user whom nobody knows is one who is not there.
    public func presence(of users: [UserID], for caller: Caller) async throws(DeskError) -> [Reachability] {
        let tenant = try await openTenant(caller.tenant(needed: .presenceRead)).id
        return try await reachability(userSockets.presence(of: users, in: tenant), in: tenant)
    }

    /// The users of the caller's tenant who have a socket now, by the bytes of their ids.
    public func onlineUsers(cursor: String?, limit: Int, for caller: Caller) async throws(DeskError) -> SealedPage<Reachability> {
        let tenant = try await openTenant(caller.tenant(needed: .presenceRead)).id
        let list = "online users of \(tenant)"
        let after = try cursors.openText(cursor, of: list).map { (text: String) throws(DeskError) in try Self.user(text) }
        let found = userSockets.online(in: tenant, after: after, limit: limit + 1)
        let shown = Array(found.prefix(limit))
        let next = found.count > limit ? shown.last?.user.text : nil
        return SealedPage(items: try await reachability(shown, in: tenant), nextCursor: cursors.seal(text: next, of: list))
    }

    /// How many users of the caller's tenant have a socket now, and the first of them by the bytes of their ids.
    public func connectedUsers(limit: Int, for caller: Caller) async throws(DeskError) -> (count: Int, users: [UserID]) {
        let tenant = try await openTenant(caller.tenant(needed: .presenceRead)).id
        let sockets = userSockets
        return (sockets.onlineCount(in: tenant), sockets.online(in: tenant, after: nil, limit: limit).map(\.user))
    }

    /// Sends an event of the app's own to a user or a topic of the caller's tenant. Nothing is kept for those who are not there.
    /// - Returns: to how many sockets it was sent.
    public func send(_ event: AppEvent, to recipient: AppEvent.Recipient, for caller: Caller) async throws(DeskError) -> Int {
        let tenant = try await openTenant(caller.tenant(needed: .eventsWrite)).id
        return userSockets.send(event, to: recipient, in: tenant)
    }

    /// What is counted, for whoever asks. Answered from memory.
    public func counts() -> ServiceCounts {
        let activeCalls = store.activeCallsCount()
        // What is watched are all live calls. The two are asked one after the other, so a call may be in between.
        return ServiceCounts(
            connectedUsers: userSockets.onlineCount(in: nil), activeCalls: activeCalls, ringingCalls: max(0, deadlines.count - activeCalls))
    }

    var userSockets: any UserSockets { sockets.withLock { $0 } }

    private func reachability(_ presences: [UserPresence], in tenant: TenantID) async throws(DeskError) -> [Reachability] {
        guard !presences.isEmpty else { return [] }
        let users = presences.map(\.user)
        let busy = try await asking { () async throws(StoreError) in try await store.usersInCalls(among: users, of: tenant) }
        return presences.map { Reachability(presence: $0, isInCall: busy.contains($0.user)) }
    }

    /// A position that was sealed here.
    private static func user(_ text: String) throws(DeskError) -> UserID {
        do {
            return try UserID(text)
        } catch {
            throw .invalidCursor
        }
    }
}

/// As long as no sockets are attached.
struct NoSockets: UserSockets {
    func presence(of users: [UserID], in tenant: TenantID) -> [UserPresence] {
        users.map { UserPresence(user: $0, devices: 0, lastSeenAt: nil, socketID: nil) }
    }

    func online(in tenant: TenantID, after user: UserID?, limit: Int) -> [UserPresence] { [] }

    func onlineCount(in tenant: TenantID?) -> Int { 0 }

    func has(_ device: DeviceID, of user: UserID, in tenant: TenantID) -> Bool { false }

    func send(_ event: AppEvent, to recipient: AppEvent.Recipient, in tenant: TenantID) -> Int { 0 }

    func putOut(_ user: UserID, in tenant: TenantID) {}
}
