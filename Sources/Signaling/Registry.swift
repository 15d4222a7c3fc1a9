import Calls
import Synchronization
import Vocabulary

/// Everybody who is here: a registry for each tenant that ever had a socket. Tenants share nothing but the table of them.
final class Registry: Sendable {
    private let tenants = Mutex<[TenantID: TenantRegistry]>([:])
    private let broadcastUsersMax: Int
    /// How often users were put out.
    let removals = Removals()

    init(broadcastUsersMax: Int) {
        self.broadcastUsersMax = broadcastUsersMax
    }

    /// The registry of a tenant whose user comes. Kept for good: operators make tenants, and not many.
    func tenant(_ id: TenantID) -> TenantRegistry {
        tenants.withLock { tenants in
            if let known = tenants[id] { return known }
            let new = TenantRegistry(id, broadcastUsersMax: broadcastUsersMax, removals: removals)
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

/// Counts how often users were put out, of all tenants, so that the moments at which that happened can be told apart from those at which
/// the desk was asked.
final class Removals: Sendable {
    private let counter = Mutex(0)

    var count: Int { counter.withLock { $0 } }

    /// Counts one more.
    /// - Returns: how many there are with it.
    func add() -> Int {
        counter.withLock { count in
            count += 1
            return count
        }
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
