import Calls
import StrictJSON
import Switchboard
import Tokens
import Vocabulary

// The contract's `Call` and the answers that hold one: the same bytes for every reader, never a token, never a device. Written piece by
// piece, because these answers are on the hot path.

extension Call {
    /// The call alone, with its version as entity tag.
    func response(status: Int = 200, _ headers: [(name: String, value: String)] = []) -> APIResponse {
        var json = JSONWriter(capacity: 1024)
        write(into: &json)
        return APIResponse(status: status, contentType: "application/json", headers: headers + [entityTag], body: json.takeBytes())
    }

    fileprivate var entityTag: (name: String, value: String) { ("etag", IfMatch.tag(of: version)) }

    fileprivate func write(into json: inout JSONWriter) {
        json.beginObject()
        if let acceptedAt { json.member("accepted_at", acceptedAt.rfc3339) }
        if let callee = callees.first { json.member("callee", callee.user.text) }
        if let caller { json.member("caller", caller.user.text) }
        json.member("created_at", placedAt.rfc3339)
        if let ending {
            if let note = ending.note { json.member("end_note", note) }
            json.member("end_reason", ending.reason.rawValue)
            json.member("ended_at", ending.at.rfc3339)
            if let user = ending.by { json.member("ended_by", user.text) }
        }
        json.member("id", id.text)
        json.member("media", media.rawValue)
        if let metadata { json.member("metadata", metadata) }
        json.name(fixed: "parties")
        json.beginArray()
        for party in parties { party.write(into: &json) }
        json.endArray()
        json.member("provider", provider.rawValue)
        json.member("ring_expires_at", ringDeadline.rfc3339)
        json.member("room", room.text)
        json.member("state", state.rawValue)
        json.member("tenant", tenant.text)
        json.name(fixed: "version")
        json.integer(version)
        json.endObject()
    }
}

extension Party {
    fileprivate func write(into json: inout JSONWriter) {
        json.beginObject()
        if let joinedAt { json.member("joined_at", joinedAt.rfc3339) }
        json.member("side", side.rawValue)
        json.member("user_id", user.text)
        json.endObject()
    }
}

extension SealedPage<Call> {
    /// The contract's `CallList`.
    var response: APIResponse {
        var json = JSONWriter(capacity: 1024 * (items.count + 1))
        json.beginObject()
        json.name(fixed: "calls")
        json.beginArray()
        for call in items { call.write(into: &json) }
        json.endArray()
        if let nextCursor { json.member("next_cursor", nextCursor) }
        json.endObject()
        return APIResponse(status: 200, contentType: "application/json", body: json.takeBytes())
    }
}

extension AcceptedCall {
    /// For a user: the call and the token that is its own.
    var responseForUser: APIResponse {
        get throws(Problem) {
            guard let join = joins.first, joins.count == 1 else {
                throw Problem(.internal, cause: "a user who accepted a call was to get \(joins.count) tokens")
            }
            return response { json in
                json.name(fixed: "join")
                join.write(into: &json)
            }
        }
    }

    /// For a server: the call and the tokens of its parties, by user, to be handed over.
    var responseForServer: APIResponse {
        response { json in
            json.name(fixed: "joins")
            json.beginObject()
            let sorted = joins.sorted { $0.minted.identity.text.utf8.lexicographicallyPrecedes($1.minted.identity.text.utf8) }
            for join in sorted {
                json.name(join.minted.identity.text)
                join.write(into: &json)
            }
            json.endObject()
        }
    }

    private func response(_ writeJoins: (inout JSONWriter) -> Void) -> APIResponse {
        var json = JSONWriter(capacity: 4096)
        json.beginObject()
        json.name(fixed: "call")
        call.write(into: &json)
        writeJoins(&json)
        json.endObject()
        return APIResponse(
            status: 200, contentType: "application/json", headers: [APIResponse.noStore, call.entityTag], body: json.takeBytes())
    }
}
