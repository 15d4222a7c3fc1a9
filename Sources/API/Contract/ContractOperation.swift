import StrictJSON

/// One operation of a contract as it is written there, whoever wrote it.
struct ContractOperation: Sendable {
    /// Its `operationId`, or method and path where it has none.
    let id: String
    /// Upper case.
    let method: String
    let path: String
    let value: JSONValue
    let document: JSONValue

    /// One way of being let in: all of these together.
    typealias Alternative = [(scheme: String, scopes: [String])]

    private static let methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"]

    /// The operations of a document in its order, and what of it cannot be read.
    static func all(in document: JSONValue) -> (operations: [ContractOperation], faults: [ContractFault]) {
        var operations: [ContractOperation] = []
        var faults: [ContractFault] = []
        for path in document["paths"]?.objectValue?.members ?? [] {
            let item = document.resolved(path.value)
            faults += unless(item?.objectValue != nil, .unreadable, path.name, "is no object, or leads nowhere")
            for member in item?.objectValue?.members ?? [] where methods.contains(member.name) {
                let method = member.name.uppercased()
                let id = member.value["operationId"]?.stringValue ?? "\(method) \(path.name)"
                let operation = ContractOperation(id: id, method: method, path: path.name, value: member.value, document: document)
                operations.append(operation)
                let lost = operation.parts.flatMap { document.reach(from: $0).lost }
                faults += lost.map { ContractFault(kind: .unreadable, place: id, detail: "the reference \($0) leads nowhere") }
            }
        }
        faults += unless(!operations.isEmpty, .unreadable, "paths", "there is no operation")
        return (operations, faults)
    }

    /// Its own `security`; nil where it has none.
    var alternatives: [Alternative]? {
        value["security"]?.arrayValue?.map { alternative in
            (alternative.objectValue?.members ?? []).map { ($0.name, $0.value.texts) }
        }
    }

    var isPublic: Bool { value["x-public"]?.boolValue ?? false }
    var takesAnyCredential: Bool { value["x-any-credential"]?.boolValue ?? false }
    /// What a user may do there with a token of its own.
    var userAccess: String? { value["x-user-access"]?.stringValue }
    /// The profiles of the tokens that it can mint.
    var mints: [String] { value["x-mints"]?.texts ?? [] }
    /// Whose tokens it can mint.
    var providers: [String] { value["x-providers"]?.texts ?? [] }
    /// The other credentials that it makes.
    var issues: [String] { value["x-issues"].map { $0.stringValue.map { [$0] } ?? $0.texts } ?? [] }

    /// The answers by their status, references followed.
    var answers: [(status: String, value: JSONValue)] {
        (value["responses"]?.objectValue?.members ?? []).compactMap { member in
            document.resolved(member.value).map { (member.name, $0) }
        }
    }

    /// The answers that hold something marked `x-secret`.
    var secretAnswers: [(status: String, value: JSONValue)] {
        answers.filter { answer in Self.schemas(of: answer.value).contains { document.reach(from: $0).holdsSecret } }
    }

    /// The schemas of the request's bodies, references followed.
    var requestSchemas: [JSONValue] {
        value["requestBody"].flatMap(document.resolved).map(Self.schemas)?.compactMap(document.resolved) ?? []
    }

    /// A property of the request's body, references followed.
    func requestProperty(_ name: String) -> JSONValue? {
        requestSchemas.lazy.compactMap { $0["properties"]?[name] }.first.flatMap(document.resolved)
    }

    /// What it takes and what it answers.
    private var parts: [JSONValue] {
        [value["requestBody"], value["responses"]].compactMap { $0 }
    }

    private static func schemas(of part: JSONValue) -> [JSONValue] {
        let media = (part["content"]?.objectValue?.members ?? []).map(\.value)
        let headers = (part["headers"]?.objectValue?.members ?? []).map(\.value)
        return media.compactMap { $0["schema"] } + headers
    }
}

extension JSONValue {
    /// The texts of a list; what is no text in it is left out.
    var texts: [String] { (arrayValue ?? []).compactMap(\.stringValue) }

    /// What `#/a/b` leads to within this document.
    func target(of reference: String) -> JSONValue? {
        guard reference.hasPrefix("#/") else { return nil }
        var value = self
        for step in reference.dropFirst(2).split(separator: "/", omittingEmptySubsequences: false) {
            let name = step.replacing("~1", with: "/").replacing("~0", with: "~")
            guard let next = value[String(name)] else { return nil }
            value = next
        }
        return value
    }

    /// A part of this document after following its `$ref`s; nil where they lead nowhere, or in a circle.
    func resolved(_ part: JSONValue) -> JSONValue? {
        var part = part
        for _ in 0..<16 {
            guard let reference = part["$ref"] else { return part }
            guard let next = reference.stringValue.flatMap(target) else { return nil }
            part = next
        }
        return nil
    }

    /// All that a part of this document holds and all that its references lead to, each of them once. Examples are left out.
    func reach(from part: JSONValue) -> ContractReach {
        var reach = ContractReach()
        var followed: Set<String> = []
        var waiting = [part]
        while let next = waiting.popLast() {
            waiting += next.arrayValue ?? []
            guard let object = next.objectValue else { continue }
            reach.objects.append(object)
            for member in object.members where member.name != "example" && member.name != "examples" {
                // A map of names to schemas is no schema: a property may be called anything.
                if member.name == "properties" {
                    waiting += (member.value.objectValue?.members ?? []).map(\.value)
                } else {
                    waiting.append(member.value)
                }
            }
            guard let reference = object["$ref"]?.stringValue, followed.insert(reference).inserted else { continue }
            if let target = target(of: reference) { waiting.append(target) } else { reach.lost.append(reference) }
        }
        return reach
    }
}

/// What was reached from a part of a document.
struct ContractReach {
    var objects: [JSONObject] = []
    /// The references that lead nowhere.
    var lost: [String] = []

    var holdsSecret: Bool { objects.contains { $0["x-secret"]?.boolValue == true } }
}
