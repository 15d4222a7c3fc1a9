import StrictJSON

/// The contract as one page for people: who may do what, what a token then says, how long it lives, what comes of every move of a call, and
/// what every refusal means.
///
/// Everything on it is read from the document, so it cannot say anything else.
enum DocsPage {
    static func html(_ contract: JSONValue) -> String {
        """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><title>\(escaped(contract["info"]?["title"]))</title>
        <style>\(style)</style></head><body>
        <h1>\(escaped(contract["info"]?["title"])) \(escaped(contract["info"]?["version"]))</h1>
        <p>\(prose(contract["info"]?["description"]))</p>
        <p>The whole contract: <a href="/openapi.yaml">openapi.yaml</a>, <a href="/openapi.json">openapi.json</a>.</p>
        <h2 id="operations">Operations</h2>
        \(table(["Operation", "Request", "What", "A key needs", "A user's token", "Mints"], operations(contract)))
        <h2 id="matrix">Who gets what token</h2>
        <p>The same as <code>callgate contract</code> prints.</p>
        \(table(matrixTitles, matrix(contract)))
        <h2 id="credentials">Credentials</h2>
        \(table(["Name", "What it is"], credentials(contract)))
        <h2 id="scopes">Scopes</h2>
        \(table(["Scope", "Held by", "Allows"], scopes(contract)))
        <h2 id="profiles">Token profiles</h2>
        \(table(["Role", "May", "Lives, in seconds", "As written by each provider"], profiles(contract)))
        <h2 id="calls">Calls</h2>
        <p>What a participant of a call may publish: \(media(contract)). What comes of every move, by the state of the call:</p>
        \(table(["Move", "By"] + callStates.map { "When \($0)" }, callMoves(contract)))
        <h2 id="limits">Limits</h2>
        \(table(["Limit", "Value"], limits(contract)))
        <h2 id="problems">Problems</h2>
        \(table(["Code", "Status", "When"], problems(contract)))
        </body></html>
        """
    }

    private static let style = """
        body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:85rem;padding:0 1rem;color:#222}
        table{border-collapse:collapse;width:100%;margin-bottom:2rem}
        td,th{border:1px solid #ccc;padding:.35rem .6rem;text-align:left;vertical-align:top}
        th{background:#f4f4f4}code,pre{font-size:13px}pre{white-space:pre-wrap;margin:0}p,.text{white-space:pre-line}
        """
}

// The tables.
extension DocsPage {
    private static func operations(_ contract: JSONValue) -> String {
        var rows = ""
        for path in members(contract["paths"]) {
            for method in members(path.value) where method.value["operationId"] != nil {
                rows += row(
                    code(method.value["operationId"]), code(.string("\(method.name.uppercased()) \(path.name)")),
                    escaped(method.value["summary"]), keyAccess(to: method.value), userAccess(to: method.value),
                    list(method.value["x-mints"]))
            }
        }
        return rows
    }

    private static let matrixTitles = [
        "Operation", "Caller", "Token", "Grants", "Lives", "Opens its room for", "Algorithm", "Bound to", "Revoked by",
    ]

    /// A row for each operation and each kind of credential that it hands out.
    private static func matrix(_ contract: JSONValue) -> String {
        ContractMatrix(ContractOperation.all(in: contract).operations, contract).rows.map { handing in
            guard let token = handing.token else { return "" }
            let name = token.profile + (token.provider.map { " for \($0)" } ?? "")
            let effective = token.effectiveSeconds.map { "up to \($0) s" } ?? ""
            let texts = [
                handing.caller, name, token.grantsInShort, token.lifetime.description, effective, token.algorithm ?? "",
                token.boundTo.joined(separator: ", "), token.revokedBy ?? "",
            ]
            return "<tr>" + cells([code(.string(handing.operation))] + texts.map { escaped(.string($0)) }) + "</tr>"
        }.joined()
    }

    private static func keyAccess(to operation: JSONValue) -> String {
        if operation["x-public"]?.boolValue == true { return "nothing: open to everybody" }
        if operation["x-any-credential"]?.boolValue == true { return "no scope" }
        return list(alternative("apiKey", of: operation))
    }

    private static func userAccess(to operation: JSONValue) -> String {
        alternative("userToken", of: operation) == nil ? "" : prose(operation["x-user-access"])
    }

    /// The scopes of one way of being let in; nil where the operation does not list it.
    private static func alternative(_ scheme: String, of operation: JSONValue) -> JSONValue? {
        (operation["security"]?.arrayValue ?? []).lazy.compactMap { $0[scheme] }.first
    }

