public import Calls
import GRDB
public import Vocabulary

extension SQLiteStore {
    public func put(_ user: User, usersMax: Int, _ audit: AuditEntry) async throws(StoreError) -> Bool {
        let (_, isNew) = try await changes.change { writing in
            try writing.requireOpenTenant(user.tenant)
            let known = try Self.fetchUser(user.id, of: user.tenant, in: writing.db)
            if known == nil { try Self.count(user.tenant, usersMax: usersMax, in: writing) }
            try writing.db.run(
                """
                INSERT INTO users (tenant, id, display_name, roles, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (tenant, id) DO UPDATE SET
                    display_name = excluded.display_name, roles = excluded.roles, updated_at = excluded.updated_at
                """, Self.values(of: user))
            try writing.audit(audit)
            return (user.made(at: known?.createdAt ?? user.createdAt), known == nil)
        } remember: { [knownUsers] (user: User, isNew: Bool) in
            knownUsers.keepWritten(user, for: user.key)
        }
        return isNew
    }

    public func putIfAbsent(_ user: User, usersMax: Int, _ audit: AuditEntry) async throws(StoreError) -> User {
        try await changes.change { writing in
            try writing.requireOpenTenant(user.tenant)
            if let known = try Self.fetchUser(user.id, of: user.tenant, in: writing.db) { return known }
            try Self.count(user.tenant, usersMax: usersMax, in: writing)
            try writing.db.run(
                "INSERT INTO users (tenant, id, display_name, roles, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)",
                Self.values(of: user))
            try writing.audit(audit)
            return user
        } remember: { [knownUsers] user in
            knownUsers.keepWritten(user, for: user.key)
        }
    }

    public func user(_ id: UserID, of tenant: TenantID) async throws(StoreError) -> User? {
        let key = UserKey(tenant: tenant, id: id)
        if let known = knownUsers[key] { return known }
        let generation = knownUsers.generation
        let user = try await read { db in try Self.fetchUser(id, of: tenant, in: db) }
        if let user { knownUsers.keepRead(user, for: key, since: generation) }
        return user
    }

    public func deleteUser(_ id: UserID, _ ticket: ChangeTicket) async throws(StoreError) -> Bool {
        try await changes.change { writing -> Bool in
            let user: [SQLValue] = [.text(ticket.tenant.text), .text(id.text)]
            try writing.db.run("DELETE FROM users WHERE tenant = ? AND id = ?", user)
            let isThere = writing.db.changesCount == 1
            try writing.audit(
                AuditEntry(
                    at: ticket.at, tenant: ticket.tenant, actor: ticket.actor, operation: .deleteUser, subject: id.text,
                    outcome: isThere ? AuditEntry.done : CallRefusal.notFound.rawValue, requestID: ticket.requestID))
            guard isThere else { return false }
            try writing.db.run("UPDATE tenants SET users_count = users_count - 1 WHERE id = ?", [.text(ticket.tenant.text)])
            if let live = try writing.liveCall(of: id, in: ticket.tenant) {
                try writing.expire(live, .userRemoved(id), at: ticket.at, requestID: ticket.requestID)
            }
            return true
        } remember: { [knownUsers] isGone in
            if isGone { knownUsers.forget([UserKey(tenant: ticket.tenant, id: id)]) }
        }
    }

    /// Counts one user more, in the tenant's row, because counting a million users takes its time.
    private static func count(_ tenant: TenantID, usersMax: Int, in writing: Writing) throws {
        try writing.db.run(
            "UPDATE tenants SET users_count = users_count + 1 WHERE id = ? AND users_count < ?",
            [.text(tenant.text), .integer(Int64(usersMax))])
        guard writing.db.changesCount == 1 else { throw StoreError.limitReached }
    }

    private static func values(of user: User) -> [SQLValue] {
        [
            .text(user.tenant.text), .text(user.id.text), .optional(user.displayName), .text(RolesText.text(of: user.roles)),
            .integer(user.createdAt.seconds), .integer(user.updatedAt.seconds),
        ]
    }

    private static func fetchUser(_ id: UserID, of tenant: TenantID, in db: Database) throws -> User? {
        try Row.fetchOne(db.prepared("SELECT * FROM users WHERE tenant = ? AND id = ?", [.text(tenant.text), .text(id.text)])).map { row in
            User(
                tenant: tenant, id: id, displayName: row["display_name"], roles: RolesText.roles(row["roles"]),
                createdAt: UnixTime(row["created_at"]), updatedAt: UnixTime(row["updated_at"]))
        }
    }
}

extension User {
    fileprivate var key: UserKey { UserKey(tenant: tenant, id: id) }

    fileprivate func made(at moment: UnixTime) -> User {
        User(tenant: tenant, id: id, displayName: displayName, roles: roles, createdAt: moment, updatedAt: updatedAt)
    }
}

/// The roles of a user as one text: each ends with a line feed. A backslash takes the scalar behind it as it is, so a role may hold both.
/// By scalars and not by characters: a line feed and what stands around it can be one character together.
enum RolesText {
    static func text(of roles: [String]) -> String {
        var text = String.UnicodeScalarView()
        for role in roles {
            for scalar in role.unicodeScalars {
                if scalar == "\\" || scalar == "\n" { text.append("\\") }
                text.append(scalar)
            }
            text.append("\n")
        }
        return String(text)
    }

    static func roles(_ text: String) -> [String] {
        var roles: [String] = []
        var role = String.UnicodeScalarView()
        var isEscaped = false
        for scalar in text.unicodeScalars {
            if !isEscaped && scalar == "\\" {
                isEscaped = true
            } else if !isEscaped && scalar == "\n" {
                roles.append(String(role))
                role.removeAll()
            } else {
                isEscaped = false
                role.append(scalar)
            }
        }
        return roles
    }
}
