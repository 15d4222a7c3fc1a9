import StrictJSON
import Testing

@testable import API

/// The page for people says what the contract says.
struct DocsPageTests {
    let contract: Contract
    let page: String

    init() throws {
        contract = try Contract.current.get()
        page = DocsPage.html(contract.document)
    }

    @Test func `it names who may use each operation, keys and users apart`() {
        for operation in contract.operations {
            let row = row(after: "<code>\(operation.id)</code>")
            #expect(row.contains("<code>\(operation.method) \(operation.path)</code>"))
            if let scope = operation.scope { #expect(row.contains("<td><code>\(scope)</code></td>")) }
            #expect(row.contains("open to everybody") == operation.isPublic)
            let words = operation.userAccess?.split(separator: "`").first.map(String.init)
            if let words { #expect(row.contains("<td>\(words)")) }
            #expect(row.contains("<td></td>") || operation.takesUserToken)
        }
    }

    @Test func `it shows every move of a call in every state, every limit, and what each credential is`() {
        for row in contract.callRows {
            let name = row.move.operation ?? row.move.name
            let first = row.move.by.contains("caller") ? "caller" : row.move.by.first ?? ""
            let line = self.row(after: "<code>\(name)</code></td><td><code>\(first)</code>")
            let reason = row.reason.map { " (<code>\($0)</code>)" } ?? ""
            #expect(line.contains("<code>\(row.then)</code>\(reason)"), "\(row)")
        }
        for limit in contract.document["x-limits"]?.objectValue?.members ?? [] {
            #expect(page.contains("<code>\(limit.name)</code></td><td>\(limit.value.canonicalText)</td>"))
        }
        for scheme in ["apiKey", "userToken"] { #expect(page.contains("<td><code>\(scheme)</code></td>")) }
    }

    @Test func `it shows who gets what token, as the review of the contract has it`() throws {
        let rows = ContractAudit(contract.document).matrix.rows.filter { $0.token != nil }
        #expect(rows.count == 15)
        let table = try #require(page.firstRange(of: "Who gets what token")?.upperBound)
        for row in rows {
            let token = try #require(row.token)
            let name = token.profile + (token.provider.map { " for \($0)" } ?? "")
            let cells = [row.caller, name, token.grantsInShort, "\(token.lifetime)"].map { "<td>\($0)</td>" }.joined()
            #expect(page[table...].contains("<td><code>\(row.operation)</code></td>\(cells)"), "\(row.operation) \(name)")
        }
    }

    @Test func `its marks are resolved and nothing in it can be run`() throws {
        #expect(page.contains("<b>Acceptance first.</b>") && page.contains("<code>x-user-access</code>"))
        #expect(!page.contains("`") && !page.contains("**"))
        let hostile = try #require(contract.document.replacing(["info", "description"], with: "<script>`a` \"b\" & **c"))
        #expect(DocsPage.html(hostile).contains("<p>&lt;script&gt;<code>a</code> &quot;b&quot; &amp; **c</p>"))
    }

    /// The rest of the table row in which that text stands first.
    private func row(after text: String) -> Substring {
        guard let start = page.firstRange(of: text)?.lowerBound else { return "" }
        let rest = page[start...]
        return rest[..<(rest.firstRange(of: "</tr>")?.lowerBound ?? rest.endIndex)]
    }
}
