import StrictJSON
import Testing

/// Every rule can fail: each row breaks the contract on purpose, and the rule it names must notice.
struct ContractRuleTests {
    /// One change to the document: what stands at `path` becomes `value`, or goes away with nil.
    struct Breakage: Sendable, CustomTestStringConvertible {
        let rule: String
        let path: [String]
        let value: JSONValue?

        init(_ rule: String, _ path: String..., becomes value: JSONValue?) {
            self.rule = rule
            self.path = path
            self.value = value
        }

        var testDescription: String { "\(rule): \(path.joined(separator: " > "))" }
    }

    @Test(arguments: breakages)
    func `a broken contract is noticed`(_ breakage: Breakage) throws {
        let rule = try #require(ContractRule.all.first { $0.name == breakage.rule })
        let document = try Contract.current.get().document
        let broken = try #require(document.replacing(breakage.path, with: breakage.value), "the path leads nowhere")
        #expect(broken != document, "nothing was changed")
        #expect(!rule.faults(try Contract(document: broken)).isEmpty)
    }

    @Test func `every rule has a row that breaks it`() {
        let broken = Set(Self.breakages.map(\.rule))
        #expect(ContractRule.all.map(\.name).filter { !broken.contains($0) } == [])
    }

    @Test func `no two rules have one name`() {
        #expect(Set(ContractRule.all.map(\.name)).count == ContractRule.all.count)
    }

    private static let rooms = "/v1/rooms"
    private static let mint = "/v1/rooms/{room}/tokens"

    static let breakages = access + users + tokens + schemas + answers + repetition + calls + wholeness

    private static let access: [Breakage] = [
        Breakage(
            "an operation that is not public names one scope, or says that any credential will do", "paths", rooms, "get", "security",
            becomes: [["apiKey": ["rooms:read"]], ["apiKey": []]]),
        Breakage(
            "an operation that is not public names one scope, or says that any credential will do", "paths", "/v1/calls", "get", "security",
            becomes: [["userToken": []]]),
        Breakage(
            "an operation that is not public names one scope, or says that any credential will do", "paths", "/v1/token-profiles", "get",
            "x-any-credential", becomes: nil),
        Breakage(
            "a scope is no wildcard, and has a holder and a description", "components", "x-scopes", "rooms:*",
            becomes: ["holder": "tenant", "description": "All."]),
        Breakage(
            "a scope is no wildcard, and has a holder and a description", "components", "x-scopes", "keys:admin", "holder", becomes: "all"),
        Breakage(
            "an operation declares the refusals that can come before its work", "paths", rooms, "get", "responses", "401", becomes: nil),
        Breakage(
            "an operation declares the refusals that can come before its work", "paths", rooms, "get", "responses", "403", becomes: nil),
        Breakage(
            "an operation declares the refusals that can come before its work", "paths", "/livez", "get", "responses", "500", becomes: nil),
        Breakage("no credential travels in a URL", "components", "parameters", "Cursor", "name", becomes: "access_token"),
        Breakage(
            "the security schemes are bearers that tell how they stand to RFC8725", "components", "securitySchemes", "apiKey", "scheme",
            becomes: "basic"),
        Breakage(
            "the security schemes are bearers that tell how they stand to RFC8725", "components", "securitySchemes", "cookie",
            becomes: ["type": "apiKey", "in": "cookie", "name": "session"]),
    ]

    private static let profile = ["components", "x-token-profiles", "viewer"]

    private static func profile(_ rule: String, _ path: String..., becomes value: JSONValue?) -> Breakage {
        Breakage(rule: rule, path: profile + path, value: value)
    }

    private static let tokens: [Breakage] = [
        profile("what a provider's token may publish is what the profile says", "publish", becomes: ["microphone"]),
        profile(
            "what a provider's token may publish is what the profile says", "providers", "agora", "grants", "rtc", "publishAudioStream",
            becomes: true),
    ]

    private static let room = ["components", "schemas", "Room"]

