public import Calls
public import Vocabulary

/// What the operator asks for when a tenant is made. Every field is within its bounds already.
public struct TenantOrder: Sendable {
    public let id: TenantID
    public let displayName: String?
    public let providers: ProviderSettings
    /// Needed where there are two providers.
    public let defaultProvider: ProviderKind?
    public let openRoomsMax: Int
    public let userTokens: UserTokenSettings?
    public let remoteCheck: RemoteCheckSettings?
    public let unknownUsers: UnknownUsers
    public let topics: [TopicRule]
    public let userRoomRoles: [String]

    public init(
        id: TenantID, displayName: String?, providers: ProviderSettings, defaultProvider: ProviderKind?, openRoomsMax: Int,
        userTokens: UserTokenSettings? = nil, remoteCheck: RemoteCheckSettings? = nil, unknownUsers: UnknownUsers = .allowed,
        topics: [TopicRule] = [], userRoomRoles: [String] = []
    ) {
        self.id = id
        self.displayName = displayName
        self.providers = providers
        self.defaultProvider = defaultProvider
        self.openRoomsMax = openRoomsMax
        self.userTokens = userTokens
        self.remoteCheck = remoteCheck
        self.unknownUsers = unknownUsers
        self.topics = topics
        self.userRoomRoles = userRoomRoles
    }
}

/// What the operator changes about a tenant; nil leaves a thing as it is.
public struct TenantChange: Sendable {
    public let displayName: String?
    public let providers: ProviderSettings?
    public let defaultProvider: ProviderKind?
    public let openRoomsMax: Int?
    /// `.some(nil)` takes them away.
    public let userTokens: UserTokenSettings??
    /// `.some(nil)` takes it away.
    public let remoteCheck: RemoteCheckSettings??
    public let unknownUsers: UnknownUsers?
    public let topics: [TopicRule]?
    public let userRoomRoles: [String]?

    public init(
        displayName: String?, providers: ProviderSettings?, defaultProvider: ProviderKind?, openRoomsMax: Int?,
        userTokens: UserTokenSettings?? = nil, remoteCheck: RemoteCheckSettings?? = nil, unknownUsers: UnknownUsers? = nil,
        topics: [TopicRule]? = nil, userRoomRoles: [String]? = nil
    ) {
        self.displayName = displayName
        self.providers = providers
        self.defaultProvider = defaultProvider
        self.openRoomsMax = openRoomsMax
        self.userTokens = userTokens
        self.remoteCheck = remoteCheck
        self.unknownUsers = unknownUsers
        self.topics = topics
        self.userRoomRoles = userRoomRoles
    }
}

extension Switchboard {
    /// Makes a tenant after reading and checking its providers' secrets.
    public func createTenant(_ order: TenantOrder, for caller: Caller) async throws(DeskError) -> Tenant {
        try caller.require(.tenantsAdmin)
        let tenant = Tenant(
            id: order.id, displayName: order.displayName, providers: order.providers,
            defaultProvider: try Self.defaultProvider(order.defaultProvider, of: order.providers), openRoomsMax: order.openRoomsMax,
            userTokens: order.userTokens, remoteCheck: order.remoteCheck, unknownUsers: order.unknownUsers, topics: order.topics,
            userRoomRoles: order.userRoomRoles, createdAt: clock())
        try order.providers.check(secrets: secrets)
        try await checkUsers(of: tenant)
        do {
            // The row is the operator's: making tenants is its business alone.
            try await store.insert(tenant, entry(.createTenant, tenant.id.text, in: nil, for: caller, at: tenant.createdAt))
        } catch .duplicate {
            throw .tenantExists
        } catch {
            throw DeskError(error)
        }
        return tenant
    }

    /// One tenant, closed ones too.
    public func tenant(_ id: TenantID, for caller: Caller) async throws(DeskError) -> Tenant {
        try caller.require(.tenantsAdmin)
        let tenant = try await asking { () async throws(StoreError) in try await store.tenant(id) }
        guard let tenant else { throw .notFound }
        return tenant
    }

    /// All tenants, oldest first, closed ones too.
    public func tenants(cursor: String?, limit: Int, for caller: Caller) async throws(DeskError) -> SealedPage<Tenant> {
        try caller.require(.tenantsAdmin)
        let list = "tenants"
        let page = PageRequest(after: try cursors.open(cursor, of: list), limit: limit)
        let found = try await asking { () async throws(StoreError) in try await store.tenants(page: page) }
        return SealedPage(items: found.items, nextCursor: cursors.seal(found.next, of: list))
    }

    /// Changes an open tenant. New providers replace the old ones as a whole.
    ///
    /// Two changes at once are applied one after the other: the one that comes second is worked out again on the first one's result.
    public func changeTenant(_ id: TenantID, _ change: TenantChange, for caller: Caller) async throws(DeskError) -> Tenant {
        try caller.require(.tenantsAdmin)
        try change.providers?.check(secrets: secrets)
        for _ in 0..<8 {
            let old = try await tenant(id, for: caller)
            guard old.closedAt == nil else { throw .notFound }
            let new = try Self.changed(old, change)
            // Only where it matters: trouble with a key file is no reason to refuse another name.
            if change.userTokens != nil || change.remoteCheck != nil || change.providers != nil { try await checkUsers(of: new) }
            let audit = entry(.changeTenant, id.text, in: nil, for: caller, at: clock())
            if try await asking({ () async throws(StoreError) in try await store.replaceTenant(old, with: new, audit) }) { return new }
        }
        throw .unavailable(cause: "the tenant \(id) changes faster than this change can be applied")
    }

    private static func changed(_ old: Tenant, _ change: TenantChange) throws(DeskError) -> Tenant {
        var new = old
        if let displayName = change.displayName { new.displayName = displayName }
        if let openRoomsMax = change.openRoomsMax { new.openRoomsMax = openRoomsMax }
        if let settings = change.providers { new.providers = settings }
        if let userTokens = change.userTokens { new.userTokens = userTokens }
        if let remoteCheck = change.remoteCheck { new.remoteCheck = remoteCheck }
        if let unknownUsers = change.unknownUsers { new.unknownUsers = unknownUsers }
        if let topics = change.topics { new.topics = topics }
        if let userRoomRoles = change.userRoomRoles { new.userRoomRoles = userRoomRoles }
        let kept = new.providers.kinds.contains(old.defaultProvider) ? old.defaultProvider : nil
        new.defaultProvider = try defaultProvider(change.defaultProvider ?? kept, of: new.providers)
        return new
    }

    /// Closes a tenant for good, with its keys, rooms and calls. Closing again is answered the same way.
    public func closeTenant(_ id: TenantID, for caller: Caller) async throws(DeskError) {
        try caller.require(.tenantsAdmin)
        let now = clock()
        let audit = entry(.closeTenant, id.text, in: nil, for: caller, at: now)
        guard try await asking({ () async throws(StoreError) in try await store.closeTenant(id, at: now, audit) }) else { throw .notFound }
    }

    static func defaultProvider(_ wanted: ProviderKind?, of settings: ProviderSettings) throws(DeskError) -> ProviderKind {
        let kinds = settings.kinds
        if let wanted {
            guard kinds.contains(wanted) else {
                throw .invalid(field: "default_provider", reason: "the tenant has no settings for \(wanted.rawValue)")
            }
            return wanted
        }
        guard let only = kinds.first, kinds.count == 1 else {
            throw .invalid(field: "default_provider", reason: "name one of the tenant's providers")
        }
        return only
    }
}
