import Calls
import Synchronization
import Vocabulary

/// A real store that can be made to fail, as a full disk would.
final class TestStore: Store {
    private let inner: any Store
    private let failure = Mutex<StoreError?>(nil)

    init(_ inner: any Store) {
        self.inner = inner
    }

    /// From now on every question that has to be asked fails so; nil: works again.
    func fail(with error: StoreError?) {
        failure.withLock { $0 = error }
    }

    private func check() throws(StoreError) {
        if let error = failure.withLock({ $0 }) { throw error }
    }

    func insert(_ room: Room, openRoomsMax: Int) async throws(StoreError) {
        try check()
        try await inner.insert(room, openRoomsMax: openRoomsMax)
    }
    func room(_ name: RoomName) async throws(StoreError) -> Room? {
        try check()
        return try await inner.room(name)
    }
    func roomAtHand(_ name: RoomName) -> Room? { inner.roomAtHand(name) }
    func rooms(of tenant: TenantID, state: Room.State?, at now: UnixTime, page: PageRequest) async throws(StoreError) -> Page<Room> {
        try check()
        return try await inner.rooms(of: tenant, state: state, at: now, page: page)
    }
    func closeRoom(_ name: RoomName, at now: UnixTime) async throws(StoreError) -> Room? {
        try check()
        return try await inner.closeRoom(name, at: now)
    }
    func insert(_ tenant: Tenant) async throws(StoreError) {
        try check()
        try await inner.insert(tenant)
    }
    func tenant(_ id: TenantID) async throws(StoreError) -> Tenant? {
        try check()
        return try await inner.tenant(id)
    }
    func tenantAtHand(_ id: TenantID) -> Tenant? { inner.tenantAtHand(id) }
    func tenants(page: PageRequest) async throws(StoreError) -> Page<Tenant> {
        try check()
        return try await inner.tenants(page: page)
    }
    func replaceTenant(_ old: Tenant, with new: Tenant) async throws(StoreError) -> Bool {
        try check()
        return try await inner.replaceTenant(old, with: new)
    }
    func closeTenant(_ id: TenantID, at now: UnixTime) async throws(StoreError) -> Bool {
        try check()
        return try await inner.closeTenant(id, at: now)
    }
    func insert(_ key: APIKeyRecord) async throws(StoreError) {
        try check()
        try await inner.insert(key)
    }
    /// Keys are always found, so that a failing store can be reached by a caller who may.
    func key(digest: [UInt8]) async throws(StoreError) -> APIKeyRecord? { try await inner.key(digest: digest) }
    func keyAtHand(digest: [UInt8]) -> APIKeyRecord? { inner.keyAtHand(digest: digest) }
    func key(_ id: APIKeyID) async throws(StoreError) -> APIKeyRecord? {
        try check()
        return try await inner.key(id)
    }
    func keys(of owner: KeyOwner, page: PageRequest) async throws(StoreError) -> Page<APIKeyRecord> {
        try check()
        return try await inner.keys(of: owner, page: page)
    }
    func revokeKey(_ id: APIKeyID, at now: UnixTime) async throws(StoreError) -> APIKeyRecord? {
        try check()
        return try await inner.revokeKey(id, at: now)
    }
    func hasOperatorKey(at now: UnixTime) async throws(StoreError) -> Bool {
        try check()
        return try await inner.hasOperatorKey(at: now)
    }
    func cursorSecret() async throws(StoreError) -> Secret { try await inner.cursorSecret() }
    func probe() async throws(StoreError) {
        try check()
        try await inner.probe()
    }
}
