import Calls
import Foundation
import GRDB
import Testing
import Vocabulary

@testable import Storage

/// O14: whatever somebody does to a row of the audit log, the check names the first bad one.
@Suite struct AuditTrailTests {
    private let database: TemporaryDatabase

    init() throws {
        database = try TemporaryDatabase()
    }

    /// A closed database with an audit log of twenty rows, and the end of it.
    private func log() async throws -> AuditHead {
        let store = try database.open()
        try await store.insert(Sample.tenant())
        for number in 1...6 {
            let call = try await store.accepted(Sample.newCall(number))
            _ = try await store.recordMints([Sample.mint(call, "ann", number: number)], whileActive: call.key)
            _ = try await store.moved(call, Sample.end())
        }
        try store.close()
        return try verdict().head
    }

    private func verdict(expecting head: AuditHead? = nil) throws -> AuditVerdict {
        try AuditTrail.verify(path: database.path, expecting: head)
    }

    private func change(_ sql: String) throws {
        try SQLiteStoreOpeningTests.change(database.path) { db in try db.execute(sql: sql) }
    }

    @Test func `a log that nobody touched is whole, and says how far it goes`() async throws {
        let head = try await log()

        let verdict = try verdict(expecting: head)
        #expect(verdict == AuditVerdict.whole(rows: 25, head))
        #expect(head.seq == 25)
        #expect(AuditHead("\(head)") == head)
    }

    @Test func `a log without rows is whole`() throws {
        try database.open().close()

        let verdict = try verdict()
        #expect(verdict.isIntact && verdict.rowsChecked == 0)
        #expect(verdict.head == AuditHead(seq: 0, hash: [UInt8](repeating: 0, count: 32)))
    }

    @Test(arguments: [
        "at = at + 1", "tenant = 'acne'", "tenant = NULL", "actor = 'machine'", "operation = 'call.end'", "subject = subject || 'x'",
        "outcome = 'user_busy'", "salt = zeroblob(16)", "salt = zeroblob(0)", "request_id = ''", "request_id = 'x'", "hash = zeroblob(32)",
        "hash = zeroblob(0)",
    ]) func `an edited row is named`(change: String) async throws {
        _ = try await log()
        try self.change("UPDATE audit SET \(change) WHERE seq = 2")

        let verdict = try verdict()
        #expect(verdict.fault == AuditFault(seq: 2, reason: .hashWrong))
        #expect(verdict.rowsChecked == 1 && verdict.head.seq == 1)
    }

    @Test(arguments: [
        "token_id = 'x'", "token_sha256 = zeroblob(32)", "token_identity = 'eve'", "token_role = 'host'", "token_provider = 'agora'",
        "token_expires_at = 0", "token_room = 'acme-call-0000000000000000000000000'",
    ]) func `an edited token is named`(change: String) async throws {
        _ = try await log()
        try self.change("UPDATE audit SET \(change) WHERE seq = 4")

        #expect(try verdict().fault == AuditFault(seq: 4, reason: .hashWrong))
    }

    @Test(arguments: [
        "operation = 'x'", "actor = 'x'", "actor = 'user:*'", "tenant = ''", "token_id = NULL", "token_room = NULL", "token_room = 'x'",
    ]) func `a row that the service never wrote is named`(change: String) async throws {
        _ = try await log()
        try self.change("UPDATE audit SET \(change) WHERE seq = 4")

        #expect(try verdict().fault == AuditFault(seq: 4, reason: .unreadable))
    }

    @Test(arguments: 1...24) func `O14 a row that was taken out is named`(seq: Int64) async throws {
        _ = try await log()
        try change("DELETE FROM audit WHERE seq = \(seq)")

        #expect(try verdict().fault == AuditFault(seq: seq, reason: .missing))
    }

    @Test func `O14 two rows that changed places are named`() async throws {
        _ = try await log()
        try change(
            "UPDATE audit SET seq = -1 WHERE seq = 7; UPDATE audit SET seq = 7 WHERE seq = 8; UPDATE audit SET seq = 8 WHERE seq = -1")

        #expect(try verdict().fault == AuditFault(seq: 7, reason: .hashWrong))
    }

    @Test func `a row that was put in is named`() async throws {
        _ = try await log()
        try change("UPDATE audit SET seq = -seq WHERE seq > 7; UPDATE audit SET seq = 1 - seq WHERE seq < 0")
        try change(
            "CREATE TEMP TABLE copy AS SELECT * FROM audit WHERE seq = 7; UPDATE copy SET seq = 8; INSERT INTO audit SELECT * FROM copy")

        #expect(try verdict().fault == AuditFault(seq: 8, reason: .hashWrong))
    }

    @Test func `rows that were taken out one after the other, with their numbers mended, are named`() async throws {
        _ = try await log()
        try change(
            "DELETE FROM audit WHERE seq = 7; UPDATE audit SET seq = -seq WHERE seq > 7; UPDATE audit SET seq = -seq - 1 WHERE seq < 0")

        #expect(try verdict().fault == AuditFault(seq: 7, reason: .hashWrong))
    }

