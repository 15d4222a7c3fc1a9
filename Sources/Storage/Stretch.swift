import Calls
import GRDB
import Vocabulary

// Which stretches of the audit log hold something of a tenant.
//
// Whoever asks for the rows or the calls of one tenant must not pass over everybody else's. An index entry for each row would do, but it
// is one more page that every commit has to write. So the log is cut into stretches of a few places each, and the first row of a tenant in
// a stretch notes that it is there: a busy tenant's next rows need no note, and whoever asks passes over the rows of a stretch at most to
// find one. A call stands at the place of the row that tells of its placing, so the same notes lead to it.

/// A piece of the audit log, by its number.
enum Stretch {
    /// How many places each has. The schema was made with it.
    static let places: Int64 = 64

    /// The condition that a place is in the stretch of the row of `stretches` beside it.
    static func holds(_ place: String) -> String {
        "\(place) BETWEEN stretches.stretch * \(places) AND stretches.stretch * \(places) + \(places - 1)"
    }

    /// Under which name an owner's stretches are noted; no tenant's is empty.
    static func name(of owner: TenantID?) -> String { owner?.text ?? "" }
}

/// Those who were noted in the newest stretch.
struct NewestStretch: Sendable {
    private var number: Int64 = -1
    private var owners: Set<TenantID?> = []

    /// Whether the owner of a row is the first of its rows in the stretch, as far as is known.
    mutating func isFirst(_ owner: TenantID?, in stretch: Int64) -> Bool {
        if number != stretch { self = NewestStretch(number: stretch) }
        return owners.insert(owner).inserted
    }

    init(number: Int64 = -1) {
        self.number = number
    }
}

extension Writing {
    /// Notes where a row of the audit log is to be found, if nothing did yet.
    func note(_ owner: TenantID?, at place: Int64) throws {
        let stretch = place / Stretch.places
        guard memory.newestStretch.isFirst(owner, in: stretch) else { return }
        try run(.insertStretch) { row in
            row.add(Stretch.name(of: owner))
            row.add(stretch)
        }
    }
}
