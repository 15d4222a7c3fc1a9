import StrictJSON

// Who may call what.

extension ContractAudit {
    static func accessFaults(of operation: ContractOperation, _ parts: Parts) -> [ContractFault] {
        guard let alternatives = operation.alternatives else {
            return [ContractFault(kind: .securityMissing, place: operation.id, detail: "has no security of its own")]
        }
        let isOpen = alternatives.isEmpty || alternatives.contains(where: \.isEmpty)
        let undeclared = refusals(of: operation).flatMap { status in
            unless(operation.answers.contains { $0.status == status }, .refusalUndeclared, operation.id, "lacks \(status)")
        }
        if isOpen {
            guard operation.isPublic else {
                return unless(false, .publicUnmarked, operation.id, "asks for no credential and is not x-public")
            }
            return undeclared
        }
        return unless(!operation.isPublic, .publicContradicted, operation.id, "is x-public and asks for a credential")
            + alternatives.flatMap { faults(of: $0, operation, parts) } + undeclared
    }

    /// A way of being let in names a scope; or it is for users, who hold none, and says what they may do; or it is for whoever holds any
    /// credential, which is for reading what is no secret.
    private static func faults(
        of alternative: ContractOperation.Alternative, _ operation: ContractOperation, _ parts: Parts
    ) -> [ContractFault] {
        let names = alternative.map(\.scheme)
        let unknown = names.filter { parts.schemes[$0] == nil }
        guard unknown.isEmpty else {
            return unknown.map { ContractFault(kind: .schemeUnknown, place: operation.id, detail: "\($0) is no security scheme") }
        }
        let scopes = alternative.flatMap(\.scopes)
        guard scopes.isEmpty else {
            return scopes.flatMap { scope -> [ContractFault] in
                guard !scope.contains("*") else { return unless(false, .scopeWildcard, operation.id, "asks for \(scope)") }
                return unless(parts.scopes[scope] != nil, .scopeUnknown, operation.id, "\(scope) is not in x-scopes")
            }
        }
        let isForUsers = names.allSatisfy { parts.schemes[$0]?["x-holder"] == "user" } && operation.userAccess?.isEmpty == false
        let givesNothing = operation.method == "GET" && operation.mints.isEmpty && operation.issues.isEmpty
        let isForAnybody = operation.takesAnyCredential && givesNothing
        return unless(
            isForUsers || isForAnybody, .alternativeWithoutScope, operation.id,
            "\(names.joined(separator: " and ")) asks for no scope, and nothing says how far it leads")
    }

    static func scopeFaults(_ operations: [ContractOperation], _ parts: Parts) -> [ContractFault] {
        let asked = Set(operations.flatMap { $0.alternatives ?? [] }.flatMap { $0.flatMap(\.scopes) })
        return parts.scopes.members.map(\.name).flatMap { scope -> [ContractFault] in
            guard !scope.contains("*") else { return unless(false, .scopeWildcard, scope, "stands for several scopes") }
            return unless(asked.contains(scope), .scopeUnused, scope, "no operation asks for it")
        }
    }
}
