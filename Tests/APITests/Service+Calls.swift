import Signing
import StrictJSON
import Testing
import Vocabulary

@testable import API

// What the tests about calls share: users with tokens, and calls at each stage.

extension Service {
    /// The issuer of the tokens of a tenant's users. All tenants' identity providers sign with the same secret here, which makes it as easy
    /// as it can be to get into another tenant by mistake.
    static func issuer(of tenant: String) -> String { "https://id.\(tenant).example" }

    /// A token of a user, signed as the tenant's identity provider would, good for an hour.
    func token(_ user: String, of tenant: String = "acme", _ more: [(String, JSONValue)] = []) throws -> String {
        var claims: JSONObject = [
            "iss": .string(Self.issuer(of: tenant)), "sub": .string(user), "iat": .integer(clock.now.seconds),
            "exp": .integer(clock.now.seconds + 3600),
        ]
        for (name, value) in more { claims[name] = value }
        let secret = try #require(TestSecrets.values["USER_TOKEN_SECRET"])
        return try JWSKey.hmac(.HS256, secret: Secret(utf8: secret)).sign(payload: JSONValue.object(claims).canonicalBytes)
    }

    /// Places a call by a key and returns it.
    func placedCall(
        _ caller: String = "alice", _ callee: String = "bob", key: String, _ more: [(String, JSONValue)] = [],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Answer {
        var order: JSONObject = ["caller": .string(caller), "callee": .string(callee), "media": "video"]
        for (name, value) in more { order[name] = value }
        let placed = try await send("POST", "/v1/calls", .object(order), key: key, sourceLocation: sourceLocation)
        #expect(placed.status == 201, "\(placed.json.canonicalText)", sourceLocation: sourceLocation)
        return placed
    }

    /// The path of a call that rings.
    func ringingCall(_ caller: String = "alice", _ callee: String = "bob", key: String, device: String? = nil) async throws -> String {
        let device = device.map { [("device", JSONValue.string($0))] } ?? []
        return try "/v1/calls/" + (await placedCall(caller, callee, key: key, device)).text("id")
    }

    /// The path of a call that was accepted.
    func activeCall(_ caller: String = "alice", _ callee: String = "bob", key: String) async throws -> String {
        let call = try await ringingCall(caller, callee, key: key)
        let accepted = try await send("POST", call + "/accept", ["user": .string(callee)], key: key)
        #expect(accepted.status == 200, "\(accepted.json.canonicalText)")
        return call
    }

    /// The path of a call that is over.
    func endedCall(_ caller: String = "alice", _ callee: String = "bob", key: String) async throws -> String {
        let call = try await activeCall(caller, callee, key: key)
        #expect(try await send("POST", call + "/end", [:], key: key).status == 200)
        return call
    }

    /// All audit rows that a key may see, oldest first.
    func auditRows(key: String) async throws -> [JSONValue] {
        var rows: [JSONValue] = []
        var target = "/v1/audit?limit=100"
        while true {
            let page = try await send("GET", target, key: key)
            rows += page["rows"]?.arrayValue ?? []
            guard let cursor = page["next_cursor"]?.stringValue else { return rows }
            target = "/v1/audit?limit=100&cursor=\(cursor)"
        }
    }
}

extension Service.Answer {
    var call: JSONValue? { json["call"] }
}
