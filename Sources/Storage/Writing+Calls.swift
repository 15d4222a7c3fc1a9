import Calls
import GRDB
import Vocabulary

/// What is done with calls, inside the transaction: find, ask the rules, write.
extension Writing {
    func place(_ new: NewCall, _ ticket: ChangeTicket) throws -> CallOutcome {
        guard new.tenant == ticket.tenant else { throw StoreError.internal("a call was placed with another tenant's ticket") }
        try requireOpenTenant(new.tenant)
        if let answer = try recognised(ticket, .placeCall, new.id.text) { return answer }
        let ofCaller = try liveCall(of: new.caller, in: new.tenant)
        let ofCallee = try liveCall(of: new.callee, in: new.tenant)
        let sameID = new.isIDBrought ? try call(CallKey(tenant: new.tenant, id: new.id)) : nil
        let facts = PlacementFacts(
            sameID: sameID?.call, ofCaller: ofCaller?.call, ofCallee: ofCallee?.call,
            areUsersKnown: new.needsKnownUsers ? try areKnown(new.caller, new.callee, in: new.tenant) : true)
        switch CallPlacement.answer(to: new, knowing: facts, at: ticket.at) {
        case .placed(let call):
            let position = try audit(entry(ticket, .placeCall, call.id.text))
            let known = KnownCall(seq: position, call: call)
            try insert(known)
            try settle(known, at: position, ticket)
            return .changed(call)
        case .crossed(let call):
            guard let crossed = ofCaller else { throw StoreError.internal("a call was crossed that is not there") }
            let position = try audit(entry(ticket, .placeCall, call.id.text))
            try write(KnownCall(seq: crossed.seq, call: call), at: position, ticket)
            if new.isIDBrought {
                try db.run("UPDATE calls SET alias = ? WHERE seq = ?", [.text(new.id.text), .integer(crossed.seq)])
            }
            return .changed(call)
        case .repeated(let call):
            guard let sameID else { throw StoreError.internal("a call was repeated that is not there") }
            return try repeated(KnownCall(seq: sameID.seq, call: call), .placeCall, ticket)
        case .refused(let refusal):
            return try refused(refusal, .placeCall, new.id.text, ticket)
        }
    }

    func move(_ move: CallMove, _ id: CallID, _ ticket: ChangeTicket) throws -> CallOutcome {
        let operation = AuditedOperation(move)
        if let answer = try recognised(ticket, operation, id.text) { return answer }
        guard let known = try call(CallKey(tenant: ticket.tenant, id: id)) else {
            return try refused(.notFound, operation, id.text, ticket)
        }
        let subject = known.call.id.text
        // Before the version is looked at: by whether it fits, a stranger could learn it.
        if case .user(let user) = ticket.actor, known.call.party(user) == nil { return try refused(.notAParty, operation, subject, ticket) }
        guard ticket.condition.holds(for: known.call.version) else { return try refused(.preconditionFailed, operation, subject, ticket) }
        switch CallTransition.apply(move, to: known.call, at: ticket.at) {
        case .moved(let call):
            let position = try audit(entry(ticket, operation, subject))
            try write(KnownCall(seq: known.seq, call: call), at: position, ticket)
            return .changed(call)
        case .unchanged:
            // The service's own clock came late: nobody asked, so there is nothing to keep.
            if ticket.actor == .service { return .repeated(known.call) }
            return try repeated(known, operation, ticket)
        case .refused(let refusal):
            return try refused(refusal, operation, subject, ticket)
        }
    }

    /// Ends a call because of something that happened to its tenant or to a user: the service does that, and the row says so.
    func expire(_ known: KnownCall, _ move: CallMove, at now: UnixTime, requestID: String?) throws {
        guard case .moved(let call) = CallTransition.apply(move, to: known.call, at: now) else { return }
        let ticket = ChangeTicket(tenant: call.tenant, actor: .service, at: now, requestID: requestID)
        let position = try audit(entry(ticket, .expireCall, call.id.text))
        try write(KnownCall(seq: known.seq, call: call), at: position, ticket)
    }

