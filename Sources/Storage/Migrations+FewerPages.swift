extension Migrations {
    /// Fewer pages for every change of a call: a commit writes each page that it touched, and the disk waits for all of them.
    ///
    /// - Who is in a call is kept in `live_parties` while it lives, and in `call_users` from its end on.
    /// - What is of a tenant is found by `stretches` (`Stretch`) instead of an index over the audit log and one over the calls.
    /// - What is still to be told is what the audit log holds behind `service.told`; the outbox is gone.
    static let sixth = """
        DELETE FROM call_users WHERE (tenant, user, call) IN (SELECT tenant, user, call FROM live_parties);

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
