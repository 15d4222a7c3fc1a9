import Calls
import Synchronization
import Vocabulary

/// Everybody who is here: a registry for each tenant that ever had a socket. Tenants share nothing but the table of them.
final class Registry: Sendable {
    private let tenants = Mutex<[TenantID: TenantRegistry]>([:])
    private let broadcastUsersMax: Int

    init(broadcastUsersMax: Int) {
        self.broadcastUsersMax = broadcastUsersMax
    }

    /// The registry of a tenant whose user comes. Kept for good: operators make tenants, and not many.
    func tenant(_ id: TenantID) -> TenantRegistry {
        tenants.withLock { tenants in
            if let known = tenants[id] { return known }
            let new = TenantRegistry(id, broadcastUsersMax: broadcastUsersMax)
            tenants[id] = new
            return new
        }
    }

    /// The registry of a tenant that has or had a socket.
    func known(_ id: TenantID) -> TenantRegistry? {
        tenants.withLock { $0[id] }
    }

    var all: [TenantRegistry] {
        tenants.withLock { Array($0.values) }
    }
}

/// When users who are gone were here last. Beyond the bound the older half of what is known is forgotten.
final class LastSeen: Sendable {
    private struct Contents {
        var recent: [UserKey: UnixTime] = [:]
        var older: [UserKey: UnixTime] = [:]
    }

    private let halfMax: Int
    private let contents = Mutex(Contents())

    init(max: Int) {
        halfMax = Swift.max(1, max / 2)
    }

    func note(_ user: UserKey, at now: UnixTime) {
        contents.withLock { contents in
            if contents.recent.count >= halfMax, contents.recent[user] == nil {
                contents.older = contents.recent
                contents.recent = [:]
            }
            contents.recent[user] = now
        }
    }

    subscript(user: UserKey) -> UnixTime? {
        contents.withLock { $0.recent[user] ?? $0.older[user] }
    }
}
