import Calls
import Synchronization
import Vocabulary

/// A real store that can be made to fail, as a full disk would, and to wait before it answers.
final class TestStore: Store {
    private let inner: any Store
    private let failure = Mutex<StoreError?>(nil)
    private let pause = Mutex<(@Sendable () async -> Void)?>(nil)

    init(_ inner: any Store) {
        self.inner = inner
    }

    /// From now on every question that has to be asked fails so; nil: works again.
    func fail(with error: StoreError?) {
        failure.withLock { $0 = error }
    }

    /// What happens before a call is placed or moved; nil: nothing.
    func beforeChange(_ happening: (@Sendable () async -> Void)?) {
        pause.withLock { $0 = happening }
    }

    private func ask<Answer: Sendable>(_ question: () async throws(StoreError) -> Answer) async throws(StoreError) -> Answer {
        if let error = failure.withLock({ $0 }) { throw error }
        return try await question()
    }

    // MARK: Rooms

    func insert(_ room: Room, openRoomsMax: Int, _ audit: AuditEntry) async throws(StoreError) {
        try await ask { () async throws(StoreError) in try await inner.insert(room, openRoomsMax: openRoomsMax, audit) }
    }
    func room(_ name: RoomName) async throws(StoreError) -> Room? {
        try await ask { () async throws(StoreError) in try await inner.room(name) }
    }
    func roomAtHand(_ name: RoomName) -> Room? { inner.roomAtHand(name) }
    func rooms(of tenant: TenantID, state: Room.State?, at now: UnixTime, page: PageRequest) async throws(StoreError) -> Page<Room> {
        try await ask { () async throws(StoreError) in try await inner.rooms(of: tenant, state: state, at: now, page: page) }
    }
    func closeRoom(_ name: RoomName, at now: UnixTime, _ audit: AuditEntry) async throws(StoreError) -> Room? {
        try await ask { () async throws(StoreError) in try await inner.closeRoom(name, at: now, audit) }
    }

    // MARK: Tenants

    func insert(_ tenant: Tenant, _ audit: AuditEntry) async throws(StoreError) {
        try await ask { () async throws(StoreError) in try await inner.insert(tenant, audit) }
    }
    func tenant(_ id: TenantID) async throws(StoreError) -> Tenant? {
        try await ask { () async throws(StoreError) in try await inner.tenant(id) }
    }
    func tenantAtHand(_ id: TenantID) -> Tenant? { inner.tenantAtHand(id) }
    func tenants(page: PageRequest) async throws(StoreError) -> Page<Tenant> {
        try await ask { () async throws(StoreError) in try await inner.tenants(page: page) }
    }
    func replaceTenant(_ old: Tenant, with new: Tenant, _ audit: AuditEntry) async throws(StoreError) -> Bool {
        try await ask { () async throws(StoreError) in try await inner.replaceTenant(old, with: new, audit) }
    }
    /// Users are always recognised, so that a failing store can be reached by a caller who may.
    func tenants(issuer: String) async throws(StoreError) -> [Tenant] { try await inner.tenants(issuer: issuer) }
    func oldestOpenTenants() async throws(StoreError) -> [Tenant] { try await inner.oldestOpenTenants() }
    func closeTenant(_ id: TenantID, at now: UnixTime, _ audit: AuditEntry) async throws(StoreError) -> Bool {
        try await ask { () async throws(StoreError) in try await inner.closeTenant(id, at: now, audit) }
    }

    // MARK: Keys

    func insert(_ key: APIKeyRecord, _ audit: AuditEntry) async throws(StoreError) {
        try await ask { () async throws(StoreError) in try await inner.insert(key, audit) }
    }
    /// Keys are always found, for the same reason.
    func key(digest: [UInt8]) async throws(StoreError) -> APIKeyRecord? { try await inner.key(digest: digest) }
    func keyAtHand(digest: [UInt8]) -> APIKeyRecord? { inner.keyAtHand(digest: digest) }
    func key(_ id: APIKeyID) async throws(StoreError) -> APIKeyRecord? {
        try await ask { () async throws(StoreError) in try await inner.key(id) }
    }
    func keys(of owner: KeyOwner, page: PageRequest) async throws(StoreError) -> Page<APIKeyRecord> {
        try await ask { () async throws(StoreError) in try await inner.keys(of: owner, page: page) }
    }
    func revokeKey(_ id: APIKeyID, at now: UnixTime, _ audit: AuditEntry) async throws(StoreError) -> APIKeyRecord? {
        try await ask { () async throws(StoreError) in try await inner.revokeKey(id, at: now, audit) }
    }
    func hasOperatorKey(at now: UnixTime) async throws(StoreError) -> Bool {
        try await ask { () async throws(StoreError) in try await inner.hasOperatorKey(at: now) }
    }

