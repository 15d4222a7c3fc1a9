public import Vocabulary

/// Why the store did not do what it was asked.
public enum StoreError: Error, Sendable {
    /// Something with that name is there already.
    case duplicate
    /// The tenant has as many open rooms as it may have.
    case limitReached
    /// The tenant is not there, or was closed.
    case tenantGone
    /// The store cannot be reached or cannot write now: try again later. The text is for the log.
    case unavailable(String)
    /// Something that should not happen. The text is for the log.
    case `internal`(String)
}

/// A part of a list: what comes after a position, in the order of making.
public struct PageRequest: Sendable, Equatable {
    /// The position of the last item of the page before; nil for the first page. Opaque to everybody but the store.
    public let after: Int64?
    /// How many items at most.
    public let limit: Int

    public init(after: Int64?, limit: Int) {
        self.after = after
        self.limit = limit
    }
}

/// One page, and where the next one begins if there is more.
public struct Page<Item: Sendable>: Sendable {
    public let items: [Item]
    public let next: Int64?

    public init(items: [Item], next: Int64?) {
        self.items = items
        self.next = next
    }
}

/// Keeps rooms. What it acknowledged is on the disk, and so is the audit row that came with it: both or neither.
///
/// The `...AtHand` questions are answered at once, from memory, and only with what the store vouches for as current; nil means "ask the
/// store". A store that other processes write to as well always says nil.
public protocol RoomStore: Sendable {
    /// Keeps a new room.
    /// - Throws: `limitReached` when its tenant has `openRoomsMax` open rooms already, `tenantGone` when the tenant is not open.
    func insert(_ room: Room, openRoomsMax: Int, _ audit: AuditEntry) async throws(StoreError)
    func room(_ name: RoomName) async throws(StoreError) -> Room?
    func roomAtHand(_ name: RoomName) -> Room?
    /// The rooms of one tenant, oldest first; where `state` is given, those that are in it at `now`.
    func rooms(of tenant: TenantID, state: Room.State?, at now: UnixTime, page: PageRequest) async throws(StoreError) -> Page<Room>
    /// Closes a room for good and returns it; nil when there is none, and then no audit row is kept. Closing again changes nothing.
    func closeRoom(_ name: RoomName, at now: UnixTime, _ audit: AuditEntry) async throws(StoreError) -> Room?
}

/// Keeps tenants.
public protocol TenantStore: Sendable {
    /// - Throws: `duplicate` when the id was ever given before.
    func insert(_ tenant: Tenant, _ audit: AuditEntry) async throws(StoreError)
    func tenant(_ id: TenantID) async throws(StoreError) -> Tenant?
    func tenantAtHand(_ id: TenantID) -> Tenant?
    func tenants(page: PageRequest) async throws(StoreError) -> Page<Tenant>
    /// Puts `new` in the place of `old`, which has the same id. False, and nothing changed, when the tenant is not as `old` says any more.
    func replaceTenant(_ old: Tenant, with new: Tenant, _ audit: AuditEntry) async throws(StoreError) -> Bool
    /// The open tenants whose users' tokens have that issuer, oldest first, at most 64.
    func tenants(issuer: String) async throws(StoreError) -> [Tenant]
    /// The two oldest open tenants, or as many as there are: by them it is known whether a tenant is the only one.
    func oldestOpenTenants() async throws(StoreError) -> [Tenant]
    /// Closes the tenant, revokes its keys, closes its rooms and ends its calls, in one step. False when there is none. Closing again
    /// changes nothing.
    func closeTenant(_ id: TenantID, at now: UnixTime, _ audit: AuditEntry) async throws(StoreError) -> Bool
}

/// Keeps what is known of API keys.
public protocol APIKeyStore: Sendable {
    /// - Throws: `duplicate` when a key with that id or digest is there already, `tenantGone` when its tenant is not open.
    func insert(_ key: APIKeyRecord, _ audit: AuditEntry) async throws(StoreError)
    func key(digest: [UInt8]) async throws(StoreError) -> APIKeyRecord?
    func keyAtHand(digest: [UInt8]) -> APIKeyRecord?
    func key(_ id: APIKeyID) async throws(StoreError) -> APIKeyRecord?
    /// The keys of one tenant (or of the operator, for nil), or of everybody, oldest first.
    func keys(of owner: KeyOwner, page: PageRequest) async throws(StoreError) -> Page<APIKeyRecord>
    /// Revokes a key for good and returns it; nil when there is none. Revoking again changes nothing.
    func revokeKey(_ id: APIKeyID, at now: UnixTime, _ audit: AuditEntry) async throws(StoreError) -> APIKeyRecord?
    /// Whether the operator has a key that opens anything at that moment.
    func hasOperatorKey(at now: UnixTime) async throws(StoreError) -> Bool
}

/// Whose keys a list is about.
public enum KeyOwner: Sendable, Equatable {
    case tenant(TenantID)
    case anybody
}

/// Everything that the service keeps, and the secret that signs the cursors of its lists.
public protocol Store: RoomStore, TenantStore, APIKeyStore, CallStore, UserStore, AuditStore, RetentionStore {
    /// 32 random bytes, made once per store.
    func cursorSecret() async throws(StoreError) -> Secret
    /// Writes and reads something, to tell whether the store works now.
    func probe() async throws(StoreError)
}
