import Calls
import Vocabulary

extension Switchboard {
    /// Places a call where neither the caller nor the callee had too many rings of late.
    ///
    /// What rings nobody anew costs no ring: a repeated request, and a call to somebody who calls already. Whoever has no ring left may
    /// still repeat a request, which then is looked for in the store first.
    func ring(
        _ new: NewCall, _ ticket: ChangeTicket, for caller: Caller, _ place: () async throws(StoreError) -> CallOutcome
    ) async throws(DeskError) -> CallOutcome {
        let ring = RingLimits.Ring(tenant: new.tenant, caller: new.caller, callee: new.callee)
        if let seconds = rings.take(ring, at: monotonic()) {
            guard try await isRepeated(new, ticket) else {
                let refusal = DeskError.rateLimited(retryAfterSeconds: seconds)
                try await auditRefusal(refusal, .placeCall, of: new.id.text, in: new.tenant, for: caller)
                throw refusal
            }
            return try await asking(place)
        }
        let outcome: CallOutcome
        do {
            outcome = try await asking(place)
        } catch {
            rings.giveBack(ring, wholly: true)
            throw error
        }
        switch outcome {
        case .changed(let call) where call.version == 1: break
        case .changed, .repeated: rings.giveBack(ring, wholly: true)
        case .refused: rings.giveBack(ring, wholly: false)
        }
        return outcome
    }

    /// Whether the store knows the request already, by its `Idempotency-Key` or by the id that it brings.
    private func isRepeated(_ new: NewCall, _ ticket: ChangeTicket) async throws(DeskError) -> Bool {
        try await asking { () async throws(StoreError) in
            if let key = ticket.idempotency, try await store.isAnswered(key, of: new.tenant) { return true }
            return new.isIDBrought ? try await store.call(new.id, of: new.tenant) != nil : false
        }
    }
}
