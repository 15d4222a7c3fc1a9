/// The privileges of one service: a number each, and until when it holds.
///
/// On the wire: u16 count, then u16 number and u32 expiry each, numbers ascending. In 007 the expiry is in seconds from the time of
/// issue, in 006 it is a Unix time; 0 means "never" in both. Numbers that nobody has heard of are kept.
public struct AgoraPrivileges: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    /// One privilege.
    public struct Entry: Sendable, Hashable {
        /// Which privilege, as numbered within its service.
        public let number: UInt16
        /// Until when it holds; 0 is never.
        public let expiry: UInt32
    }

    /// The privileges, numbers ascending, no number twice.
    public private(set) var entries: [Entry] = []

    /// No privilege.
    public init() {}

    /// The privileges listed; of a number that is there twice the last one counts.
    public init(dictionaryLiteral elements: (UInt16, UInt32)...) {
        self.init(elements.map { (number: $0.0, expiry: $0.1) })
    }

    /// The privileges in any order; of a number that is there twice the last one counts.
    public init(_ pairs: [(number: UInt16, expiry: UInt32)]) {
        // Through a table, so that a hostile token with ten thousand privileges costs no more than it should.
        let table = Dictionary(pairs.map { ($0.number, $0.expiry) }, uniquingKeysWith: { $1 })
        entries = table.map { Entry(number: $0.key, expiry: $0.value) }.sorted { $0.number < $1.number }
    }

    /// The expiry of a privilege, nil where it is not granted. Setting a number again replaces its expiry.
    public subscript(number: UInt16) -> UInt32? {
        get { entries.first { $0.number == number }?.expiry }
        set {
            let place = entries.firstIndex { $0.number >= number } ?? entries.endIndex
            if place < entries.endIndex, entries[place].number == number { entries.remove(at: place) }
            if let newValue { entries.insert(Entry(number: number, expiry: newValue), at: place) }
        }
    }
}
