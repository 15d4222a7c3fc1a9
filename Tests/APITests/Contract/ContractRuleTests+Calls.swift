import StrictJSON

// The rows that break the rules about users and calls.

extension ContractRuleTests {
    private static let callsPath = "/v1/calls"
    private static let acceptPath = "/v1/calls/{call}/accept"
    private static let endPath = "/v1/calls/{call}/end"
    private static let liveKitPath = "/v1/livekit/token"

    static let users: [Breakage] = usersOfOperations + usersOfTenants

    private static let usersOfOperations: [Breakage] = [
        Breakage(
            "a way of being let in is a key or a user's token, each at most once, and a user's token needs no scope", "paths", callsPath,
            "get",
            "security", becomes: [["apiKey": ["calls:read"]], ["userToken": ["calls:read"]]]),
        Breakage(
            "a way of being let in is a key or a user's token, each at most once, and a user's token needs no scope", "paths", callsPath,
            "get",
            "security", becomes: [["apiKey": ["calls:read"]], ["cookie": []]]),
        Breakage(
            "a way of being let in is a key or a user's token, each at most once, and a user's token needs no scope", "paths", callsPath,
            "get",
            "security", becomes: [["apiKey": ["calls:read"]], ["userToken": []], ["userToken": []]]),
        Breakage(
            "an operation that takes a user's token says what a user may do there, and no other does", "paths", acceptPath, "post",
            "x-user-access", becomes: nil),
        Breakage(
            "an operation that takes a user's token says what a user may do there, and no other does", "paths", acceptPath, "post",
            "x-user-access", becomes: ""),
        Breakage(
            "an operation that takes a user's token says what a user may do there, and no other does", "paths", "/v1/audit", "get",
            "security", becomes: [["apiKey": ["audit:read"]], ["userToken": []]]),
        Breakage(
            "an operation that takes a user's token says what a user may do there, and no other does", "paths", "/v1/audit", "get",
            "x-user-access", becomes: "Own rows only."),
        Breakage(
            "a user may nothing that needs a scope of administrators, and gets a participant's token at most", "paths", "/v1/users/{user}",
            "get", "security", becomes: [["apiKey": ["users:write"]], ["userToken": []]]),
        Breakage(
            "a user may nothing that needs a scope of administrators, and gets a participant's token at most", "paths", acceptPath, "post",
            "x-mints", becomes: ["host"]),
        Breakage(
            "whom a server acts for is nothing that a user can choose", "components", "schemas", "CallRequest", "properties", "caller",
            "x-only-with", becomes: nil),
        Breakage(
            "whom a server acts for is nothing that a user can choose", "components", "schemas", "PartyRequest", "properties", "user",
            "x-only-with", becomes: "userToken"),
        Breakage(
            "whom a server acts for is nothing that a user can choose", "components", "schemas", "CallRequest", "properties", "tenant",
            becomes: ["$ref": "#/components/schemas/TenantID"]),
        Breakage(
            "whom a server acts for is nothing that a user can choose", "components", "schemas", "RoomRequest", "properties", "metadata",
            "x-only-with", becomes: "apiKey"),
    ]

    private static let settings = ["components", "schemas", "UserTokenSettings", "oneOf"]

    private static let usersOfTenants: [Breakage] = [
        Breakage(
            "the scheme of users' tokens says who makes them and what is checked", "components", "securitySchemes", "userToken",
            "bearerFormat", becomes: "opaque"),
        Breakage(
            "the scheme of users' tokens says who makes them and what is checked", "components", "securitySchemes", "userToken",
            "description", becomes: "A JWT. See RFC8725."),
        Breakage(
            "the scheme of users' tokens says who makes them and what is checked", "x-limits", "user_token_leeway_seconds", becomes: 300),
        Breakage(
            rule: "a tenant's settings pin the algorithm of its users' tokens, with the kind of key that it needs",
            path: settings + ["1", "properties", "alg", "enum"], value: ["HS256", "RS256", "ES256", "EdDSA"]),
        Breakage(
            rule: "a tenant's settings pin the algorithm of its users' tokens, with the kind of key that it needs",
            path: settings + ["0", "required"], value: ["alg", "secret"]),
        Breakage(
            rule: "a tenant's settings pin the algorithm of its users' tokens, with the kind of key that it needs",
            path: settings + ["0", "required"], value: ["alg", "issuer"]),
        Breakage(
            rule: "a tenant's settings pin the algorithm of its users' tokens, with the kind of key that it needs",
            path: settings + ["0", "properties", "previous_secret"], value: false),
        Breakage(
            rule: "a tenant's settings pin the algorithm of its users' tokens, with the kind of key that it needs",
            path: settings + ["0", "properties", "secret"], value: ["type": "string", "maxLength": 64, "pattern": "^.*$"]),
    ]

