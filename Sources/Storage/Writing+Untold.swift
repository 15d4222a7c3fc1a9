import Calls
import GRDB
import Vocabulary

// What is still to be told: the audit log knows it.
//
// Every change of a call is a row of the audit log, written in its transaction, and a call tells all its versions (`Call.asOf`). So what
// was answered is told even when the service dies in between, and needs no rows of its own: only a mark, up to which place of the log
// everything was handed over to the courier. In memory the mark moves with every commit. On the disk it moves with one of the next
// transactions, every few places only, because it lies on a page of its own. After a crash what lies behind it is told again.

/// Some of what was not told yet.
struct UntoldSlice: Sendable {
    let events: [CallEvent]
    /// The place in the audit log up to which they tell everything.
    let last: Int64
    /// Whether nothing comes after it.
    let isLast: Bool
}

extension Writing {
    /// Notes everything that is to be told about the version that the call just reached.
    /// - Parameter position: the place of the change in the audit log, which orders what is told.
    func tell(_ known: KnownCall, at position: Int64) {
        let told = CallEvent.all(of: known.call)
        guard !told.isEmpty else { return }
        events.append(contentsOf: told)
        lastUntold = position
    }

    /// Writes down what the courier has, if the mark lies far enough behind.
    /// - Parameter placesMax: how far it may.
    func markTold(placesMax: Int) throws {
        guard let carriedTo = memory.carriedTo, carriedTo - (memory.markedTo ?? 0) > placesMax else { return }
        try db.run("UPDATE service SET told = ? WHERE id = 1", [.integer(carriedTo)])
        memory.markedTo = carriedTo
    }

    /// What a new courier gets next. The last slice ends with the last row of this moment: what the batch tells behind it goes the usual
    /// way.
    func nextUntold(after slice: UntoldSlice?) throws -> UntoldSlice {
        let after = try slice?.last ?? max(told(), chainHead().seq - Int64(limits.untoldMax))
        let rows = try Row.fetchAll(
            db.prepared(
                "SELECT seq, tenant, operation, subject, outcome FROM audit WHERE seq > ? ORDER BY seq LIMIT ?",
                [.integer(after), .integer(Int64(limits.untoldAtOnceMax))]))
        var events: [CallEvent] = []
        for row in rows {
            guard let known = try changedCall(row), let operation = AuditedOperation(rawValue: row["operation"]),
                let version = Self.version(after: operation, at: row["seq"], of: known)
            else { continue }
            events += CallEvent.all(of: known.call.asOf(version))
        }
        let isLast = rows.count < limits.untoldAtOnceMax
        // Those of this batch so far are among them.
        if isLast { self.events.removeAll() }
        return UntoldSlice(events: events, last: rows.last?["seq"] ?? after, isLast: isLast)
    }

    /// The call that a row of the audit log tells a change of. Not every row is about a call, and a call that was forgotten since is
    /// nobody's news.
    private func changedCall(_ row: Row) throws -> KnownCall? {
        guard row["outcome"] == AuditEntry.done, let tenant: String = row["tenant"], let id = try? CallID(row["subject"]) else {
            return nil
        }
        return try call(CallKey(tenant: try TenantID(tenant), id: id))
    }

    /// The place up to which everything was told.
    private func told() throws -> Int64 {
        if let carriedTo = memory.carriedTo { return carriedTo }
        return try Int64.fetchOne(db.prepared("SELECT told FROM service WHERE id = 1", [])) ?? 0
    }

    /// To which version a change brought its call: a call rings, is active, and has ended. Nil for what changes no call.
    private static func version(after operation: AuditedOperation, at place: Int64, of known: KnownCall) -> Int? {
        switch operation {
        // The callee's own call to the caller accepts the one that rings.
        case .placeCall: place == known.seq ? 1 : 2
        case .acceptCall: 2
        case .rejectCall, .cancelCall, .endCall, .expireCall: known.call.version
        case .createTenant, .changeTenant, .closeTenant, .createKey, .revokeKey, .createRoom, .closeRoom, .mintRoomToken, .putUser,
            .deleteUser, .mintCallToken:
            nil
        }
    }
}
