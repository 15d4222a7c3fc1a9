import API
import StrictJSON

/// A review's result, written out.
enum ContractReport {
    /// Operation by operation, with what it hands out below it.
    static func text(_ audit: ContractAudit) -> String {
        var lines: [String] = []
        var last: String?
        for row in audit.matrix.rows {
            if row.request != last {
                lines.append("\(row.operation)  \(row.request)")
                lines.append("    caller: \(row.caller)")
                if let access = row.userAccess { lines.append("    a user: \(access)") }
            }
            last = row.request
            if let token = row.token { lines += self.lines(of: token) }
        }
        return (lines + faults(audit)).joined(separator: "\n")
    }

    private static func lines(of token: ContractMatrix.Token) -> [String] {
        let verb = token.provider == nil ? "issues" : "mints"
        return [
            "    \(verb): \(name(of: token)), \(stated(token.format)), for a \(stated(token.audience))",
            "        grants: \(token.grantsInShort)",
            "        lives: \(token.lifetime)\(token.effectiveSeconds.map { "; opens its room for up to \($0) s" } ?? "")",
            "        algorithm: \(stated(token.algorithm))",
            "        bound to: \(token.boundTo.isEmpty ? "not stated" : token.boundTo.joined(separator: ", "))",
            "        revoked by: \(stated(token.revokedBy))",
        ]
    }

    private static func faults(_ audit: ContractAudit) -> [String] {
        audit.faults.isEmpty ? [] : ["", "faults:"] + audit.faults.map { "    \($0)" }
    }

    /// One table, for a document.
    static func markdown(_ audit: ContractAudit) -> String {
        let head = ["operation", "caller", "profile", "grants", "lives", "effective", "algorithm", "bound to", "revoked by"]
        let rows = audit.matrix.rows.map { row in
            let first = ["`\(row.operation)` \(row.request)", row.caller]
            guard let token = row.token else { return first + Array(repeating: "", count: head.count - first.count) }
            return first + [
                name(of: token), token.grantsInShort, "\(token.lifetime)", token.effectiveSeconds.map { "\($0) s" } ?? "",
                stated(token.algorithm), token.boundTo.joined(separator: ", "), stated(token.revokedBy),
            ]
        }
        let table = [head, head.map { _ in "---" }] + rows
        let faults = audit.faults.map { "- \($0)" }
        return (table.map { "| \($0.map(cell).joined(separator: " | ")) |" } + (faults.isEmpty ? [] : ["", "Faults:", ""] + faults))
            .joined(separator: "\n")
    }

    private static func cell(_ text: String) -> String { text.replacing("|", with: "\\|").replacing("\n", with: " ") }

    /// Everything, for a script. What is not stated is absent.
    static func json(_ audit: ContractAudit) -> String {
        let faults: [JSONValue] = audit.faults.map {
            ["kind": .string($0.kind.rawValue), "place": .string($0.place), "detail": .string($0.detail)]
        }
        let report: JSONValue = ["rows": .array(audit.matrix.rows.map(json)), "faults": .array(faults)]
        return report.canonicalText
    }

    private static func json(_ row: ContractMatrix.Row) -> JSONValue {
        var object: JSONObject = ["operation": .string(row.operation), "request": .string(row.request), "caller": .string(row.caller)]
        object["user_access"] = row.userAccess.map { .string($0) }
        object["token"] = row.token.map(json)
        return .object(object)
    }

    private static func json(_ token: ContractMatrix.Token) -> JSONValue {
        var object: JSONObject = ["profile": .string(token.profile), "bound_to": .array(token.boundTo.map { .string($0) })]
        let texts = [
            "provider": token.provider, "audience": token.audience, "format": token.format, "alg": token.algorithm,
            "revoked_by": token.revokedBy,
        ]
        for (name, text) in texts { object[name] = text.map { .string($0) } }
        object["grants"] = token.grants
        let lifetime = token.lifetime
        let numbers = [
            "ttl_seconds_min": lifetime.least, "ttl_seconds_default": lifetime.usual, "ttl_seconds_max": lifetime.most,
            "effective_ttl_seconds_max": token.effectiveSeconds,
        ]
        for (name, number) in numbers { object[name] = number.map { .integer($0) } }
        return .object(object)
    }

    private static func name(of token: ContractMatrix.Token) -> String {
        token.profile + (token.provider.map { " for \($0)" } ?? "")
    }

    private static func stated(_ text: String?) -> String { text ?? "not stated" }
}
