public import Vocabulary

/// What a tenant's directory says of a user.
public struct User: Sendable, Equatable {
    public let tenant: TenantID
    public let id: UserID
    public let displayName: String?
    /// Words of the tenant's own, sorted, each once.
    public let roles: [String]
    public let createdAt: UnixTime
    public let updatedAt: UnixTime

    public init(tenant: TenantID, id: UserID, displayName: String?, roles: [String], createdAt: UnixTime, updatedAt: UnixTime) {
        self.tenant = tenant
        self.id = id
        self.displayName = displayName
        self.roles = roles
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// What tells one user from all others.
public struct UserKey: Hashable, Sendable {
    public let tenant: TenantID
    public let id: UserID

    public init(tenant: TenantID, id: UserID) {
        self.tenant = tenant
        self.id = id
    }
}

/// Whether users who are not in the directory may call and be called.
public enum UnknownUsers: String, CaseIterable, Sendable {
    case allowed
    case refused
}

/// How a tenant's own identity provider signs the tokens of its users.
public struct UserTokenSettings: Sendable, Equatable {
    /// The one algorithm that they are signed with.
    public enum Algorithm: String, CaseIterable, Sendable {
        case hs256 = "HS256"
        case rs256 = "RS256"
        case es256 = "ES256"
        case eddsa = "EdDSA"
    }

    /// What verifies them: for HS256 a secret, for the others a JSON Web Key Set in a file or at an address.
    public enum Keys: Sendable, Equatable {
        /// A token is good under either of the two, so that a secret can be changed while tokens of the previous one are about.
        case secret(SecretReference, previous: SecretReference? = nil)
        /// The absolute path of the file.
        case keySetFile(String)
        case keySetAddress(WebAddress)
    }

    /// The claims that say who it is. Each 1 to 64 bytes.
    public struct Claims: Sendable, Equatable {
        public let user: String
        /// Where it is set, the claim has to be there and hold the tenant's id: for one identity provider that serves several tenants.
        public let tenant: String?
        public let name: String?
        public let roles: String?

        public init(user: String = "sub", tenant: String? = nil, name: String? = nil, roles: String? = nil) {
            self.user = user
            self.tenant = tenant
            self.name = name
            self.roles = roles
        }
    }

    public let algorithm: Algorithm
    public let keys: Keys
    /// The exact `iss`, 1 to 256 bytes. By it the tenant is found.
    public let issuer: String
    /// What `aud` has to name, where it is set, 1 to 256 bytes.
    public let audience: String?
    public let claims: Claims
    /// The longest `exp` - `iat` that is taken, 60 seconds to 30 days.
    public let lifetimeSecondsMax: Int

    public init(
        algorithm: Algorithm, keys: Keys, issuer: String, audience: String?, claims: Claims, lifetimeSecondsMax: Int
    ) {
        self.algorithm = algorithm
        self.keys = keys
        self.issuer = issuer
        self.audience = audience
        self.claims = claims
        self.lifetimeSecondsMax = lifetimeSecondsMax
    }
}
