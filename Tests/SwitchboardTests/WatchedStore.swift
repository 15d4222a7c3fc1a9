import Calls
import Storage
import Synchronization
import Vocabulary

/// The real store with somebody looking on: it counts what the store is asked, and can be told to answer nothing.
final class WatchedStore: Store {
    private struct State {
        var questions = 0
        var digests: [[UInt8]] = []
        var trouble: StoreError?
        var placingTrouble: StoreError?
        var hasNothingAtHand = false
        var beforeRecordingMints: (@Sendable () async -> Void)?
    }

    let sqlite: SQLiteStore
    private let state = Mutex(State())

    init(_ sqlite: SQLiteStore) { self.sqlite = sqlite }

    /// How often the store was asked something that is not at hand.
    var questions: Int { state.withLock { $0.questions } }

    /// By what keys were looked for that were not at hand.
    var digests: [[UInt8]] { state.withLock { $0.digests } }

    /// What every question is answered with from now on; nil: by the store.
    func fail(_ trouble: StoreError?) { state.withLock { $0.trouble = trouble } }

    /// What every placing is answered with from now on; nil: by the store.
    func failPlacing(_ trouble: StoreError?) { state.withLock { $0.placingTrouble = trouble } }

    /// Like a store that other processes write to as well.
    func keepNothingAtHand() { state.withLock { $0.hasNothingAtHand = true } }

    /// What happens between the minting of a call's tokens and the keeping of their audit rows.
    func beforeRecordingMints(_ happening: (@Sendable () async -> Void)?) { state.withLock { $0.beforeRecordingMints = happening } }

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

    func insert(_ room: Room, openRoomsMax: Int, _ audit: AuditEntry) async throws(StoreError) {
        try await ask { () async throws(StoreError) in try await sqlite.insert(room, openRoomsMax: openRoomsMax, audit) }
    }

    func room(_ name: RoomName) async throws(StoreError) -> Room? {
        try await ask { () async throws(StoreError) in try await sqlite.room(name) }
    }

    func roomAtHand(_ name: RoomName) -> Room? { atHand(sqlite.roomAtHand(name)) }

    func rooms(of tenant: TenantID, state: Room.State?, at now: UnixTime, page: PageRequest) async throws(StoreError) -> Page<Room> {
        try await ask { () async throws(StoreError) in try await sqlite.rooms(of: tenant, state: state, at: now, page: page) }
    }

    func closeRoom(_ name: RoomName, at now: UnixTime, _ audit: AuditEntry) async throws(StoreError) -> Room? {
        try await ask { () async throws(StoreError) in try await sqlite.closeRoom(name, at: now, audit) }
    }

    func insert(_ tenant: Tenant, _ audit: AuditEntry) async throws(StoreError) {
        try await ask { () async throws(StoreError) in try await sqlite.insert(tenant, audit) }
    }

    func tenant(_ id: TenantID) async throws(StoreError) -> Tenant? {
        try await ask { () async throws(StoreError) in try await sqlite.tenant(id) }
    }

    func tenantAtHand(_ id: TenantID) -> Tenant? { atHand(sqlite.tenantAtHand(id)) }

    func tenants(page: PageRequest) async throws(StoreError) -> Page<Tenant> {
        try await ask { () async throws(StoreError) in try await sqlite.tenants(page: page) }
    }

    func replaceTenant(_ old: Tenant, with new: Tenant, _ audit: AuditEntry) async throws(StoreError) -> Bool {
        try await ask { () async throws(StoreError) in try await sqlite.replaceTenant(old, with: new, audit) }
    }

    func closeTenant(_ id: TenantID, at now: UnixTime, _ audit: AuditEntry) async throws(StoreError) -> Bool {
        try await ask { () async throws(StoreError) in try await sqlite.closeTenant(id, at: now, audit) }
    }

    func insert(_ key: APIKeyRecord, _ audit: AuditEntry) async throws(StoreError) {
        try await ask { () async throws(StoreError) in try await sqlite.insert(key, audit) }
    }

    func key(digest: [UInt8]) async throws(StoreError) -> APIKeyRecord? {
        state.withLock { $0.digests.append(digest) }
        return try await ask { () async throws(StoreError) in try await sqlite.key(digest: digest) }
    }

    func keyAtHand(digest: [UInt8]) -> APIKeyRecord? { atHand(sqlite.keyAtHand(digest: digest)) }

    func key(_ id: APIKeyID) async throws(StoreError) -> APIKeyRecord? {
        try await ask { () async throws(StoreError) in try await sqlite.key(id) }
    }

    func keys(of owner: KeyOwner, page: PageRequest) async throws(StoreError) -> Page<APIKeyRecord> {
        try await ask { () async throws(StoreError) in try await sqlite.keys(of: owner, page: page) }
    }

