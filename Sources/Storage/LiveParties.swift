import Calls
import GRDB
import Synchronization
import Vocabulary

/// Who is in which live call, and which of those are active: everybody who is, so that "in none", by far the most frequent answer, needs no
/// look into the database.
///
/// It is read when the store opens and changed after each commit, before anybody is answered or told: never older than what the store has
/// acknowledged. This process alone writes to the file. Two entries for each live call are all that it holds.
final class LiveParties: Sendable {
    private struct Contents {
        var calls: [UserKey: CallKey] = [:]
        var active: Set<CallKey> = []
    }

    private let contents = Mutex(Contents())

    /// The live call that this user is in; nil for sure when in none.
    func call(of user: UserKey) -> CallKey? {
        contents.withLock { $0.calls[user] }
    }

    /// How many calls are active.
    var activeCount: Int { contents.withLock { $0.active.count } }

    /// Reads what the file holds.
    func read(_ db: Database) throws {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT live_parties.tenant AS tenant, user, calls.id AS id, accepted_at FROM live_parties
                JOIN calls ON calls.seq = live_parties.call
                """)
        var found = Contents()
        for row in rows {
            let tenant = try TenantID(row["tenant"])
            let call = CallKey(tenant: tenant, id: try CallID(row["id"]))
            found.calls[UserKey(tenant: tenant, id: try UserID(row["user"]))] = call
            if row["accepted_at"] != nil { found.active.insert(call) }
        }
        contents.withLock { [found] in $0 = found }
    }

    /// Keeps what a commit has changed. In one commit a call can have ended and its party be in the next one, so an ended call takes out
    /// only what is still its own.
    func keepWritten(_ changed: some Collection<KnownCall>) {
        guard !changed.isEmpty else { return }
        contents.withLock { contents in
            for known in changed {
                let key = known.call.key
                for party in known.call.parties {
                    let user = UserKey(tenant: key.tenant, id: party.user)
                    if known.call.isLive { contents.calls[user] = key } else if contents.calls[user] == key { contents.calls[user] = nil }
                }
                switch known.call.state {
                case .ringing: break
                case .active: contents.active.insert(key)
                case .ended: contents.active.remove(key)
                }
            }
        }
    }
}
