import GRDB

/// The schema, as the steps that make it. A step that was released is never changed; the next one is added below it.
///
/// Every row of a tenant's thing carries the tenant. Times are Unix seconds.
enum Migrations {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        for (name, sql) in steps {
            migrator.registerMigration(name) { db in try db.execute(sql: sql) }
        }
        return migrator
    }

    private static let steps = [
        ("1 tenants, keys and rooms", first), ("2 calls, users and the audit log", second), ("3 topic rules", third),
        ("4 previous secrets", fourth), ("5 remote checks", fifth), ("6 fewer pages for a change of a call", sixth),
    ]

    private static let first = """
        CREATE TABLE service (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            cursor_secret BLOB NOT NULL CHECK (length(cursor_secret) = 32),
            probed INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        INSERT INTO service (id, cursor_secret) VALUES (1, randomblob(32));

        CREATE TABLE tenants (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            display_name TEXT,
            livekit_server_url TEXT,
            livekit_api_key TEXT,
            livekit_api_secret TEXT,
            agora_app_id TEXT,
            agora_app_certificate TEXT,
            agora_identity TEXT,
            agora_token_version TEXT,
            default_provider TEXT NOT NULL,
            open_rooms_max INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            closed_at INTEGER
        ) STRICT;

        CREATE TABLE api_keys (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            tenant TEXT REFERENCES tenants (id),
            scopes TEXT NOT NULL,
            label TEXT,
            prefix TEXT NOT NULL,
            digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
            created_at INTEGER NOT NULL,
            expires_at INTEGER,
            revoked_at INTEGER
        ) STRICT;
        CREATE INDEX api_keys_of_tenant ON api_keys (tenant, seq);

        CREATE TABLE rooms (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            tenant TEXT NOT NULL REFERENCES tenants (id),
            name TEXT NOT NULL UNIQUE,
            provider TEXT NOT NULL,
            max_participants INTEGER,
            metadata TEXT,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            closed_at INTEGER
        ) STRICT;
        CREATE INDEX rooms_of_tenant ON rooms (tenant, seq);
        CREATE INDEX rooms_open ON rooms (tenant, expires_at) WHERE closed_at IS NULL;
        """

    /// What users may hear over their sockets.
    private static let third = """
        ALTER TABLE tenants ADD COLUMN topics TEXT NOT NULL DEFAULT '';
        ALTER TABLE tenants ADD COLUMN user_room_roles TEXT NOT NULL DEFAULT '';
        """

    /// The secrets that a tenant had before those that it has.
    private static let fourth = """
        ALTER TABLE tenants ADD COLUMN livekit_previous_api_secret TEXT;
        ALTER TABLE tenants ADD COLUMN agora_previous_app_certificate TEXT;
        ALTER TABLE tenants ADD COLUMN user_token_previous_secret TEXT;
        """

    /// Apps that are asked whose a credential is.
    private static let fifth = """
        ALTER TABLE tenants ADD COLUMN remote_check_url TEXT;
        ALTER TABLE tenants ADD COLUMN remote_check_secret TEXT;
        ALTER TABLE tenants ADD COLUMN remote_check_field_user TEXT;
        ALTER TABLE tenants ADD COLUMN remote_check_field_name TEXT;
        ALTER TABLE tenants ADD COLUMN remote_check_field_roles TEXT;
        ALTER TABLE tenants ADD COLUMN remote_check_recheck_seconds INTEGER;
        CREATE INDEX tenants_open ON tenants (seq) WHERE closed_at IS NULL;
        """
}
