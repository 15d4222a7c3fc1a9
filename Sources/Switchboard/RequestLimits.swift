import Calls
import Synchronization
public import Vocabulary

/// Whose requests are counted together.
public enum LimitPolicy: String, Sendable, CaseIterable {
    case key, user, tenant, address
    /// Not the requests of an address, but the bad credentials that it shows.
    case credentials
}

/// How a request stands with the limits.
public struct LimitStanding: Sendable {
    /// Everything that the request was counted by.
    public enum Counted: Sendable, CaseIterable {
        /// A key of a tenant, a key of the operator, a user; without a credential, or with a bad one.
        case key, operatorKey, user, address, credentials

        /// In their order in the answer.
        public var policies: [LimitPolicy] {
            switch self {
            case .key: [.key, .tenant]
            case .operatorKey: [.key]
            case .user: [.user, .tenant]
            case .address: [.address]
            case .credentials: [.credentials]
            }
        }
    }

    public let counted: Counted
    /// The one of those policies of which least is left.
    public let tightest: LimitPolicy
    /// How many more may come now.
    public let left: Int
    /// In how many seconds there will be as many as there can be.
    public let fullInSeconds: Int
    /// Nil where the request may go on; else in how many seconds it may come again, at least 1.
    public let retryAfterSeconds: Int?

    fileprivate init(_ counted: Counted, _ tightest: LimitPolicy, _ level: BucketLevel) {
        self.counted = counted
        self.tightest = tightest
        left = level.waitSeconds == nil ? level.left : 0
        fullInSeconds = level.fullInSeconds
        retryAfterSeconds = level.waitSeconds
    }
}

/// Counts requests, so that nobody's take the place of everybody else's.
///
/// All tables are behind one lock: a request that shows a key looks into two of them, and takes the lock once.
public final class RequestLimits: Sendable {
    private struct Tables {
        var keys: BucketTable<APIKeyID>
        var users: BucketTable<UserKey>
        var tenants: BucketTable<TenantID>
        var addresses: BucketTable<ClientNetwork>
        var credentials: BucketTable<ClientNetwork>
        var userMints: BucketTable<UserKey>?
        var identityMints: BucketTable<UserKey>?
    }

    private let tables: Mutex<Tables>
    private let monotonic: @Sendable () -> Duration
    private let rates: DeskLimits

    init(_ limits: DeskLimits, monotonic: @escaping @Sendable () -> Duration) {
        self.monotonic = monotonic
        rates = limits
        tables = Mutex(
            Tables(
                keys: BucketTable(limits.requestsPerKey), users: BucketTable(limits.requestsPerUser),
                tenants: BucketTable(limits.requestsPerTenant), addresses: BucketTable(limits.requestsPerAddress),
                credentials: BucketTable(limits.badCredentialsPerAddress), userMints: limits.mintsPerUser.map { BucketTable($0) },
                identityMints: limits.mintsPerIdentity.map { BucketTable($0) }))
    }

    /// How often the policy lets somebody ask.
    public func rate(of policy: LimitPolicy) -> Rate {
        switch policy {
        case .key: rates.requestsPerKey
        case .user: rates.requestsPerUser
        case .tenant: rates.requestsPerTenant
        case .address: rates.requestsPerAddress
        case .credentials: rates.badCredentialsPerAddress
        }
    }

    private var now: Int64 { TokenBucket.nanoseconds(monotonic()) }

    // MARK: Requests

    /// Counts a request of somebody who was recognised.
    public func count(_ caller: Caller) -> LimitStanding {
        let now = now
        return tables.withLock { tables in
            switch caller.owner {
            case .tenant(let tenant):
                guard let key = caller.key else { return LimitStanding(.key, .tenant, tables.tenants.take(tenant, at: now)) }
                return Self.count(.key, .key, key, in: &tables.keys, and: tenant, in: &tables.tenants, at: now)
            case .user(let tenant, let user):
                let user = UserKey(tenant: tenant, id: user)
                return Self.count(.user, .user, user, in: &tables.users, and: tenant, in: &tables.tenants, at: now)
            case .operator:
                guard let key = caller.key else {
                    // The person at the machine is not counted.
                    return LimitStanding(.operatorKey, .key, tables.keys.fullLevel)
                }
                return LimitStanding(.operatorKey, .key, tables.keys.take(key, at: now))
            }
        }
    }