    private static func room(_ rule: String, _ path: String..., becomes value: JSONValue?) -> Breakage {
        Breakage(rule: rule, path: room + path, value: value)
    }

    private static let schemas: [Breakage] = [
        room("every schema uses only keywords that the tests check, and its references lead somewhere", "if", becomes: true),
        room(
            "every schema uses only keywords that the tests check, and its references lead somewhere", "properties", "name",
            becomes: ["$ref": "#/components/schemas/Nothing"]),
        room("every schema is an object", "properties", "name", becomes: "string"),
        room("a schema says of what type it is", "properties", "name", becomes: ["maxLength": 5]),
        room("a schema says of what type it is", "allOf", becomes: []),
        room("a schema says of what type it is", "properties", "name", becomes: ["type": "number"]),
        room("an object is closed, or a map with bounds, or says why it is open", "additionalProperties", becomes: nil),
        room("an object is closed, or a map with bounds, or says why it is open", "additionalProperties", becomes: ["type": "string"]),
        Breakage(
            "an object is closed, or a map with bounds, or says why it is open", "components", "schemas", "Attributes", "propertyNames",
            becomes: nil),
        room("only foreign objects are open", "x-open", becomes: "why not"),
        room("a required member is a known one", "required", becomes: ["nmae"]),
        Breakage(
            "a text has a greatest length and a pattern or format, or is one of a list", "components", "schemas", "Label", "maxLength",
            becomes: nil),
        Breakage(
            "a text has a greatest length and a pattern or format, or is one of a list", "components", "schemas", "Label", "pattern",
            becomes: nil),
        Breakage("a pattern can be read and holds for the whole text", "components", "schemas", "Label", "pattern", becomes: "^[a-z"),
        Breakage("a pattern can be read and holds for the whole text", "components", "schemas", "Label", "pattern", becomes: "[a-z]"),
        Breakage("an integer has bounds and a format", "components", "schemas", "TokenLifetimeSeconds", "maximum", becomes: nil),
        Breakage("an integer has bounds and a format", "components", "parameters", "Limit", "schema", "format", becomes: nil),
        Breakage(
            "a list has a greatest length, and a schema for what is in it", "components", "schemas", "Scopes", "maxItems", becomes: nil),
        Breakage("a list has a greatest length, and a schema for what is in it", "components", "schemas", "Scopes", "items", becomes: nil),
        Breakage("a default is valid", "components", "schemas", "TokenLifetimeSeconds", "default", becomes: 3600),
    ]

    private static let answers: [Breakage] = [
        Breakage(
            "every example is valid, and every body, parameter and header has one", "components", "examples", "OpenRoom", "value", "state",
            becomes: "ajar"),
        Breakage(
            "every example is valid, and every body, parameter and header has one", "components", "parameters", "Room", "example",
            becomes: nil),
        Breakage(
            "every example is valid, and every body, parameter and header has one", "components", "headers", "Allow", "example",
            becomes: "TRACE"),
        Breakage(
            "every example is valid, and every body, parameter and header has one", "paths", rooms, "post", "requestBody", "content",
            "application/json", "examples", becomes: [:]),
        Breakage(
            "every answer names the request and forbids sniffing", "components", "responses", "Done", "headers", "X-Content-Type-Options",
            becomes: nil),
        Breakage(
            "every answer tells how the request stands with the limits, in one way, and 429 when to come again", "components", "responses",
            "Done", "headers", "RateLimit", becomes: nil),
        Breakage(
            "every answer tells how the request stands with the limits, in one way, and 429 when to come again", "components", "responses",
            "Done", "headers", "X-RateLimit-Limit", becomes: ["schema": ["type": "string"]]),
        Breakage(
            "every answer tells how the request stands with the limits, in one way, and 429 when to come again", "components", "responses",
            "RateLimited", "headers", "Retry-After", becomes: nil),
        Breakage(
            "401 tells how to authenticate, 405 what is allowed", "components", "responses", "Unauthenticated", "headers",
            "WWW-Authenticate",
            becomes: nil),
        Breakage("401 tells how to authenticate, 405 what is allowed", "components", "headers", "Allow", "required", becomes: false),
        Breakage(
            "what is made and can be read again has a Location", "paths", rooms, "post", "responses", "201", "headers", "Location",
            becomes: nil),
        Breakage(
            "a refusal is a problem that lists its codes, and 204 is empty", "components", "responses", "NotFound", "x-problem-codes",
            becomes: nil),
        Breakage(
            "a refusal is a problem that lists its codes, and 204 is empty", "components", "responses", "NotFound", "content",
            becomes: nil),
        Breakage(
            "a problem answer has one true example of each of its codes", "components", "responses", "NotFound", "x-problem-codes",
            becomes: ["not_found", "internal"]),
        Breakage(
            "a problem answer has one true example of each of its codes", "components", "examples", "NotFoundProblem", "value", "title",
            becomes: "Gone"),
        Breakage(
            "a problem answer has one true example of each of its codes", "components", "x-problems", "not_found", "status", becomes: 410),
        Breakage(
            "every problem is answered somewhere, and every answered problem is listed", "components", "x-problems", "gone",
            becomes: goneProblem),
        Breakage(
            "every problem is answered somewhere, and every answered problem is listed", "components", "x-problems", "not_found",
            becomes: nil),
    ]

