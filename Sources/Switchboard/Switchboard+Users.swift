public import Calls
public import Vocabulary

extension Switchboard {
    /// Makes a user of the caller's tenant, or replaces what the directory says of it.
    public func putUser(
        _ id: UserID, displayName: String?, roles: [String], for caller: Caller
    ) async throws(DeskError) -> (user: User, isNew: Bool) {
        let tenant = try caller.tenant(needed: .usersWrite)
        let now = clock()
        let known = try await asking { () async throws(StoreError) in try await store.user(id, of: tenant) }
        let user = User(
            tenant: tenant, id: id, displayName: displayName, roles: Set(roles).sorted(), createdAt: known?.createdAt ?? now, updatedAt: now
        )
        let audit = entry(.putUser, id.text, in: tenant, for: caller, at: now)
        let isNew = try await asking { () async throws(StoreError) in try await store.put(user, usersMax: Limits.usersMax, audit) }
        return (user, isNew)
    }

    /// What the directory says of a user of the caller's tenant.
    public func user(_ id: UserID, for caller: Caller) async throws(DeskError) -> User {
        let tenant = try caller.tenant(needed: .usersWrite)
        guard let user = try await asking({ () async throws(StoreError) in try await store.user(id, of: tenant) }) else { throw .notFound }
        return user
    }

    /// Takes a user out of the directory. The call that it is in ends, and its sockets are put out.
    public func deleteUser(_ id: UserID, for caller: Caller) async throws(DeskError) {
        let tenant = try caller.tenant(needed: .usersWrite)
        let ticket = ChangeTicket(tenant: tenant, actor: caller.actor, at: clock(), requestID: caller.requestID)
        guard try await asking({ () async throws(StoreError) in try await store.deleteUser(id, ticket) }) else { throw .notFound }
        userSockets.putOut(id, in: tenant)
    }
}
