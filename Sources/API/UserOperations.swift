import Calls
import StrictJSON
import Switchboard
import Vocabulary

/// The directory of a tenant's users, for its servers: put one in or change it, look at it, take it out.
struct UserOperations: Sendable {
    let desk: Switchboard

    @Sendable func put(_ operation: Operation) async throws(Problem) -> APIResponse {
        let caller = try operation.requireCaller()
        let id = try operation.userParameter(0)
        let (displayName, roles) = try operation.body { body in
            (
                body.string("display_name", bytes: 1...Limits.userDisplayNameBytesMax),
                body.strings("roles", count: 0...Limits.userRolesMax, bytes: 1...Limits.userRoleBytesMax) ?? []
            )
        }
        let (user, isNew) = try await asking { () async throws(DeskError) in
            try await desk.putUser(id, displayName: displayName, roles: roles, for: caller)
        }
        return APIResponse(status: isNew ? 201 : 200, json: user.json)
    }

    @Sendable func get(_ operation: Operation) async throws(Problem) -> APIResponse {
        let caller = try operation.requireCaller()
        let id = try operation.userParameter(0)
        let user = try await asking { () async throws(DeskError) in try await desk.user(id, for: caller) }
        return APIResponse(json: user.json)
    }

    @Sendable func delete(_ operation: Operation) async throws(Problem) -> APIResponse {
        let caller = try operation.requireCaller()
        let id = try operation.userParameter(0)
        try await asking { () async throws(DeskError) in try await desk.deleteUser(id, for: caller) }
        return .noContent
    }
}

extension Operation {
    /// A path parameter that is a user's id.
    func userParameter(_ index: Int) throws(Problem) -> UserID {
        guard let text = PercentEncoding.decodedUser(parameters[index]) else { throw Problem(.notFound) }
        return try Self.word(text, UserID.init(_:))
    }
}

extension User {
    /// The user as the contract's `User`.
    fileprivate var json: JSONValue {
        var object: JSONObject = [
            "id": .string(id.text), "tenant": .string(tenant.text), "roles": .array(roles.map { .string($0) }),
            "created_at": .string(createdAt.rfc3339), "updated_at": .string(updatedAt.rfc3339),
        ]
        if let displayName { object["display_name"] = .string(displayName) }
        return .object(object)
    }
}
