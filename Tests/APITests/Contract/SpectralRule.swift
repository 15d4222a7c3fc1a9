import StrictJSON

@testable import API

/// A rule of the OWASP set for OpenAPI (the 2023 one, as Spectral has it), over the document as it stands there.
///
/// Spectral is JavaScript and knows OpenAPI 3.1 in part. Its rules are plain paths and comparisons, so they are done again here: one value
/// for each of the 32, by its name there.
struct SpectralRule: Sendable, CustomStringConvertible {
    let name: String
    let faults: @Sendable (JSONValue) -> [String]
    var description: String { name }

    init(_ name: String, _ faults: @escaping @Sendable (JSONValue) -> [String]) {
        self.name = name
        self.faults = faults
    }

    static let all: [SpectralRule] = objects + authentication + properties + consumption + configuration
}

/// What the rules look at.
struct SpectralView {
    let document: JSONValue
    let operations: [ContractOperation]

    init(_ document: JSONValue) {
        self.document = document
        operations = ContractOperation.all(in: document).operations
    }

    var schemes: [JSONObject.Member] { document["components"]?["securitySchemes"]?.objectValue?.members ?? [] }
    var servers: [JSONValue] { document["servers"]?.arrayValue ?? [] }
    /// Every schema of the document.
    var schemas: [(place: String, schema: JSONObject)] { SchemaWalk(document).schemas.map { ($0.place.text, $0.schema) } }

    /// The parameters of an operation, those of its path first.
    func parameters(_ operation: ContractOperation) -> [JSONValue] {
        [document["paths"]?[operation.path]?["parameters"], operation.value["parameters"]].flatMap { $0?.arrayValue ?? [] }
            .compactMap(document.resolved)
    }

    /// The schemas of that type, with what the rule finds wrong with each.
    func eachSchema(of type: String, _ fault: (JSONObject) -> Bool) -> [String] {
        schemas.filter { $0.schema.isOf(type) && fault($0.schema) }.map(\.place)
    }

    /// Each operation and each of its answers of which the rule finds something.
    func eachAnswer(where isLookedAt: (String) -> Bool, _ fault: ([String]) -> Bool) -> [String] {
        operations.flatMap { operation in
            operation.answers.filter { answer in
                let headers = (answer.value["headers"]?.objectValue?.members ?? []).map { $0.name.lowercased() }
                return isLookedAt(answer.status) && fault(headers)
            }.map { "\(operation.id) \($0.status)" }
        }
    }

    /// The operations that do not declare that answer.
    func lacking(_ statuses: String..., unless isExempt: (ContractOperation) -> Bool = { _ in false }) -> [String] {
        operations.filter { operation in
            !isExempt(operation) && !operation.answers.contains { statuses.contains($0.status) }
        }.map(\.id)
    }
}

extension JSONObject {
    func isOf(_ type: String) -> Bool { self["type"]?.stringValue == type || self["type"]?.texts.contains(type) == true }
    func has(_ names: String...) -> Bool { names.contains { self[$0] != nil } }
}

extension SpectralRule {
    static let objects: [SpectralRule] = [
        .init("owasp:api1:2023-no-numeric-ids") { document in
            let view = SpectralView(document)
            return view.operations.flatMap { operation in
                view.parameters(operation).filter { parameter in
                    let name = parameter["name"]?.stringValue?.lowercased() ?? ""
                    let isID = name == "id" || ["_id", "-id"].contains { name.hasSuffix($0) } || parameter["in"] == "path"
                    return isID && parameter["schema"].flatMap(document.resolved)?.objectValue?.isOf("integer") == true
                }.map { "\(operation.id) \($0["name"]?.stringValue ?? "")" }
            }
        }
    ]

    static let authentication: [SpectralRule] = [
        .init("owasp:api2:2023-no-http-basic") { document in
            SpectralView(document).schemes.filter { $0.value["scheme"]?.stringValue?.lowercased() == "basic" }.map(\.name)
        },
        .init("owasp:api2:2023-no-api-keys-in-url") { document in
            SpectralView(document).schemes.filter { $0.value["type"] == "apiKey" && ["path", "query"].contains($0.value["in"]) }.map(\.name)
        },
        .init("owasp:api2:2023-no-credentials-in-url") { document in
            let view = SpectralView(document)
            let credential = TextPattern("(?i)^.*(client_?secret|token|access_?token|refresh_?token|id_?token|password|secret|api-?key).*$")
            return view.operations.flatMap { operation in
                view.parameters(operation).filter { parameter in
                    ["path", "query"].contains(parameter["in"]) && credential?.matches(parameter["name"]?.stringValue ?? "") != false
                }.map { "\(operation.id) \($0["name"]?.stringValue ?? "")" }
            }
        },
        .init("owasp:api2:2023-auth-insecure-schemes") { document in
            SpectralView(document).schemes.filter { ["negotiate", "oauth"].contains($0.value["scheme"]?.stringValue?.lowercased() ?? "") }
                .map(\.name)
        },
        .init("owasp:api2:2023-jwt-best-practices") { document in
            SpectralView(document).schemes.filter { scheme in
                let isJWT = scheme.value["type"] == "oauth2" || scheme.value["bearerFormat"]?.stringValue?.lowercased() == "jwt"
                return isJWT && scheme.value["description"]?.stringValue?.contains("RFC8725") != true
            }.map(\.name)
        },
        .init("owasp:api2:2023-short-lived-access-tokens") { document in
            SpectralView(document).schemes.filter { scheme in
                (scheme.value["flows"]?.objectValue?.members ?? []).contains {
                    $0.name != "clientCredentials" && $0.value["refreshUrl"] == nil
                }
            }.map(\.name)
        },
        .init("owasp:api2:2023-write-restricted") { document in
            SpectralView(document).operations.filter { !["GET", "HEAD"].contains($0.method) && $0.alternatives?.isEmpty != false }.map(\.id)
        },
        .init("owasp:api2:2023-read-restricted") { document in
            // A warning there. What is public says so here.
            SpectralView(document).operations.filter {
                ["GET", "HEAD"].contains($0.method) && $0.alternatives?.isEmpty != false && !$0.isPublic
            }.map(\.id)
        },
    ]

    static let properties: [SpectralRule] = [
        .init("owasp:api3:2023-no-additionalProperties") { document in
            SpectralView(document).eachSchema(of: "object") { $0["additionalProperties"] == true }
        },
        .init("owasp:api3:2023-constrained-additionalProperties") { document in
            SpectralView(document).eachSchema(of: "object") {
                $0["additionalProperties"] != nil && $0["additionalProperties"] != false && $0["maxProperties"] == nil
            }
        },
        .init("owasp:api3:2023-no-unevaluatedProperties") { document in
            SpectralView(document).eachSchema(of: "object") { ![nil, false].contains($0["unevaluatedProperties"]) }
        },
        .init("owasp:api3:2023-constrained-unevaluatedProperties") { document in
            SpectralView(document).eachSchema(of: "object") {
                ![nil, false].contains($0["unevaluatedProperties"]) && $0["maxProperties"] == nil
            }
        },
    ]
}
