import Calls
import Switchboard
import Synchronization
import Vocabulary

/// The counter that holds the sockets, as far as the desk sees it: tests put users on sockets, and look at what was sent.
final class FakeSockets: UserSockets {
    struct Sent: Equatable {
        let event: AppEvent
        let recipient: AppEvent.Recipient
        let tenant: String
    }

    private struct State {
        var users: [String: [String: UserPresence]] = [:]
        var listeners: [String: [TopicName: Int]] = [:]
        var sent: [Sent] = []
        var putOut: [UserKey] = []
        var devices: Set<[String]> = []
    }

    private let state = Mutex(State())

    var sent: [Sent] { state.withLock { $0.sent } }
    var putOut: [UserKey] { state.withLock { $0.putOut } }

    func put(_ user: String, of tenant: String = "acme", devices: Int = 1, at seen: UnixTime = Service.start) throws {
        let presence = UserPresence(
            user: try UserID(user), devices: devices, lastSeenAt: seen, socketID: devices > 0 ? "socket-\(user.utf8.count)" : nil)
        state.withLock { $0.users[tenant, default: [:]][user] = presence }
    }

    func listen(to topic: String, of tenant: String = "acme", sockets: Int) throws {
        let topic = try TopicName(topic)
        state.withLock { $0.listeners[tenant, default: [:]][topic] = sockets }
    }

    func put(_ user: String, on device: String, of tenant: String = "acme") {
        _ = state.withLock { $0.devices.insert([tenant, user, device]) }
    }

    func has(_ device: DeviceID, of user: UserID, in tenant: TenantID) -> Bool {
        state.withLock { $0.devices.contains([tenant.text, user.text, device.text]) }
    }

    func presence(of users: [UserID], in tenant: TenantID) -> [UserPresence] {
        state.withLock { state in
            users.map { user in
                state.users[tenant.text]?[user.text] ?? UserPresence(user: user, devices: 0, lastSeenAt: nil, socketID: nil)
            }
        }
    }

    func online(in tenant: TenantID, after user: UserID?, limit: Int) -> [UserPresence] {
        let users = state.withLock { Array(($0.users[tenant.text] ?? [:]).values) }.filter(\.isOnline)
        let sorted = users.sorted { $0.user.text.utf8.lexicographicallyPrecedes($1.user.text.utf8) }
        let rest = sorted.filter { found in user.map { $0.text.utf8.lexicographicallyPrecedes(found.user.text.utf8) } ?? true }
        return Array(rest.prefix(limit))
    }

    func onlineCount(in tenant: TenantID?) -> Int {
        state.withLock { state in
            state.users.filter { tenant == nil || $0.key == tenant?.text }.values.reduce(0) { $0 + $1.values.count(where: \.isOnline) }
        }
    }

    func putOut(_ user: UserID, in tenant: TenantID) {
        state.withLock { $0.putOut.append(UserKey(tenant: tenant, id: user)) }
    }

    func send(_ event: AppEvent, to recipient: AppEvent.Recipient, in tenant: TenantID) -> Int {
        state.withLock { state in
            state.sent.append(Sent(event: event, recipient: recipient, tenant: tenant.text))
            return switch recipient {
            case .user(let user): state.users[tenant.text]?[user.text]?.devices ?? 0
            case .topic(let topic): state.listeners[tenant.text]?[topic] ?? 0
            }
        }
    }
}
