import StrictJSON

extension ContractRule {
    /// What makes a change of a call safe to send again, and safe to send late.
    static let repetition: [ContractRule] = [
        .each("a request that changes a call may be repeated under an Idempotency-Key, and no other") { operation, contract in
            let changes = operation.method == "POST" && operation.answersWithCall(contract)
            let key = operation.parameter("Idempotency-Key")
            return unless(changes == (key != nil), "takes an Idempotency-Key: \(key != nil)")
                + unless(key?.isRequired != true && key.map { $0.location == "header" } != false, "the key is no optional header")
                + unless(changes == operation.answers(409, "idempotency_in_progress"), "409 idempotency_in_progress")
                + unless(changes == operation.answers(422, "idempotency_mismatch"), "422 idempotency_mismatch")
        },
        .each("a request that moves a call takes If-Match and may answer 412, and no other") { operation, contract in
            let moves = operation.method == "POST" && operation.path.contains("{call}") && operation.answersWithCall(contract)
            let condition = operation.parameter("If-Match")
            return unless(moves == (condition?.location == "header"), "takes If-Match: \(condition != nil)")
                + unless(moves == operation.answers(412, "precondition_failed"), "412 precondition_failed")
        },
        .each("an answer with one call carries its version as a strong ETag") { operation, contract in
            operation.answers.filter { $0.bodies.contains { contract.holdsOneCall($0.schema) } }.flatMap { answer -> [String] in
                guard let tag = answer.header("ETag"), tag.isRequired else { return ["\(answer.status) lacks ETag"] }
                func isTaken(_ text: JSONValue) -> Bool { contract.schemas.faults(of: text, against: tag.schema).isEmpty }
                return unless(
                    isTaken("\"1\"") && !isTaken("W/\"1\"") && !isTaken("1") && !isTaken("\"0\""), "\(answer.status) is not strong")
            }
        },
        ContractRule("If-Match takes what RFC 9110 writes, weak and foreign tags too, and nothing else") { contract in
            guard let schema = contract.operation("endCall")?.parameter("If-Match")?.schema else { return ["there is none"] }
            let (good, bad): ([JSONValue], [JSONValue]) = (
                ["*", "\"1\"", "W/\"1\"", "\"1\", \"2\"", "\"1\" ,W/\"x,y\"", "\"\"", ", \"1\",,"],
                ["", "1", "\"1", "W/1", "\"1\" \"2\"", "*, \"1\"", "w/\"1\"", "\"1 2\"", ","]
            )
            return (good.map { ($0, true) } + bad.map { ($0, false) }).flatMap { text, isGood in
                unless(contract.schemas.faults(of: text, against: schema).isEmpty == isGood, "\(text.canonicalText) is taken: \(!isGood)")
            }
        },
    ]

