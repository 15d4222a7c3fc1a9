public import Vocabulary

/// What the service keeps of an API key: everything but the key.
public struct APIKeyRecord: Sendable, Equatable {
    public let id: APIKeyID
    /// The tenant that the key belongs to; nil for a key of the operator.
    public let tenant: TenantID?
    public let scopes: Set<Scope>
    public let label: String?
    /// The first characters of the key, by which people tell keys apart.
    public let prefix: String
    /// SHA-256 of the whole key, 32 bytes.
    public let digest: [UInt8]
    public let createdAt: UnixTime
    public let expiresAt: UnixTime?
    public private(set) var revokedAt: UnixTime?

    public init(
        id: APIKeyID, tenant: TenantID?, scopes: Set<Scope>, label: String?, prefix: String, digest: [UInt8], createdAt: UnixTime,
        expiresAt: UnixTime?, revokedAt: UnixTime? = nil
    ) {
        self.id = id
        self.tenant = tenant
        self.scopes = scopes
        self.label = label
        self.prefix = prefix
        self.digest = digest
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
    }

    /// Whether the key opens anything at this moment.
    public func isActive(at now: UnixTime) -> Bool {
        if revokedAt != nil { return false }
        guard let expiresAt else { return true }
        return now < expiresAt
    }

    /// The key after revoking it. Revoking twice keeps the first moment.
    public func revoked(at now: UnixTime) -> APIKeyRecord {
        var record = self
        record.revokedAt = revokedAt ?? now
        return record
    }
}
