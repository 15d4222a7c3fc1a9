import StrictJSON

/// The contract as one page for people: who may do what, what a token then says, how long it lives, and what every refusal means.
///
/// Everything on it is read from the document, so it cannot say anything else.
enum DocsPage {
    static func html(_ contract: JSONValue) -> String {
        """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><title>\(escaped(contract["info"]?["title"]))</title>
        <style>\(style)</style></head><body>
        <h1>\(escaped(contract["info"]?["title"])) \(escaped(contract["info"]?["version"]))</h1>
        <p>\(escaped(contract["info"]?["description"]))</p>
        <p>The whole contract: <a href="/openapi.yaml">openapi.yaml</a>, <a href="/openapi.json">openapi.json</a>.</p>
        <h2 id="operations">Operations</h2>
        <table><tr><th>Operation</th><th>Request</th><th>What</th><th>Scope</th><th>Mints</th></tr>\(operations(contract))</table>
        <h2 id="profiles">Token profiles</h2>
        <table><tr><th>Role</th><th>May</th><th>Lives, in seconds</th><th>As written by each provider</th></tr>\(profiles(contract))</table>
        <h2 id="scopes">Scopes</h2>
        <table><tr><th>Scope</th><th>Held by</th><th>Allows</th></tr>\(scopes(contract))</table>
        <h2 id="problems">Problems</h2>
        <table><tr><th>Code</th><th>Status</th><th>When</th></tr>\(problems(contract))</table>
        </body></html>
        """
    }

    private static let style = """
        body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem;color:#222}
        table{border-collapse:collapse;width:100%;margin-bottom:2rem}
        td,th{border:1px solid #ccc;padding:.35rem .6rem;text-align:left;vertical-align:top}
        th{background:#f4f4f4}code,pre{font-size:13px}pre{white-space:pre-wrap;margin:0}p{white-space:pre-line}
        """

    private static func operations(_ contract: JSONValue) -> String {
        var rows = ""
        for path in members(contract["paths"]) {
            for method in members(path.value) where method.value["operationId"] != nil {
                rows += row(
                    "<code>\(escaped(method.value["operationId"]))</code>",
                    "<code>\(escaped(.string(method.name.uppercased()))) \(escaped(.string(path.name)))</code>",
                    escaped(method.value["summary"]),
                    scope(of: method.value), list(method.value["x-mints"]))
            }
        }
        return rows
    }

    private static func scope(of operation: JSONValue) -> String {
        if operation["x-public"]?.boolValue == true { return "none: open to everybody" }
        if operation["x-any-credential"]?.boolValue == true { return "any key" }
        return list(operation["security"]?[0]?["apiKey"])
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
                "<code>\(escaped(.string(profile.name)))</code>", escaped(profile.value["description"]),
                "\(number(ttl?["min"])) to \(number(ttl?["max"])), \(number(ttl?["default"])) unless asked",
                providers.joined(separator: "<br>"))
        }.joined()
    }

    private static func scopes(_ contract: JSONValue) -> String {
        members(contract["components"]?["x-scopes"]).map { scope in
            row("<code>\(escaped(.string(scope.name)))</code>", escaped(scope.value["holder"]), escaped(scope.value["description"]))
        }.joined()
    }

    private static func problems(_ contract: JSONValue) -> String {
        members(contract["components"]?["x-problems"]).map { problem in
            "<tr id=\"problem-\(escaped(.string(problem.name)))\">"
                + cells("<code>\(escaped(.string(problem.name)))</code>", number(problem.value["status"]), escaped(problem.value["when"]))
                + "</tr>"
        }.joined()
    }

    private static func row(_ texts: String...) -> String { "<tr>\(texts.map { "<td>\($0)</td>" }.joined())</tr>" }
    private static func cells(_ texts: String...) -> String { texts.map { "<td>\($0)</td>" }.joined() }
    private static func members(_ value: JSONValue?) -> [JSONObject.Member] { value?.objectValue?.members ?? [] }
    private static func number(_ value: JSONValue?) -> String { value?.integerValue.map { "\($0)" } ?? "" }

    private static func list(_ value: JSONValue?) -> String {
        (value?.arrayValue ?? []).map { "<code>\(escaped($0))</code>" }.joined(separator: ", ")
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