    private static let goneProblem: JSONValue = ["status": 410, "title": "Gone", "when": "It was here."]

    private static let wholeness: [Breakage] = [
        Breakage("it is OpenAPI 3.1 under Apache-2.0", "openapi", becomes: "3.0.3"),
        Breakage(
            "a server is reached by TLS, is marked internal or not, and names its environment", "servers", "0", "url",
            becomes: "http://a.example"),
        Breakage(
            "a server is reached by TLS, is marked internal or not, and names its environment", "servers", "0", "x-internal", becomes: nil),
        Breakage(
            "an operation has a name of its own, a tag that is listed and a summary", "paths", rooms, "get", "operationId",
            becomes: "createRoom"),
        Breakage(
            "an operation has a name of its own, a tag that is listed and a summary", "paths", rooms, "get", "tags", becomes: ["Other"]),
        Breakage(
            "the parameters of the path are declared, required, and no bare numbers", "components", "parameters", "Room", "required",
            becomes: false),
        Breakage("the parameters of the path are declared, required, and no bare numbers", "paths", mint, "parameters", becomes: []),
        Breakage("lists of names that are written twice are the same", "components", "schemas", "Scope", "enum", becomes: ["rooms:read"]),
        Breakage("lists of names that are written twice are the same", "components", "schemas", "Role", "enum", becomes: ["host"]),
        Breakage("every problem says when it comes", "components", "x-problems", "not_found", "when", becomes: ""),
        profile(
            "the profiles' answer has the shape that the contract gives it, and its example is the profiles", "audience",
            becomes: "server"),
        Breakage("every component is used", "components", "schemas", "Spare", becomes: ["type": "boolean"]),
    ]
}

extension ContractRuleTests.Breakage {
    init(rule: String, path: [String], value: JSONValue?) {
        self.rule = rule
        self.path = path
        self.value = value
    }
}

extension JSONValue {
    /// This value with what stands at `path` replaced, added, or taken away with nil; nil when the path leads nowhere.
    func replacing(_ path: [String], with value: JSONValue?) -> JSONValue? {
        replacing(path[...], with: value)
    }

    private func replacing(_ path: ArraySlice<String>, with value: JSONValue?) -> JSONValue? {
        guard let step = path.first else { return value }
        let rest = path.dropFirst()
        if var elements = arrayValue {
            guard let index = Int(step), elements.indices.contains(index), !rest.isEmpty || value != nil,
                let element = elements[index].replacing(rest, with: value)
            else { return nil }
            elements[index] = element
            return .array(elements)
        }
        guard var object = objectValue else { return nil }
        if rest.isEmpty {
            object[step] = value
            return .object(object)
        }
        guard let member = object[step], let changed = member.replacing(rest, with: value) else { return nil }
        object[step] = changed
        return .object(object)
    }
}