    /// Takes a count back: the request is answered another way, and is counted there.
    public func giveBack(_ caller: Caller) {
        tables.withLock { tables in
            if let key = caller.key { tables.keys.giveBack(key) }
            switch caller.owner {
            case .tenant(let tenant): tables.tenants.giveBack(tenant)
            case .user(let tenant, let user):
                tables.users.giveBack(UserKey(tenant: tenant, id: user))
                tables.tenants.giveBack(tenant)
            case .operator: break
            }
        }
    }

    /// Whether the next request of somebody with a key will be refused.
    public func isExhausted(_ caller: Caller) -> Bool {
        guard let key = caller.key else { return false }
        let now = now
        return tables.withLock { tables in
            if tables.keys.level(key, at: now).waitSeconds != nil { return true }
            guard case .tenant(let tenant) = caller.owner else { return false }
            return tables.tenants.level(tenant, at: now).waitSeconds != nil
        }
    }

    /// Counts a request of somebody who shows no credential.
    public func count(_ client: ClientNetwork) -> LimitStanding {
        let now = now
        return tables.withLock { LimitStanding(.address, .address, $0.addresses.take(client, at: now)) }
    }

    // MARK: Bad credentials

    /// How the address stands with the bad credentials that it has shown. Nothing is counted.
    public func credentials(of client: ClientNetwork) -> LimitStanding {
        let now = now
        return tables.withLock { LimitStanding(.credentials, .credentials, $0.credentials.level(client, at: now)) }
    }

    /// Counts a bad credential.
    public func countBadCredential(of client: ClientNetwork) {
        let now = now
        tables.withLock { _ = $0.credentials.take(client, at: now) }
    }

    // MARK: Join tokens

    /// Counts a join token that is asked for.
    /// - Throws: `rateLimited` where it is one too many.
    func countMint(for identity: UserID, by caller: Caller) throws(DeskError) {
        let wait: Int?
        switch caller.owner {
        case .user(let tenant, let user):
            let now = now
            wait = tables.withLock { $0.userMints?.take(UserKey(tenant: tenant, id: user), at: now).waitSeconds }
        case .tenant(let tenant):
            guard rates.mintsPerIdentity != nil else { return }
            let now = now
            wait = tables.withLock { $0.identityMints?.take(UserKey(tenant: tenant, id: identity), at: now).waitSeconds }
        case .operator: return
        }
        if let wait { throw .rateLimited(retryAfterSeconds: wait) }
    }

    /// How many buckets are kept.
    var bucketCount: Int {
        tables.withLock { tables in
            tables.keys.count + tables.users.count + tables.tenants.count + tables.addresses.count + tables.credentials.count
                + (tables.userMints?.count ?? 0) + (tables.identityMints?.count ?? 0)
        }
    }

    /// Counts a request of a member of a tenant by its own bucket and by the tenant's. What one of them refuses counts in neither.
    private static func count<Member>(
        _ counted: LimitStanding.Counted, _ policy: LimitPolicy, _ member: Member, in members: inout BucketTable<Member>,
        and tenant: TenantID, in tenants: inout BucketTable<TenantID>, at now: Int64
    ) -> LimitStanding {
        let own = members.take(member, at: now)
        guard own.waitSeconds == nil else { return LimitStanding(counted, policy, own) }
        let all = tenants.take(tenant, at: now)
        guard all.waitSeconds == nil else {
            members.giveBack(member)
            return LimitStanding(counted, .tenant, all)
        }
        return own.isTighter(than: all) ? LimitStanding(counted, policy, own) : LimitStanding(counted, .tenant, all)
    }
}
