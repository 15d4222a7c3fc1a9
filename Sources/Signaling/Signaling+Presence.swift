import Calls
import SocketIO
public import Switchboard
public import Vocabulary

extension Signaling: UserSockets {
    public func presence(of users: [UserID], in tenant: TenantID) -> [UserPresence] {
        let registry = registry.known(tenant)
        let now = desk.now
        return users.map { user in
            let sockets = registry?.sockets(of: user) ?? (count: 0, last: nil)
            let lastSeenAt = sockets.count > 0 ? now : lastSeen[UserKey(tenant: tenant, id: user)]
            return UserPresence(user: user, devices: sockets.count, lastSeenAt: lastSeenAt, socketID: sockets.last)
        }
    }

    public func online(in tenant: TenantID, after user: UserID?, limit: Int) -> [UserPresence] {
        let users = registry.known(tenant)?.online(after: user, limit: limit) ?? []
        return presence(of: users, in: tenant).filter(\.isOnline)
    }

    public func onlineCount(in tenant: TenantID?) -> Int {
        guard let tenant else { return registry.all.reduce(0) { $0 + $1.onlineCount } }
        return registry.known(tenant)?.onlineCount ?? 0
    }

    public func has(_ device: DeviceID, of user: UserID, in tenant: TenantID) -> Bool {
        registry.known(tenant)?.has(device, of: user) ?? false
    }

    public func send(_ event: AppEvent, to recipient: AppEvent.Recipient, in tenant: TenantID) -> Int {
        registry.known(tenant)?.send(event, to: recipient) ?? 0
    }

    public func putOut(_ user: UserID, in tenant: TenantID) {
        for member in registry.tenant(tenant).membersToPutOut(of: user) {
            member.connection.line.run { member.connection.dismiss(member, .unauthenticated) }
        }
    }
}
