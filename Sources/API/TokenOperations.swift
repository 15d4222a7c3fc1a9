import StrictJSON
import Switchboard
import Tokens
import Vocabulary

/// Join tokens: mint them, explain them, say what they can be.
struct TokenOperations: Sendable {
    let desk: Switchboard

    @Sendable func mint(_ operation: Operation) async throws(Problem) -> APIResponse {
        let caller = try operation.requireCaller()
        let name = try operation.parameter(0, RoomName.init(_:))
        let order = try operation.tokenOrder()
        let join = try await asking { () async throws(DeskError) in try await desk.mintToken(order, room: name, for: caller) }
        return join.response
    }

    @Sendable func mintAtHand(
        _ operation: Operation, _ done: @escaping @Sendable (Result<LateResponse, Problem>) -> Void
    ) throws(Problem) -> Bool {
        let caller = try operation.requireCaller()
        let name = try operation.parameter(0, RoomName.init(_:))
        let order = try operation.tokenOrder()
        return desk.mintTokenAtHand(order, room: name, for: caller) { result in
            done(result.map { join in { join.response } }.mapError { Problem(desk: $0) })
        }
    }

    @Sendable func inspect(_ operation: Operation) async throws(Problem) -> APIResponse {
        let caller = try operation.requireCaller()
        let token = try operation.body { $0.requiredString("token", bytes: 1...Limits.inspectedTokenBytesMax) }
        let inspection = try await asking { () async throws(DeskError) in try await desk.inspect(token, for: caller) }
        return APIResponse(headers: [APIResponse.noStore], json: inspection.jsonValue)
    }

    @Sendable func profiles(_ operation: Operation) async throws(Problem) -> APIResponse {
        APIResponse(json: TokenProfile.contract)
    }
}

extension Operation {
    /// The body of `mintRoomToken`.
    fileprivate func tokenOrder() throws(Problem) -> TokenOrder {
        try body { body -> TokenOrder? in
            let user = body.requiredParsed("user_id") { text in try UserID(text) }
            let role = body.requiredOneOf("role", Role.self)
            let lifetime = body.integer("ttl_seconds", in: TokenProfile.lifetimeSecondsBounds.asInt64)
            let displayName = body.string("display_name", bytes: 1...JoinGrant.displayNameBytesMax)
            let metadata = body.string("metadata", bytes: 0...JoinGrant.metadataBytesMax)
            let attributes = body.attributes("attributes")
            let publish = body.words("publish", count: 0...PublishSource.allCases.count, PublishSource.self)
            guard let user, let role else { return nil }
            return TokenOrder(
                user: user, role: role, lifetimeSeconds: lifetime.map(Int.init) ?? TokenProfile.lifetimeSecondsDefault,
                displayName: displayName, metadata: metadata, attributes: attributes ?? [], publish: publish)
        }
    }
}

extension FieldReader {
    mutating func attributes(_ name: String) -> [(String, String)]? {
        stringMap(
            name, count: 0...JoinGrant.attributesMax, nameBytes: JoinGrant.attributeNameBytes,
            valueBytes: 0...JoinGrant.attributeValueBytesMax)
    }
}
