import Calls
import GRDB
import Vocabulary

/// The rows of tenants.
enum TenantRow {
    /// Every column of a tenant but its position and the number of its users.
    private static let columns = [
        "id", "display_name", "livekit_server_url", "livekit_api_key", "livekit_api_secret", "livekit_previous_api_secret",
        "agora_app_id", "agora_app_certificate", "agora_previous_app_certificate", "agora_identity", "agora_token_version",
        "default_provider", "open_rooms_max", "user_token_algorithm", "user_token_secret", "user_token_previous_secret",
        "user_token_key_set", "user_token_issuer", "user_token_audience", "user_token_claim_user", "user_token_claim_tenant",
        "user_token_claim_name", "user_token_claim_roles", "user_token_lifetime_max", "remote_check_url", "remote_check_secret",
        "remote_check_field_user", "remote_check_field_name", "remote_check_field_roles", "remote_check_recheck_seconds",
        "unknown_users", "topics", "user_room_roles", "created_at", "closed_at",
    ]

    static func insert(_ tenant: Tenant, in db: Database) throws {
        let values = columns.map { ":\($0)" }.joined(separator: ", ")
        try db.execute(
            sql: "INSERT INTO tenants (\(columns.joined(separator: ", "))) VALUES (\(values))", arguments: arguments(of: tenant))
    }

    static func update(_ tenant: Tenant, in db: Database) throws {
        let assignments = columns.dropFirst().map { "\($0) = :\($0)" }.joined(separator: ", ")
        try db.execute(sql: "UPDATE tenants SET \(assignments) WHERE id = :id", arguments: arguments(of: tenant))
    }

    static func fetch(_ id: TenantID, in db: Database) throws -> Tenant? {
        try Row.fetchOne(db, sql: "SELECT * FROM tenants WHERE id = ?", arguments: [id.text]).map(tenant)
    }

    static func tenant(_ row: Row) throws -> Tenant {
        Tenant(
            id: try TenantID(row["id"]), displayName: row["display_name"],
            providers: ProviderSettings(livekit: try livekit(row), agora: try agora(row)),
            defaultProvider: try SQLiteStore.word(row["default_provider"]), openRoomsMax: row["open_rooms_max"],
            userTokens: try userTokens(row), remoteCheck: try remoteCheck(row),
            unknownUsers: try SQLiteStore.word(row["unknown_users"]), topics: try TopicsText.rules(row["topics"]),
            userRoomRoles: RolesText.roles(row["user_room_roles"]), createdAt: UnixTime(row["created_at"]),
            closedAt: SQLiteStore.moment(row["closed_at"]))
    }

    private static func arguments(of tenant: Tenant) -> StatementArguments {
        let livekit = tenant.providers.livekit
        let agora = tenant.providers.agora
        var arguments: StatementArguments = [
            "id": tenant.id.text, "display_name": tenant.displayName, "livekit_server_url": livekit?.serverURL,
            "livekit_api_key": livekit?.apiKey, "livekit_api_secret": livekit.map { text(of: $0.apiSecret) },
            "livekit_previous_api_secret": livekit?.previousAPISecret.map(text), "agora_app_id": agora?.appID,
            "agora_app_certificate": agora.map { text(of: $0.appCertificate) },
            "agora_previous_app_certificate": agora?.previousAppCertificate.map(text), "agora_identity": agora?.identity.rawValue,
            "agora_token_version": agora?.tokenVersion.rawValue, "default_provider": tenant.defaultProvider.rawValue,
            "open_rooms_max": tenant.openRoomsMax, "unknown_users": tenant.unknownUsers.rawValue,
            "topics": TopicsText.text(of: tenant.topics), "user_room_roles": RolesText.text(of: tenant.userRoomRoles),
            "created_at": tenant.createdAt.seconds, "closed_at": tenant.closedAt?.seconds,
        ]
        arguments += self.arguments(of: tenant.userTokens)
        arguments += self.arguments(of: tenant.remoteCheck)
        return arguments
    }

    private static func arguments(of settings: UserTokenSettings?) -> StatementArguments {
        var secret: String?
        var previousSecret: String?
        var keySet: String?
        switch settings?.keys {
        case .secret(let reference, let previous): (secret, previousSecret) = (text(of: reference), previous.map(text))
        case .keySetFile(let path): keySet = path
        case .keySetAddress(let address): keySet = address.text
        case nil: break
        }
        let claims = settings?.claims
        return [
            "user_token_algorithm": settings?.algorithm.rawValue, "user_token_secret": secret,
            "user_token_previous_secret": previousSecret, "user_token_key_set": keySet,
            "user_token_issuer": settings?.issuer, "user_token_audience": settings?.audience, "user_token_claim_user": claims?.user,
            "user_token_claim_tenant": claims?.tenant, "user_token_claim_name": claims?.name, "user_token_claim_roles": claims?.roles,
            "user_token_lifetime_max": settings?.lifetimeSecondsMax,
        ]
    }

