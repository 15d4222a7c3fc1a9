import Calls
import StrictJSON
import Testing
import Vocabulary

/// The table of the contract and the state machine of the code, compared in every cell and in every situation that a cell tells apart.
struct CallStatesTests {
    /// One move in one situation, with what is true of it.
    struct Trial: Sendable, CustomTestStringConvertible {
        let move: CallMove
        let call: Call
        /// The words that a row of the table may ask for (`when`).
        let facts: Set<String>
        let testDescription: String
    }

    @Test(arguments: trials)
    func `a call is moved as the table of the contract says`(_ trial: Trial) throws {
        let rows = try Contract.current.get().callRows.filter {
            $0.move.name == Self.name(of: trial.move.kind) && $0.state == trial.call.state.rawValue
        }
        let row = try #require(rows.first { $0.when.map(trial.facts.contains) ?? true })
        let answer = CallTransition.apply(trial.move, to: trial.call, at: Self.later)
        let inCode =
            switch answer {
            case .moved(let call): "\(call.state.rawValue) \(call.ending?.reason.rawValue ?? "")"
            case .unchanged: "unchanged "
            case .refused(let refusal): "\(refusal.rawValue) "
            }
        #expect(inCode == "\(row.then) \(row.reason ?? "")")
    }

    @Test func `the table has the moves and the reasons of the code, and asks for nothing else`() throws {
        let contract = try Contract.current.get()
        #expect(contract.callMoves.map(\.name) == CallMove.Kind.allCases.map(Self.name))
        #expect(contract.schema("EndReason")?["enum"]?.arrayValue?.compactMap(\.stringValue) == EndReason.allCases.map(\.rawValue))
        #expect(contract.schema("CallState")?["enum"]?.arrayValue?.compactMap(\.stringValue) == Call.State.allCases.map(\.rawValue))
        #expect(contract.schema("CallMedia")?["enum"]?.arrayValue?.compactMap(\.stringValue) == CallMedia.allCases.map(\.rawValue))
        let known = Self.trials.reduce(into: Set<String>()) { $0.formUnion($1.facts) }
        #expect(Set(contract.callRows.compactMap(\.when)).subtracting(known) == [])
    }

    @Test func `every row of the table is tried`() throws {
        let tried = Set(
            try Contract.current.get().callRows.filter { row in
                Self.trials.contains { trial in
                    Self.name(of: trial.move.kind) == row.move.name && trial.call.state.rawValue == row.state
                        && (row.when.map(trial.facts.contains) ?? true)
                }
            }.map(\.description))
        #expect(try Contract.current.get().callRows.map(\.description).filter { !tried.contains($0) } == [])
    }

    @Test(arguments: calls)
    func `a stranger, and a party whose move it is not, are refused in every state`(call: Call) throws {
        for move in try Contract.current.get().callMoves where move.operation != nil {
            func answer(_ user: UserID) -> CallAnswer { CallTransition.apply(Self.request(move.name, by: user), to: call, at: Self.later) }
            #expect(answer(Self.carol) == .refused(.notAParty), "\(move.name)")
            for (side, user) in [("caller", Self.alice), ("callee", Self.bob)] where !move.by.contains(side) {
                #expect(answer(user) == .refused(.wrongParty), "\(move.name) by the \(side)")
            }
        }
    }

    @Test func `the audit log's words are those of the code`() throws {
        let words = try Contract.current.get().schema("AuditRow")?["properties"]?["operation"]?["enum"]
        #expect(words?.arrayValue?.compactMap(\.stringValue) == AuditedOperation.allCases.map(\.rawValue))
    }

    @Test func `what refuses a call is a problem of the contract, or said in its words`() throws {
        let contract = try Contract.current.get()
        for refusal in CallRefusal.allCases where refusal != .callingOneself { #expect(contract.problem(refusal.rawValue) != nil) }
    }
}

// The situations.
extension CallStatesTests {
    private static func user(_ text: String) -> UserID {
        do { return try UserID(text) } catch { preconditionFailure("\(error)") }
    }

