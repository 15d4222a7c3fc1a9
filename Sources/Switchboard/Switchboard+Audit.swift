public import Calls
import Signing
import Tokens
import Vocabulary

extension Switchboard {
    /// The audit rows that the caller may see, oldest first: its tenant's, or the operator's own.
    public func auditRows(cursor: String?, limit: Int, for caller: Caller) async throws(DeskError) -> SealedPage<AuditRow> {
        try caller.require(.auditRead)
        let owner: AuditOwner
        let list: String
        switch caller.owner {
        case .operator: (owner, list) = (.operator, "audit of the operator")
        case .tenant(let tenant): (owner, list) = (.tenant(tenant), "audit of tenant \(tenant)")
        case .user: throw .missingScope(.auditRead)
        }
        let page = PageRequest(after: try cursors.open(cursor, of: list), limit: limit)
        let found = try await asking { () async throws(StoreError) in try await store.auditRows(of: owner, page: page) }
        return SealedPage(items: found.items, nextCursor: cursors.seal(found.next, of: list))
    }

    /// What the audit log says of something that this caller asked for.
    func entry(
        _ operation: AuditedOperation, _ subject: String, in tenant: TenantID?, for caller: Caller, at now: UnixTime,
        outcome: String = AuditEntry.done
    ) -> AuditEntry {
        AuditEntry(
            at: now, tenant: tenant, actor: caller.actor, operation: operation, subject: subject, outcome: outcome,
            requestID: caller.requestID)
    }

    /// Does something that may mint a token; where it is refused, the refusal is in the audit log before it is answered.
    func auditingRefusals<Answer>(
        _ operation: AuditedOperation, of subject: String, in tenant: TenantID, for caller: Caller,
        _ work: () async throws(DeskError) -> Answer
    ) async throws(DeskError) -> Answer {
        do {
            return try await work()
        } catch {
            try await auditRefusal(error, operation, of: subject, in: tenant, for: caller)
            throw error
        }
    }

    /// Keeps a refusal in the audit log, where it is one that belongs there.
    func auditRefusal(
        _ error: DeskError, _ operation: AuditedOperation, of subject: String, in tenant: TenantID?, for caller: Caller
    ) async throws(DeskError) {
        guard let outcome = error.auditedOutcome else { return }
        if operation.mintsToken { metrics.refusedToken() }
        let refused = entry(operation, subject, in: tenant, for: caller, at: clock(), outcome: outcome)
        try await asking { () async throws(StoreError) in try await store.append([refused]) }
    }

    /// Keeps in the audit log that a credential without the scope asked for a token.
    public func auditMissingScope(
        _ operation: AuditedOperation, of subject: String, for caller: Caller
    ) async throws(DeskError) {
        try await auditRefusal(.missingScope(.tokensMint), operation, of: subject, in: caller.auditTenant, for: caller)
    }
}

extension AuditedOperation {
    /// Whether its answer is a join token.
    var mintsToken: Bool { self == .mintRoomToken || self == .mintCallToken }
}

extension DeskError {
    /// The word of the audit log for a refusal. Nil for what was not refused but could not be done, and for requests of a wrong shape.
    var auditedOutcome: String? {
        switch self {
        case .missingScope: "missing_scope"
        case .notFound: "not_found"
        case .roomNotOpen: "room_not_open"
        case .call(let refusal): refusal.rawValue
        case .providerNotConfigured: "provider_not_configured"
        case .invalid: "invalid_fields"
        case .rateLimited: "rate_limited"
        case .unauthenticated, .scopeNotHeld, .idempotencyInProgress, .tenantExists, .limitReached, .invalidCursor, .draining,
            .appUnavailable, .unavailable, .internal:
            nil
        }
    }
}

extension AuditEntry.Token {
    init(_ minted: MintedToken) {
        self.init(
            id: Base64URL.encode(withUnsafeBytes(of: minted.tokenID.bigEndian) { Array($0) }), sha256: minted.sha256,
            identity: minted.identity, room: minted.room,
            role: minted.role.rawValue, provider: minted.provider, expiresAt: minted.expiresAt)
    }
}
