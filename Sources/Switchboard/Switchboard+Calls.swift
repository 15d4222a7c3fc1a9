public import Calls
import Signing
public import Vocabulary

extension Switchboard {
    /// When to try again what a service that is about to stop did not begin: by then a proxy has found another one, or it is back.
    private static let drainingRetrySeconds = 3

    /// Places a call: it rings from now on, and nobody has a token.
    ///
    /// Where the callee's own call to the caller rings already, both want to speak: the answer is that call, accepted.
    public func placeCall(_ order: CallOrder, _ terms: RequestTerms, for caller: Caller) async throws(DeskError) -> PlacedCall {
        let tenant = try await callTenant(of: caller, needed: .callsWrite)
        guard !isDraining else { throw .draining(retryAfterSeconds: Self.drainingRetrySeconds) }
        guard let user = try Self.actingUser(order.caller, caller, field: "caller") else {
            throw .invalid(field: "caller", reason: "name the user who calls")
        }
        let new = try newCall(order, by: user, of: tenant)
        let ticket = ticket(of: tenant.id, terms, caller)
        let outcome = try await running.alone(ticket) { () async throws(DeskError) in
            try await ring(new, ticket, for: caller) { () async throws(StoreError) in try await store.place(new, ticket) }
        }
        switch outcome {
        case .changed(let call):
            watch(call)
            return PlacedCall(call: call, isNew: call.version == 1)
        case .repeated(let call): return PlacedCall(call: call, isNew: terms.repeat != nil && call.version == 1)
        case .refused(let refusal): throw DeskError(refusal)
        }
    }

    /// Accepts a call on a device. The first device wins; that device may repeat it and is given new tokens while the call lives.
    ///
    /// The order is what keeps tokens from existing too early: the store says yes and that is on the disk, then tokens are made, then the
    /// store keeps what the audit log says of them, if the call still lives, and only then they are handed out.
    public func acceptCall(
        _ id: CallID, as claim: PartyClaim, _ terms: RequestTerms, for caller: Caller
    ) async throws(DeskError) -> AcceptedCall {
        let tenant = try await callTenant(of: caller, needed: .callsWrite)
        guard let user = try Self.actingUser(claim.user, caller, field: "user") else {
            throw .invalid(field: "user", reason: "name the user who accepts")
        }
        // Before the call is accepted: no acceptance may go without its token.
        if caller.user != nil {
            try await auditingRefusals(.acceptCall, of: id.text, in: tenant.id, for: caller) { () throws(DeskError) in
                try requests.countMint(for: user, by: caller)
            }
        }
        let hasSocket = isOnSocket(claim.device, of: user, in: tenant.id)
        let call = try await move(.accept(by: user, device: claim.device, hasSocket: hasSocket), id, terms, of: tenant.id, for: caller)
        let parties = caller.user == nil ? call.parties : call.parties.filter { $0.user == user }
        // What is refused here is no refused acceptance: the call was accepted, and has ended since.
        let joins = try await auditingRefusals(.mintCallToken, of: id.text, in: tenant.id, for: caller) {
            () async throws(DeskError) -> [Join] in
            try await self.joins(for: parties, in: call, of: tenant, for: caller)
        }
        return AcceptedCall(call: call, joins: joins)
    }

    /// Refuses a call that rings. Without a named user a key speaks for the callee.
    public func rejectCall(
        _ id: CallID, as claim: PartyClaim, note: String?, _ terms: RequestTerms, for caller: Caller
    ) async throws(DeskError) -> Call {
        try await move(id, as: claim, terms, for: caller) { .reject(by: $0, device: claim.device, note: note) }
    }

    /// Takes a call back that rings. Without a named user a key speaks for the caller.
    public func cancelCall(
        _ id: CallID, as claim: PartyClaim, note: String?, _ terms: RequestTerms, for caller: Caller
    ) async throws(DeskError) -> Call {
        try await move(id, as: claim, terms, for: caller) { .cancel(by: $0, note: note) }
    }

    /// Hangs up, at whatever stage. Without a named user it was the tenant's server that ended it.
    public func endCall(
        _ id: CallID, as claim: PartyClaim, note: String?, _ terms: RequestTerms, for caller: Caller
    ) async throws(DeskError) -> Call {
        try await move(id, as: claim, terms, for: caller) { .end(by: $0, note: note) }
    }

    /// One call, if the caller may see it: a key its tenant's, a user its own.
    public func call(_ id: CallID, for caller: Caller) async throws(DeskError) -> Call {
        let tenant = try await callTenant(of: caller, needed: .callsRead)
        let call = try await asking { () async throws(StoreError) in try await store.call(id, of: tenant.id) }
        guard let call, caller.user.map({ call.party($0) != nil }) ?? true else { throw .notFound }
        return call
    }

