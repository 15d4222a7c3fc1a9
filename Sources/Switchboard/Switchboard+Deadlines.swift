public import Calls
import Vocabulary

extension Switchboard {
    /// Reads the live calls from the store and watches them. To be called once, before anybody asks.
    ///
    /// The store knows deadlines by the machine's clock. What is left of them is watched from here on by the other clock, and is never more
    /// than a whole ring: a machine whose clock was put back while the service was down does not ring for an hour.
    /// - Parameter found: is handed each of those calls.
    public func resume(_ found: (Call) -> Void = { _ in }) async throws(DeskError) {
        var position: Int64?
        repeat {
            let page = PageRequest(after: position, limit: 10_000)
            let calls = try await asking { () async throws(StoreError) in try await store.liveCalls(page: page) }
            let now = clock()
            for call in calls.items {
                watch(call, at: now)
                found(call)
            }
            position = calls.next
        } while position != nil
    }

    /// Ends the calls whose time has come: those that nobody accepted, and those that lasted too long. To be called several times a second.
    ///
    /// What the store cannot do now is tried again a second later.
    public func endOverdueCalls() async {
        let due = deadlines.due(at: monotonic())
        guard !due.isEmpty else { return }
        await withDiscardingTaskGroup { group in
            for call in due { group.addTask { await self.endOverdue(call) } }
        }
    }

    private func endOverdue(_ key: CallKey) async {
        let ticket = ChangeTicket(tenant: key.tenant, actor: .service, at: clock())
        do {
            guard let call = try await store.call(key.id, of: key.tenant) else { return }
            let move: CallMove
            switch call.state {
            case .ringing: move = .ringTimeout
            case .active:
                // The answers to placing and accepting can come in either order, so what was watched may have been the ringing.
                guard Self.end(of: call) <= clock() else { return watch(call) }
                move = .timeLimit
            case .ended: return
            }
            switch try await store.move(move, key.id, ticket) {
            case .changed(let call), .repeated(let call): watch(call)
            case .refused: break
            }
        } catch {
            deadlines.watch(key, until: monotonic() + .seconds(1))
        }
    }

    /// Watches what comes next for a call that has just changed.
    func watch(_ call: Call) {
        watch(call, at: clock())
    }

    private func watch(_ call: Call, at now: UnixTime) {
        let limit: Int
        switch call.state {
        case .ringing: limit = Limits.ringSeconds
        case .active: limit = Limits.callSecondsMax
        case .ended: return deadlines.forget(call.key)
        }
        let left = min(max(0, Self.end(of: call).seconds - now.seconds), Int64(limit))
        deadlines.watch(call.key, until: monotonic() + .seconds(left))
    }

    /// When a live call ends by itself.
    private static func end(of call: Call) -> UnixTime {
        guard let acceptedAt = call.acceptedAt else { return call.ringDeadline }
        return acceptedAt + Limits.callSecondsMax
    }

    /// Removes some of what is older than it may be. True when there may be more. To be called now and then; trouble is left to the next
    /// time.
    public func forgetOld() async -> Bool {
        let now = clock()
        let retention = Retention(
            idempotencyBefore: now + -Limits.idempotencySeconds, endedCallsBefore: now + -Limits.endedCallSeconds,
            closedRoomsBefore: now + -Limits.closedRoomSeconds, deadKeysBefore: now + -Limits.deadKeySeconds,
            auditBefore: now + -Limits.auditSeconds)
        do {
            return try await store.forget(retention, rowsMax: 500)
        } catch {
            return false
        }
    }

    /// Hands what is to be told about calls to this courier from now on.
    public func attach(_ courier: any Courier) async throws(DeskError) {
        try await asking { () async throws(StoreError) in try await store.attach(courier) }
    }
}
