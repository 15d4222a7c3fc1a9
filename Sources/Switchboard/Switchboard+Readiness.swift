import Calls
import Synchronization
import Vocabulary

/// Whether requests should be sent here.
struct Readiness: Sendable {
    /// The service stops.
    var isDraining = false
    /// How many tenants have keys or secrets that can be read, and how many have some that cannot.
    var keys: (readable: Int, unreadable: Int) = (0, 0)
    /// What cannot be read, one sentence for each provider of each tenant.
    var providerTroubles: [String] = []

    /// One tenant's broken secret is that tenant's trouble. Where not one can be read, it is the service's own: the folder of the secrets
    /// is not there, say.
    var hasKeys: Bool { keys.readable > 0 || keys.unreadable == 0 }
}

extension Switchboard {
    /// Whether requests should be sent here: the store writes and reads now, keys can be read, and the service is not about to stop.
    public func isReady() async -> Bool {
        guard readiness.withLock({ !$0.isDraining && $0.hasKeys }) else { return false }
        do {
            try await store.probe()
            return true
        } catch {
            return false
        }
    }

    /// The service is about to stop: it is not ready any more, and takes no new calls. Calls that ring can still be accepted, and tokens
    /// are handed out, as long as it runs.
    public func drain() {
        readiness.withLock { $0.isDraining = true }
    }

    /// Whether the service is about to stop.
    public var isDraining: Bool { readiness.withLock { $0.isDraining } }

    /// How many open tenants have keys that cannot be read, as of the last look.
    public var unreadableTenantsCount: Int { readiness.withLock { $0.keys.unreadable } }

    /// Looks whether the secrets of all providers and the keys of user tokens can be read, of every open tenant. What was read before and
    /// is still good costs nothing. To be called at the start and now and then.
    /// - Returns: what cannot be read, one sentence each, for the log.
    /// - Throws: `unavailable` when the store does not answer; then it is as it was.
    public func checkKeys() async throws(DeskError) -> [String] {
        var found = (keys: (readable: 0, unreadable: 0), troubles: [String]())
        var next: Int64?
        repeat {
            let page = PageRequest(after: next, limit: 200)
            let tenants = try await asking { () async throws(StoreError) in try await store.tenants(page: page) }
            for tenant in tenants.items where tenant.closedAt == nil {
                let troubles = troubles(of: tenant)
                found.troubles += troubles.providers
                if !troubles.providers.isEmpty || troubles.cannotKnowUsers {
                    found.keys.unreadable += 1
                } else {
                    found.keys.readable += 1
                }
            }
            next = tenants.next
        } while next != nil
        let (keys, troubles) = found
        readiness.withLock { readiness in
            readiness.keys = keys
            readiness.providerTroubles = troubles
        }
        return troubles + userTroubles
    }

    private func troubles(of tenant: Tenant) -> (providers: [String], cannotKnowUsers: Bool) {
        var troubles: [String] = []
        for kind in tenant.providers.kinds {
            do throws(DeskError) {
                _ = try prepared(kind, of: tenant)
            } catch {
                troubles.append("\(error.cause ?? "tenant \(tenant.id): \(kind.rawValue)")")
            }
        }
        let hasUserTokens = tenant.userTokens.map { keyrings.item(of: tenant.id, $0).isReadable } ?? true
        let hasAppSecret = tenant.remoteCheck.map { remoteChecks.item(of: tenant.id, $0).isReadable } ?? true
        return (troubles, !(hasUserTokens && hasAppSecret))
    }
}
