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
}

extension Store {
    /// The room as it lies in the store, read by a list, which no memory answers.
    func storedRoom(_ name: RoomName) async throws -> Room? {
        try await rooms(of: name.tenant, state: nil, at: Sample.start, page: PageRequest(after: nil, limit: 1000)).items.first {
            $0.name == name
        }
    }

    /// The tenant as it lies in the store.
    func storedTenant(_ id: TenantID) async throws -> Tenant? {
        try await tenants(page: PageRequest(after: nil, limit: 1000)).items.first { $0.id == id }
    }
}
