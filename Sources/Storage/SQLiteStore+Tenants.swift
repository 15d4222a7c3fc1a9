public import Calls
import GRDB
public import Vocabulary

extension SQLiteStore {
    public func insert(_ tenant: Tenant) async throws(StoreError) {
        try await write { db in
            try db.execute(
                sql: """
                    INSERT INTO tenants (id, display_name, livekit_server_url, livekit_api_key, livekit_api_secret, agora_app_id,
                        agora_app_certificate, agora_identity, agora_token_version, default_provider, open_rooms_max, created_at, closed_at)
                    VALUES (:id, :display_name, :livekit_server_url, :livekit_api_key, :livekit_api_secret, :agora_app_id,
                        :agora_app_certificate, :agora_identity, :agora_token_version, :default_provider, :open_rooms_max, :created_at,
                        :closed_at)
                    """, arguments: Self.columns(of: tenant))
        } remember: { [knownTenants] in
            knownTenants.keepWritten(tenant, for: tenant.id)
        }
    }

    public func tenantAtHand(_ id: TenantID) -> Tenant? {
        knownTenants[id]
    }

    public func tenant(_ id: TenantID) async throws(StoreError) -> Tenant? {
        if let tenant = knownTenants[id] { return tenant }
        let generation = knownTenants.generation
        let tenant = try await read { db in try Self.fetchTenant(id, in: db) }
        if let tenant { knownTenants.keepRead(tenant, for: id, since: generation) }
        return tenant
    }

    public func tenants(page: PageRequest) async throws(StoreError) -> Page<Tenant> {
        try await read { db in
            let rows = try Row.fetchAll(
                db, sql: "SELECT * FROM tenants WHERE seq > ? ORDER BY seq LIMIT ?", arguments: [page.after ?? 0, page.limit + 1])
            return try Self.page(rows, limit: page.limit, Self.tenant)
        }
    }

    public func replaceTenant(_ old: Tenant, with new: Tenant) async throws(StoreError) -> Bool {
        try await write { db -> Bool in
            guard try Self.fetchTenant(new.id, in: db) == old else { return false }
            try db.execute(
                sql: """
                    UPDATE tenants SET display_name = :display_name, livekit_server_url = :livekit_server_url,
                        livekit_api_key = :livekit_api_key, livekit_api_secret = :livekit_api_secret, agora_app_id = :agora_app_id,
                        agora_app_certificate = :agora_app_certificate, agora_identity = :agora_identity,
                        agora_token_version = :agora_token_version, default_provider = :default_provider,
                        open_rooms_max = :open_rooms_max, created_at = :created_at, closed_at = :closed_at
                    WHERE id = :id
                    """, arguments: Self.columns(of: new))
            return true
        } remember: { [knownTenants] isReplaced in
            if isReplaced { knownTenants.keepWritten(new, for: new.id) }
        }
    }

    public func closeTenant(_ id: TenantID, at now: UnixTime) async throws(StoreError) -> Bool {
        let closed = try await write { db -> Tenant? in
            guard var tenant = try Self.fetchTenant(id, in: db) else { return nil }
            guard tenant.closedAt == nil else { return tenant }
            tenant.closedAt = now
            for table in [
                "UPDATE tenants SET closed_at = ? WHERE id = ?",
                "UPDATE rooms SET closed_at = ? WHERE tenant = ? AND closed_at IS NULL",
                "UPDATE api_keys SET revoked_at = ? WHERE tenant = ? AND revoked_at IS NULL",
            ] {
                try db.execute(sql: table, arguments: [now.seconds, id.text])
            }
            return tenant
        } remember: { [knownTenants, knownRooms, knownKeys] closed in
            guard let closed else { return }
            knownTenants.keepWritten(closed, for: id)
            knownRooms.forgetAll()
            knownKeys.forgetAll()
        }
        return closed != nil
    }

    private static func fetchTenant(_ id: TenantID, in db: Database) throws -> Tenant? {
        try Row.fetchOne(db, sql: "SELECT * FROM tenants WHERE id = ?", arguments: [id.text]).map(tenant)
    }

    private static func columns(of tenant: Tenant) -> StatementArguments {
        let livekit = tenant.providers.livekit
        let agora = tenant.providers.agora
        return [
            "id": tenant.id.text, "display_name": tenant.displayName, "livekit_server_url": livekit?.serverURL,
            "livekit_api_key": livekit?.apiKey, "livekit_api_secret": livekit.map { text(of: $0.apiSecret) }, "agora_app_id": agora?.appID,
            "agora_app_certificate": agora.map { text(of: $0.appCertificate) }, "agora_identity": agora?.identity.rawValue,
            "agora_token_version": agora?.tokenVersion.rawValue, "default_provider": tenant.defaultProvider.rawValue,
            "open_rooms_max": tenant.openRoomsMax, "created_at": tenant.createdAt.seconds, "closed_at": tenant.closedAt?.seconds,
        ]
    }

    private static func tenant(_ row: Row) throws -> Tenant {
        Tenant(
            id: try TenantID(row["id"]), displayName: row["display_name"],
            providers: ProviderSettings(livekit: try livekit(row), agora: try agora(row)),
            defaultProvider: try word(row["default_provider"]),
            openRoomsMax: row["open_rooms_max"], createdAt: UnixTime(row["created_at"]), closedAt: moment(row["closed_at"]))
    }

    private static func livekit(_ row: Row) throws -> ProviderSettings.LiveKit? {
        guard let serverURL: String = row["livekit_server_url"], let key: String = row["livekit_api_key"],
            let secret: String = row["livekit_api_secret"]
        else { return nil }
        return ProviderSettings.LiveKit(serverURL: serverURL, apiKey: key, apiSecret: try reference(secret))
    }

    private static func agora(_ row: Row) throws -> ProviderSettings.Agora? {
        guard let appID: String = row["agora_app_id"], let certificate: String = row["agora_app_certificate"],
            let identity: String = row["agora_identity"], let version: String = row["agora_token_version"]
        else { return nil }
        return ProviderSettings.Agora(
            appID: appID, appCertificate: try reference(certificate), identity: try word(identity), tokenVersion: try word(version))
    }

    /// A reference as it stands in the database: `env:NAME` or `file:/path`.
    private static func text(of reference: SecretReference) -> String {
        switch reference {
        case .environment(let name): "env:\(name)"
        case .file(let path): "file:\(path)"
        }
    }

    private static func reference(_ text: String) throws -> SecretReference {
        if text.hasPrefix("env:") { return try SecretReference(environment: String(text.dropFirst(4))) }
        if text.hasPrefix("file:") { return try SecretReference(file: String(text.dropFirst(5))) }
        throw StoreError.internal("the database holds a secret reference of an unknown kind")
    }
}
