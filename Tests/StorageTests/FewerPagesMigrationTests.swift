import Calls
import GRDB
import Signing
import Testing
import Vocabulary

@testable import Storage

/// A database from before the sixth step: with an outbox, an index entry for each audit row, and the parties of live calls in `call_users`.
@Suite struct FewerPagesMigrationTests {
    private let database: TemporaryDatabase
    private let stepBefore = "5 remote checks"

    init() throws {
        database = try TemporaryDatabase()
    }

    /// Puts a call and the audit rows of its changes into a database of that time, chained as they have to be. Every other row is the
    /// operator's.
    private func keep(_ call: Call, _ operations: [AuditedOperation], after head: inout AuditHead, in db: Database) throws -> Int64 {
        let first = head.seq + 1
        for operation in operations {
            for entry in [
                AuditEntry(
                    at: Sample.start, tenant: call.tenant, actor: .machine, operation: operation, subject: call.id.text, requestID: nil),
                Sample.audit(.createKey, "between", of: nil),
            ] {
                let salt = [UInt8](repeating: 7, count: 16)
                let hash = Digest.sha256(entry.hashedBytes(seq: head.seq + 1, salt: salt, after: head.hash))
                head = AuditHead(seq: head.seq + 1, hash: hash)
                try db.run(
                    """
                    INSERT INTO audit (seq, salt, at, tenant, actor, operation, subject, outcome, hash)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                    [
                        .integer(head.seq), .blob(salt), .integer(entry.at.seconds), .optional(entry.tenant?.text),
                        .text(entry.actor.text), .text(operation == entry.operation ? operation.rawValue : "key.create"),
                        .text(entry.subject), .text(entry.outcome), .blob(hash),
                    ])
            }
        }
        try db.run(
            """
            INSERT INTO calls (seq, tenant, id, room, provider, media, parties, placed_at, ring_deadline, accepted_at, ended_at,
                end_reason, ended_by, version)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .integer(first), .text(call.tenant.text), .text(call.id.text), .text(call.room.text), .text(call.provider.rawValue),
                .text(call.media.rawValue), .text(PartiesText.text(of: call.parties)), .integer(call.placedAt.seconds),
                .integer(call.ringDeadline.seconds), .optional(call.acceptedAt?.seconds), .optional(call.ending?.at.seconds),
                .optional(call.ending?.reason.rawValue), .optional(call.ending?.by?.text), .integer(Int64(call.version)),
            ])
        for party in call.parties {
            for table in ["call_users"] + (call.isLive ? ["live_parties"] : []) {
                try db.run(
                    "INSERT INTO \(table) (tenant, user, call) VALUES (?, ?, ?)",
                    [.text(call.tenant.text), .text(party.user.text), .integer(first)])
            }
        }
        return first
    }

    @Test func `a database from before is brought up to date with its calls, its lists, its chain and what was not told`() async throws {
        let ended = try Self.moved(Self.moved(Sample.ringing(1, "ann", "bob"), Sample.accept()), Sample.end())
        let live = try Self.moved(Sample.ringing(2, "ann", "carl"), Sample.accept("carl"))
        let queue = try DatabaseQueue(path: database.path)
        try Migrations.migrator.migrate(queue, upTo: stepBefore)
        let head = try await queue.write { db in
            try db.execute(
                sql: """
                    INSERT INTO tenants (id, livekit_server_url, livekit_api_key, livekit_api_secret, default_provider, open_rooms_max,
                        created_at)
                    VALUES ('acme', 'wss://media.example.com', 'APIsample', 'env:LIVEKIT_API_SECRET', 'livekit', 1000, 1800000000);
                    """)
            var head = AuditHead(seq: 0, hash: [UInt8](repeating: 0, count: 32))
            let first = try keep(ended, [.placeCall, .acceptCall, .endCall], after: &head, in: db)
            let second = try keep(live, [.placeCall, .acceptCall], after: &head, in: db)
            // The first two changes had been told.
            for (seq, call, version) in [(first + 4, first, 3), (second, second, 1), (second + 2, second, 2)] {
                try db.execute(
                    sql: "INSERT INTO outbox (seq, tenant, call, version) VALUES (?, 'acme', ?, ?)", arguments: [seq, call, version])
            }
            return head
        }
        try queue.close()
        let store = try database.open()
        let late = Notebook()
        try await store.attach(late)

        #expect(late.events == [ended, live.asOf(1), live].flatMap(CallEvent.all))
        for (state, user, calls) in [
            (nil, nil, [ended, live]), (nil, "ann", [ended, live]), (.ended, "ann", [ended]), (.active, "ann", [live]),
            (nil, "carl", [live]), (.ended, "carl", []),
        ] as [(Call.State?, String?, [Call])] {
            let filter = CallFilter(state: state, user: try user.map { try UserID($0) })
            #expect(try await store.calls(of: TenantID("acme"), filter, page: PageRequest(after: nil, limit: 9)).items == calls)
        }
        for call in [ended, live] { #expect(try await store.call(call.id, of: call.tenant) == call) }
        #expect(try await store.liveCall(of: UserID("carl"), in: live.tenant) == live)
        #expect(store.isFreeAtHand(try UserID("bob"), in: live.tenant))
        #expect(try await store.auditLog().map(\.entry.operation) == [.placeCall, .acceptCall, .endCall, .placeCall, .acceptCall])
        #expect(try await store.auditLog(of: nil).count == 5)
        _ = try await store.moved(live, Sample.end())
        _ = try await store.placed(Sample.newCall(3))
        try store.close()
        let verdict = try AuditTrail.verify(path: database.path, expecting: head)
        #expect(verdict.isIntact && verdict.isExpectedHeadFound == true && verdict.rowsChecked == 12)
    }

    @Test func `the notes where a tenant's rows are go with the rows`() async throws {
        let store = try database.open()
        try await store.insert(Sample.tenant())
        try await store.append(
            try (1...500).map { Sample.audit(.mintRoomToken, "\($0)", of: try TenantID($0 % 2 == 0 ? "acme" : "other")) })
        func stretches() async throws -> [Int64] {
            try await store.pool.read { db in try Int64.fetchAll(db, sql: "SELECT DISTINCT stretch FROM stretches ORDER BY stretch") }
        }

        #expect(try await stretches() == Array(0...7))
        let never = UnixTime(0)
        let retention = Retention(
            idempotencyBefore: never, endedCallsBefore: never, closedRoomsBefore: never, deadKeysBefore: never,
            auditBefore: Sample.start + 1)
        _ = try await store.forget(retention, rowsMax: 200)
        #expect(try await stretches() == Array(3...7))
        while try await store.forget(retention, rowsMax: 200) {}
        #expect(try await stretches() == [7])
    }

    private static func moved(_ call: Call, _ move: CallMove) throws -> Call {
        guard case .moved(let moved) = CallTransition.apply(move, to: call, at: Sample.start) else {
            throw StoreError.internal("not moved")
        }
        return moved
    }
}
