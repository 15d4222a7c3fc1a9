import Foundation
import StrictJSON

/// `openapi/callgate.yaml` as tests ask for it: operations with their scopes, bodies, answers and problems; every `$ref` to a
/// parameter, header, answer, body or example is followed. Schemas are left as they are and judged by ``JSONSchema``.
///
/// Reading is forgiving where ``ContractRules`` is strict: what is absent is nil here and a fault there.
struct Contract: Sendable {
    /// The whole document.
    let document: JSONValue
    /// In the order of the document.
    let operations: [Operation]
    /// What can be answered on any path, before an operation is chosen.
    let transportAnswers: [Answer]
    /// `components.x-problems`, in the order of the document.
    let problems: [Problem]
    /// `components.x-scopes`, in the order of the document.
    let scopes: [ScopeEntry]

    struct Operation: Sendable, CustomStringConvertible {
        let id: String
        /// Upper case.
        let method: String
        /// With `{name}` for parameters.
        let path: String
        /// The operation's own `security`; nil when it has none. One of the alternatives has to hold.
        let security: [Alternative]?
        let isPublic: Bool
        let takesAnyCredential: Bool
        /// `x-user-access`: what a user's token may do there.
        let userAccess: String?
        /// `x-mints`: the profiles of the tokens that it can mint.
        let mints: [String]?
        /// `x-providers`: whose tokens it can mint.
        let providers: [String]
        /// `x-issues`: what other credential it makes.
        let issues: String?
        /// Those of the path first.
        let parameters: [Parameter]
        let isBodyRequired: Bool
        /// One per media type; empty when the operation takes no body.
        let requestBodies: [Body]
        /// By status, ascending.
        let answers: [Answer]

        var description: String { "\(id) (\(method) \(path))" }
        /// The one scope that a key needs; nil for public operations and those which take any credential.
        var scope: String? { security?.first { $0.scheme == Alternative.key }?.scopes.first }
        /// Whether a user's token will do too.
        var takesUserToken: Bool { security?.contains { $0.scheme == Alternative.user } ?? false }

        func answer(_ status: Int) -> Answer? { answers.first { $0.status == status } }
        /// Whether that problem is declared for it.
        func answers(_ status: Int, _ code: String) -> Bool { answer(status)?.problemCodes?.contains(code) ?? false }
        /// A parameter by its name in any letter case.
        func parameter(_ name: String) -> Parameter? { parameters.first { $0.name.lowercased() == name.lowercased() } }
    }

    /// One way of being let in.
    struct Alternative: Sendable, Equatable {
        static let key = "apiKey"
        static let user = "userToken"

        /// The name of a security scheme.
        let scheme: String
        let scopes: [String]
    }

    struct Parameter: Sendable {
        let name: String
        /// `path`, `query` or `header`.
        let location: String
        let isRequired: Bool
        let schema: JSONValue
        let example: JSONValue?
    }

    struct Body: Sendable {
        let mediaType: String
        let schema: JSONValue
        let examples: [Example]
    }

    struct Example: Sendable {
        let name: String
        let value: JSONValue
    }

    struct Answer: Sendable {
        let status: Int
        let headers: [Header]
        let bodies: [Body]
        /// `x-problem-codes`; nil when the answer is no problem.
        let problemCodes: [String]?

        func header(_ name: String) -> Header? { headers.first { $0.name.lowercased() == name.lowercased() } }
    }

    struct Header: Sendable {
        let name: String
        let isRequired: Bool
        let schema: JSONValue
        let example: JSONValue?
    }

    struct Problem: Sendable {
        let code: String
        let status: Int
        let title: String
        let when: String
    }

    struct ScopeEntry: Sendable {
        let name: String
        /// `tenant`, `operator` or `either`.
        let holder: String
        let description: String
    }
}

extension Contract {
    /// The checkout that this file is in.
    static var root: URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
    }

    /// The contract of this checkout, read once.
    static let current: Result<Contract, ContractError> = Result { () throws(ContractError) in try load() }

    /// Reads `openapi/callgate.yaml` of this checkout.
    static func load() throws(ContractError) -> Contract {
        let file = root.appending(path: "openapi/callgate.yaml")
        let text: String
        do {
            text = try String(contentsOf: file, encoding: .utf8)
        } catch {
            throw .unreadable("\(file.path): \(error)")
        }
        return try Contract(document: ContractYAML.parse(text))
    }

    /// The validator for the schemas of this document.
    var schemas: JSONSchema { JSONSchema(document: document) }

    /// `components.x-token-profiles`: role -> profile.
    var tokenProfiles: JSONObject { document["components"]?["x-token-profiles"]?.objectValue ?? JSONObject() }

    /// A schema of `components.schemas`.
    func schema(_ name: String) -> JSONValue? { document["components"]?["schemas"]?[name] }

    func operation(_ id: String) -> Operation? { operations.first { $0.id == id } }

    func problem(_ code: String) -> Problem? { problems.first { $0.code == code } }
}