    static let repetition: [Breakage] = [
        Breakage(
            "a request that changes a call may be repeated under an Idempotency-Key, and no other", "paths", acceptPath, "post",
            "parameters",
            becomes: [["$ref": "#/components/parameters/IfMatch"]]),
        Breakage(
            "a request that changes a call may be repeated under an Idempotency-Key, and no other", "components", "parameters",
            "IdempotencyKey", "required", becomes: true),
        Breakage(
            "a request that changes a call may be repeated under an Idempotency-Key, and no other", "paths", callsPath, "post", "responses",
            "422", becomes: ["$ref": "#/components/responses/InvalidFields"]),
        Breakage(
            "a request that changes a call may be repeated under an Idempotency-Key, and no other", "paths", endPath, "post", "responses",
            "409",
            becomes: nil),
        Breakage(
            "a request that moves a call takes If-Match and may answer 412, and no other", "paths", endPath, "post", "parameters",
            becomes: [["$ref": "#/components/parameters/IdempotencyKey"]]),
        Breakage(
            "a request that moves a call takes If-Match and may answer 412, and no other", "paths", endPath, "post", "responses", "412",
            becomes: nil),
        Breakage(
            "a request that moves a call takes If-Match and may answer 412, and no other", "paths", "/v1/calls/{call}/token", "post",
            "responses", "412", becomes: ["$ref": "#/components/responses/PreconditionFailed"]),
        Breakage(
            "an answer with one call carries its version as a strong ETag", "paths", acceptPath, "post", "responses", "200", "headers",
            "ETag",
            becomes: nil),
        Breakage(
            "an answer with one call carries its version as a strong ETag", "components", "headers", "CallVersion", "schema", "pattern",
            becomes: "^(?:W/)?\"[0-9]{1,10}\"$"),
        Breakage(
            "If-Match takes what RFC 9110 writes, weak and foreign tags too, and nothing else", "components", "parameters", "IfMatch",
            "schema", "pattern", becomes: "^\"[0-9]+\"$"),
        Breakage(
            "If-Match takes what RFC 9110 writes, weak and foreign tags too, and nothing else", "components", "parameters", "IfMatch",
            "schema", "pattern", becomes: "^.*$"),
    ]

    private static let states = ["components", "x-call-states"]

    private static func states(_ rule: String, _ path: String..., becomes value: JSONValue?) -> Breakage {
        Breakage(rule: rule, path: states + path, value: value)
    }

    static let calls: [Breakage] = callsOfAnswers + callsOfTable

    private static let callsOfAnswers: [Breakage] = [
        Breakage(
            "an operation that mints for a call refuses it unless the call is active", "paths", acceptPath, "post", "responses", "409",
            becomes: ["$ref": "#/components/responses/CallNotPlaced"]),
        Breakage(
            "an operation that mints for a call refuses it unless the call is active", "paths", liveKitPath, "post", "responses", "409",
            becomes: ["$ref": "#/components/responses/RoomNotOpen"]),
        Breakage(
            "a call tells of no token, no device and no connection, and neither does the audit log", "components", "schemas", "Call",
            "properties", "join", becomes: ["$ref": "#/components/schemas/Join"]),
        Breakage(
            "a call tells of no token, no device and no connection, and neither does the audit log", "components", "schemas", "CallParty",
            "properties", "device", becomes: ["$ref": "#/components/schemas/DeviceID"]),
        Breakage(
            "a call tells of no token, no device and no connection, and neither does the audit log", "components", "schemas",
            "AuditedToken", "properties", "text", becomes: ["$ref": "#/components/schemas/LiveKitToken"]),
        Breakage(
            "only the answers that are for it hold a credential", "components", "schemas", "User", "properties", "join",
            becomes: ["$ref": "#/components/schemas/Join"]),
        Breakage(
            "a user who accepts gets one token, its own", "components", "schemas", "CallAcceptedByUser", "properties", "other",
            becomes: ["$ref": "#/components/schemas/Join"]),
        Breakage(
            "what the media of a call leaves is a part of what a participant may publish", "components", "x-call-media", "audio",
            becomes: ["microphone", "screen_share"]),
        Breakage(
            "what the media of a call leaves is a part of what a participant may publish", "components", "x-call-media", "video",
            becomes: nil),
    ]

    private static let callsOfTable: [Breakage] = [
        states("the table of calls has every state for every move, and ends with a row for the rest", "end", "active", becomes: nil),
        states(
            "the table of calls has every state for every move, and ends with a row for the rest", "accept", "active", "1", "when",
            becomes: "other_device"),
        states("the table of calls has every state for every move, and ends with a row for the rest", "cancel", "by", becomes: []),
        states(
            "every row of the table leads to a state, to no change, or to a listed problem", "end", "ended", "0", "then", becomes: "gone"),
        states(
            "every row of the table leads to a state, to no change, or to a listed problem", "end", "active", "0", "reason", becomes: nil),
        states(
            "every row of the table leads to a state, to no change, or to a listed problem", "tenant_closed", "active", "0", "reason",
            becomes: "moved_out"),
        states("a call becomes active by a callee only, while it rings, and what has ended stays so", "accept", "by", becomes: ["caller"]),
        states(
            "a call becomes active by a callee only, while it rings, and what has ended stays so", "accept", "ended",
            becomes: [["then": "active"]]),
        states(
            "a call becomes active by a callee only, while it rings, and what has ended stays so", "end", "ended",
            becomes: [["then": "ended", "reason": "hung_up"]]),
        states(
            "the operations that move a call are those of the table, and each declares what the table answers", "accept", "operation",
            becomes: nil),
        states(
            "the operations that move a call are those of the table, and each declares what the table answers", "end", "ended",
            becomes: [["then": "call_ended"]]),
        states(
            "the operations that move a call are those of the table, and each declares what the table answers", "end", "by",
            becomes: ["caller"]),
        states(
            "the operations that move a call are those of the table, and each declares what the table answers", "end", "operation",
            becomes: "hangUp"),
    ]
}
