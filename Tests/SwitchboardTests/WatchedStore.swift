import Calls
import Storage
import Synchronization
import Vocabulary

/// The real store with somebody looking on: it counts what the store is asked, and can be told to answer nothing.
final class WatchedStore: Store {
    private struct State {
        var questions = 0
        var trouble: StoreError?
        var hasNothingAtHand = false
    }

    let sqlite: SQLiteStore
    private let state = Mutex(State())

    init(_ sqlite: SQLiteStore) { self.sqlite = sqlite }

    /// How often the store was asked something that is not at hand.
    var questions: Int { state.withLock { $0.questions } }

    /// What every question is answered with from now on; nil: by the store.
    func fail(_ trouble: StoreError?) { state.withLock { $0.trouble = trouble } }

    /// Like a store that other processes write to as well.
    func keepNothingAtHand() { state.withLock { $0.hasNothingAtHand = true } }

    private func ask<Answer: Sendable>(_ question: () async throws(StoreError) -> Answer) async throws(StoreError) -> Answer {
        let trouble = state.withLock { state in
            state.questions += 1
            return state.trouble
        }
        if let trouble { throw trouble }
        return try await question()
    }

    private func atHand<Answer>(_ answer: Answer?) -> Answer? {
        state.withLock { $0.hasNothingAtHand } ? nil : answer
    }

    func insert(_ room: Room, openRoomsMax: Int) async throws(StoreError) {
        try await ask { () async throws(StoreError) in try await sqlite.insert(room, openRoomsMax: openRoomsMax) }
    }

    func room(_ name: RoomName) async throws(StoreError) -> Room? {
        try await ask { () async throws(StoreError) in try await sqlite.room(name) }
    }

    func roomAtHand(_ name: RoomName) -> Room? { atHand(sqlite.roomAtHand(name)) }

    func rooms(of tenant: TenantID, state: Room.State?, at now: UnixTime, page: PageRequest) async throws(StoreError) -> Page<Room> {
        try await ask { () async throws(StoreError) in try await sqlite.rooms(of: tenant, state: state, at: now, page: page) }
    }

    func closeRoom(_ name: RoomName, at now: UnixTime) async throws(StoreError) -> Room? {
        try await ask { () async throws(StoreError) in try await sqlite.closeRoom(name, at: now) }
    }

    func insert(_ tenant: Tenant) async throws(StoreError) {
        try await ask { () async throws(StoreError) in try await sqlite.insert(tenant) }
    }

    func tenant(_ id: TenantID) async throws(StoreError) -> Tenant? {
        try await ask { () async throws(StoreError) in try await sqlite.tenant(id) }
    }

    func tenantAtHand(_ id: TenantID) -> Tenant? { atHand(sqlite.tenantAtHand(id)) }

    func tenants(page: PageRequest) async throws(StoreError) -> Page<Tenant> {
        try await ask { () async throws(StoreError) in try await sqlite.tenants(page: page) }
    }

    func replaceTenant(_ old: Tenant, with new: Tenant) async throws(StoreError) -> Bool {
        try await ask { () async throws(StoreError) in try await sqlite.replaceTenant(old, with: new) }
    }

    func closeTenant(_ id: TenantID, at now: UnixTime) async throws(StoreError) -> Bool {
        try await ask { () async throws(StoreError) in try await sqlite.closeTenant(id, at: now) }
    }

    func insert(_ key: APIKeyRecord) async throws(StoreError) {
        try await ask { () async throws(StoreError) in try await sqlite.insert(key) }
    }

    func key(digest: [UInt8]) async throws(StoreError) -> APIKeyRecord? {
        try await ask { () async throws(StoreError) in try await sqlite.key(digest: digest) }
    }

    func keyAtHand(digest: [UInt8]) -> APIKeyRecord? { atHand(sqlite.keyAtHand(digest: digest)) }

    func key(_ id: APIKeyID) async throws(StoreError) -> APIKeyRecord? {
        try await ask { () async throws(StoreError) in try await sqlite.key(id) }
    }

    func keys(of owner: KeyOwner, page: PageRequest) async throws(StoreError) -> Page<APIKeyRecord> {
        try await ask { () async throws(StoreError) in try await sqlite.keys(of: owner, page: page) }
    }

    func revokeKey(_ id: APIKeyID, at now: UnixTime) async throws(StoreError) -> APIKeyRecord? {
        try await ask { () async throws(StoreError) in try await sqlite.revokeKey(id, at: now) }
    }

    func hasOperatorKey(at now: UnixTime) async throws(StoreError) -> Bool {
        try await ask { () async throws(StoreError) in try await sqlite.hasOperatorKey(at: now) }
    }

    func cursorSecret() async throws(StoreError) -> Secret {
        try await ask { () async throws(StoreError) in try await sqlite.cursorSecret() }
    }

    func probe() async throws(StoreError) {
        try await ask { () async throws(StoreError) in try await sqlite.probe() }
    }
}
