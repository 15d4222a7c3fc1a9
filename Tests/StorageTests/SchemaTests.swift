import Calls
import GRDB
import Testing
import Vocabulary

@testable import Storage

@Suite struct SchemaTests {
    private let database: TemporaryDatabase

    init() throws {
        database = try TemporaryDatabase()
    }

    @Test func `every table is strict, and every row of a tenant's thing carries the tenant (N15)`() async throws {
        let store = try database.open()
        let tables = try await store.pool.read { db in
            try Row.fetchAll(db, sql: "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table'").map { row in
                (name: row["name"] as String, isStrict: row["strict"] as Bool)
            }
        }.filter { !$0.name.hasPrefix("sqlite_") && $0.name != "grdb_migrations" }

        #expect(tables.count == 11)
        for table in tables {
            #expect(table.isStrict, "\(table.name)")
            if ["service", "tenants", "audit_anchor"].contains(table.name) { continue }
            let isNeeded = try await store.pool.read { db in
                try Bool.fetchOne(db, sql: "SELECT \"notnull\" FROM pragma_table_info(?) WHERE name = 'tenant'", arguments: [table.name])
            }
            // Keys and audit rows of the operator belong to no tenant.
            #expect(isNeeded == !["api_keys", "audit"].contains(table.name), "\(table.name)")
        }
    }

    @Test func `a second live call of a user is refused where it is written, also by a store that was just opened`() async throws {
        func refusal(_ store: SQLiteStore) async -> Refusal? {
            await StoreContract.refusal {
                try await store.changes.change { writing in
                    try writing.insert(KnownCall(seq: 77, call: Sample.ringing(2, "ann", "carl")))
                }
            }
        }
        let store = try database.open()
        try await store.insert(Sample.tenant())
        _ = try await store.placed(Sample.newCall(1))

        // The rules are passed by, and what is left is who writes the row.
        #expect(await refusal(store) == .internal)
        try store.close()
        let opened = try database.open()
        #expect(await refusal(opened) == .internal)
        #expect(try await opened.storedCall(Sample.newCall(2).id) == nil)
    }

    @Test func `a database of the first version is brought up to date with everything that is in it`() async throws {
        let queue = try DatabaseQueue(path: database.path)
        try Migrations.migrator.migrate(queue, upTo: "1 tenants, keys and rooms")
        try await queue.write { db in
            try db.execute(
                sql: """
                    INSERT INTO tenants (
                        id, livekit_server_url, livekit_api_key, livekit_api_secret, default_provider, open_rooms_max, created_at)
                    VALUES ('acme', 'wss://media.example.com', 'APIsample', 'env:LIVEKIT_API_SECRET', 'livekit', 1000, 1800000000);
                    INSERT INTO api_keys (id, tenant, scopes, prefix, digest, created_at)
                    VALUES ('key_0000000000000000000000001', 'acme', 'rooms:read', 'cg_live_abcd', zeroblob(32), 1800000000)
                    """)
        }
        try queue.close()
        let store = try database.open()

        #expect(try await store.tenant(TenantID("acme")) == Sample.tenant())
        #expect(try await store.key(APIKeyID(random: 1))?.scopes == [.roomsRead])
        _ = try await store.placed(Sample.newCall(1))
    }

    @Test(arguments: [
        "SELECT * FROM calls WHERE tenant = 'a' AND id = 'b' AND ended_at IS NOT NULL",
        "SELECT * FROM calls WHERE tenant = 'a' AND alias = 'b'",
        "SELECT * FROM calls INDEXED BY calls_live WHERE tenant = 'a' AND ended_at IS NULL ORDER BY seq",
        "SELECT * FROM calls INDEXED BY calls_live WHERE ended_at IS NULL",
        """
        SELECT * FROM calls WHERE seq IN (SELECT seq FROM calls INDEXED BY calls_live WHERE ended_at IS NULL AND seq > 5)
            ORDER BY seq LIMIT 10
        """,
        """
        SELECT calls.* FROM stretches CROSS JOIN calls ON calls.seq BETWEEN stretches.stretch * 64 AND stretches.stretch * 64 + 63
            WHERE stretches.tenant = 'a' AND stretch >= 0 AND +calls.tenant = 'a' AND seq > 5 AND 1 ORDER BY stretch, seq LIMIT 10
        """,
        """
        SELECT calls.* FROM calls WHERE seq IN (SELECT call FROM call_users WHERE tenant = 'a' AND user = 'b' UNION ALL
            SELECT 7) AND +calls.tenant = 'a' AND seq > 5 AND 1 ORDER BY seq LIMIT 9
        """,
        """
        SELECT calls.* FROM calls INDEXED BY calls_live WHERE calls.tenant = 'a' AND ended_at IS NULL
            AND +calls.tenant = 'a' AND seq > 5 AND ended_at IS NULL AND accepted_at IS NULL ORDER BY seq LIMIT 9
        """,
        """
        SELECT audit.*, before.hash FROM stretches
            CROSS JOIN audit ON audit.seq BETWEEN stretches.stretch * 64 AND stretches.stretch * 64 + 63
            LEFT JOIN audit AS before ON before.seq = audit.seq - 1
            WHERE stretches.tenant = 'a' AND stretch >= 0 AND audit.tenant IS 'a' AND audit.seq > 5 ORDER BY stretch, audit.seq LIMIT 10
        """,
        "DELETE FROM stretches WHERE stretch < 5",
        "SELECT seq, tenant, operation, subject, outcome FROM audit WHERE seq > 5 ORDER BY seq LIMIT 10",
        "SELECT * FROM tenants WHERE user_token_issuer = 'a' AND closed_at IS NULL ORDER BY seq LIMIT 64",
        "SELECT * FROM tenants WHERE closed_at IS NULL ORDER BY seq LIMIT 2",
        """
        SELECT 1 FROM idempotency JOIN calls ON calls.seq = idempotency.call
        WHERE idempotency.tenant = 'a' AND sender = 'b' AND key = 'c'
        """,
        "SELECT seq FROM idempotency WHERE tenant = 'a' AND sender = 'b' AND key = 'c'",
        """
        SELECT seq FROM api_keys WHERE (revoked_at IS NOT NULL OR expires_at IS NOT NULL)
            AND min(ifnull(revoked_at, expires_at), ifnull(expires_at, revoked_at)) < 5 LIMIT 10
        """,
    ]) func `no question reads a whole table or sorts what it read`(sql: String) async throws {
        let store = try database.open()
        let plan = try await store.pool.read { db in
            try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + sql).map { $0["detail"] as String }
        }

        // The index of the open tenants is read from its beginning, two rows of it. That of the live calls is read whole for all of them,
        // and a constant is no table.
        let harmless = ["SCAN tenants USING INDEX tenants_open", "SCAN calls USING INDEX calls_live", "SCAN CONSTANT ROW"]
        let isWhole = { (step: String) in step.hasPrefix("SCAN") && !harmless.contains(step) }
        #expect(!plan.contains { isWhole($0) || $0.contains("TEMP B-TREE") }, "\(plan)")
    }
}

extension Sample {
    /// A call as it is placed.
    static func ringing(_ number: Int, _ caller: String, _ callee: String) throws -> Call {
        let facts = PlacementFacts(sameID: nil, ofCaller: nil, ofCallee: nil, areUsersKnown: true)
        guard case .placed(let call) = CallPlacement.answer(to: try newCall(number, caller, callee), knowing: facts, at: start) else {
            throw StoreError.internal("not placed")
        }
        return call
    }
}
