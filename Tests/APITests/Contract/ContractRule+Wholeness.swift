import StrictJSON

extension ContractRule {
    /// The document as a whole: its names agree, nothing lies about unused.
    static let wholeness: [ContractRule] = [
        ContractRule("it is OpenAPI 3.1 under Apache-2.0") { contract in
            unless(contract.document["openapi"]?.stringValue?.hasPrefix("3.1.") == true, "openapi")
                + unless(contract.document["info"]?["license"]?["identifier"] == "Apache-2.0", "license")
                + unless(contract.document["jsonSchemaDialect"] == nil, "jsonSchemaDialect is the default one")
        },
        ContractRule("a server is reached by TLS, is marked internal or not, and names its environment") { contract in
            let servers = contract.document["servers"]?.arrayValue ?? []
            return unless(!servers.isEmpty, "there is none")
                + servers.flatMap { server in
                    unless(server["url"]?.stringValue?.hasPrefix("https://") == true, "is not reached by TLS")
                        + unless(server["x-internal"]?.boolValue != nil, "x-internal is not said")
                        + unless(server["description"]?.stringValue?.lowercased().contains("production") == true, "no environment")
                }
        },
        ContractRule("an operation has a name of its own, a tag that is listed and a summary") { contract in
            let tags = Set((contract.document["tags"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue })
            let names = contract.operations.map(\.id)
            return Set(names).filter { name in names.count { $0 == name } > 1 }.map { "\($0) is there twice" }
                + contract.operations.flatMap { operation in
                    let source = contract.document["paths"]?[operation.path]?[operation.method.lowercased()]
                    let used = (source?["tags"]?.arrayValue ?? []).compactMap(\.stringValue)
                    return unless(used.count == 1 && tags.isSuperset(of: used), "\(operation.id): its tags are \(used)")
                        + unless(source?["summary"]?.stringValue?.isEmpty == false, "\(operation.id): has no summary")
                }
        },
        .each("the parameters of the path are declared, required, and no bare numbers") { operation, contract in
            let named = Set(operation.path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) })
            let declared = operation.parameters.filter { $0.location == "path" }
            return unless(named == Set(declared.map(\.name)), "the path names \(named)")
                + declared.flatMap { unless($0.isRequired && contract.isText($0.schema), "\($0.name) is optional or no text") }
        },
        ContractRule("lists of names that are written twice are the same") { contract in
            func choices(_ schema: String, _ property: String? = nil) -> Set<String> {
                let schema = property.map { contract.schema(schema)?["properties"]?[$0] } ?? contract.schema(schema)
                return Set((schema?["enum"]?.arrayValue ?? []).compactMap(\.stringValue))
            }
            return unless(choices("Scope") == Set(contract.scopes.map(\.name)), "Scope and x-scopes")
                + unless(choices("Role") == Set(contract.tokenProfiles.members.map(\.name)), "Role and x-token-profiles")
                + unless(choices("Problem", "code") == Set(contract.problems.map(\.code)), "Problem.code and x-problems")
                + unless(
                    choices("FieldFault", "code") == Set(JSONFault.Code.allCases.map(\.rawValue)), "FieldFault.code and the reader's codes")
        },
        ContractRule("every problem says when it comes") { contract in
            contract.problems.flatMap { unless((400...599).contains($0.status) && !$0.title.isEmpty && !$0.when.isEmpty, $0.code) }
        },
        ContractRule("the profiles' answer has the shape that the contract gives it, and its example is the profiles") { contract in
            guard let body = contract.operation("listTokenProfiles")?.answer(200)?.bodies.first else { return ["there is no such answer"] }
            let profiles = JSONValue.object(contract.tokenProfiles)
            return contract.schemas.faults(of: profiles, against: body.schema).map(\.description)
                + unless(body.examples.map(\.value) == [profiles], "the example differs")
        },
        ContractRule("every component is used") { contract in
            var used: Set<String> = []
            collectReferences(contract.document, &used)
            let sections = (contract.document["components"]?.objectValue?.members ?? []).filter {
                $0.name != "securitySchemes" && !$0.name.hasPrefix("x-")
            }
            return sections.flatMap { section in
                (section.value.objectValue?.members ?? []).map { "#/components/\(section.name)/\($0.name)" }
            }.filter { !used.contains($0) }
        },
    ]

    private static func collectReferences(_ value: JSONValue, _ used: inout Set<String>) {
        for element in value.arrayValue ?? [] { collectReferences(element, &used) }
        for member in value.objectValue?.members ?? [] {
            if member.name == "$ref", let text = member.value.stringValue { used.insert(text) }
            collectReferences(member.value, &used)
        }
    }
}
