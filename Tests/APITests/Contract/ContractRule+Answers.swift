import StrictJSON

extension ContractRule {
    /// Examples, headers and problems.
    static let answers: [ContractRule] = [
        ContractRule("every example is valid, and every body, parameter and header has one") { contract in
            contract.operations.flatMap { operation in
                operation.requestBodies.flatMap { faults(of: $0, "\(operation.id) request", contract) }
                    + operation.parameters.flatMap { faults(of: $0.example, $0.schema, "\(operation.id) \($0.name)", contract) }
                    + operation.answers.flatMap { faults(of: $0, "\(operation.id) \($0.status)", contract) }
            } + contract.transportAnswers.flatMap { faults(of: $0, "any path \($0.status)", contract) }
        },
        .eachAnswer("every answer names the request and forbids sniffing") { answer, _ in
            ["X-Request-Id", "X-Content-Type-Options"].flatMap {
                unless(answer.header($0)?.isRequired == true, "lacks \($0)")
            }
        },
        .eachAnswer("every answer tells how the request stands with the limits, in one way, and 429 when to come again") { answer, _ in
            let others = answer.headers.map(\.name).filter { $0.lowercased().hasPrefix("x-rate") || $0.lowercased() == "ratelimit-limit" }
            return ["RateLimit-Policy", "RateLimit"].flatMap { unless(answer.header($0)?.isRequired == true, "lacks \($0)") }
                + unless(others.isEmpty, "has \(others)")
                + unless(answer.status != 429 || answer.header("Retry-After")?.isRequired == true, "lacks Retry-After")
        },
        .eachAnswer("401 tells how to authenticate, 405 what is allowed") { answer, _ in
            unless(answer.status != 401 || answer.header("WWW-Authenticate")?.isRequired == true, "lacks WWW-Authenticate")
                + unless(answer.status != 405 || answer.header("Allow")?.isRequired == true, "lacks Allow")
        },
        .each("what is made and can be read again has a Location") { operation, _ in
            // What is put is put where the request says.
            guard let made = operation.answer(201), operation.mints?.isEmpty != false, operation.method != "PUT" else { return [] }
            return unless(made.header("Location")?.isRequired == true, "201 lacks Location")
        },
        .eachAnswer("a refusal is a problem that lists its codes, and 204 is empty") { answer, contract in
            let isProblem = answer.bodies.contains { $0.mediaType == "application/problem+json" }
            let isReadiness =
                answer.status == 503 && answer.bodies.first.map { $0.schema["$ref"] == "#/components/schemas/NotReady" } == true
            return unless(isProblem == (answer.status >= 400 && !isReadiness), "is a problem: \(isProblem)")
                + unless(isProblem == (answer.problemCodes?.isEmpty == false), "x-problem-codes is \(answer.problemCodes ?? [])")
                + unless(answer.bodies.isEmpty == (answer.status == 204), "has \(answer.bodies.count) bodies")
        },
        .eachAnswer("a problem answer has one true example of each of its codes") { answer, contract in
            guard let codes = answer.problemCodes, let examples = answer.bodies.first?.examples else { return [] }
            return unless(examples.map(\.name) == codes, "the examples are \(examples.map(\.name))")
                + examples.flatMap { problemFaults($0, status: answer.status, contract) }
        },
        ContractRule("every problem is answered somewhere, and every answered problem is listed") { contract in
            let answers = contract.operations.flatMap(\.answers) + contract.transportAnswers
            let answered = Set(answers.flatMap { $0.problemCodes ?? [] })
            let listed = Set(contract.problems.map(\.code))
            return answered.subtracting(listed).map { "\($0) is not listed" }
                + listed.subtracting(answered).map { "\($0) is never answered" }
        },
    ]

    /// A rule over each answer by itself.
    private static func eachAnswer(_ name: String, _ faults: @escaping @Sendable (Contract.Answer, Contract) -> [String]) -> ContractRule {
        ContractRule(name) { contract in
            contract.operations.flatMap { operation in
                operation.answers.flatMap { answer in faults(answer, contract).map { "\(operation.id) \(answer.status): \($0)" } }
            } + contract.transportAnswers.flatMap { answer in faults(answer, contract).map { "any path \(answer.status): \($0)" } }
        }
    }

    private static func problemFaults(_ example: Contract.Example, status: Int, _ contract: Contract) -> [String] {
        guard let problem = contract.problem(example.name) else { return ["\(example.name) is not listed"] }
        let value = example.value
        return unless(problem.status == status && value["status"] == .integer(Int64(status)), "\(problem.code) is no \(status)")
            + unless(value["code"] == .string(problem.code), "\(problem.code): the example has another code")
            + unless(value["title"] == .string(problem.title), "\(problem.code): the example has another title")
            + unless(value["type"] == .string("/docs#problem-\(problem.code)"), "\(problem.code): the example has another type")
    }

    private static func faults(of answer: Contract.Answer, _ place: String, _ contract: Contract) -> [String] {
        answer.bodies.flatMap { faults(of: $0, place, contract) }
            + answer.headers.flatMap { faults(of: $0.example, $0.schema, "\(place) \($0.name)", contract) }
    }

    private static func faults(of body: Contract.Body, _ place: String, _ contract: Contract) -> [String] {
        unless(!body.examples.isEmpty, "\(place): has no example")
            + body.examples.flatMap { faults(of: $0.value, body.schema, "\(place) \($0.name)", contract) }
    }

    private static func faults(of value: JSONValue?, _ schema: JSONValue, _ place: String, _ contract: Contract) -> [String] {
        guard let value else { return ["\(place): has no example"] }
        return contract.schemas.faults(of: value, against: schema).map { "\(place): \($0)" }
    }
}