    /// The calls that the caller may see, oldest first.
    public func calls(
        _ filter: CallFilter, cursor: String?, limit: Int, for caller: Caller
    ) async throws(DeskError) -> SealedPage<Call> {
        let tenant = try await callTenant(of: caller, needed: .callsRead).id
        if let user = caller.user, let wanted = filter.user, wanted != user { return SealedPage(items: [], nextCursor: nil) }
        let filter = CallFilter(state: filter.state, user: filter.user ?? caller.user)
        let list = "calls of \(tenant), \(filter.state?.rawValue ?? "all"), \(filter.user?.text ?? "everybody")"
        let page = PageRequest(after: try cursors.open(cursor, of: list), limit: limit)
        let found = try await asking { () async throws(StoreError) in try await store.calls(of: tenant, filter, page: page) }
        return SealedPage(items: found.items, nextCursor: cursors.seal(found.next, of: list))
    }

    // MARK: What they share

    /// The tenant whose calls are asked about, as it is now.
    func callTenant(of caller: Caller, needed scope: Scope) async throws(DeskError) -> Tenant {
        try await openTenant(try caller.callTenant(needed: scope))
    }

    /// Whom a request is about: the user who asks, or the one whom the key names.
    static func actingUser(_ named: UserID?, _ caller: Caller, field: String) throws(DeskError) -> UserID? {
        guard let user = caller.user else { return named }
        guard named == nil else { throw .invalid(field: field, reason: "is for API keys; a user's token speaks for its user") }
        return user
    }

    private func newCall(_ order: CallOrder, by user: UserID, of tenant: Tenant) throws(DeskError) -> NewCall {
        let provider = order.provider ?? tenant.defaultProvider
        guard tenant.providers.kinds.contains(provider) else { throw .providerNotConfigured(provider) }
        // Found out now: a call whose tokens cannot be made must not ring.
        _ = try prepared(provider, of: tenant)
        if provider == .agora, tenant.providers.agora?.identity == .uid {
            let reason = "has to be a number from 1 to 4294967295: the tenant's Agora project joins by uid"
            if user.number == nil { throw .invalid(field: "caller", reason: reason) }
            if order.callee.number == nil { throw .invalid(field: "callee", reason: reason) }
        }
        return NewCall(
            id: order.id ?? CallID(random: SecureRandom.uint128()), isIDBrought: order.id != nil,
            room: RoomName(tenant: tenant.id, kind: .call, random: SecureRandom.uint128()), caller: user, callerDevice: order.device,
            callee: order.callee, media: order.media, provider: provider, metadata: order.metadata, ringSeconds: Limits.ringSeconds,
            needsKnownUsers: tenant.unknownUsers == .refused, hasCallerSocket: isOnSocket(order.device, of: user, in: tenant.id))
    }

    /// Whether a device that joins a call is on a socket, whichever counter it asks at.
    private func isOnSocket(_ device: DeviceID?, of user: UserID, in tenant: TenantID) -> Bool {
        device.map { userSockets.has($0, of: user, in: tenant) } ?? false
    }

    private func ticket(of tenant: TenantID, _ terms: RequestTerms, _ caller: Caller) -> ChangeTicket {
        let idempotency = terms.repeat.map { again in
            IdempotencyKey(
                sender: caller.user.map { "user:\($0)" } ?? "server", text: again.text, fingerprint: again.fingerprint)
        }
        return ChangeTicket(
            tenant: tenant, actor: caller.actor, at: clock(), requestID: caller.requestID, idempotency: idempotency,
            condition: terms.condition)
    }

    /// Makes a move for which a key need not name the party.
    private func move(
        _ id: CallID, as claim: PartyClaim, _ terms: RequestTerms, for caller: Caller, _ make: (UserID?) -> CallMove
    ) async throws(DeskError) -> Call {
        let tenant = try await callTenant(of: caller, needed: .callsWrite)
        return try await move(make(try Self.actingUser(claim.user, caller, field: "user")), id, terms, of: tenant.id, for: caller)
    }

    private func move(
        _ move: CallMove, _ id: CallID, _ terms: RequestTerms, of tenant: TenantID, for caller: Caller
    ) async throws(DeskError) -> Call {
        let ticket = ticket(of: tenant, terms, caller)
        let outcome = try await running.alone(ticket) { () async throws(DeskError) in
            try await asking { () async throws(StoreError) in try await store.move(move, id, ticket) }
        }
        switch outcome {
        case .changed(let call):
            watch(call)
            return call
        case .repeated(let call): return call
        case .refused(.notAParty) where caller.user != nil: throw .notFound
        case .refused(let refusal): throw DeskError(refusal)
        }
    }
}
