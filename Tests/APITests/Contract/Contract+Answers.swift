import StrictJSON

@testable import API

/// What the running service answered, as a test client got it.
struct ServiceAnswer: Sendable {
    let status: Int
    let headers: [(name: String, value: String)]
    let body: [UInt8]

    /// The values of a header, whatever the case of its name.
    func values(of name: String) -> [String] {
        headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }
}

extension Contract {
    /// Everything about an answer that the contract does not allow: an undeclared status, missing or wrong headers, another media
    /// type, a body that its schema refuses, a problem that is not declared there. Empty when the answer keeps the contract.
    ///
    /// - Parameter operation: nil for a path that the contract does not have. What can come on any path is allowed always.
    func faults(in answer: ServiceAnswer, to operation: Operation?) -> [String] {
        let declared = [operation?.answer(answer.status), transportAnswers.first { $0.status == answer.status }].compactMap { $0 }
        guard !declared.isEmpty else { return ["\(answer.status) is not declared for \(operation?.description ?? "any path")"] }
        let trials = declared.map { faults(in: answer, declaredAs: $0) }
        return trials.contains { $0.isEmpty } ? [] : trials[0]
    }

    /// Everything about a request's body that the contract does not allow; empty when the service should take it.
    func faults(inRequest body: JSONValue, to operation: Operation) -> [String] {
        guard let declared = operation.requestBodies.first(where: { $0.mediaType == "application/json" }) else {
            return ["\(operation.id) takes no JSON"]
        }
        return schemas.faults(of: body, against: declared.schema).map(\.description)
    }

    private func faults(in answer: ServiceAnswer, declaredAs declared: Answer) -> [String] {
        headerFaults(in: answer, declared) + bodyFaults(in: answer, declared)
    }

    private func headerFaults(in answer: ServiceAnswer, _ declared: Answer) -> [String] {
        declared.headers.flatMap { header -> [String] in
            let values = answer.values(of: header.name)
            guard let value = values.first else { return header.isRequired ? ["the header \(header.name) is missing"] : [] }
            guard values.count == 1 else { return ["the header \(header.name) is there \(values.count) times"] }
            return schemas.faults(of: .string(value), against: header.schema).map { "the header \(header.name): \($0)" }
        }
    }

    private func bodyFaults(in answer: ServiceAnswer, _ declared: Answer) -> [String] {
        guard !declared.bodies.isEmpty else { return unless(answer.body.isEmpty, "there is a body of \(answer.body.count) bytes") }
        let type = answer.values(of: "Content-Type").first ?? ""
        let bare = type.prefix { $0 != ";" && $0 != " " }.lowercased()
        guard let body = declared.bodies.first(where: { $0.mediaType == bare }) else { return ["the media type is \"\(type)\""] }
        let value: JSONValue
        if bare.hasSuffix("json") {
            do {
                value = try JSONValue.parse(answer.body, limits: JSONLimits(bytesMax: 8_000_000))
            } catch {
                return ["the body is not JSON: \(error)"]
            }
        } else if bare.hasSuffix("yaml") {
            do {
                value = try YAMLDocument.value(of: answer.body)
            } catch {
                return ["the body is not YAML: \(error)"]
            }
        } else {
            guard let text = String(validating: answer.body, as: UTF8.self) else { return ["the body is not UTF-8"] }
            value = .string(text)
        }
        return schemas.faults(of: value, against: body.schema).map(\.description) + problemFaults(value, declared)
    }

    private func problemFaults(_ value: JSONValue, _ declared: Answer) -> [String] {
        guard let codes = declared.problemCodes else { return [] }
        let code = value["code"]?.stringValue ?? ""
        guard codes.contains(code), let problem = problem(code) else {
            return ["the problem \"\(code)\" is not declared for \(declared.status)"]
        }
        return unless(value["status"] == .integer(Int64(declared.status)), "the problem has another status")
            + unless(value["title"] == .string(problem.title), "the problem has another title")
            + unless(value["type"] == .string("/docs#problem-\(code)"), "the problem has another type")
            + unless(
                (code == "missing_scope") == (value["required_scope"] != nil), "required_scope stands with missing_scope, and only there")
            + unless((code == "invalid_fields") == (value["errors"] != nil), "errors stand with invalid_fields, and only there")
    }
}