    @Test func `O14 a log whose end was cut off is whole in itself, and found out by the head that was kept`() async throws {
        let head = try await log()
        try change("DELETE FROM audit WHERE seq > 20")

        let alone = try verdict()
        #expect(alone.isIntact && alone.head.seq == 20)
        let checked = try verdict(expecting: head)
        #expect(checked.fault == AuditFault(seq: 21, reason: .cutOff))
        #expect(checked.isExpectedHeadFound == nil)
    }

    @Test func `a log that was written anew is found out by the head that was kept`() async throws {
        let head = try await log()
        let other = try TemporaryDatabase()
        let store = try other.open()
        for number in 1...40 { try await store.append([Sample.audit(.createKey, "\(number)", of: nil)]) }
        try store.close()

        let verdict = try AuditTrail.verify(path: other.path, expecting: head)
        #expect(verdict.fault == AuditFault(seq: head.seq, reason: .rewritten))
        #expect(verdict.isExpectedHeadFound == false)
    }

    @Test func `a log that grew since is whole and has the head that was kept`() async throws {
        let head = try await log()
        let store = try database.open()
        try await store.append([Sample.audit(.createKey, "x", of: nil)])
        try store.close()

        let verdict = try verdict(expecting: head)
        #expect(verdict.isIntact && verdict.isExpectedHeadFound == true && verdict.head.seq == head.seq + 1)
    }

    @Test func `what retention took is not missed, and a head from there cannot be looked up any more`() async throws {
        let head = try await log()
        let store = try database.open()
        for second in 1...10 { try await store.append([Sample.audit(.createKey, "x", of: nil, at: Sample.start + 60 + second)]) }
        try await forgetAudit(store, before: Sample.start + 65, rowsMax: 7)
        try store.close()

        let kept = try verdict(expecting: head)
        #expect(kept.isIntact && kept.rowsChecked == 6 && kept.isExpectedHeadFound == nil)
        let anchor = try SQLiteStoreOpeningTests.change(database.path) { db in
            try Row.fetchOne(db, sql: "SELECT seq, hash FROM audit_anchor").map {
                AuditHead(seq: $0["seq"], hash: [UInt8]($0["hash"] as Data))
            }
        }
        #expect(try verdict(expecting: anchor).isExpectedHeadFound == true)
        try change("DELETE FROM audit WHERE seq = \(try #require(anchor).seq + 1)")
        #expect(try verdict().fault == AuditFault(seq: try #require(anchor).seq + 1, reason: .missing))
        try change("DELETE FROM audit_anchor")
        #expect(try verdict().fault?.reason == .anchorMissing)
    }

    @Test func `a log can be checked while the service writes to it and forgets its front`() async throws {
        let store = try database.open()
        let path = database.path
        try await withThrowingTaskGroup { group in
            group.addTask {
                for number in 1...300 {
                    try await store.append([Sample.audit(.createKey, "\(number)", of: nil, at: Sample.start + number)])
                    if number % 10 == 0 { try await forgetAudit(store, before: Sample.start + (number - 50), rowsMax: 100) }
                }
            }
            group.addTask {
                for _ in 1...30 {
                    let fault = try AuditTrail.verify(path: path).fault
                    #expect(fault == nil)
                }
            }
            try await group.waitForAll()
        }
        #expect(try verdict().rowsChecked == 51)
    }

    @Test func `a service whose log was cut off goes on, and the gap stays to be seen`() async throws {
        _ = try await log()
        try change("DELETE FROM audit WHERE seq > 5")
        let store = try database.open()
        _ = try await store.placed(Sample.newCall(50))
        _ = try await store.placed(Sample.newCall(51, "carl", "dora"))
        try store.close()

        #expect(try verdict().fault == AuditFault(seq: 6, reason: .missing))
    }

    @Test func `a file that is not there or no database is refused with one line`() async throws {
        #expect(throws: StoreOpeningError.self) { try AuditTrail.verify(path: database.path(of: "missing.sqlite")) }
        try Data("no database".utf8).write(to: URL(filePath: database.path(of: "text")))
        #expect(throws: StoreOpeningError.self) { try AuditTrail.verify(path: database.path(of: "text")) }
    }

    @Test(arguments: ["", "1", "1:", "1:zz", "-1:\(String(repeating: "0", count: 64))", "1:\(String(repeating: "A", count: 64))"])
    func `a head that is not written as we write it is none`(text: String) {
        #expect(AuditHead(text) == nil)
    }

    private func forgetAudit(_ store: SQLiteStore, before: UnixTime, rowsMax: Int) async throws {
        let never = UnixTime(0)
        let retention = Retention(
            idempotencyBefore: never, endedCallsBefore: never, closedRoomsBefore: never, deadKeysBefore: never, auditBefore: before)
        while try await store.forget(retention, rowsMax: rowsMax) {}
    }
}

extension AuditVerdict {
    /// What a log without fault is judged as.
    static func whole(rows: Int, _ head: AuditHead, isExpectedHeadFound: Bool? = true) -> AuditVerdict {
        AuditVerdict(rowsChecked: rows, head: head, fault: nil, isExpectedHeadFound: isExpectedHeadFound)
    }
}