    private static func device(_ text: String) -> DeviceID {
        do { return try DeviceID(text) } catch { preconditionFailure("\(error)") }
    }

    private static let alice = user("alice")
    private static let bob = user("bob")
    private static let carol = user("carol")
    private static let phone = device("phone")
    private static let laptop = device("laptop")
    private static let later = UnixTime(1_772_366_410)

    /// `ring_timeout` for `ringTimeout`.
    private static func name(of kind: CallMove.Kind) -> String {
        kind.rawValue.reduce(into: "") { $0 += $1.isUppercase ? "_\($1.lowercased())" : "\($1)" }
    }

    /// A request of that name.
    private static func request(_ name: String, by user: UserID) -> CallMove {
        switch name {
        case "accept": .accept(by: user, device: phone)
        case "reject": .reject(by: user, device: phone, note: nil)
        case "cancel": .cancel(by: user, note: nil)
        default: .end(by: user, note: nil)
        }
    }

    private static let ringing: Call = {
        let room: RoomName
        let id: CallID
        do {
            room = RoomName(tenant: try TenantID("acme"), kind: .call, random: 7)
            id = try CallID("call-0001")
        } catch {
            preconditionFailure("\(error)")
        }
        let placed = UnixTime(1_772_366_400)
        return Call(
            id: id, room: room, provider: .livekit, media: .audio, metadata: nil,
            parties: [
                Party(user: alice, side: .caller, device: nil, joinedAt: placed),
                Party(user: bob, side: .callee, device: nil, joinedAt: nil),
            ], placedAt: placed, ringDeadline: placed + Limits.ringSeconds, acceptedAt: nil, ending: nil, version: 1)
    }()

    private static let active = moved(ringing, .accept(by: bob, device: phone))

    /// One for each reason for which a call ends.
    private static let ended: [Call] = [
        moved(ringing, .reject(by: bob, device: phone, note: nil)), moved(ringing, .cancel(by: alice, note: nil)),
        moved(ringing, .ringTimeout), moved(active, .end(by: bob, note: nil)), moved(active, .partyGone(bob)), moved(active, .timeLimit),
        moved(active, .userRemoved(alice)), moved(active, .tenantClosed),
    ]

    static let calls = [ringing, active] + ended

    private static func moved(_ call: Call, _ move: CallMove) -> Call {
        guard case .moved(let moved) = CallTransition.apply(move, to: call, at: later) else { return call }
        return moved
    }

    /// The moves, with what is true of each whatever the call is.
    private static let moves: [(move: CallMove, facts: Set<String>)] = [
        (.accept(by: bob, device: phone), ["same_device"]), (.accept(by: bob, device: laptop), []), (.accept(by: bob, device: nil), []),
        (.accept(by: nil, device: phone), ["same_device"]), (.reject(by: bob, device: phone, note: nil), ["same_device"]),
        (.reject(by: bob, device: laptop, note: "no"), []), (.reject(by: nil, device: nil, note: nil), []),
        (.cancel(by: alice, note: nil), []), (.cancel(by: nil, note: "no"), []), (.end(by: alice, note: nil), []),
        (.end(by: bob, note: nil), ["by_callee"]), (.end(by: nil, note: nil), []), (.cross(by: bob, device: phone), []),
        (.ringTimeout, []), (.timeLimit, []), (.partyGone(alice), ["caller_gone"]), (.partyGone(bob), []), (.userRemoved(alice), []),
        (.userRemoved(bob), []), (.tenantClosed, []),
    ]

    static let trials: [Trial] = calls.flatMap { call in
        moves.map { move, facts in
            let past: Set<String> = call.ending.map { ["was_\($0.reason.rawValue)"] } ?? []
            let situation = call.ending.map { "ended as \($0.reason.rawValue)" } ?? call.state.rawValue
            return Trial(move: move, call: call, facts: facts.union(past), testDescription: "\(situation): \(move)")
        }
    }
}
