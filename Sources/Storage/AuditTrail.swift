// The audit log, checked from outside: is every row as it was written, and is none missing?
//
// Each row's hash is made over the hash before it and over everything the row says (`AuditEntry+Canonical.swift`), so whoever edits,
// removes or moves a row would have to make all later hashes again. Who can write to the file can do that; and can cut off the end. Neither
// can be seen in the file alone: it shows against a head that somebody kept elsewhere (`expecting:`).
//
// The file is read in slices, each a transaction of its own: a reader that stayed in one would keep the service from ever cleaning its
// write-ahead log. So rows may come behind us while we read, and old ones may go; both are told from tampering by the anchor.

import Calls
import Foundation
import GRDB
import Signing

/// What came of checking an audit log.
public struct AuditVerdict: Sendable, Equatable {
    /// How many rows were found good, from the oldest on.
    public let rowsChecked: Int
    /// The last good row. What lies before the oldest one, where none was good.
    public let head: AuditHead
    /// The first bad row; nil when all are good.
    public let fault: AuditFault?
    /// Whether the expected head was found in the log: nil when none was expected, or when retention has removed that place.
    public let isExpectedHeadFound: Bool?

    /// Whether there is nothing to complain of.
    public var isIntact: Bool { fault == nil }
}

/// The first row of an audit log that is not right.
public struct AuditFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong with it.
    public enum Reason: String, CaseIterable, Sendable {
        /// The row is not there, although later ones are.
        case missing
        /// The row does not say what its hash was made over, or its hash or the one before it was changed.
        case hashWrong = "hash_wrong"
        /// The row holds something that the service never wrote.
        case unreadable
        /// What the log begins after is not told any more.
        case anchorMissing = "anchor_missing"
        /// The log ends before the head that was kept.
        case cutOff = "cut_off"
        /// The log has another row in the place of the head that was kept: it was written anew.
        case rewritten
    }

    public let seq: Int64
    public let reason: Reason

    public init(seq: Int64, reason: Reason) {
        self.seq = seq
        self.reason = reason
    }

    public var description: String {
        switch reason {
        case .missing: "row \(seq) is missing"
        case .hashWrong: "row \(seq) is not as it was written"
        case .unreadable: "row \(seq) cannot be read"
        case .anchorMissing: "what comes before the first row is missing"
        case .cutOff: "row \(seq) was cut off"
        case .rewritten: "row \(seq) is not the one that was kept"
        }
    }
}

/// Checks the audit log in a database file, also while a service is writing to it.
public enum AuditTrail {
    /// How many rows are read at once.
    private static let sliceRows = 5000

    /// Checks the whole log, from the oldest row that is kept to the newest.
    ///
    /// - Parameter expected: a head that was noted earlier: the log has to have that very row still.
    /// - Throws: `StoreOpeningError` when the file cannot be read or holds no audit log.
    public static func verify(path: String, expecting expected: AuditHead? = nil) throws(StoreOpeningError) -> AuditVerdict {
        do {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(5)
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            var walk = AuditWalk(expected: expected)
            while try queue.read({ db in try walk.goOn(in: db, rowsMax: sliceRows) }) {}
            try queue.close()
            return walk.verdict
        } catch let error as DatabaseError {
            throw StoreOpeningError(
                description: "the audit log in \(path) cannot be read: \(error.message ?? error.resultCode.description)")
        } catch {
            throw StoreOpeningError(description: "the audit log in \(path) cannot be read: \(error)")
        }
    }
}

/// The way along the log, row by row.
private struct AuditWalk {
    let expected: AuditHead?
    /// The last good row; nil before the first look.
    private var head: AuditHead?
    private var rowsChecked = 0
    private var fault: AuditFault?
    private var isExpectedHeadFound: Bool?

    init(expected: AuditHead?) {
        self.expected = expected
    }

    var verdict: AuditVerdict {
        AuditVerdict(
            rowsChecked: rowsChecked, head: head ?? AuditHead(seq: 0, hash: [UInt8](repeating: 0, count: 32)), fault: fault,
            isExpectedHeadFound: isExpectedHeadFound)
    }

    /// Checks the next rows. False when there is nothing more to check.
    mutating func goOn(in db: Database, rowsMax: Int) throws -> Bool {
        guard let anchor = try db.auditAnchor() else {
            fault = AuditFault(seq: 0, reason: .anchorMissing)
            return false
        }
        // Retention may have overtaken us since the last slice; then its anchor is where the log begins now.
        if head == nil || anchor.seq > head?.seq ?? 0 { reach(anchor) }
        let rows = try Row.fetchCursor(
            db, sql: "SELECT * FROM audit WHERE seq > ? ORDER BY seq LIMIT ?", arguments: [head?.seq ?? 0, rowsMax])
        var count = 0
        while fault == nil, let row = try rows.next() {
            check(row)
            count += 1
        }
        guard fault == nil, count < rowsMax else { return fault == nil }
        if let expected, let head, expected.seq > head.seq { fault = AuditFault(seq: head.seq + 1, reason: .cutOff) }
        return false
    }

    private mutating func check(_ row: Row) {
        guard let before = head else { return }
        let next: AuditHead
        let entry: AuditEntry
        let salt: Data
        do {
            next = try AuditHead(row: row)
            guard next.seq == before.seq + 1 else {
                fault = AuditFault(seq: before.seq + 1, reason: .missing)
                return
            }
            entry = try AuditEntry(row: row)
            salt = try row.decode(forColumn: "salt")
        } catch {
            fault = AuditFault(seq: before.seq + 1, reason: .unreadable)
            return
        }
        guard Digest.sha256(entry.hashedBytes(seq: next.seq, salt: [UInt8](salt), after: before.hash)) == next.hash else {
            fault = AuditFault(seq: next.seq, reason: .hashWrong)
            return
        }
        rowsChecked += 1
        reach(next)
    }

    private mutating func reach(_ place: AuditHead) {
        head = place
        guard let expected, expected.seq == place.seq else { return }
        isExpectedHeadFound = expected.hash == place.hash
        if isExpectedHeadFound == false { fault = AuditFault(seq: place.seq, reason: .rewritten) }
    }
}
