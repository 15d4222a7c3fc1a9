import StrictJSON
import Testing

/// The judge of the service's answers: it takes the contract's own examples, and nothing that differs from them.
struct ContractAnswersTests {
    let contract: Contract

    init() throws {
        contract = try Contract.current.get()
    }

    private func example(_ answer: Contract.Answer, _ body: Contract.Body?, _ value: JSONValue?) -> ServiceAnswer {
        var headers = answer.headers.map { ($0.name, $0.example?.stringValue ?? "") }
        if let body { headers.append(("content-type", body.mediaType)) }
        let isText = body.map { $0.mediaType == "text/html" } ?? false
        let bytes = isText ? Array((value?.stringValue ?? "").utf8) : value?.canonicalBytes ?? []
        return ServiceAnswer(status: answer.status, headers: headers.map { (name: $0, value: $1) }, body: bytes)
    }

    @Test func `every example of the contract is an answer that keeps it`() {
        for operation in contract.operations {
            for answer in operation.answers {
                if answer.bodies.isEmpty { #expect(contract.faults(in: example(answer, nil, nil), to: operation) == []) }
                for body in answer.bodies {
                    for value in body.examples.map(\.value) {
                        #expect(contract.faults(in: example(answer, body, value), to: operation) == [], "\(operation.id) \(answer.status)")
                    }
                }
            }
        }
    }

    @Test func `every example of a request keeps the contract`() {
        for operation in contract.operations {
            for example in operation.requestBodies.flatMap(\.examples) {
                #expect(contract.faults(inRequest: example.value, to: operation) == [], "\(operation.id) \(example.name)")
            }
        }
    }

    @Test func `an answer that differs from the contract is noticed`() throws {
        let operation = try #require(contract.operation("getRoom"))
        let found = try #require(operation.answer(200))
        let body = try #require(found.bodies.first)
        let room = try #require(body.examples.first?.value)
        let good = example(found, body, room)

        func judged(status: Int = 200, without header: String? = nil, with extra: (String, String)? = nil, body: JSONValue? = nil)
            -> [String]
        {
            var headers = good.headers.filter { $0.name.lowercased() != header }
            if let extra { headers.append((name: extra.0, value: extra.1)) }
            return contract.faults(in: ServiceAnswer(status: status, headers: headers, body: (body ?? room).canonicalBytes), to: operation)
        }
        #expect(judged() == [])
        #expect(judged(status: 202) == ["202 is not declared for getRoom (GET /v1/rooms/{room})"])
        #expect(judged(without: "x-request-id") == ["the header X-Request-Id is missing"])
        #expect(judged(with: ("x-request-id", "second-one")) == ["the header X-Request-Id is there 2 times"])
        #expect(judged(without: "x-request-id", with: ("X-Request-Id", "short")).count == 1)
        #expect(judged(without: "content-type", with: ("Content-Type", "text/plain")) == ["the media type is \"text/plain\""])
        #expect(judged(without: "content-type", with: ("Content-Type", "application/json; charset=utf-8")) == [])
        #expect(judged(body: room.replacing(["owner"], with: "alice")).count == 1)
        #expect(judged(body: room.replacing(["state"], with: nil)) == ["(root) required: state is missing"])
    }

    @Test func `a problem that is not declared for the operation is noticed`() throws {
        let operation = try #require(contract.operation("getRoom"))
        let missing = try #require(operation.answer(404))
        let body = try #require(missing.bodies.first)
        let problem = try #require(body.examples.first?.value)
        #expect(contract.faults(in: example(missing, body, problem), to: operation) == [])
        for (name, value) in [
            ("code", "room_not_open"), ("title", "Gone"), ("type", "/docs#problem-gone"), ("required_scope", "rooms:read"),
        ] {
            let changed = problem.replacing([name], with: .string(value))
            #expect(!contract.faults(in: example(missing, body, changed), to: operation).isEmpty, "\(name)")
        }
    }

    @Test func `what can come on any path is allowed without an operation`() throws {
        let refusal = try #require(contract.transportAnswers.first { $0.status == 405 })
        let body = try #require(refusal.bodies.first)
        #expect(contract.faults(in: example(refusal, body, body.examples[0].value), to: nil) == [])
        #expect(contract.faults(in: ServiceAnswer(status: 418, headers: [], body: []), to: nil) == ["418 is not declared for any path"])
    }
}