    func revokeKey(_ id: APIKeyID, at now: UnixTime, _ audit: AuditEntry) async throws(StoreError) -> APIKeyRecord? {
        try await ask { () async throws(StoreError) in try await sqlite.revokeKey(id, at: now, audit) }
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

    func oldestOpenTenants() async throws(StoreError) -> [Tenant] {
        try await ask { () async throws(StoreError) in try await sqlite.oldestOpenTenants() }
    }

    func tenants(issuer: String) async throws(StoreError) -> [Tenant] {
        try await ask { () async throws(StoreError) in try await sqlite.tenants(issuer: issuer) }
    }

    // MARK: Calls, users, audit

    func place(_ call: NewCall, _ ticket: ChangeTicket) async throws(StoreError) -> CallOutcome {
        if let trouble = state.withLock({ $0.placingTrouble }) { throw trouble }
        return try await ask { () async throws(StoreError) in try await sqlite.place(call, ticket) }
    }

    func move(_ move: CallMove, _ id: CallID, _ ticket: ChangeTicket) async throws(StoreError) -> CallOutcome {
        try await ask { () async throws(StoreError) in try await sqlite.move(move, id, ticket) }
    }

    func recordMints(_ entries: [AuditEntry], whileActive call: CallKey) async throws(StoreError) -> Bool {
        let before = state.withLock { $0.beforeRecordingMints }
        await before?()
        return try await ask { () async throws(StoreError) in try await sqlite.recordMints(entries, whileActive: call) }
    }

    func call(_ id: CallID, of tenant: TenantID) async throws(StoreError) -> Call? {
        try await ask { () async throws(StoreError) in try await sqlite.call(id, of: tenant) }
    }

    func activeCallsCount() -> Int { sqlite.activeCallsCount() }

    func usersInCalls(among users: [UserID], of tenant: TenantID) async throws(StoreError) -> Set<UserID> {
        try await ask { () async throws(StoreError) in try await sqlite.usersInCalls(among: users, of: tenant) }
    }

    func isAnswered(_ key: IdempotencyKey, of tenant: TenantID) async throws(StoreError) -> Bool {
        try await ask { () async throws(StoreError) in try await sqlite.isAnswered(key, of: tenant) }
    }

    func liveCall(of user: UserID, in tenant: TenantID) async throws(StoreError) -> Call? {
        try await ask { () async throws(StoreError) in try await sqlite.liveCall(of: user, in: tenant) }
    }

    func isFreeAtHand(_ user: UserID, in tenant: TenantID) -> Bool {
        state.withLock { $0.hasNothingAtHand } ? false : sqlite.isFreeAtHand(user, in: tenant)
    }

    func calls(of tenant: TenantID, _ filter: CallFilter, page: PageRequest) async throws(StoreError) -> Page<Call> {
        try await ask { () async throws(StoreError) in try await sqlite.calls(of: tenant, filter, page: page) }
    }

    func liveCalls(page: PageRequest) async throws(StoreError) -> Page<Call> {
        try await ask { () async throws(StoreError) in try await sqlite.liveCalls(page: page) }
    }

    func attach(_ courier: any Courier) async throws(StoreError) {
        try await ask { () async throws(StoreError) in try await sqlite.attach(courier) }
    }

    func put(_ user: User, usersMax: Int, _ audit: AuditEntry) async throws(StoreError) -> Bool {
        try await ask { () async throws(StoreError) in try await sqlite.put(user, usersMax: usersMax, audit) }
    }

    func putIfAbsent(_ user: User, usersMax: Int, _ audit: AuditEntry) async throws(StoreError) -> User {
        try await ask { () async throws(StoreError) in try await sqlite.putIfAbsent(user, usersMax: usersMax, audit) }
    }

    func user(_ id: UserID, of tenant: TenantID) async throws(StoreError) -> User? {
        try await ask { () async throws(StoreError) in try await sqlite.user(id, of: tenant) }
    }

    func deleteUser(_ id: UserID, _ ticket: ChangeTicket) async throws(StoreError) -> Bool {
        try await ask { () async throws(StoreError) in try await sqlite.deleteUser(id, ticket) }
    }

    func append(_ entries: [AuditEntry]) async throws(StoreError) {
        try await ask { () async throws(StoreError) in try await sqlite.append(entries) }
    }

    func append(_ entry: AuditEntry, done: @escaping @Sendable (StoreError?) -> Void) {
        if let trouble = state.withLock({ $0.trouble }) { return done(trouble) }
        sqlite.append(entry, done: done)
    }

    func auditRows(of owner: AuditOwner, page: PageRequest) async throws(StoreError) -> Page<AuditRow> {
        try await ask { () async throws(StoreError) in try await sqlite.auditRows(of: owner, page: page) }
    }

    func forget(_ retention: Retention, rowsMax: Int) async throws(StoreError) -> Bool {
        try await ask { () async throws(StoreError) in try await sqlite.forget(retention, rowsMax: rowsMax) }
    }
}