    private static func arguments(of settings: RemoteCheckSettings?) -> StatementArguments {
        [
            "remote_check_url": settings?.address.text, "remote_check_secret": settings.map { text(of: $0.secret) },
            "remote_check_field_user": settings?.fields.user, "remote_check_field_name": settings?.fields.name,
            "remote_check_field_roles": settings?.fields.roles, "remote_check_recheck_seconds": settings?.recheckSeconds,
        ]
    }

    private static func livekit(_ row: Row) throws -> ProviderSettings.LiveKit? {
        guard let serverURL: String = row["livekit_server_url"], let key: String = row["livekit_api_key"],
            let secret: String = row["livekit_api_secret"]
        else { return nil }
        return ProviderSettings.LiveKit(
            serverURL: serverURL, apiKey: key, apiSecret: try reference(secret),
            previousAPISecret: try optionalReference(row["livekit_previous_api_secret"]))
    }

    private static func agora(_ row: Row) throws -> ProviderSettings.Agora? {
        guard let appID: String = row["agora_app_id"], let certificate: String = row["agora_app_certificate"],
            let identity: String = row["agora_identity"], let version: String = row["agora_token_version"]
        else { return nil }
        return ProviderSettings.Agora(
            appID: appID, appCertificate: try reference(certificate),
            previousAppCertificate: try optionalReference(row["agora_previous_app_certificate"]),
            identity: try SQLiteStore.word(identity), tokenVersion: try SQLiteStore.word(version))
    }

    private static func userTokens(_ row: Row) throws -> UserTokenSettings? {
        guard let algorithm: String = row["user_token_algorithm"] else { return nil }
        let secret: String? = row["user_token_secret"]
        let keys: UserTokenSettings.Keys =
            if let secret {
                .secret(try reference(secret), previous: try optionalReference(row["user_token_previous_secret"]))
            } else {
                try keySet(row["user_token_key_set"])
            }
        return UserTokenSettings(
            algorithm: try SQLiteStore.word(algorithm), keys: keys, issuer: row["user_token_issuer"], audience: row["user_token_audience"],
            claims: .init(
                user: row["user_token_claim_user"], tenant: row["user_token_claim_tenant"], name: row["user_token_claim_name"],
                roles: row["user_token_claim_roles"]),
            lifetimeSecondsMax: row["user_token_lifetime_max"])
    }

    private static func remoteCheck(_ row: Row) throws -> RemoteCheckSettings? {
        guard let address: String = row["remote_check_url"] else { return nil }
        return RemoteCheckSettings(
            address: try WebAddress(address), secret: try reference(row["remote_check_secret"]),
            fields: .init(
                user: row["remote_check_field_user"], name: row["remote_check_field_name"], roles: row["remote_check_field_roles"]),
            recheckSeconds: row["remote_check_recheck_seconds"])
    }

    /// An absolute path, or an address.
    private static func keySet(_ text: String) throws -> UserTokenSettings.Keys {
        text.hasPrefix("/") ? .keySetFile(text) : .keySetAddress(try WebAddress(text))
    }

    /// A reference as it stands in the database: `env:NAME` or `file:/path`.
    private static func text(of reference: SecretReference) -> String {
        switch reference {
        case .environment(let name): "env:\(name)"
        case .file(let path): "file:\(path)"
        }
    }

    private static func optionalReference(_ text: String?) throws -> SecretReference? { try text.map(reference) }

    private static func reference(_ text: String) throws -> SecretReference {
        if text.hasPrefix("env:") { return try SecretReference(environment: String(text.dropFirst(4))) }
        if text.hasPrefix("file:") { return try SecretReference(file: String(text.dropFirst(5))) }
        throw StoreError.internal("the database holds a secret reference of an unknown kind")
    }
}

/// The topic rules of a tenant as one text: for each rule its pattern, whom it lets in and its roles, as `RolesText` writes lists.
enum TopicsText {
    static func text(of rules: [TopicRule]) -> String {
        RolesText.text(of: rules.map { RolesText.text(of: [$0.pattern.text, $0.join.rawValue] + $0.roles) })
    }

    static func rules(_ text: String) throws -> [TopicRule] {
        try RolesText.roles(text).map { rule in
            let words = RolesText.roles(rule)
            guard words.count >= 2 else { throw StoreError.internal("the database holds a topic rule in an unknown form") }
            return try TopicRule(
                pattern: TopicPattern(words[0]), join: try SQLiteStore.word(words[1]), roles: Array(words.dropFirst(2)))
        }
    }
}
