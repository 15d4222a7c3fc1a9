import Calls
import Testing
import Vocabulary

@Suite struct CallTransitionTests {
    /// One move to one call.
    struct Question: Sendable, CustomTestStringConvertible {
        let kind: CallMove.Kind
        let who: Who
        let device: String?
        let stage: Stage

        var testDescription: String { "\(kind) by \(who) on \(device ?? "no name") when \(stage)" }

        /// nil where there is no such move: some name nobody, some always name somebody.
        func move() throws -> CallMove? {
            let user = try who.user()
            let device = try Sample.device(device)
            switch kind {
            case .accept: return .accept(by: user, device: device)
            case .reject: return .reject(by: user, device: device, note: "not now")
            case .cancel: return .cancel(by: user, note: "not now")
            case .end: return .end(by: user, note: "not now")
            case .cross: return user.map { .cross(by: $0, device: device) }
            case .ringTimeout: return user == nil ? .ringTimeout : nil
            case .timeLimit: return user == nil ? .timeLimit : nil
            case .partyGone: return user.map { .partyGone($0) }
            case .userRemoved: return user.map { .userRemoved($0) }
            case .tenantClosed: return user == nil ? .tenantClosed : nil
            }
        }

        var cell: String? { CallTransitionTable.cell(kind, who, CallTransitionTable.Column(stage, device: device)) }

        static let all: [Question] = CallMove.Kind.allCases.flatMap { kind in
            Who.allCases.flatMap { who in
                ["phone", "tablet", nil].flatMap { device in
                    Stage.all.map { Question(kind: kind, who: who, device: device, stage: $0) }
                }
            }
        }
    }

    /// The answer that a cell of the table stands for.
    static func answer(_ cell: String, to question: Question) throws -> CallAnswer {
        let call = try Sample.call(question.stage)
        if cell == "-" { return .unchanged }
        if let refusal = CallRefusal(rawValue: cell) { return .refused(refusal) }
        if cell == "active" {
            let callee = Party(user: call.parties[1].user, side: .callee, device: try Sample.device(question.device), joinedAt: Sample.now)
            return .moved(
                Sample.copy(call, parties: [call.parties[0], callee], acceptedAt: Sample.now, version: 2))
        }
        let words = cell.split(separator: " ").map(String.init)
        let reason = try #require(EndReason(rawValue: words[0]))
        let by = try #require(Who.allCases.first { "\($0)" == words[2] })
        let isSpoken = [.reject, .cancel, .end].contains(question.kind)
        let ending = Call.Ending(
            at: Sample.now, reason: reason, by: try by.user(), note: isSpoken ? "not now" : nil,
            device: question.kind == .reject ? try Sample.device(question.device) : nil)
        return .moved(Sample.copy(call, ending: ending, version: call.version + 1))
    }

    @Test(arguments: Question.all) func `C22 every move in every state comes out as the table says`(question: Question) throws {
        guard let move = try question.move() else {
            #expect(question.cell == nil, "there is no such move")
            return
        }
        let cell = try #require(question.cell, "the table does not say")

        let answer = CallTransition.apply(move, to: try Sample.call(question.stage), at: Sample.now)

        #expect(answer == (try Self.answer(cell, to: question)))
        #expect(move.kind == question.kind)
    }

    @Test func `the table holds no line that nobody asks for`() {
        #expect(CallTransitionTable.cells.count == (4 * 4 + 3 * 3 + 3) * 6)
        #expect(Set(Question.all.compactMap(\.cell)).count == Set(CallTransitionTable.cells.values).count)
    }

    @Test func `the rules compare no times: a moment before the call is as good as one after it`() throws {
        let call = try Sample.call()
        let early = UnixTime(0)

        guard case .moved(let accepted) = CallTransition.apply(.accept(by: nil, device: nil), to: call, at: early),
            case .moved(let ended) = CallTransition.apply(.timeLimit, to: accepted, at: early)
        else { throw Unexpected() }

        #expect(accepted.acceptedAt == early && ended.ending?.at == early)
    }

    @Test func `whoever speaks for one of several callees has to name it`() throws {
        let pair = try Sample.call()
        let third = Party(user: try UserID("carol"), side: .callee, device: nil, joinedAt: nil)
        let group = Sample.copy(pair, parties: pair.parties + [third], version: 1)

        #expect(CallTransition.apply(.accept(by: nil, device: nil), to: group, at: Sample.now) == .refused(.notAParty))
        #expect(CallTransition.apply(.reject(by: nil, device: nil, note: nil), to: group, at: Sample.now) == .refused(.notAParty))
    }

    @Test func `the acceptance of one callee is not the acceptance of another`() throws {
        let pair = try Sample.call(.active(on: nil))
        let third = Party(user: try UserID("carol"), side: .callee, device: nil, joinedAt: nil)
        let group = Sample.copy(pair, parties: pair.parties + [third], version: 2)

        guard case .moved(let joined) = CallTransition.apply(.accept(by: third.user, device: nil), to: group, at: Sample.now) else {
            throw Unexpected()
        }

        #expect(joined.party(third.user)?.joinedAt == Sample.now)
        #expect(joined.acceptedAt == Sample.accepted, "the first acceptance stays")
    }

    struct Unexpected: Error {}
}
