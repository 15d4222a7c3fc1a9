import StrictJSON
import Testing

/// The contract by itself: what must hold before anything is compared with it.
struct ContractTests {
    @Test(arguments: ContractRule.all)
    func `the contract keeps the rule`(_ rule: ContractRule) throws {
        let contract = try Contract.current.get()
        let faults = rule.faults(contract)
        #expect(faults.isEmpty, "\(faults.joined(separator: "\n"))")
    }

    @Test func `the contract lists the operations that the service promises`() throws {
        let contract = try Contract.current.get()
        #expect(contract.operations.count == 41)
        #expect(contract.operations.count { $0.isPublic } == 6)
        #expect(contract.problems.count == 33)
        #expect(contract.scopes.count == 12)
    }

    @Test func `the contract lets users do what the service promises them, and no more`() throws {
        let operations = try Contract.current.get().operations.filter(\.takesUserToken).map(\.id)
        #expect(
            operations == [
                "listTokenProfiles", "mintLiveKitToken", "mintLiveKitTokenAlias", "placeCall", "listCalls", "getCall", "acceptCall",
                "rejectCall", "cancelCall", "endCall", "mintCallToken",
            ])
    }

    @Test func `an operation can be read from the contract with its scope, bodies and answers`() throws {
        let operation = try #require(try Contract.current.get().operation("mintRoomToken"))
        #expect(operation.description == "mintRoomToken (POST /v1/rooms/{room}/tokens)")
        #expect(operation.scope == "tokens:mint")
        #expect(operation.mints == ["host", "participant", "viewer", "listener"])
        #expect(operation.requestBodies.map(\.mediaType) == ["application/json"])
        #expect(operation.answers.map(\.status) == [201, 400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503])
        #expect(operation.answer(409)?.problemCodes == ["room_not_open"])
        #expect(operation.parameters.map(\.name) == ["room", "X-Request-Id"])
        #expect(!operation.takesUserToken && operation.userAccess == nil)
    }

    @Test func `an operation that users may use can be read from the contract with both ways of asking`() throws {
        let operation = try #require(try Contract.current.get().operation("acceptCall"))
        #expect(operation.security == [.init(scheme: "apiKey", scopes: ["calls:write"]), .init(scheme: "userToken", scopes: [])])
        #expect(operation.scope == "calls:write" && operation.takesUserToken)
        #expect(operation.userAccess?.isEmpty == false)
        #expect(operation.parameter("if-match") != nil && operation.answers(412, "precondition_failed"))
    }

    @Test func `plain words that readers read differently are refused`() throws {
        for text in [
            "a: no", "a: on", "a: 007", "a: 2026-01-01", "a: 0x1F", "a: 1_000", "a: 12:30", "a: ~", "a:", "a: .5", "1: a", "no: a",
        ] {
            #expect(throws: ContractError.self, "\(text)") { try ContractYAML.parse(text) }
        }
        #expect(throws: ContractError.self, "a name twice") { try ContractYAML.parse("a: 1\na: 2") }
    }

    @Test func `quoted words and plain JSON words are read as they look`() throws {
        let text = "a: 'no'\nb: \"007\"\nc: '2026-01-01'\nd: true\ne: null\nf: -7\ng: 1.5\nh: 3.1.0\ni: [x, 'on']\nj: &n {k: 1}\nl: *n"
        let expected: JSONValue = [
            "a": "no", "b": "007", "c": "2026-01-01", "d": true, "e": nil, "f": -7, "g": 1.5, "h": "3.1.0", "i": ["x", "on"],
            "j": ["k": 1], "l": ["k": 1],
        ]
        #expect(try ContractYAML.parse(text) == expected)
    }
}