    private static func credentials(_ contract: JSONValue) -> String {
        members(contract["components"]?["securitySchemes"]).map { scheme in
            row(code(.string(scheme.name)), "<div class=\"text\">\(prose(scheme.value["description"]))</div>")
        }.joined()
    }

    private static func scopes(_ contract: JSONValue) -> String {
        members(contract["components"]?["x-scopes"]).map { scope in
            row(code(.string(scope.name)), escaped(scope.value["holder"]), escaped(scope.value["description"]))
        }.joined()
    }

    private static func profiles(_ contract: JSONValue) -> String {
        members(contract["components"]?["x-token-profiles"]).map { profile in
            let ttl = profile.value["ttl_seconds"]
            let providers = members(profile.value["providers"]).map { provider in
                "<b>\(escaped(.string(provider.name)))</b> \(escaped(provider.value["format"])), \(escaped(provider.value["alg"])), "
                    + "bound to \(list(provider.value["bound_to"])). \(escaped(provider.value["revoked_by"]))"
                    + "<pre>\(escaped(.string(provider.value["grants"]?.canonicalText ?? "")))</pre>"
            }
            return row(
                code(.string(profile.name)), escaped(profile.value["description"]),
                "\(number(ttl?["min"])) to \(number(ttl?["max"])), \(number(ttl?["default"])) unless asked",
                providers.joined(separator: "<br>"))
        }.joined()
    }

    private static func media(_ contract: JSONValue) -> String {
        members(contract["components"]?["x-call-media"]).map { medium in
            "in \(code(.string(medium.name))) \(list(medium.value))"
        }.joined(separator: "; ")
    }

    private static let callStates = ["ringing", "active", "ended"]

    private static func callMoves(_ contract: JSONValue) -> String {
        members(contract["components"]?["x-call-states"]).map { move in
            "<tr>" + cells([code(move.value["operation"] ?? .string(move.name)), list(move.value["by"])])
                + cells(callStates.map { outcomes(move.value[$0]) }) + "</tr>"
        }.joined()
    }

    /// The rows of one cell, in their order: `same_device: unchanged`, else `answered_elsewhere`.
    private static func outcomes(_ rows: JSONValue?) -> String {
        (rows?.arrayValue ?? []).map { row in
            let condition = row["when"].map { "\(code($0)): " } ?? ""
            let reason = row["reason"].map { " (\(code($0)))" } ?? ""
            return "\(condition)\(code(row["then"]))\(reason)"
        }.joined(separator: ", else ")
    }

    private static func limits(_ contract: JSONValue) -> String {
        members(contract["x-limits"]).map { row(code(.string($0.name)), number($0.value)) }.joined()
    }

    private static func problems(_ contract: JSONValue) -> String {
        members(contract["components"]?["x-problems"]).map { problem in
            "<tr id=\"problem-\(escaped(.string(problem.name)))\">"
                + cells([code(.string(problem.name)), number(problem.value["status"]), escaped(problem.value["when"])]) + "</tr>"
        }.joined()
    }
}

// The pieces.
extension DocsPage {
    private static func table(_ titles: [String], _ rows: String) -> String {
        "<table><tr>\(titles.map { "<th>\($0)</th>" }.joined())</tr>\(rows)</table>"
    }

    private static func row(_ texts: String...) -> String { "<tr>\(cells(texts))</tr>" }
    private static func cells(_ texts: [String]) -> String { texts.map { "<td>\($0)</td>" }.joined() }
    private static func members(_ value: JSONValue?) -> [JSONObject.Member] { value?.objectValue?.members ?? [] }
    private static func number(_ value: JSONValue?) -> String { value?.integerValue.map { "\($0)" } ?? "" }
    private static func code(_ value: JSONValue?) -> String { "<code>\(escaped(value))</code>" }
    private static func list(_ value: JSONValue?) -> String { (value?.arrayValue ?? []).map { code($0) }.joined(separator: ", ") }

    /// A text with what it marks as code (`` ` ``) and as weighty (`**`). A mark that is not closed stays as it is.
    private static func prose(_ value: JSONValue?) -> String {
        marked(marked(escaped(value), by: "`", as: "code"), by: "**", as: "b")
    }

    private static func marked(_ text: String, by mark: String, as element: String) -> String {
        let parts = text.split(separator: mark, omittingEmptySubsequences: false)
        guard parts.count % 2 == 1 else { return text }
        return parts.enumerated().map { index, part in index % 2 == 0 ? String(part) : "<\(element)>\(part)</\(element)>" }.joined()
    }

    private static func escaped(_ value: JSONValue?) -> String {
        var text = ""
        for character in value?.stringValue ?? "" {
            switch character {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            default: text.append(character)
            }
        }
        return text
    }
}
