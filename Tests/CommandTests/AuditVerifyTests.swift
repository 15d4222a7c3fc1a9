import Foundation
import GRDB
import Gateway
import StrictJSON
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct AuditVerifyTests {
    /// Every word that an audit row can have for what was asked.
    private static let operations: Set<String> = [
        "tenant.create", "tenant.change", "tenant.close", "key.create", "key.revoke", "room.create", "room.close", "room.token", "user.put",
        "user.delete", "call.place", "call.accept", "call.reject", "call.cancel", "call.end", "call.token", "call.expire",
    ]
    private let home: Home

    init() throws { home = try Home() }

    private func verify(_ database: String, _ options: [String] = []) async throws -> Finished {
        try await Command.run(["audit", "verify", "--database", database] + options, in: home)
    }

    // MARK: What is said

    @Test func `a whole log is told with its rows and its head, which can be kept`() async throws {
        let log = try await AuditLog.make(in: home)

        let plain = try await verify(log.path)
        #expect(plain.code == 0, "\(plain.stderr)")
        #expect(plain.stderr.isEmpty)
        let head = try #require(plain.results.last?.replacing("head: ", with: ""))
        #expect(head.contains(#/^\d+:[0-9a-f]{64}$/#))
        #expect(plain.results == ["verdict: whole", "rows: \(log.rows.count)", "head: \(head)"])

        let again = try await verify(log.path, ["--head", head, "--json"])
        #expect(again.code == 0)
        #expect(again.stdout == #"{"head":"\#(head)","rows":\#(log.rows.count),"verdict":"whole"}"# + "\n")
    }

    @Test func `a broken log is told by its first bad row`() async throws {
        let log = try await AuditLog.make(in: home)
        let copy = try await log.tampered("UPDATE audit SET outcome = 'done' WHERE outcome = 'call_not_active'")
        let row = try #require(try Self.firstRow(of: log.path, where: "outcome = 'call_not_active'"))

        let plain = try await verify(copy)
        #expect(plain.code == 1)
        #expect(plain.stderr.isEmpty)
        #expect(
            plain.results == ["verdict: broken", "row: \(row)", "code: hash_wrong", "reason: row \(row) is not as it was written"])

        let json = try await verify(copy, ["--json"])
        #expect(json.code == 1)
        #expect(
            json.stdout == #"{"code":"hash_wrong","reason":"row \#(row) is not as it was written","row":\#(row),"verdict":"broken"}"# + "\n"
        )
    }

    @Test func `a log that was cut off is whole in itself, and not against a head that was kept`() async throws {
        let log = try await AuditLog.make(in: home)
        let head = try #require(try await verify(log.path).results.last?.replacing("head: ", with: ""))
        let last = try #require(log.rows.last)
        let cut = try await log.tampered("DELETE FROM audit WHERE seq >= \(last.seq)")

        #expect(try await verify(cut).code == 0)
        let compared = try await verify(cut, ["--head", head])
        #expect(compared.code == 1)
        #expect(compared.results.contains("code: cut_off"))

        let earlier = try #require(try await verify(cut).results.last?.replacing("head: ", with: ""))
        #expect(try await verify(log.path, ["--head", earlier]).code == 0, "the log has gone on since")
        let forged = earlier.prefix { $0 != ":" } + ":" + String(repeating: "0", count: 64)
        let rewritten = try await verify(log.path, ["--head", String(forged)])
        #expect(rewritten.code == 1)
        #expect(rewritten.results.contains("code: rewritten"))
    }

    @Test func `it looks while the service runs, and keeps nobody from writing`() async throws {
        let service = try await Service.start(in: home, environment: ["CALLGATE_OPERATOR_KEY": Canary.operatorKey])
        let path = home.path("callgate.sqlite")
        let first = try await verify(path, ["--json"])
        #expect(first.code == 0)
        let livekit: JSONValue = ["server_url": "wss://livekit.example", "api_key": "APIacme", "api_secret": ["env": "NOT_SET"]]
        _ = try await service.send("POST", "/v1/tenants", ["id": "acme", "providers": ["livekit": livekit]], key: Canary.operatorKey)
        let made = try await service.send("POST", "/v1/keys", ["scopes": ["keys:admin"]], key: Canary.operatorKey)
        #expect(made.status == 201)

        let second = try await verify(path, ["--json"])

        #expect(second.code == 0)
        #expect(second.stdout != first.stdout)
        #expect(await service.stop().code == 0)
    }

    @Test func `what is no database of ours is said in one line`() async throws {
        let missing = try await verify("nowhere.sqlite")
        #expect(missing.code == 1)
        #expect(missing.messages == ["there is no database nowhere.sqlite"])
        #expect(!home.has("nowhere.sqlite"), "a mistyped path does not become a new store")

        try home.write(String(repeating: "This is a letter, not a database. ", count: 200), to: "letter.txt")
        let letter = try await verify("letter.txt")
        #expect(letter.code == 1)
        #expect(letter.messages == ["the audit log in letter.txt cannot be read: file is not a database"])

        let other = try DatabaseQueue(path: home.path("other.sqlite"))
        try await other.write { db in try db.execute(sql: "CREATE TABLE shopping (what TEXT)") }
        try other.close()
        let shopping = try await verify("other.sqlite")
        #expect(shopping.code == 1)
        #expect(shopping.messages.count == 1 && shopping.stdout.isEmpty)
    }

    @Test func `the database is the one of the settings, where none is named`() async throws {
        try home.write("database: {file: elsewhere.sqlite}\n", to: "settings.yaml", rights: 0o644)
        let end = try await Command.run(["audit", "verify", "--config", "settings.yaml"], in: home)
        #expect(end.code == 1)
        #expect(end.messages == ["there is no database elsewhere.sqlite"])
    }

    // MARK: What is found

    @Test func `a row of any kind that was removed, moved, or is followed by nothing`() async throws {
        let log = try await AuditLog.make(in: home)
        #expect(Set(log.rows.map(\.operation)) == Self.operations)
        let head = try Self.head(of: log.path)
        let last = try #require(log.rows.last?.seq)
        for row in log.kinds {
            let seq = row.seq
            let removed = try await log.tampered("DELETE FROM audit WHERE seq = \(seq)")
            try Self.expect(removed, kept: head, seq == last ? "cut_off" : "missing", seq, row)
            let cut = try await log.tampered("DELETE FROM audit WHERE seq >= \(seq)")
            try Self.expect(cut, kept: head, "cut_off", seq, row)
            guard seq < last else { continue }
            let swapped = try await log.tampered(
                """
                UPDATE audit SET seq = -1 WHERE seq = \(seq);
                UPDATE audit SET seq = \(seq) WHERE seq = \(seq + 1);
                UPDATE audit SET seq = \(seq + 1) WHERE seq = -1;
                """)
            try Self.expect(swapped, kept: nil, "hash_wrong", seq, row)
            let closed = try await log.tampered(
                """
                DELETE FROM audit WHERE seq = \(seq);
                UPDATE audit SET seq = -seq WHERE seq > \(seq);
                UPDATE audit SET seq = -seq - 1 WHERE seq < 0;
                """)
            try Self.expect(closed, kept: nil, "hash_wrong", seq, row)
        }
    }

    @Test func `a row of any kind in which anything was changed`() async throws {
        let log = try await AuditLog.make(in: home)
        var edits = [
            "tenant = 'globex'", "actor = 'user:eve'", "actor = 'nobody'", "operation = 'call.forged'", "subject = ''",
            "hash = zeroblob(0)",
            "operation = CASE operation WHEN 'call.end' THEN 'call.place' ELSE 'call.end' END", "outcome = 'repeated'",
            "token_identity = '*'", "token_room = '*'", "token_provider = 'zoom'", "token_role = 'listener'",
        ]
        for column in log.columns {
            let other = column.other
            edits.append("\(column.name) = \(other)")
            if column.mayBeNull { edits.append("\(column.name) = CASE WHEN \(column.name) IS NULL THEN \(other) END") }
        }
        for row in log.kinds {
            for edit in edits {
                let copy = try await log.tampered("UPDATE audit SET \(edit) WHERE seq = \(row.seq)")
                switch try AuditCheck.verify(database: copy) {
                case .whole: Issue.record("\(edit) of \(row) was not seen")
                case .broken(let fault): #expect(fault.row == row.seq, "\(edit) of \(row): \(fault)")
                }
                try FileManager.default.removeItem(atPath: copy)
            }
        }
    }

    @Test func `a front that was cut off without an anchor, or with another one`() async throws {
        let log = try await AuditLog.make(in: home)
        let front = try await log.tampered("DELETE FROM audit WHERE seq <= 3")
        try Self.expect(front, kept: nil, "missing", 1, log.rows[0])
        let moved = try await log.tampered("DELETE FROM audit WHERE seq <= 3; UPDATE audit_anchor SET seq = 3")
        try Self.expect(moved, kept: nil, "hash_wrong", 4, log.rows[3])
        let gone = try await log.tampered("DELETE FROM audit_anchor")
        try Self.expect(gone, kept: nil, "anchor_missing", 0, log.rows[0])
    }

    // MARK: Helpers

    private static func head(of path: String) throws -> AuditCheck.Head {
        switch try AuditCheck.verify(database: path) {
        case .whole(let whole): return whole.head
        case .broken(let fault): throw Unexpected(description: fault.reason)
        }
    }

    private static func firstRow(of path: String, where condition: String) throws -> Int64? {
        let queue = try DatabaseQueue(path: path)
        let row = try queue.read { db in try Int64.fetchOne(db, sql: "SELECT min(seq) FROM audit WHERE \(condition)") }
        try queue.close()
        return row
    }

    private static func expect(
        _ copy: String, kept: AuditCheck.Head?, _ code: String, _ seq: Int64, _ row: AuditLog.Row,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        switch try AuditCheck.verify(database: copy, kept: kept) {
        case .whole: Issue.record("not seen: \(code) at \(row)", sourceLocation: sourceLocation)
        case .broken(let fault): #expect(fault.row == seq && fault.code == code, "\(row): \(fault)", sourceLocation: sourceLocation)
        }
        try FileManager.default.removeItem(atPath: copy)
    }
}
