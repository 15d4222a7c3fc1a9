import Calls
import Signing
import Tokens
public import Vocabulary

extension Switchboard {
    /// Mints a party's token again, while its call is active: what got lost is fetched here, and what has expired is renewed.
    ///
    /// Only the device that placed or accepted the call gets it. A key that names no device speaks for whichever device that is.
    public func mintCallToken(_ id: CallID, as claim: PartyClaim, for caller: Caller) async throws(DeskError) -> Join {
        try await mintCallToken(id, for: caller) { _ in claim }
    }

    /// The same for one of the user's devices. Where the party named none when the call was placed or accepted, every device may have it.
    public func mintCallToken(_ id: CallID, on device: DeviceID, for caller: Caller) async throws(DeskError) -> Join {
        try await mintCallToken(id, for: caller) { call in
            let party = caller.user.flatMap { call?.party($0) }
            let isAnyDevice = party != nil && party?.device == nil
            return PartyClaim(user: nil, device: isAnyDevice ? nil : device)
        }
    }

    private func mintCallToken(
        _ id: CallID, for caller: Caller, claiming claim: (Call?) -> PartyClaim
    ) async throws(DeskError) -> Join {
        let tenant = try await callTenant(of: caller, needed: .callsWrite)
        return try await auditingRefusals(.mintCallToken, of: id.text, in: tenant.id, for: caller) { () async throws(DeskError) in
            let call = try await asking { () async throws(StoreError) in try await store.call(id, of: tenant.id) }
            return try await mintCallToken(call, as: claim(call), of: tenant, for: caller)
        }
    }

    /// The same for the live call whose room has that name: for clients that know rooms only.
    /// - Parameter provider: what the call has to be on, where only one will do.
    public func mintCallToken(
        room: RoomName, as claim: PartyClaim, provider: ProviderKind? = nil, for caller: Caller
    ) async throws(DeskError) -> Join {
        let tenant = try await openTenant(caller.user == nil ? caller.tenant(needed: .tokensMint) : caller.callTenant(needed: .callsWrite))
        return try await auditingRefusals(.mintCallToken, of: room.text, in: tenant.id, for: caller) { () async throws(DeskError) in
            guard room.tenant == tenant.id, let user = try Self.actingUser(claim.user, caller, field: "participant_identity") else {
                throw .notFound
            }
            let call = try await asking { () async throws(StoreError) in try await store.liveCall(of: user, in: tenant.id) }
            return try await mintCallToken(call?.room == room ? call : nil, as: claim, provider: provider, of: tenant, for: caller)
        }
    }

    private func mintCallToken(
        _ call: Call?, as claim: PartyClaim, provider: ProviderKind? = nil, of tenant: Tenant, for caller: Caller
    ) async throws(DeskError) -> Join {
        guard let user = try Self.actingUser(claim.user, caller, field: "user") else {
            throw .invalid(field: "user", reason: "name the party that joins")
        }
        try requests.countMint(for: user, by: caller)
        guard let call else { throw .notFound }
        guard let party = call.party(user) else { throw caller.user == nil ? .call(.notAParty) : .notFound }
        guard call.state == .active, party.joinedAt != nil else { throw .call(.callNotActive) }
        let isAnyDevice = caller.user == nil && claim.device == nil
        guard isAnyDevice || party.device == claim.device else { throw .call(.answeredElsewhere) }
        if let provider, call.provider != provider {
            throw .invalid(field: "room_name", reason: "the room is not on \(provider.rawValue)")
        }
        guard let join = try await joins(for: [party], in: call, of: tenant, for: caller).first else {
            throw .internal(cause: "a party got no token")
        }
        return join
    }

    /// Mints a token for each of these parties. What the audit log says of them is on the disk, and the call was still active when it came
    /// there, before anybody is given one.
    func joins(for parties: [Party], in call: Call, of tenant: Tenant, for caller: Caller) async throws(DeskError) -> [Join] {
        let now = clock()
        var joins: [Join] = []
        var entries: [AuditEntry] = []
        for party in parties {
            let join = try mint(call, for: party.user, of: tenant, at: now)
            joins.append(join)
            entries.append(
                AuditEntry(
                    at: now, tenant: tenant.id, actor: caller.actor, operation: .mintCallToken, subject: call.id.text,
                    requestID: caller.requestID, token: AuditEntry.Token(join.minted)))
        }
        let minted = entries
        let isActive = try await asking { () async throws(StoreError) in try await store.recordMints(minted, whileActive: call.key) }
        guard isActive else { throw .call(.callNotActive) }
        metrics.handedOut(joins.count, on: call.provider)
        return joins
    }

    private func mint(_ call: Call, for user: UserID, of tenant: Tenant, at now: UnixTime) throws(DeskError) -> Join {
        let publish: [PublishSource] =
            switch call.media {
            case .audio: [.microphone]
            case .video: [.camera, .microphone]
            }
        let order = TokenOrder(
            user: user, role: .participant, lifetimeSeconds: TokenProfile.lifetimeSecondsDefault, displayName: nil, metadata: nil,
            attributes: [], publish: publish)
        return try mint(order, in: call.room, on: call.provider, maxParticipants: nil, metadata: nil, of: tenant, at: now)
    }
}
