import StrictJSON

@testable import API

extension Contract {
    static let methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"]

    /// Reads a document.
    /// - Throws: `ContractError.malformed` when a reference leads nowhere or something is of another type than OpenAPI says.
    init(document: JSONValue) throws(ContractError) {
        let reader = ContractReader(document: document)
        self.document = document
        var operations: [Operation] = []
        for path in try reader.members(document, "paths") {
            for member in try reader.object(path.value, path.name).members where Self.methods.contains(member.name) {
                operations.append(try reader.operation(member.value, method: member.name, path: path.name, item: path.value))
            }
        }
        self.operations = operations
        transportAnswers = try reader.answers(document["x-transport-problems"] ?? [:])
        let components = document["components"] ?? [:]
        problems = try reader.list(components, "x-problems") { (code, entry) throws(ContractError) in
            Problem(
                code: code, status: Int(try reader.whole(entry, "status")), title: try reader.text(entry, "title"),
                when: try reader.text(entry, "when"))
        }
        scopes = try reader.list(components, "x-scopes") { (name, entry) throws(ContractError) in
            ScopeEntry(name: name, holder: try reader.text(entry, "holder"), description: try reader.text(entry, "description"))
        }
    }
}

/// Reads the parts of an OpenAPI document, following references.
struct ContractReader {
    let document: JSONValue

    func operation(_ value: JSONValue, method: String, path: String, item: JSONValue) throws(ContractError) -> Contract.Operation {
        let parameters = try elements(item, "parameters") + elements(value, "parameters")
        let body = try resolved(value["requestBody"] ?? [:])
        return Contract.Operation(
            id: try text(value, "operationId"), method: method.uppercased(), path: path, security: try security(value["security"]),
            isPublic: value["x-public"]?.boolValue ?? false, takesAnyCredential: value["x-any-credential"]?.boolValue ?? false,
            userAccess: value["x-user-access"]?.stringValue,
            mints: try value["x-mints"].map { (_) throws(ContractError) in try texts(value, "x-mints") },
            providers: try texts(value, "x-providers"), issues: value["x-issues"]?.stringValue,
            parameters: try parameters.map { (parameter) throws(ContractError) in try self.parameter(parameter) },
            isBodyRequired: body["required"]?.boolValue ?? false, requestBodies: try bodies(body),
            answers: try answers(value["responses"] ?? [:]))
    }

    func answers(_ value: JSONValue) throws(ContractError) -> [Contract.Answer] {
        var answers: [Contract.Answer] = []
        for member in try object(value, "responses").members {
            guard let status = Int(member.name) else { throw .malformed("the status \(member.name) is not written as a number") }
            let answer = try resolved(member.value)
            let codes = try answer["x-problem-codes"].map { (_) throws(ContractError) in try texts(answer, "x-problem-codes") }
            answers.append(.init(status: status, headers: try headers(answer), bodies: try bodies(answer), problemCodes: codes))
        }
        return answers.sorted { $0.status < $1.status }
    }

    private func security(_ value: JSONValue?) throws(ContractError) -> [Contract.Alternative]? {
        guard let value else { return nil }
        guard let alternatives = value.arrayValue else { throw .malformed("security is not a list") }
        var read: [Contract.Alternative] = []
        for alternative in alternatives {
            guard let object = alternative.objectValue, object.count == 1, let scheme = object.members.first?.name else {
                throw .malformed("an alternative of security has one scheme")
            }
            read.append(.init(scheme: scheme, scopes: try texts(alternative, scheme)))
        }
        return read
    }

    private func parameter(_ value: JSONValue) throws(ContractError) -> Contract.Parameter {
        let parameter = try resolved(value)
        return .init(
            name: try text(parameter, "name"), location: try text(parameter, "in"), isRequired: parameter["required"]?.boolValue ?? false,
            schema: parameter["schema"] ?? true, example: parameter["example"])
    }

    private func headers(_ answer: JSONValue) throws(ContractError) -> [Contract.Header] {
        try list(answer, "headers") { (name, header) throws(ContractError) in
            .init(
                name: name, isRequired: header["required"]?.boolValue ?? false, schema: header["schema"] ?? true, example: header["example"]
            )
        }
    }

    private func bodies(_ value: JSONValue) throws(ContractError) -> [Contract.Body] {
        try list(value, "content") { (mediaType, media) throws(ContractError) in
            let examples = try list(media, "examples") { (name, example) throws(ContractError) in
                guard let value = example["value"] else { throw .malformed("the example \(name) has no value") }
                return Contract.Example(name: name, value: value)
            }
            return .init(mediaType: mediaType, schema: media["schema"] ?? true, examples: examples)
        }
    }
}

extension ContractReader {
    /// Follows a `$ref` that stands for a whole object.
    func resolved(_ value: JSONValue) throws(ContractError) -> JSONValue {
        guard let reference = value["$ref"] else { return value }
        guard let target = reference.stringValue.flatMap(document.target), target["$ref"] == nil else {
            throw .malformed("the reference \(reference.canonicalText) leads nowhere")
        }
        return target
    }

    /// The members of an object within `value`, each resolved and read; none when it is absent.
    func list<T>(
        _ value: JSONValue, _ name: String, _ read: (String, JSONValue) throws(ContractError) -> T
    ) throws(ContractError) -> [T] {
        var all: [T] = []
        for member in try members(value, name) { all.append(try read(member.name, resolved(member.value))) }
        return all
    }

    func members(_ value: JSONValue, _ name: String) throws(ContractError) -> [JSONObject.Member] {
        guard let part = value[name] else { return [] }
        return try object(part, name).members
    }

    func object(_ value: JSONValue, _ name: String) throws(ContractError) -> JSONObject {
        guard let object = value.objectValue else { throw .malformed("\(name) is not an object") }
        return object
    }

    func elements(_ value: JSONValue, _ name: String) throws(ContractError) -> [JSONValue] {
        guard let part = value[name] else { return [] }
        guard let elements = part.arrayValue else { throw .malformed("\(name) is not a list") }
        return elements
    }

    func texts(_ value: JSONValue, _ name: String) throws(ContractError) -> [String] {
        var texts: [String] = []
        for element in try elements(value, name) {
            guard let text = element.stringValue else { throw .malformed("\(name) holds something that is not a text") }
            texts.append(text)
        }
        return texts
    }

    func text(_ value: JSONValue, _ name: String) throws(ContractError) -> String {
        guard let text = value[name]?.stringValue else { throw .malformed("\(name) is missing or not a text") }
        return text
    }

    func whole(_ value: JSONValue, _ name: String) throws(ContractError) -> Int64 {
        guard let number = value[name]?.integerValue else { throw .malformed("\(name) is missing or not a whole number") }
        return number
    }
}
