import Calls
public import Vocabulary

extension Switchboard {
    /// Whether the caller may listen to a topic of its tenant: the tenant's rules say so. A server's key listens to nothing.
    /// - Throws: `unauthenticated` where the tenant was closed; `unavailable` when the store does not answer.
    public func mayJoin(_ topic: TopicName, for caller: Caller) async throws(DeskError) -> Bool {
        guard case .user(let tenant, let user) = caller.owner else { return false }
        return try await openTenant(tenant).topics.admit(user, with: caller.roles, into: topic)
    }

    /// Whether the caller may hear what is sent to a user of its tenant: its own events always, those of others with a role that the
    /// tenant names for it. Whether there is such a user makes no difference.
    /// - Throws: `unauthenticated` where the tenant was closed; `unavailable` when the store does not answer.
    public func mayHear(_ user: UserID, for caller: Caller) async throws(DeskError) -> Bool {
        guard case .user(let tenant, let own) = caller.owner else { return false }
        let roles = try await openTenant(tenant).userRoomRoles
        return user == own || roles.sharesWord(with: caller.roles)
    }
}
