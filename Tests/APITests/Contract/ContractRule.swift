import StrictJSON

/// One thing that must hold for the whole document, in words, with a check that lists where it does not.
///
/// The rules are what a security reviewer would otherwise check by eye. They come from the service's own promises and from the
/// OWASP rule set for OpenAPI documents. Each rule has a row in `ContractRuleTests` that breaks it on purpose.
struct ContractRule: Sendable, CustomStringConvertible {
    let name: String
    let faults: @Sendable (Contract) -> [String]

    var description: String { name }

    init(_ name: String, _ faults: @escaping @Sendable (Contract) -> [String]) {
        self.name = name
        self.faults = faults
    }

    /// A rule over each operation by itself.
    static func each(_ name: String, _ faults: @escaping @Sendable (Contract.Operation, Contract) -> [String]) -> ContractRule {
        ContractRule(name) { contract in
            contract.operations.flatMap { operation in faults(operation, contract).map { "\(operation.id): \($0)" } }
        }
    }

    static let all = access + users + profiles + schemas + answers + repetition + calls + wholeness
}

/// A fault when the statement does not hold, and nothing otherwise.
func unless(_ holds: Bool, _ fault: @autoclosure () -> String) -> [String] {
    holds ? [] : [fault()]
}

extension ContractRule {
    /// Who may call what, beside what every contract is asked (`ContractAuditTests`).
    static let access: [ContractRule] = [
        .each("an operation that is not public names one scope, or says that any credential will do") { operation, _ in
            guard !operation.isPublic, let alternatives = operation.security else { return [] }
            let keys = alternatives.filter { $0.scheme == Contract.Alternative.key }
            let isOne = keys.count == 1 && keys[0].scopes.count == (operation.takesAnyCredential ? 0 : 1)
            return unless(isOne, "security is \(alternatives)")
        },
        ContractRule("a scope is no wildcard, and has a holder and a description") { contract in
            contract.scopes.flatMap { scope in
                unless(TextPattern("^[a-z]+:[a-z]+$")?.matches(scope.name) == true, "\(scope.name) is no plain scope")
                    + unless(["tenant", "operator", "either"].contains(scope.holder), "\(scope.name) is held by \(scope.holder)")
                    + unless(!scope.description.isEmpty, "\(scope.name) is not described")
            }
        },
        .each("an operation declares the refusals that can come before its work") { operation, _ in
            let expected = expectedProblems(of: operation)
            return expected.flatMap { status, code in
                unless(operation.answers(status, code), "lacks \(status) \(code)")
            }
        },
        .each("no credential travels in a URL") { operation, _ in
            let credential = TextPattern("(?i)(?:secret|token|password|api_?-?key)")
            let inURL = operation.parameters.filter { $0.location == "path" || $0.location == "query" }
            return inURL.flatMap { unless(credential?.matches($0.name) == false, "the parameter \($0.name) looks like one") }
        },
        ContractRule("the security schemes are bearers that tell how they stand to RFC8725") { contract in
            let schemes = contract.document["components"]?["securitySchemes"]?.objectValue?.members ?? []
            let names = [Contract.Alternative.key, Contract.Alternative.user]
            return unless(schemes.map(\.name) == names, "the schemes are \(schemes.map(\.name))")
                + schemes.flatMap { scheme in
                    let (name, says) = (scheme.name, scheme.value)
                    return unless(says["type"] == "http" && says["scheme"] == "bearer", "\(name) is no bearer")
                        + unless(says["description"]?.stringValue?.contains("RFC8725") == true, "\(name) does not speak of RFC8725")
                }
        },
    ]

    /// What every operation of that kind can answer, whatever else it does.
    private static func expectedProblems(of operation: Contract.Operation) -> [(Int, String)] {
        var expected = [(429, "rate_limited"), (500, "internal")]
        guard !operation.isPublic else { return expected }
        expected += [(400, "malformed_request"), (401, "unauthenticated"), (503, "unavailable")]
        if operation.scope != nil { expected.append((403, "missing_scope")) }
        if operation.parameters.contains(where: { $0.location == "path" }) { expected.append((404, "not_found")) }
        if operation.parameters.contains(where: { $0.name == "cursor" }) { expected.append((400, "invalid_cursor")) }
        if !operation.requestBodies.isEmpty {
            expected += [(400, "malformed_json"), (413, "body_too_large"), (415, "unsupported_media_type"), (422, "invalid_fields")]
        }
        return expected
    }
}
