import Calls
public import Vocabulary

/// Somebody whose API key was checked, or who sits at the machine. Only this room can make one.
public struct Caller: Sendable {
    /// Who stands behind the key.
    public enum Owner: Sendable, Equatable {
        case tenant(TenantID)
        case `operator`
    }

    /// The key that was shown; nil for the person at the machine itself.
    public let key: APIKeyID?
    public let owner: Owner
    public let scopes: Set<Scope>
    /// When the key ends; nil where it does not.
    let expiresAt: UnixTime?

    init(_ record: APIKeyRecord) {
        self.key = record.id
        self.owner = record.tenant.map { .tenant($0) } ?? .operator
        self.scopes = record.scopes
        self.expiresAt = record.expiresAt
    }

    private init(owner: Owner, scopes: Set<Scope>) {
        self.key = nil
        self.owner = owner
        self.scopes = scopes
        self.expiresAt = nil
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
}

extension Switchboard {
    /// Checks an API key, asking the store if it must.
    /// - Throws: `unauthenticated` for a key that is malformed, unknown, expired or revoked; `unavailable` when the store does not answer.
    public func authenticate(_ text: some StringProtocol & Sendable) async throws(DeskError) -> Caller {
        guard let digest = APIKey.digest(of: text) else { throw .unauthenticated }
        return try caller(try await asking { () async throws(StoreError) in try await store.key(digest: digest) })
    }

    /// Checks an API key with what is in memory. Nil: ask `authenticate`.
    public func authenticateAtHand(_ text: some StringProtocol) throws(DeskError) -> Caller? {
        guard let digest = APIKey.digest(of: text) else { throw .unauthenticated }
        guard let record = store.keyAtHand(digest: digest) else { return nil }
        return try caller(record)
    }

    private func caller(_ record: APIKeyRecord?) throws(DeskError) -> Caller {
        guard let record, record.isActive(at: clock()) else { throw .unauthenticated }
        return Caller(record)
    }
}
