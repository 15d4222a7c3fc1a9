public import Calls
import Signing
public import Vocabulary

/// What a caller asks for when it asks for a new API key. Every field is within its bounds already.
public struct KeyOrder: Sendable {
    /// For whom; nil for the caller's own tenant, or for the operator.
    public let tenant: TenantID?
    public let scopes: Set<Scope>
    public let label: String?
    public let environment: APIKey.Environment
    public let lifetimeSeconds: Int?

    public init(tenant: TenantID?, scopes: Set<Scope>, label: String?, environment: APIKey.Environment, lifetimeSeconds: Int?) {
        self.tenant = tenant
        self.scopes = scopes
        self.label = label
        self.environment = environment
        self.lifetimeSeconds = lifetimeSeconds
    }
}

/// A key that was just made: the only moment at which its text is known.
public struct NewKey: Sendable {
    public let record: APIKeyRecord
    public let secret: Secret

    /// The key itself, to be shown this once.
    public var text: String { secret.withBytes { String(decoding: $0, as: UTF8.self) } }
}

extension Switchboard {
    /// Makes a key that opens no more than its maker's, and no longer: a tenant's key makes keys of its own tenant, the operator's makes
    /// any tenant's, and its own kind with the scopes that it holds itself.
    public func createKey(_ order: KeyOrder, for caller: Caller) async throws(DeskError) -> NewKey {
        try caller.require(.keysAdmin)
        let owner = try Self.owner(of: order, for: caller)
        let scopes = order.scopes.sorted { $0.rawValue < $1.rawValue }
        let missing = scopes.first { !caller.scopes.contains($0) }
        if caller.owner != .operator, let missing { throw .scopeNotHeld(missing) }
        if let unfit = scopes.first(where: { !$0.fits(owner) }) {
            throw .invalid(field: "scopes", reason: "\(unfit.rawValue) is not for a key of \(owner == nil ? "the operator" : "a tenant")")
        }
        // What a tenant may do is the tenant's own: only there the operator gives away what it does not hold.
        if owner == nil, let missing { throw .scopeNotHeld(missing) }
        if let end = caller.expiresAt, order.lifetimeSeconds.map({ clock() + $0 > end }) ?? true {
            throw .invalid(field: "expires_in_seconds", reason: "the key that asks ends at \(end); the new one may not outlive it")
        }
        return try await keep(APIKey(order.environment), order, owner: owner, for: caller)
    }

    private static func owner(of order: KeyOrder, for caller: Caller) throws(DeskError) -> TenantID? {
        switch caller.owner {
        case .operator: return order.tenant
        case .user: throw .missingScope(.keysAdmin)
        case .tenant(let tenant):
            guard order.tenant == nil else {
                throw .invalid(field: "tenant", reason: "is for the operator; a tenant's key makes keys of its own tenant")
            }
            return tenant
        }
    }

    /// Makes sure that the operator can get in: keeps the given key, or makes one if there is none.
    /// - Returns: the new key if one was made here, to be shown once.
    public func ensureOperatorKey(given: APIKey?) async throws(DeskError) -> NewKey? {
        let scopes = Set(Scope.allCases.filter(\.isForOperator))
        let order = KeyOrder(tenant: nil, scopes: scopes, label: "first operator key", environment: .live, lifetimeSeconds: nil)
        if let given {
            let known = try await asking { () async throws(StoreError) in try await store.key(digest: given.digest) }
            guard known == nil else { return nil }
            _ = try await keep(given, order, owner: nil, for: .machine)
            return nil
        }
        guard try await !asking({ () async throws(StoreError) in try await store.hasOperatorKey(at: clock()) }) else { return nil }
        return try await keep(APIKey(.live), order, owner: nil, for: .machine)
    }

    /// The keys that the caller may see, oldest first: its tenant's, or all of them for the operator.
    public func keys(cursor: String?, limit: Int, for caller: Caller) async throws(DeskError) -> SealedPage<APIKeyRecord> {
        try caller.require(.keysAdmin)
        let owner: KeyOwner
        let list: String
        switch caller.owner {
        case .operator: (owner, list) = (.anybody, "keys")
        case .user: throw .missingScope(.keysAdmin)
        case .tenant(let tenant): (owner, list) = (.tenant(tenant), "keys of tenant \(tenant)")
        }
        let page = PageRequest(after: try cursors.open(cursor, of: list), limit: limit)
        let found = try await asking { () async throws(StoreError) in try await store.keys(of: owner, page: page) }
        return SealedPage(items: found.items, nextCursor: cursors.seal(found.next, of: list))
    }

    /// One key, if the caller may see it.
    public func key(_ id: APIKeyID, for caller: Caller) async throws(DeskError) -> APIKeyRecord {
        try caller.require(.keysAdmin)
        guard let record = try await asking({ () async throws(StoreError) in try await store.key(id) }) else { throw .notFound }
        switch caller.owner {
        case .operator: return record
        case .user: throw .missingScope(.keysAdmin)
        case .tenant(let tenant):
            guard record.tenant == tenant else { throw .notFound }
            return record
        }
    }

    /// Revokes a key for good. Revoking again is answered the same way.
    public func revokeKey(_ id: APIKeyID, for caller: Caller) async throws(DeskError) {
        let record = try await key(id, for: caller)
        let now = clock()
        let audit = entry(.revokeKey, id.text, in: record.tenant, for: caller, at: now)
        _ = try await asking { () async throws(StoreError) in try await store.revokeKey(id, at: now, audit) }
    }

    private func keep(_ key: APIKey, _ order: KeyOrder, owner: TenantID?, for caller: Caller) async throws(DeskError) -> NewKey {
        let now = clock()
        let record = APIKeyRecord(
            id: APIKeyID(random: SecureRandom.uint128()), tenant: owner, scopes: order.scopes, label: order.label, prefix: key.prefix,
            digest: key.digest, createdAt: now, expiresAt: order.lifetimeSeconds.map { now + $0 })
        do {
            try await store.insert(record, entry(.createKey, record.id.text, in: owner, for: caller, at: now))
        } catch .tenantGone {
            throw .invalid(field: "tenant", reason: "there is no such open tenant")
        } catch {
            throw DeskError(error)
        }
        return NewKey(record: record, secret: key.secret)
    }
}

extension Scope {
    /// Whether a key of that owner (nil: the operator) may hold it.
    fileprivate func fits(_ owner: TenantID?) -> Bool { owner == nil ? isForOperator : isForTenants }
}
