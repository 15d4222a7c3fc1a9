import Calls
import Signing
public import Tokens
public import Vocabulary

/// What a caller asks for when it asks for a join token. Every field is within its bounds already.
public struct TokenOrder: Sendable {
    public let user: UserID
    public let role: Role
    public let lifetimeSeconds: Int
    public let displayName: String?
    public let metadata: String?
    public let attributes: [(String, String)]
    /// A part of what the role may publish; nil for all of it.
    public let publish: [PublishSource]?

    public init(
        user: UserID, role: Role, lifetimeSeconds: Int, displayName: String?, metadata: String?, attributes: [(String, String)],
        publish: [PublishSource]?
    ) {
        self.user = user
        self.role = role
        self.lifetimeSeconds = lifetimeSeconds
        self.displayName = displayName
        self.metadata = metadata
        self.attributes = attributes
        self.publish = publish
    }
}

/// A join token with what the vendor's SDK needs beside it.
public struct Join: Sendable {
    /// What a client hands to the vendor's SDK together with the token.
    public enum Connection: Sendable {
        case livekit(serverURL: String)
        /// `uid` is the number to join with; nil where the project joins by account, which is then the identity.
        case agora(appID: String, channel: String, uid: UInt32?)
    }

    public let minted: MintedToken
    public let connection: Connection
}

extension Switchboard {
    /// Mints a join token for a room of the caller's tenant, asking the store where it must.
    ///
    /// The token is handed out when the audit log holds its row.
    /// - Parameter provider: what the room has to be on, where only one will do.
    public func mintToken(
        _ order: TokenOrder, room name: RoomName, provider: ProviderKind? = nil, for caller: Caller
    ) async throws(DeskError) -> Join {
        let tenant = try await tenant(of: caller, needed: .tokensMint)
        return try await auditingRefusals(.mintRoomToken, of: name.text, in: tenant.id, for: caller) { () async throws(DeskError) in
            try requests.countMint(for: order.user, by: caller)
            let room = try await room(name, for: caller, needed: .tokensMint)
            if let provider, room.provider != provider {
                throw .invalid(field: "room_name", reason: "the room is not on \(provider.rawValue)")
            }
            let join = try mint(order, in: room, of: tenant)
            let minted = entry(of: join.minted, for: caller)
            try await asking { () async throws(StoreError) in try await store.append([minted]) }
            metrics.handedOut(1, on: join.minted.provider)
            return join
        }
    }

    /// The same from memory alone, for callers that cannot wait.
    /// - Parameter done: is called once with the answer, when the audit log holds its row; here or wherever the store writes.
    /// - Returns: false where something has to be asked: then `done` is never called, and `mintToken` is to be asked.
    public func mintTokenAtHand(
        _ order: TokenOrder, room name: RoomName, for caller: Caller, done: @escaping @Sendable (Result<Join, DeskError>) -> Void
    ) -> Bool {
        let result: Result<Join, DeskError>
        do throws(DeskError) {
            guard let join = try mintAtHand(order, room: name, for: caller) else { return false }
            result = .success(join)
        } catch {
            result = .failure(error)
        }
        let audit: AuditEntry
        switch result {
        case .success(let join): audit = entry(of: join.minted, for: caller)
        case .failure(let error):
            guard let outcome = error.auditedOutcome else {
                done(result)
                return true
            }
            audit = entry(.mintRoomToken, name.text, in: caller.auditTenant, for: caller, at: clock(), outcome: outcome)
            metrics.refusedToken()
        }
        store.append(audit) { [metrics] trouble in
            if let trouble { return done(.failure(DeskError(trouble))) }
            if let provider = audit.token?.provider { metrics.handedOut(1, on: provider) }
            done(result)
        }
        return true
    }

    private func mintAtHand(_ order: TokenOrder, room name: RoomName, for caller: Caller) throws(DeskError) -> Join? {
        let owner = try caller.tenant(needed: .tokensMint)
        guard owner == name.tenant else { throw .notFound }
        guard let tenant = store.tenantAtHand(owner), let room = store.roomAtHand(name) else { return nil }
        guard tenant.closedAt == nil else { throw .unauthenticated }
        try requests.countMint(for: order.user, by: caller)
        return try mint(order, in: room, of: tenant)
    }

    private func mint(_ order: TokenOrder, in room: Room, of tenant: Tenant) throws(DeskError) -> Join {
        let now = clock()
        guard room.state(at: now) == .open else { throw .roomNotOpen }
        return try mint(
            order, in: room.name, on: room.provider, maxParticipants: room.maxParticipants, metadata: room.metadata, of: tenant, at: now)
    }

    /// Mints, once everything that could forbid it was asked.
    func mint(
        _ order: TokenOrder, in room: RoomName, on provider: ProviderKind, maxParticipants: Int?, metadata: String?, of tenant: Tenant,
        at now: UnixTime
    ) throws(DeskError) -> Join {
        let minter = try prepared(provider, of: tenant).minter
        let connection = try connection(to: room, on: provider, as: order.user, of: tenant)
        do {
            let grant = try JoinGrant(
                room: room, identity: order.user, role: order.role, publish: order.publish, displayName: order.displayName,
                metadata: order.metadata, attributes: order.attributes, issuedAt: now, lifetimeSeconds: order.lifetimeSeconds,
                tokenID: SecureRandom.uint128(), roomMaxParticipants: maxParticipants, roomMetadata: metadata)
            return Join(minted: try minter.mint(grant), connection: connection)
        } catch .grantRefused(let field, let reason) {
            throw .invalid(field: field.rawValue, reason: reason)
        } catch {
            throw .internal(cause: "minting failed: \(error)")
        }
    }

    private func entry(of minted: MintedToken, for caller: Caller) -> AuditEntry {
        AuditEntry(
            at: minted.issuedAt, tenant: minted.room.tenant, actor: caller.actor, operation: .mintRoomToken, subject: minted.room.text,
            requestID: caller.requestID, token: AuditEntry.Token(minted))
    }

    private func connection(
        to room: RoomName, on provider: ProviderKind, as user: UserID, of tenant: Tenant
    ) throws(DeskError) -> Join.Connection {
        switch provider {
        case .livekit:
            guard let livekit = tenant.providers.livekit else { throw .providerNotConfigured(.livekit) }
            return .livekit(serverURL: livekit.serverURL)
        case .agora:
            guard let agora = tenant.providers.agora else { throw .providerNotConfigured(.agora) }
            switch agora.identity {
            case .account: return .agora(appID: agora.appID, channel: room.text, uid: nil)
            case .uid: return .agora(appID: agora.appID, channel: room.text, uid: user.number)
            }
        }
    }

    /// Explains any token. Its signature is checked where it was made with the caller's own tenant's credentials, those
    /// of now or the previous ones.
    public func inspect(_ token: String, for caller: Caller) async throws(DeskError) -> TokenInspection {
        let tenant = try await tenant(of: caller, needed: .tokensInspect)
        var keys: [InspectionKey] = []
        for kind in tenant.providers.kinds {
            keys += try prepared(kind, of: tenant).inspectionKeys
        }
        return TokenInspector.inspect(token, now: clock(), keys: keys)
    }
}
