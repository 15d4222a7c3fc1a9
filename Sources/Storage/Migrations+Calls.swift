extension Migrations {
    /// Calls, users, user tokens, the audit log.
    ///
    /// - The `seq` of a call, of an outbox row and of an idempotency row is the place in the audit log of the row about the same change.
    ///   Places there are never given twice, so no table needs a counter of its own.
    /// - Rows of these tables are written thousands of times a second: there is no index, no foreign key and no check that nothing needs.
    ///   Deadlines are watched in memory, and what is old stands in front.
    /// - `parties` holds one line per party, the caller first: `side user device joined_at`, `-` for nothing (`PartiesText`). So a call is
    ///   one row.
    static let second = """
        ALTER TABLE tenants ADD COLUMN user_token_algorithm TEXT;
        ALTER TABLE tenants ADD COLUMN user_token_secret TEXT;
        ALTER TABLE tenants ADD COLUMN user_token_key_set TEXT;
        ALTER TABLE tenants ADD COLUMN user_token_issuer TEXT;
        ALTER TABLE tenants ADD COLUMN user_token_audience TEXT;
        ALTER TABLE tenants ADD COLUMN user_token_claim_user TEXT;
        ALTER TABLE tenants ADD COLUMN user_token_claim_tenant TEXT;
        ALTER TABLE tenants ADD COLUMN user_token_claim_name TEXT;
        ALTER TABLE tenants ADD COLUMN user_token_claim_roles TEXT;
        ALTER TABLE tenants ADD COLUMN user_token_lifetime_max INTEGER;
        ALTER TABLE tenants ADD COLUMN unknown_users TEXT NOT NULL DEFAULT 'allowed';
        ALTER TABLE tenants ADD COLUMN users_count INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX tenants_of_issuer ON tenants (user_token_issuer) WHERE user_token_issuer IS NOT NULL AND closed_at IS NULL;
        CREATE INDEX api_keys_dead ON api_keys (min(ifnull(revoked_at, expires_at), ifnull(expires_at, revoked_at)))
            WHERE revoked_at IS NOT NULL OR expires_at IS NOT NULL;

        CREATE TABLE users (
            tenant TEXT NOT NULL,
            id TEXT NOT NULL,
            display_name TEXT,
            roles TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            PRIMARY KEY (tenant, id)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE calls (
            seq INTEGER PRIMARY KEY,
            tenant TEXT NOT NULL,
            id TEXT NOT NULL,
            alias TEXT,
            room TEXT NOT NULL,
            provider TEXT NOT NULL,
            media TEXT NOT NULL,
            metadata TEXT,
            parties TEXT NOT NULL,
            placed_at INTEGER NOT NULL,
            ring_deadline INTEGER NOT NULL,
            accepted_at INTEGER,
            ended_at INTEGER,
            end_reason TEXT,
            ended_by TEXT,
            end_note TEXT,
            end_device TEXT,
            version INTEGER NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX calls_by_id ON calls (tenant, id);
        CREATE UNIQUE INDEX calls_by_alias ON calls (tenant, alias) WHERE alias IS NOT NULL;
        CREATE INDEX calls_of_tenant ON calls (tenant);

        CREATE TABLE call_users (
            tenant TEXT NOT NULL,
            user TEXT NOT NULL,
            call INTEGER NOT NULL,
            PRIMARY KEY (tenant, user, call)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE live_parties (
            tenant TEXT NOT NULL,
            user TEXT NOT NULL,
            call INTEGER NOT NULL,
            PRIMARY KEY (tenant, user)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE idempotency (
            seq INTEGER PRIMARY KEY,
            tenant TEXT NOT NULL,
            sender TEXT NOT NULL,
            key TEXT NOT NULL,
            fingerprint BLOB NOT NULL,
            call INTEGER NOT NULL,
            version INTEGER NOT NULL,
            at INTEGER NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX idempotency_by_key ON idempotency (tenant, sender, key);

        CREATE TABLE outbox (
            seq INTEGER PRIMARY KEY,
            tenant TEXT NOT NULL,
            call INTEGER NOT NULL,
            version INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE audit (
            seq INTEGER PRIMARY KEY,
            salt BLOB NOT NULL,
            at INTEGER NOT NULL,
            tenant TEXT,
            actor TEXT NOT NULL,
            operation TEXT NOT NULL,
            subject TEXT NOT NULL,
            outcome TEXT NOT NULL,
            request_id TEXT,
            token_id TEXT,
            token_sha256 BLOB,
            token_identity TEXT,
            token_room TEXT,
            token_role TEXT,
            token_provider TEXT,
            token_expires_at INTEGER,
            hash BLOB NOT NULL
        ) STRICT;
        CREATE INDEX audit_of_owner ON audit (tenant);

        CREATE TABLE audit_anchor (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            seq INTEGER NOT NULL,
            hash BLOB NOT NULL CHECK (length(hash) = 32)
        ) STRICT;
        INSERT INTO audit_anchor (id, seq, hash) VALUES (1, 0, zeroblob(32));
        """
}
