extension Migrations {
    /// Fewer pages for every change of a call: a commit writes each page that it touched, and the disk waits for all of them.
    ///
    /// - Only ended calls are found by their ids and their users here. Live ones are found by what the store knows of them in memory
    ///   (`LiveCalls`), and the one small index of live calls is there for the next start and for the lists of a tenant.
    /// - What is of a tenant is found by `stretches` (`Stretch`) instead of an index over the audit log and one over the calls.
    /// - What is still to be told is what the audit log holds behind `service.told`; the outbox is gone.
    static let sixth = """
        DELETE FROM call_users WHERE (tenant, user, call) IN (SELECT tenant, user, call FROM live_parties);
        DROP TABLE live_parties;
        DROP INDEX calls_by_id;
        CREATE UNIQUE INDEX calls_by_id ON calls (tenant, id) WHERE ended_at IS NOT NULL;
        CREATE INDEX calls_live ON calls (tenant) WHERE ended_at IS NULL;

        CREATE TABLE stretches (
            tenant TEXT NOT NULL,
            stretch INTEGER NOT NULL,
            PRIMARY KEY (tenant, stretch)
        ) STRICT, WITHOUT ROWID;
        INSERT OR IGNORE INTO stretches (tenant, stretch)
            SELECT ifnull(tenant, ''), seq / \(Stretch.places) FROM audit INDEXED BY audit_of_owner;
        INSERT OR IGNORE INTO stretches (tenant, stretch)
            SELECT tenant, seq / \(Stretch.places) FROM calls INDEXED BY calls_of_tenant;
        CREATE INDEX stretches_in_order ON stretches (stretch);
        DROP INDEX audit_of_owner;
        DROP INDEX calls_of_tenant;

        ALTER TABLE service ADD COLUMN told INTEGER NOT NULL DEFAULT 0;
        UPDATE service SET told = ifnull((SELECT min(seq) - 1 FROM outbox), ifnull((SELECT max(seq) FROM audit), 0));
        DROP TABLE outbox;
        """
}
