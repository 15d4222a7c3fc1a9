import Calls
public import Vocabulary

/// Somebody whose credential was checked, or who sits at the machine. Only this room can make one.
public struct Caller: Sendable {
    /// Who stands behind the credential.
    public enum Owner: Sendable, Equatable {
        /// A server of the tenant, by an API key.
        case tenant(TenantID)
        /// A user of the tenant, by a token of the tenant's identity provider.
        case user(TenantID, UserID)
        case `operator`
    }

    /// The key that was shown; nil for a user, and for the person at the machine itself.
    public let key: APIKeyID?
    public let owner: Owner
    /// What an API key may do. A user's token holds none: what users may do is said by each operation.
    public let scopes: Set<Scope>
    /// The name of the user for people: what its token says, or the directory where the user came with a socket (`Switchboard.arrive`).
    public private(set) var userName: String?
    /// The tenant's own words for what its user is: those of the token, and those of the directory where the user came with a socket. None
    /// for a key.
    public private(set) var roles: [String]
    /// The id of the request that is being answered, for the audit log.
    public private(set) var requestID: String?
    /// When the key or token ends; nil where it does not. A token is taken a while longer (`Switchboard.userTokenLeewaySeconds`).
    public let expiresAt: UnixTime?
    /// By what a user was let in; nil for a key.
    let proof: UserProof?

    init(_ record: APIKeyRecord) {
        self.key = record.id
        self.owner = record.tenant.map { .tenant($0) } ?? .operator
        self.scopes = record.scopes
        self.expiresAt = record.expiresAt
        self.proof = nil
        self.userName = nil
        self.roles = []
    }

    /// A user whose token was checked.
    init(user: UserID, of tenant: TenantID, name: String?, expiresAt: UnixTime, roles: [String] = [], proof: UserProof? = nil) {
        self.key = nil
        self.owner = .user(tenant, user)
        self.scopes = []
        self.expiresAt = expiresAt
        self.proof = proof
        self.userName = name
        self.roles = roles
    }

    private init(owner: Owner, scopes: Set<Scope>) {
        self.key = nil
        self.owner = owner
        self.scopes = scopes
        self.expiresAt = nil
        self.proof = nil
        self.userName = nil
        self.roles = []
    }

    /// The same caller, asking by the request of that id.
    public func asking(_ requestID: String) -> Caller {
        var caller = self
        caller.requestID = requestID
        return caller
    }

    /// The same user, with what the directory says of it: its name there comes first, and its roles come on top.
    func known(as user: User) -> Caller {
        var caller = self
        caller.userName = user.displayName ?? userName
        caller.roles += user.roles.filter { !roles.contains($0) }
        return caller
    }

    /// Who it is for the audit log.
    var actor: Actor {
        if case .user(_, let user) = owner { return .user(user) }
        return key.map { .key($0) } ?? .machine
    }

    /// Whose audit log its doings go to; nil: the operator's.
    var auditTenant: TenantID? {
        switch owner {
        case .tenant(let tenant), .user(let tenant, _): tenant
        case .operator: nil
        }
    }

    /// The person at the machine: whoever may open the store's file is the operator.
    public static let machine = Caller(owner: .operator, scopes: Set(Scope.allCases.filter(\.isForOperator)))

    /// - Throws: `missingScope` when the key lacks it.
    public func require(_ scope: Scope) throws(DeskError) {
        guard scopes.contains(scope) else { throw .missingScope(scope) }
    }

    /// The tenant that the key belongs to, if it holds the scope. The operator's keys belong to none, and hold no scope that leads here.
    func tenant(needed scope: Scope) throws(DeskError) -> TenantID {
        try require(scope)
        guard case .tenant(let tenant) = owner else { throw .missingScope(scope) }
        return tenant
    }

    /// The tenant whose calls are asked about: a key's that holds the scope, or a user's, who needs none for calls of its own.
    func callTenant(needed scope: Scope) throws(DeskError) -> TenantID {
        if case .user(let tenant, _) = owner { return tenant }
        return try tenant(needed: scope)
    }

    /// The user whose own token was shown; nil for a key.
    public var user: UserID? {
        if case .user(_, let user) = owner { return user }
        return nil
    }
}

extension Switchboard {
    /// Checks an API key, or the token of a user, asking the store if it must.
    /// - Throws: `unauthenticated` for a key that is malformed, unknown, expired or revoked, and for a token that its tenant's settings do
    ///   not accept; `appUnavailable` when only the tenant's app could tell, and does not; `unavailable` when the store does not answer.
    public func authenticate(_ text: some StringProtocol & Sendable) async throws(DeskError) -> Caller {
        guard APIKey.looksLikeOne(text) else {
            if let bearer = OpaqueBearer(text) { return try await authenticateOpaque(bearer) }
            return try await authenticateUser(text)
        }
        guard let digest = APIKey.digest(of: text) else { throw .unauthenticated }
        return try caller(try await asking { () async throws(StoreError) in try await store.key(digest: digest) })
    }

    /// Checks an API key with what is in memory. Nil: ask `authenticate`.
    public func authenticateAtHand(_ text: some StringProtocol) throws(DeskError) -> Caller? {
        guard APIKey.looksLikeOne(text) else { return nil }
        guard let digest = APIKey.digest(of: text) else { throw .unauthenticated }
        guard let record = store.keyAtHand(digest: digest) else { return nil }
        return try caller(record)
    }

    /// Checks the credential of somebody at that address.
    ///
    /// An address that has shown too many bad ones is refused before the store or a key set is asked for it. A key that is at hand is no
    /// guess, so that whoever shares the address with a guesser goes on.
    /// - Throws: beside what `authenticate` throws, `rateLimited`.
    public func authenticate(_ text: some StringProtocol & Sendable, from client: ClientNetwork) async throws(DeskError) -> Caller {
        if let caller = try authenticateAtHand(text, from: client) { return caller }
        do {
            return try await authenticate(text)
        } catch {
            countBadCredential(error, of: client)
            throw error
        }
    }

    /// The same with what is in memory. Nil: ask `authenticate`.
    public func authenticateAtHand(_ text: some StringProtocol, from client: ClientNetwork) throws(DeskError) -> Caller? {
        do {
            if let caller = try authenticateAtHand(text) { return caller }
        } catch {
            if let wait = requests.credentials(of: client).retryAfterSeconds { throw .rateLimited(retryAfterSeconds: wait) }
            countBadCredential(error, of: client)
            throw error
        }
        if let wait = requests.credentials(of: client).retryAfterSeconds { throw .rateLimited(retryAfterSeconds: wait) }
        return nil
    }

    /// Only what is no credential counts: that the store does not answer says nothing about who asks.
    private func countBadCredential(_ error: DeskError, of client: ClientNetwork) {
        guard case .unauthenticated = error else { return }
        requests.countBadCredential(of: client)
    }

    private func caller(_ record: APIKeyRecord?) throws(DeskError) -> Caller {
        guard let record, record.isActive(at: clock()) else { throw .unauthenticated }
        return Caller(record)
    }
}
