import Calls
public import Vocabulary

extension Switchboard {
    /// How long a user who stays connected is still taken after the app should have been asked again, and did not answer.
    static let remoteGraceSeconds = 900

    /// Finds out whose an opaque credential is, by asking the app of its tenant.
    ///
    /// Its tenant is the one that it names. Where it names none, it belongs to the only open tenant; where there are several it opens
    /// nothing: no app gets to see what may be the credential of another tenant's user.
    /// - Throws: `unauthenticated` when there is no such tenant, or the app knows nobody by it; `appUnavailable` when the app does not say.
    func authenticateOpaque(_ bearer: OpaqueBearer) async throws(DeskError) -> Caller {
        guard let tenant = try await owner(of: bearer), tenant.closedAt == nil, let settings = tenant.remoteCheck else {
            throw .unauthenticated
        }
        switch await remoteChecks.item(of: tenant.id, settings).verdict(on: bearer, at: clock()) {
        case .user(let user): return Caller(user, of: tenant.id, proof: AppProof(settings, bearer.named(tenant.id), askedAt: user.askedAt))
        case .nobody: throw .unauthenticated
        case .undecided(let cause): throw .appUnavailable(cause: cause)
        }
    }

    private func owner(of bearer: OpaqueBearer) async throws(DeskError) -> Tenant? {
        if let named = bearer.tenant { return try await asking { () async throws(StoreError) in try await store.tenant(named) } }
        let tenants = try await asking { () async throws(StoreError) in try await store.oldestOpenTenants() }
        return tenants.count == 1 ? tenants.first : nil
    }

    /// Asks about a user of a socket once more, as `arrive` did, by the credential that it came with.
    /// - Parameter requestID: by what name the audit log knows of a user who is made, because the directory has none any more.
    /// - Throws: as `arrive` does; `unauthenticated` for somebody who did not come with an opaque credential, or whose credential is
    ///   somebody else's now.
    public func arriveAgain(_ caller: Caller, requestID: String? = nil) async throws(DeskError) -> Arrival {
        guard case .app(let proof)? = caller.proof else { throw .unauthenticated }
        let again = try await authenticateOpaque(proof.bearer)
        guard again.owner == caller.owner else { throw .unauthenticated }
        return try await arrival(of: again, requestID: requestID)
    }
}

extension Caller {
    /// When the app has to be asked about the user again (`Switchboard.arriveAgain`); nil for those who have a token of their own.
    public var askAgainAt: UnixTime? {
        guard case .app(let proof)? = proof else { return nil }
        return proof.dueAt
    }

    /// A user whom its app vouched for.
    fileprivate init(_ user: AppUser, of tenant: TenantID, proof: AppProof) {
        self.init(
            user: user.user, of: tenant, name: user.name, expiresAt: proof.dueAt + Switchboard.remoteGraceSeconds, roles: user.roles,
            proof: .app(proof))
    }
}
