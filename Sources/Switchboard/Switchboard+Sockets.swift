public import Calls
public import Vocabulary

/// What the desk says to a user who comes with a socket.
public enum Arrival: Sendable {
    /// The user, with the name and the roles that the directory and the token give it.
    case known(Caller)
    /// The token is good, but the tenant takes only users of its directory, and this one is not there.
    case notKnown
}

/// What the counter of sockets asks beside what both counters ask.
extension Switchboard {
    /// How long after its `expiresAt` a user's token is still taken, because clocks differ.
    public static let userTokenLeewaySeconds = UserTokenRules.leewaySeconds

    /// Checks the token of a user who comes with a socket, and makes the user where the tenant allows it and the directory has none.
    ///
    /// A full directory keeps nobody out: then the user is known by its token alone.
    /// - Parameter requestID: by what name the audit log knows of a user who is made.
    /// - Throws: `unauthenticated`, also for an API key, which is no user; `unavailable`.
    public func arrive(_ token: String, requestID: String? = nil) async throws(DeskError) -> Arrival {
        guard !APIKey.looksLikeOne(token) else { throw .unauthenticated }
        return try await arrival(of: try await authenticate(token), requestID: requestID)
    }

    /// The user as the directory knows it.
    func arrival(of caller: Caller, requestID: String? = nil) async throws(DeskError) -> Arrival {
        guard case .user(let id, let user) = caller.owner else { throw .unauthenticated }
        let tenant = try await openTenant(id)
        if let known = try await asking({ () async throws(StoreError) in try await store.user(user, of: id) }) {
            return .known(caller.known(as: known))
        }
        switch tenant.unknownUsers {
        case .refused: return .notKnown
        case .allowed: return .known(try await made(user, of: id, caller, requestID))
        }
    }

    private func made(_ id: UserID, of tenant: TenantID, _ caller: Caller, _ requestID: String?) async throws(DeskError) -> Caller {
        let now = clock()
        let user = User(tenant: tenant, id: id, displayName: caller.userName, roles: [], createdAt: now, updatedAt: now)
        do throws(StoreError) {
            let audit = entry(.putUser, id.text, in: tenant, for: requestID.map(caller.asking) ?? caller, at: now)
            return caller.known(as: try await store.putIfAbsent(user, usersMax: Limits.usersMax, audit))
        } catch {
            switch error {
            case .limitReached: return caller
            case .tenantGone: throw .unauthenticated
            case .duplicate, .unavailable, .internal: throw DeskError(error)
            }
        }
    }

    /// What a user of the tenant is called; nil where the directory does not say.
    public func displayName(of user: UserID, in tenant: TenantID) async throws(DeskError) -> String? {
        try await asking { () async throws(StoreError) in try await store.user(user, of: tenant) }?.displayName
    }

    /// Whether the user is in no live call for sure. False: ask `liveCall`.
    public func isFreeAtHand(_ user: UserID, in tenant: TenantID) -> Bool {
        store.isFreeAtHand(user, in: tenant)
    }

    /// The live call that a user of the tenant is in.
    public func liveCall(of user: UserID, in tenant: TenantID) async throws(DeskError) -> Call? {
        try await asking { () async throws(StoreError) in try await store.liveCall(of: user, in: tenant) }
    }

    /// A party's device has been gone for longer than its grace. A call that moved on meanwhile stays as it is.
    public func partyGone(_ user: UserID, in call: CallKey) async throws(DeskError) {
        let ticket = ChangeTicket(tenant: call.tenant, actor: .service, at: clock())
        let outcome = try await asking { () async throws(StoreError) in try await store.move(.partyGone(user), call.id, ticket) }
        switch outcome {
        case .changed(let call): watch(call)
        case .repeated, .refused: break
        }
    }
}