    func recordMints(_ entries: [AuditEntry], whileActive key: CallKey) throws -> Bool {
        guard try call(key)?.call.state == .active else { return false }
        for entry in entries { try audit(entry) }
        return true
    }

    // MARK: - What goes with every answer

    private func write(_ known: KnownCall, at position: Int64, _ ticket: ChangeTicket) throws {
        try update(known)
        try settle(known, at: position, ticket)
    }

    private func settle(_ known: KnownCall, at position: Int64, _ ticket: ChangeTicket) throws {
        stage(known)
        tell(known, at: position)
        try keepAnswer(known, at: position, ticket)
    }

    private func repeated(_ known: KnownCall, _ operation: AuditedOperation, _ ticket: ChangeTicket) throws -> CallOutcome {
        let position = try audit(entry(ticket, operation, known.call.id.text, AuditEntry.repeated))
        try keepAnswer(known, at: position, ticket)
        return .repeated(known.call)
    }

    private func refused(
        _ refusal: CallRefusal, _ operation: AuditedOperation, _ subject: String, _ ticket: ChangeTicket
    ) throws -> CallOutcome {
        try audit(entry(ticket, operation, subject, refusal.rawValue))
        return .refused(refusal)
    }

    private func entry(
        _ ticket: ChangeTicket, _ operation: AuditedOperation, _ subject: String, _ outcome: String = AuditEntry.done
    ) -> AuditEntry {
        AuditEntry(
            at: ticket.at, tenant: ticket.tenant, actor: ticket.actor, operation: operation, subject: subject, outcome: outcome,
            requestID: ticket.requestID)
    }

    // MARK: - Repeated requests

    /// The answer to a request that came before with the same `Idempotency-Key`; nil when it did not.
    private func recognised(_ ticket: ChangeTicket, _ operation: AuditedOperation, _ subject: String) throws -> CallOutcome? {
        guard let key = ticket.idempotency else { return nil }
        var kept: (seq: Int64, fingerprint: [UInt8], call: Int64, version: Int)?
        try run(.answer) { row in
            row.add(ticket.tenant.text)
            row.add(key.sender)
            row.add(key.text)
        } row: { row in
            kept = (row.integer(0), row.bytes(1), row.integer(2), Int(row.integer(3)))
        }
        guard let kept else { return nil }
        guard kept.fingerprint == key.fingerprint else { return try refused(.idempotencyMismatch, operation, subject, ticket) }
        guard let known = try db.call(seq: kept.call) else {
            // The call was forgotten, and with it the answer. The request is a new one.
            try db.run("DELETE FROM idempotency WHERE seq = ?", [.integer(kept.seq)])
            return nil
        }
        try audit(entry(ticket, operation, known.call.id.text, AuditEntry.repeated))
        return .repeated(known.call.asOf(kept.version))
    }

    /// Keeps which version of which call answers the request, where it may be repeated.
    private func keepAnswer(_ known: KnownCall, at position: Int64, _ ticket: ChangeTicket) throws {
        guard let key = ticket.idempotency else { return }
        try run(.insertAnswer) { row in
            row.add(position)
            row.add(ticket.tenant.text)
            row.add(key.sender)
            row.add(key.text)
            row.add(key.fingerprint)
            row.add(known.seq)
            row.add(Int64(known.call.version))
            row.add(ticket.at.seconds)
        }
    }

    // MARK: - What a placing has to know

    private func areKnown(_ first: UserID, _ second: UserID, in tenant: TenantID) throws -> Bool {
        let count = try Int.fetchOne(
            db.prepared(
                "SELECT count(*) FROM users WHERE tenant = ? AND id IN (?, ?)",
                [.text(tenant.text), .text(first.text), .text(second.text)]))
        return count == 2
    }
}

extension AuditedOperation {
    /// What the audit log calls a move.
    init(_ move: CallMove) {
        switch move {
        case .accept: self = .acceptCall
        case .reject: self = .rejectCall
        case .cancel: self = .cancelCall
        case .end: self = .endCall
        case .cross: self = .placeCall
        case .ringTimeout, .timeLimit, .partyGone, .userRemoved, .tenantClosed: self = .expireCall
        }
    }
}