    /// Acceptance first: what a call says, when it may be joined, and what comes of every move.
    static let calls: [ContractRule] = [
        .each("an operation that mints for a call refuses it unless the call is active") { operation, contract in
            guard operation.mints?.isEmpty == false, operation.isAboutCalls(contract) else { return [] }
            return unless(operation.answers(409, "call_not_active"), "lacks 409 call_not_active")
        },
        ContractRule("a call tells of no token, no device and no connection, and neither does the audit log") { contract in
            let hidden = TextPattern("token|secret|join$|joins|device|connect|grant")
            return ["Call", "CallList", "AuditList"].flatMap { name -> [String] in
                let parts = SchemaWalk.reachable(from: ["$ref": .string("#/components/schemas/\(name)")], in: contract.document)
                let properties = Set(parts.flatMap { ($0["properties"]?.objectValue?.members ?? []).map(\.name) })
                return unless(!parts.contains { $0["x-secret"] == true }, "\(name) holds a secret")
                    + unless(
                        name == "AuditList" || !properties.contains { hidden?.matches($0) != false }, "\(name): \(properties.sorted())")
            }
        },
        ContractRule("only the answers that are for it hold a credential") { contract in
            let allowed: Set<String> = [
                "LiveKitToken", "AgoraToken", "Join", "LiveKitJoin", "AgoraJoin", "LiveKitTokenAnswer", "AcceptedCall",
                "CallAcceptedByUser",
                "CallAcceptedByServer", "CreatedKey", "InspectRequest",
            ]
            let holding = (contract.document["components"]?["schemas"]?.objectValue?.members ?? []).filter {
                contract.holdsSecret($0.value)
            }
            return holding.map(\.name).filter { !allowed.contains($0) }
        },
        ContractRule("a user who accepts gets one token, its own") { contract in
            let answer = contract.schema("CallAcceptedByUser")?["properties"]?.objectValue
            return unless(answer?.members.map(\.name) == ["call", "join"], "the answer holds something else")
                + unless(answer?["join"]?["$ref"] == "#/components/schemas/Join", "it is not one token")
        },
        ContractRule("the table of calls has every state for every move, and ends with a row for the rest") { contract in
            let states = contract.choices(of: "CallState")
            return contract.callMoves.flatMap { move -> [String] in
                let others: Set<String> = ["operation", "by"]
                let cells = move.table.members.filter { !others.contains($0.name) }
                return unless(Set(cells.map(\.name)) == states, "\(move.name): its states are \(cells.map(\.name))")
                    + unless(move.by == ["service"] || !move.by.isEmpty && move.by.isSubset(of: ["caller", "callee"]), "\(move.name): by")
                    + cells.flatMap { cell in
                        let rows = cell.value.arrayValue ?? []
                        let areInOrder =
                            rows.last?["when"] == nil && rows.dropLast().allSatisfy { $0["when"]?.stringValue?.isEmpty == false }
                        return unless(!rows.isEmpty && areInOrder, "\(move.name) \(cell.name): its rows")
                    }
            } + unless(!contract.callMoves.isEmpty, "there is no table")
        },
        ContractRule("every row of the table leads to a state, to no change, or to a listed problem") { contract in
            let reasons = contract.choices(of: "EndReason")
            let used = Set(contract.callRows.compactMap { $0.reason })
            return contract.callRows.flatMap { row -> [String] in
                let isEnding = row.then == "ended"
                let isKnown = isEnding || row.then == "active" || row.then == "unchanged" || contract.problem(row.then)?.status == 409
                return unless(isKnown, "\(row): \(row.then) is nothing")
                    + unless(isEnding == (row.reason != nil), "\(row): its reason")
            } + unless(used == reasons, "the reasons are \(used.sorted())")
        },
        ContractRule("a call becomes active by a callee only, while it rings, and what has ended stays so") { contract in
            contract.callRows.flatMap { row -> [String] in
                unless(row.then != "active" || row.state == "ringing" && row.move.by == ["callee"], "\(row): becomes active")
                    + unless(row.state != "ended" || row.then != "ended", "\(row): ends again")
            }
        },
        ContractRule("the operations that move a call are those of the table, and each declares what the table answers") { contract in
            let moving = Set(contract.operations.filter { $0.parameter("If-Match") != nil }.map(\.id))
            let listed = contract.callMoves.compactMap(\.operation)
            return unless(moving == Set(listed) && listed.count == moving.count, "the table lists \(listed)")
                + contract.callMoves.flatMap { move -> [String] in
                    guard let id = move.operation else { return [] }
                    guard let operation = contract.operation(id) else { return ["\(id) is no operation"] }
                    let refusals = contract.callRows.filter { $0.move.name == move.name && contract.problem($0.then) != nil }.map(\.then)
                    return refusals.flatMap { unless(operation.answers(409, $0), "\(id) lacks 409 \($0)") }
                        + unless(operation.answers(403, "not_a_party"), "\(id) lacks 403 not_a_party")
                        + unless(operation.answers(403, "wrong_party") == (move.by.count == 1), "\(id): 403 wrong_party")
                }
        },
        ContractRule("what the media of a call leaves is a part of what a participant may publish") { contract in
            let media = contract.document["components"]?["x-call-media"]?.objectValue?.members ?? []
            let all = Set((contract.tokenProfiles["participant"]?["publish"]?.arrayValue ?? []).compactMap(\.stringValue))
            return unless(Set(media.map(\.name)) == contract.choices(of: "CallMedia"), "the media are \(media.map(\.name))")
                + media.flatMap { medium in
                    let sources = Set((medium.value.arrayValue ?? []).compactMap(\.stringValue))
                    return unless(!sources.isEmpty && sources.isSubset(of: all), "\(medium.name) leaves \(sources.sorted())")
                }
        },
    ]
}

extension Contract.Operation {
    /// Whether one call is what it answers with.
    fileprivate func answersWithCall(_ contract: Contract) -> Bool {
        answers.contains { $0.bodies.contains { contract.holdsOneCall($0.schema) } }
    }

    /// Whether it works on a call: named in its path, or by its room in the body.
    fileprivate func isAboutCalls(_ contract: Contract) -> Bool {
        let room: JSONValue = "acme-call-0a1b2c3d4e5f6g7h8i9j0k1l2"
        let rooms = requestBodies.compactMap { contract.resolved($0.schema)["properties"]?["room_name"] }
        return path.contains("{call}") || rooms.contains { contract.schemas.faults(of: room, against: $0).isEmpty }
    }
}

extension Contract {
    /// Whether a value of that schema is a call, or holds one that is not in a list.
    fileprivate func holdsOneCall(_ schema: JSONValue) -> Bool {
        if schema["$ref"] == "#/components/schemas/Call" { return true }
        let schema = resolved(schema)
        if let branches = schema["oneOf"]?.arrayValue { return branches.contains(where: holdsOneCall) }
        return schema["properties"]?.objectValue?.members.contains { $0.value["$ref"] == "#/components/schemas/Call" } ?? false
    }

    /// The words that a schema lists.
    fileprivate func choices(of name: String) -> Set<String> {
        Set((schema(name)?["enum"]?.arrayValue ?? []).compactMap(\.stringValue))
    }
}
