import Calls
import GRDB
import Vocabulary

// The outbox: versions of calls that somebody is to be told of.
//
// A row is written in the transaction of its change, so what was answered is told even when the service dies in between. After the commit
// the courier gets the events, and the next transaction removes the rows: it comes anyhow, so forgetting costs no wait for the disk. A row
// holds no more than the call and the version, because a call tells all its versions (`Call.asOf`).

/// Some rows of the outbox, as what they tell.
struct UntoldSlice: Sendable {
    let events: [CallEvent]
    /// The last row of the slice; nil when the outbox was empty.
    let last: Int64?
    /// Whether nothing comes after it.
    let isLast: Bool
}

extension Writing {
    /// Notes everything that is to be told about the version that the call just reached.
    /// - Parameter position: the place of the change in the audit log, which orders what is told.
    func tell(_ known: KnownCall, at position: Int64) throws {
        let told = CallEvent.all(of: known.call)
        guard !told.isEmpty else { return }
        try run(.insertUntold) { row in
            row.add(position)
            row.add(known.call.tenant.text)
            row.add(known.seq)
            row.add(Int64(known.call.version))
        }
        events.append(contentsOf: told)
        lastUntold = position
        if memory.courier == nil { try boundUntold() }
    }

    /// Removes what the courier has.
    func forgetCarried() throws {
        guard let carriedTo = memory.carriedTo else { return }
        try db.run("DELETE FROM outbox WHERE seq <= ?", [.integer(carriedTo)])
        memory.untoldCount = nil
        hasForgottenCarried = true
    }

    /// What a new courier gets next. The last slice ends with the last row of this moment: what the batch tells behind it goes the usual
    /// way.
    func nextUntold(after slice: UntoldSlice?) throws -> UntoldSlice {
        let rows = try Row.fetchAll(
            db.prepared(
                """
                SELECT outbox.seq AS position, outbox.version AS told, calls.* FROM outbox LEFT JOIN calls ON calls.seq = outbox.call
                WHERE outbox.seq > ? ORDER BY outbox.seq LIMIT ?
                """, [.integer(slice?.last ?? 0), .integer(Int64(limits.untoldAtOnceMax))]))
        var told: [CallEvent] = []
        for row in rows {
            // A call that was forgotten since is nobody's news.
            guard let _: Int64 = row["seq"] else { continue }
            told += CallEvent.all(of: try KnownCall(row).call.asOf(row["told"]))
        }
        let isLast = rows.count < limits.untoldAtOnceMax
        // Those of this batch so far are among them.
        if isLast { events.removeAll() }
        return UntoldSlice(events: told, last: rows.last?["position"] ?? slice?.last, isLast: isLast)
    }

    /// Gives up the oldest rows when no courier has come for too many.
    private func boundUntold() throws {
        let count: Int
        if let known = memory.untoldCount {
            count = known + 1
        } else {
            count = try Int.fetchOne(db.prepared("SELECT count(*) FROM outbox", [])) ?? 0
        }
        let surplus = count - limits.untoldMax
        if surplus > 0 {
            try db.run("DELETE FROM outbox WHERE seq IN (SELECT seq FROM outbox ORDER BY seq LIMIT ?)", [.integer(Int64(surplus))])
        }
        memory.untoldCount = min(count, limits.untoldMax)
    }
}
