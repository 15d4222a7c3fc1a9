import Calls
import Vocabulary

/// Values to fill a store with. The same numbers make the same values.
enum Sample {
    static let start = UnixTime(1_800_000_000)

    static func tenant(_ id: String = "acme", providers: ProviderSettings? = nil, openRoomsMax: Int = 1000) throws -> Tenant {
        Tenant(
            id: try TenantID(id), displayName: nil, providers: try providers ?? livekit(), defaultProvider: .livekit,
            openRoomsMax: openRoomsMax,
            createdAt: start)
    }

    static func livekit(_ serverURL: String = "wss://media.example.com") throws -> ProviderSettings {
        ProviderSettings(
            livekit: .init(serverURL: serverURL, apiKey: "APIsample", apiSecret: try SecretReference(environment: "LIVEKIT_API_SECRET")),
            agora: nil)
    }

    static func agora(
        _ identity: ProviderSettings.Agora.Identity = .uid, _ version: ProviderSettings.Agora.TokenVersion = .legacy
    ) throws -> ProviderSettings.Agora {
        ProviderSettings.Agora(
            appID: "0123456789ABCDEF0123456789abcdef", appCertificate: try SecretReference(file: "/run/secrets/agora certificate"),
            identity: identity,
            tokenVersion: version)
    }

    /// A room that is open from `at` (or the start) for `lifetime` seconds.
    static func room(
        _ number: Int = 1, of tenant: String = "acme", at created: UnixTime = start, lifetime: Int = 3600, metadata: String? = nil
    ) throws -> Room {
        Room(
            name: RoomName(tenant: try TenantID(tenant), kind: .room, random: UInt128(number)), provider: .livekit, maxParticipants: nil,
            metadata: metadata, createdAt: created, expiresAt: created + lifetime)
    }

    /// A key of a tenant; of the operator, for nil. Its digest is made of its number.
    static func key(_ number: Int = 1, of tenant: String? = "acme", digest: Int? = nil) throws -> APIKeyRecord {
        let value = digest ?? number
        return APIKeyRecord(
            id: APIKeyID(random: UInt128(number)), tenant: try tenant.map { try TenantID($0) }, scopes: [.roomsRead, .tokensMint],
            label: nil,
            prefix: "cg_live_abcd", digest: (0..<32).map { UInt8(truncatingIfNeeded: value >> ($0 % 4 * 8)) }, createdAt: start,
            expiresAt: nil)
    }

    /// An audit row of the person at the machine.
    static func audit(
        _ operation: AuditedOperation, _ subject: String, of tenant: TenantID?, at now: UnixTime = start, requestID: String? = nil
    ) -> AuditEntry {
        AuditEntry(at: now, tenant: tenant, actor: .machine, operation: operation, subject: subject, requestID: requestID)
    }
}

/// Calls, and who asks for what about them.
extension Sample {
    static func user(_ id: String) throws -> UserID { try UserID(id) }

    /// A call between two users of a tenant. The number makes its room, and its id where none is brought.
    static func newCall(
        _ number: Int = 1, _ caller: String = "ann", _ callee: String = "bob", of tenant: String = "acme", id: String? = nil,
        device: String? = "phone", media: CallMedia = .video, metadata: String? = nil, needsKnownUsers: Bool = false,
        hasCallerSocket: Bool = false
    ) throws -> NewCall {
        NewCall(
            id: try id.map { try CallID($0) } ?? CallID(random: UInt128(number)), isIDBrought: id != nil,
            room: RoomName(tenant: try TenantID(tenant), kind: .call, random: UInt128(number)), caller: try UserID(caller),
            callerDevice: try device.map { try DeviceID($0) }, callee: try UserID(callee), media: media, provider: .livekit,
            metadata: metadata, ringSeconds: 30, needsKnownUsers: needsKnownUsers, hasCallerSocket: hasCallerSocket)
    }

    static func ticket(
        _ tenant: String = "acme", by actor: Actor = .key(APIKeyID(random: 1)), at now: UnixTime = start, request: String? = nil,
        key: IdempotencyKey? = nil, matching condition: VersionCondition = .none
    ) throws -> ChangeTicket {
        ChangeTicket(
            tenant: try TenantID(tenant), actor: actor, at: now, requestID: request, idempotency: key, condition: condition)
    }

    /// An `Idempotency-Key`. Requests with the same `request` are the same.
    static func repeatKey(_ text: String = "key-1", sender: String = "server", request: UInt8 = 1) -> IdempotencyKey {
        IdempotencyKey(sender: sender, text: text, fingerprint: [UInt8](repeating: request, count: 32))
    }

    static func accept(_ user: String = "bob", device: String? = "laptop") throws -> CallMove {
        .accept(by: try UserID(user), device: try device.map { try DeviceID($0) })
    }

    static func end(_ user: String = "ann") throws -> CallMove { .end(by: try UserID(user), note: nil) }

