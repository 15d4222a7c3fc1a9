import Storage

/// The audit log in a database file, checked from outside: for the command line, which has no door to the store. A service may go on
/// writing to the file meanwhile.
public enum AuditCheck {
    /// A place in the log and the hash of its row, to be kept somewhere else.
    public struct Head: Sendable, CustomStringConvertible {
        fileprivate let head: AuditHead

        fileprivate init(_ head: AuditHead) {
            self.head = head
        }

        /// Reads what `description` wrote. Nil for anything else.
        public init?(_ text: String) {
            guard let head = AuditHead(text) else { return nil }
            self.head = head
        }

        /// `<seq>:<64 hexadecimal digits>`
        public var description: String { head.description }
    }

    /// What came of it.
    public enum Result: Sendable {
        /// Every row is as it was written, and in its place.
        case whole(Whole)
        case broken(Fault)
    }

    /// A log in which nothing is wrong.
    public struct Whole: Sendable {
        /// How many rows there are.
        public let rows: Int
        /// The end of the log.
        public let head: Head
        /// Whether the head that was kept could be compared: false where its row was removed because it was old.
        public let isKeptHeadInReach: Bool
    }

    /// The first row that is not right.
    public struct Fault: Sendable {
        public let row: Int64
        /// One word for programs: `missing`, `hash_wrong`, `cut_off`, …
        public let code: String
        /// The same for people.
        public let reason: String
    }

    /// Checks the whole log.
    /// - Parameter kept: a head that was noted earlier; the log must still have that very row.
    /// - Throws: `StartError` when the file cannot be read or holds no audit log.
    public static func verify(database path: String, kept: Head? = nil) throws(StartError) -> Result {
        let verdict: AuditVerdict
        do {
            verdict = try AuditTrail.verify(path: path, expecting: kept?.head)
        } catch {
            throw StartError(description: error.description)
        }
        if let fault = verdict.fault {
            return .broken(Fault(row: fault.seq, code: fault.reason.rawValue, reason: fault.description))
        }
        return .whole(
            Whole(
                rows: verdict.rowsChecked, head: Head(verdict.head), isKeptHeadInReach: kept == nil || verdict.isExpectedHeadFound == true))
    }
}
