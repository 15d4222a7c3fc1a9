import StrictJSON
import Testing

@testable import API

/// The OWASP rules of 2023 over the contract, each of which can fail.
struct SpectralTests {
    /// One change that breaks a rule.
    struct Breakage: Sendable, CustomTestStringConvertible {
        let rule: String
        let path: [String]
        let value: JSONValue?
        var testDescription: String { "\(rule): \(path.joined(separator: " > "))" }

        init(_ rule: String, _ path: String..., becomes value: JSONValue?) {
            self.rule = "owasp:" + rule
            self.path = path
            self.value = value
        }
    }

    @Test func `all 32 rules are here, each under its own name`() {
        #expect(Set(SpectralRule.all.map(\.name)).count == 32)
    }

    @Test(arguments: SpectralRule.all)
    func `the contract keeps the rule`(_ rule: SpectralRule) throws {
        #expect(rule.faults(try Contract.current.get().document) == [])
    }

    @Test(arguments: breakages)
    func `a contract that breaks the rule is noticed`(_ breakage: Breakage) throws {
        let rule = try #require(SpectralRule.all.first { $0.name == breakage.rule })
        let document = try Contract.current.get().document
        let broken = try #require(document.replacing(breakage.path, with: breakage.value), "the path leads nowhere")
        #expect(!rule.faults(broken).isEmpty)
    }

    @Test func `every rule has a row that breaks it`() {
        let broken = Set(Self.breakages.map(\.rule))
        #expect(SpectralRule.all.map(\.name).filter { !broken.contains($0) } == [])
    }

    private static let basic: JSONValue = ["type": "http", "scheme": "Basic"]

    static let breakages = access + shapes + setup

    private static let access: [Breakage] = [
        Breakage("api1:2023-no-numeric-ids", "components", "schemas", "RoomName", "type", becomes: "integer"),
        Breakage("api2:2023-no-http-basic", "components", "securitySchemes", "basic", becomes: basic),
        Breakage(
            "api2:2023-no-api-keys-in-url", "components", "securitySchemes", "query",
            becomes: ["type": "apiKey", "in": "query", "name": "k"]),
        Breakage("api2:2023-no-credentials-in-url", "components", "parameters", "Cursor", "name", becomes: "access_token"),
        Breakage(
            "api2:2023-auth-insecure-schemes", "components", "securitySchemes", "old", becomes: ["type": "http", "scheme": "negotiate"]),
        Breakage("api2:2023-jwt-best-practices", "components", "securitySchemes", "userToken", "description", becomes: "A token."),
        Breakage(
            "api2:2023-short-lived-access-tokens", "components", "securitySchemes", "flow",
            becomes: ["type": "oauth2", "flows": ["password": ["tokenUrl": "https://a.example"]]]),
        Breakage("api2:2023-write-restricted", "paths", "/v1/rooms", "post", "security", becomes: []),
        Breakage("api2:2023-read-restricted", "paths", "/v1/rooms", "get", "security", becomes: nil),
        Breakage("api5:2023-admin-security-unique", "paths", "/v1/admin", becomes: ["get": ["security": [["apiKey": []]]]]),
    ]

    private static func room(_ rule: String, _ name: String, becomes value: JSONValue?) -> Breakage {
        Breakage(rule, "components", "schemas", "Room", name, becomes: value)
    }

    private static func lifetime(_ rule: String, _ name: String) -> Breakage {
        Breakage(rule, "components", "schemas", "TokenLifetimeSeconds", name, becomes: nil)
    }

    private static let shapes: [Breakage] = [
        room("api3:2023-no-additionalProperties", "additionalProperties", becomes: true),
        room("api3:2023-constrained-additionalProperties", "additionalProperties", becomes: ["type": "string"]),
        room("api3:2023-no-unevaluatedProperties", "unevaluatedProperties", becomes: true),
        room("api3:2023-constrained-unevaluatedProperties", "unevaluatedProperties", becomes: ["type": "string"]),
        Breakage("api4:2023-rate-limit", "components", "responses", "Done", "headers", "RateLimit", becomes: nil),
        Breakage("api4:2023-rate-limit", "components", "responses", "Done", "headers", "X-RateLimit-Limit", becomes: [:]),
        Breakage("api4:2023-rate-limit-retry-after", "components", "responses", "RateLimited", "headers", "Retry-After", becomes: nil),
        Breakage("api4:2023-rate-limit-responses-429", "paths", "/v1/rooms", "get", "responses", "429", becomes: nil),
        Breakage("api4:2023-array-limit", "components", "schemas", "Scopes", "maxItems", becomes: nil),
        Breakage("api4:2023-string-limit", "components", "schemas", "Label", "maxLength", becomes: nil),
        Breakage("api4:2023-string-restricted", "components", "schemas", "Label", "pattern", becomes: nil),
        lifetime("api4:2023-integer-limit", "maximum"), lifetime("api4:2023-integer-limit-legacy", "minimum"),
        lifetime("api4:2023-integer-format", "format"),
    ]

    private static let setup: [Breakage] = [
        Breakage("api7:2023-concerning-url-parameter", "components", "parameters", "Cursor", "name", becomes: "redirect_uri"),
        Breakage(
            "api8:2023-define-cors-origin", "components", "responses", "Done", "headers", "Access-Control-Allow-Origin", becomes: [:]),
        Breakage("api8:2023-no-scheme-http", "schemes", becomes: ["http"]),
        Breakage("api8:2023-no-server-http", "servers", "0", "url", becomes: "http://callgate.example"),
        Breakage("api8:2023-define-error-validation", "paths", "/v1/rooms/{room}", "get", "responses", "400", becomes: nil),
        Breakage("api8:2023-define-error-responses-401", "paths", "/v1/rooms", "get", "responses", "401", becomes: nil),
        Breakage("api8:2023-define-error-responses-500", "paths", "/livez", "get", "responses", "500", becomes: nil),
        Breakage("api9:2023-inventory-access", "servers", "0", "x-internal", becomes: nil),
        Breakage("api9:2023-inventory-environment", "servers", "0", "description", becomes: "It runs."),
    ]
}