    /// The audit row of a token that was minted for a party of a call.
    static func mint(_ call: Call, _ user: String, number: Int = 1) throws -> AuditEntry {
        AuditEntry(
            at: start, tenant: call.tenant, actor: .key(APIKeyID(random: 1)), operation: .mintCallToken, subject: call.id.text,
            requestID: "request-\(number)",
            token: .init(
                id: Base36.text(of: UInt128(number)), sha256: [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 32),
                identity: try UserID(user), room: call.room, role: "participant", provider: call.provider, expiresAt: start + 300))
    }
}

/// The same questions with an audit row that fits, for tests that are not about the audit log.
extension Store {
    func insert(_ room: Room, openRoomsMax: Int) async throws(StoreError) {
        try await insert(room, openRoomsMax: openRoomsMax, Sample.audit(.createRoom, room.name.text, of: room.tenant))
    }

    func closeRoom(_ name: RoomName, at now: UnixTime) async throws(StoreError) -> Room? {
        try await closeRoom(name, at: now, Sample.audit(.closeRoom, name.text, of: name.tenant, at: now))
    }

    func insert(_ tenant: Tenant) async throws(StoreError) {
        try await insert(tenant, Sample.audit(.createTenant, tenant.id.text, of: nil))
    }

    func replaceTenant(_ old: Tenant, with new: Tenant) async throws(StoreError) -> Bool {
        try await replaceTenant(old, with: new, Sample.audit(.changeTenant, new.id.text, of: nil))
    }

    func closeTenant(_ id: TenantID, at now: UnixTime) async throws(StoreError) -> Bool {
        try await closeTenant(id, at: now, Sample.audit(.closeTenant, id.text, of: nil, at: now))
    }

    func insert(_ key: APIKeyRecord) async throws(StoreError) {
        try await insert(key, Sample.audit(.createKey, key.id.text, of: key.tenant))
    }

    func revokeKey(_ id: APIKeyID, at now: UnixTime) async throws(StoreError) -> APIKeyRecord? {
        try await revokeKey(id, at: now, Sample.audit(.revokeKey, id.text, of: nil, at: now))
    }
}

extension Store {
    /// The room as it lies in the store, read by a list, which no memory answers.
    func storedRoom(_ name: RoomName) async throws -> Room? {
        try await rooms(of: name.tenant, state: nil, at: Sample.start, page: PageRequest(after: nil, limit: 1000)).items.first {
            $0.name == name
        }
    }

    /// The call as it lies in the store.
    func storedCall(_ id: CallID, of tenant: String = "acme") async throws -> Call? {
        let filter = CallFilter(state: nil, user: nil)
        return try await calls(of: TenantID(tenant), filter, page: PageRequest(after: nil, limit: 10_000)).items.first { $0.id == id }
    }

    /// Places a call that can be placed, and returns it.
    func placed(_ new: NewCall, _ ticket: ChangeTicket? = nil) async throws -> Call {
        try await place(new, ticket ?? Sample.ticket(new.tenant.text)).requireChanged()
    }

    /// Moves a call that can be moved, and returns it.
    func moved(_ call: Call, _ move: CallMove, at now: UnixTime = Sample.start) async throws -> Call {
        try await self.move(move, call.id, Sample.ticket(call.tenant.text, at: now)).requireChanged()
    }

    /// Places a call, and accepts it.
    func accepted(_ new: NewCall, device: String? = "laptop") async throws -> Call {
        try await moved(placed(new), Sample.accept(new.callee.text, device: device))
    }

    /// A tenant's audit rows.
    func auditLog(of tenant: String? = "acme") async throws -> [AuditRow] {
        let owner: AuditOwner = try tenant.map { .tenant(try TenantID($0)) } ?? .operator
        return Array(try await StoreContract.everything { try await auditRows(of: owner, page: $0) }.joined())
    }

    /// The rows about calls, as `operation outcome`.
    func callLog(of tenant: String? = "acme") async throws -> [String] {
        try await auditLog(of: tenant).map { "\($0.entry.operation.rawValue) \($0.entry.outcome)" }.filter { $0.hasPrefix("call.") }
    }

    /// The tenant as it lies in the store.
    func storedTenant(_ id: TenantID) async throws -> Tenant? {
        try await tenants(page: PageRequest(after: nil, limit: 1000)).items.first { $0.id == id }
    }
}

extension CallOutcome {
    /// The call that was changed; fails the test where none was.
    func requireChanged() throws -> Call {
        guard case .changed(let call) = self else { throw UnexpectedOutcome(outcome: self) }
        return call
    }

    /// The call that was so already.
    var repeatedCall: Call? {
        if case .repeated(let call) = self { call } else { nil }
    }

    var refusal: CallRefusal? {
        if case .refused(let refusal) = self { refusal } else { nil }
    }
}

struct UnexpectedOutcome: Error {
    let outcome: CallOutcome
}