    // MARK: Calls

    func place(_ call: NewCall, _ ticket: ChangeTicket) async throws(StoreError) -> CallOutcome {
        await pause.withLock { $0 }?()
        return try await ask { () async throws(StoreError) in try await inner.place(call, ticket) }
    }
    func move(_ move: CallMove, _ id: CallID, _ ticket: ChangeTicket) async throws(StoreError) -> CallOutcome {
        await pause.withLock { $0 }?()
        return try await ask { () async throws(StoreError) in try await inner.move(move, id, ticket) }
    }
    func recordMints(_ entries: [AuditEntry], whileActive call: CallKey) async throws(StoreError) -> Bool {
        try await ask { () async throws(StoreError) in try await inner.recordMints(entries, whileActive: call) }
    }
    func call(_ id: CallID, of tenant: TenantID) async throws(StoreError) -> Call? {
        try await ask { () async throws(StoreError) in try await inner.call(id, of: tenant) }
    }
    func activeCallsCount() -> Int { inner.activeCallsCount() }

    func usersInCalls(among users: [UserID], of tenant: TenantID) async throws(StoreError) -> Set<UserID> {
        try await ask { () async throws(StoreError) in try await inner.usersInCalls(among: users, of: tenant) }
    }

    func isAnswered(_ key: IdempotencyKey, of tenant: TenantID) async throws(StoreError) -> Bool {
        try await ask { () async throws(StoreError) in try await inner.isAnswered(key, of: tenant) }
    }
    func liveCall(of user: UserID, in tenant: TenantID) async throws(StoreError) -> Call? {
        try await ask { () async throws(StoreError) in try await inner.liveCall(of: user, in: tenant) }
    }
    func isFreeAtHand(_ user: UserID, in tenant: TenantID) -> Bool { inner.isFreeAtHand(user, in: tenant) }
    func calls(of tenant: TenantID, _ filter: CallFilter, page: PageRequest) async throws(StoreError) -> Page<Call> {
        try await ask { () async throws(StoreError) in try await inner.calls(of: tenant, filter, page: page) }
    }
    func liveCalls(page: PageRequest) async throws(StoreError) -> Page<Call> {
        try await ask { () async throws(StoreError) in try await inner.liveCalls(page: page) }
    }
    func attach(_ courier: any Courier) async throws(StoreError) {
        try await ask { () async throws(StoreError) in try await inner.attach(courier) }
    }

    // MARK: Users and the audit log

    func put(_ user: User, usersMax: Int, _ audit: AuditEntry) async throws(StoreError) -> Bool {
        try await ask { () async throws(StoreError) in try await inner.put(user, usersMax: usersMax, audit) }
    }
    func putIfAbsent(_ user: User, usersMax: Int, _ audit: AuditEntry) async throws(StoreError) -> User {
        try await ask { () async throws(StoreError) in try await inner.putIfAbsent(user, usersMax: usersMax, audit) }
    }
    func user(_ id: UserID, of tenant: TenantID) async throws(StoreError) -> User? {
        try await ask { () async throws(StoreError) in try await inner.user(id, of: tenant) }
    }
    func deleteUser(_ id: UserID, _ ticket: ChangeTicket) async throws(StoreError) -> Bool {
        try await ask { () async throws(StoreError) in try await inner.deleteUser(id, ticket) }
    }
    func append(_ entries: [AuditEntry]) async throws(StoreError) {
        try await ask { () async throws(StoreError) in try await inner.append(entries) }
    }
    func append(_ entry: AuditEntry, done: @escaping @Sendable (StoreError?) -> Void) {
        if let error = failure.withLock({ $0 }) { return done(error) }
        inner.append(entry, done: done)
    }
    func auditRows(of owner: AuditOwner, page: PageRequest) async throws(StoreError) -> Page<AuditRow> {
        try await ask { () async throws(StoreError) in try await inner.auditRows(of: owner, page: page) }
    }

    // MARK: The rest

    func forget(_ retention: Retention, rowsMax: Int) async throws(StoreError) -> Bool {
        try await ask { () async throws(StoreError) in try await inner.forget(retention, rowsMax: rowsMax) }
    }
    func cursorSecret() async throws(StoreError) -> Secret { try await inner.cursorSecret() }
    func probe() async throws(StoreError) {
        try await ask { () async throws(StoreError) in try await inner.probe() }
    }
}
