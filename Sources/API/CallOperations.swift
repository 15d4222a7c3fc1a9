import Calls
import StrictJSON
import Switchboard
import Vocabulary

/// Calls: place one, accept, reject, cancel, end it, fetch a token for it, look at calls.
///
/// A user speaks for itself. An API key speaks for the tenant: it names the party for which it acts, or leaves it to the desk where only
/// one can be meant.
struct CallOperations: Sendable {
    let desk: Switchboard

    @Sendable func place(_ operation: Operation) async throws(Problem) -> APIResponse {
        let caller = try operation.requireCaller()
        let terms = try operation.terms(readsIfMatch: false)
        let order = try operation.body { body -> CallOrder? in
            let user = body.actingUser("caller", of: caller, isRequired: true)
            let callee = body.requiredParsed("callee") { text in try UserID(text) }
            let media = body.requiredOneOf("media", CallMedia.self)
            let provider = body.oneOf("provider", ProviderKind.self)
            let id = body.parsed("call_id") { text in try CallID(text) }
            let device = body.device()
            let metadata = body.string("metadata", bytes: 0...Limits.callMetadataBytesMax)
            guard let callee, let media else { return nil }
            return CallOrder(
                caller: user, callee: callee, media: media, provider: provider, id: id, device: device, metadata: metadata)
        }
        let placed = try await asking { () async throws(DeskError) in try await desk.placeCall(order, terms, for: caller) }
        return placed.call.response(
            status: placed.isNew ? 201 : 200, placed.isNew ? [("location", "/v1/calls/\(placed.call.id)")] : [])
    }

    @Sendable func list(_ operation: Operation) async throws(Problem) -> APIResponse {
        let caller = try operation.requireCaller()
        let query = try Query(operation.request.target, known: ["limit", "cursor", "state", "user"])
        let user = try query.user("user")
        if case .user(_, let own) = caller.owner, let user, user != own {
            throw Problem(.malformedRequest, "A user sees its own calls: leave the query parameter user out, or send your own id.")
        }
        let filter = CallFilter(state: try query.word("state", Call.State.self), user: user)
        let (cursor, limit) = try operation.page(query)
        let page = try await asking { () async throws(DeskError) in
            try await desk.calls(filter, cursor: cursor, limit: limit, for: caller)
        }
        return page.response
    }

    @Sendable func get(_ operation: Operation) async throws(Problem) -> APIResponse {
        let caller = try operation.requireCaller()
        let id = try operation.parameter(0, CallID.init(_:))
        return try await asking { () async throws(DeskError) in try await desk.call(id, for: caller) }.response()
    }

    @Sendable func accept(_ operation: Operation) async throws(Problem) -> APIResponse {
        let caller = try operation.requireCaller()
        let id = try operation.parameter(0, CallID.init(_:))
        let terms = try operation.terms(readsIfMatch: true)
        let claim = try operation.body { $0.claim(of: caller, isUserRequired: true) }
        let accepted = try await asking { () async throws(DeskError) in try await desk.acceptCall(id, as: claim, terms, for: caller) }
        guard case .user = caller.owner else { return accepted.responseForServer }
        return try accepted.responseForUser
    }

    @Sendable func reject(_ operation: Operation) async throws(Problem) -> APIResponse {
        let caller = try operation.requireCaller()
        let id = try operation.parameter(0, CallID.init(_:))
        let terms = try operation.terms(readsIfMatch: true)
        let (claim, note) = try operation.farewell(of: caller, namesDevice: true)
        return try await asking { () async throws(DeskError) in
            try await desk.rejectCall(id, as: claim, note: note, terms, for: caller)
        }.response()
    }

    @Sendable func cancel(_ operation: Operation) async throws(Problem) -> APIResponse {
        let caller = try operation.requireCaller()
        let id = try operation.parameter(0, CallID.init(_:))
        let terms = try operation.terms(readsIfMatch: true)
        let (claim, note) = try operation.farewell(of: caller, namesDevice: false)
        return try await asking { () async throws(DeskError) in
            try await desk.cancelCall(id, as: claim, note: note, terms, for: caller)
        }.response()
    }

    @Sendable func end(_ operation: Operation) async throws(Problem) -> APIResponse {
        let caller = try operation.requireCaller()
        let id = try operation.parameter(0, CallID.init(_:))
        let terms = try operation.terms(readsIfMatch: true)
        let (claim, note) = try operation.farewell(of: caller, namesDevice: false)
        return try await asking { () async throws(DeskError) in
            try await desk.endCall(id, as: claim, note: note, terms, for: caller)
        }.response()
    }

    @Sendable func mintToken(_ operation: Operation) async throws(Problem) -> APIResponse {
        let caller = try operation.requireCaller()
        let id = try operation.parameter(0, CallID.init(_:))
        let claim = try operation.body { $0.claim(of: caller, isUserRequired: true) }
        return try await asking { () async throws(DeskError) in try await desk.mintCallToken(id, as: claim, for: caller) }.response
    }
}

extension Operation {
    /// The body of `rejectCall`, `cancelCall` and `endCall`: for whom, and what is said about it.
    fileprivate func farewell(of caller: Caller, namesDevice: Bool) throws(Problem) -> (claim: PartyClaim, note: String?) {
        try body { body in
            let user = body.actingUser("user", of: caller, isRequired: false)
            let device = namesDevice ? body.device() : nil
            let note = body.string("reason", bytes: 1...Limits.endNoteBytesMax)
            return (PartyClaim(user: user, device: device), note)
        }
    }
}

extension FieldReader {
    /// The body of `acceptCall` and `mintCallToken`.
    fileprivate mutating func claim(of caller: Caller, isUserRequired: Bool) -> PartyClaim {
        PartyClaim(user: actingUser("user", of: caller, isRequired: isUserRequired), device: device())
    }

    fileprivate mutating func device() -> DeviceID? {
        parsed("device") { text in try DeviceID(text) }
    }

    /// The user for whom a key acts. A user acts for itself and says so by its token alone.
    fileprivate mutating func actingUser(_ name: String, of caller: Caller, isRequired: Bool) -> UserID? {
        if case .user = caller.owner {
            if value(name) != nil { fault(name, .notAllowed, "is for API keys; a user's token speaks for its user") }
            return nil
        }
        return isRequired ? requiredParsed(name) { text in try UserID(text) } : parsed(name) { text in try UserID(text) }
    }
}
