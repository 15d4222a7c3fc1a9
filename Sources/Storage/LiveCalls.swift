import Calls
import GRDB
import Synchronization
import Vocabulary

/// Which calls live, where each stands, who is in it, and which are active: all of them, always. So "in none", by far the most frequent
/// answer, needs no look into the database, and the database needs no index that would have to be written with every call that is placed.
///
/// It is read when the store opens and changed after each commit, before anybody is answered or told: never older than what the store has
/// acknowledged. This process alone writes to the file. Three entries for each live call are all that it holds.
final class LiveCalls: Sendable {
    private struct Place {
        let seq: Int64
        let isActive: Bool
    }

    private struct Contents {
        var ofUsers: [UserKey: CallKey] = [:]
        var places: [CallKey: Place] = [:]
        var activeCount = 0

        /// In one commit a call can have ended and its party be in the next one, so an ended call takes out only what is still its own.
        mutating func keep(_ known: KnownCall) {
            let key = known.call.key
            let isLive = known.call.isLive
            for party in known.call.parties {
                let user = UserKey(tenant: key.tenant, id: party.user)
                if isLive { ofUsers[user] = key } else if ofUsers[user] == key { ofUsers[user] = nil }
            }
            let place = isLive ? Place(seq: known.seq, isActive: known.call.state == .active) : nil
            let before = places[key]
            places[key] = place
            activeCount += (place?.isActive == true ? 1 : 0) - (before?.isActive == true ? 1 : 0)
        }
    }

    private let contents = Mutex(Contents())

    /// The live call that this user is in; nil for sure when in none.
    func call(of user: UserKey) -> CallKey? {
        contents.withLock { $0.ofUsers[user] }
    }

    /// The position of a live call; nil for sure when there is no live call with this as its own id.
    func seq(of call: CallKey) -> Int64? {
        contents.withLock { $0.places[call]?.seq }
    }

    /// The position of the live call that this user is in.
    func seq(ofCallOf user: UserKey) -> Int64? {
        contents.withLock { contents in contents.ofUsers[user].flatMap { contents.places[$0]?.seq } }
    }

    /// How many calls are active.
    var activeCount: Int { contents.withLock { $0.activeCount } }

    /// Reads what the file holds.
    func read(_ db: Database) throws {
        let calls = try Row.fetchAll(db, sql: "SELECT * FROM calls INDEXED BY calls_live WHERE ended_at IS NULL").map { try KnownCall($0) }
        contents.withLock { contents in
            contents = Contents()
            for known in calls { contents.keep(known) }
        }
    }

    /// Keeps what a commit has changed.
    func keepWritten(_ changed: some Collection<KnownCall>) {
        guard !changed.isEmpty else { return }
        contents.withLock { contents in
            for known in changed { contents.keep(known) }
        }
    }
}
