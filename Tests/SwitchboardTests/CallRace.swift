import Calls
import TestSupport
import Testing
import Vocabulary

@testable import Switchboard

/// What races are run on: one desk with its store, and an alice and a bob for each round.
struct CallRace: Sendable {
    let scene: CallScene
    let notebook: CallNotebook

    static func open() async throws -> CallRace {
        let race = CallRace(scene: try await CallScene.open(), notebook: CallNotebook())
        try await race.scene.desk.attach(race.notebook)
        return race
    }

    func alice(_ round: Int) -> String { "alice.\(round)" }
    func bob(_ round: Int) -> String { "bob.\(round)" }

    // MARK: Requests

    func place(_ round: Int, _ caller: String, _ callee: String, on device: String? = nil, id: String? = nil) -> CallRequest {
        CallRequest(
            "race.\(round)", .place(callee: callee, .video), caller, device: device, call: id ?? "no-id-of-its-own", bringsID: id != nil)
    }

    func accept(
        _ round: Int, _ call: Call, on device: String? = nil, isByServer: Bool = false, key: String? = nil
    ) -> CallRequest {
        CallRequest("race.\(round)", .accept, bob(round), isByServer: isByServer, device: device, call: call.id.text, key: key)
    }

    func token(_ round: Int, _ call: Call, of user: String, on device: String? = nil) -> CallRequest {
        CallRequest("race.\(round)", .token, user, device: device, call: call.id.text)
    }

    func ask(_ ask: CallRequest.Ask, _ call: Call, _ user: String, on device: String? = nil) -> CallRequest {
        CallRequest("race", ask, user, device: device, call: call.id.text)
    }

    // MARK: Running

    func deliver(_ request: CallRequest) async throws -> CallReply { try await scene.deliver(request) }

    /// A call from the round's alice to its bob.
    func placed(_ round: Int) async throws -> Call {
        try #require(try await deliver(place(round, alice(round), bob(round))).call)
    }

    /// Two requests at once. Which of them has the better start is drawn by lot, the same for the same round.
    func atOnce(_ first: CallRequest, _ second: CallRequest, _ round: Int) async throws -> (CallReply, CallReply) {
        var generator = SeededGenerator(seed: UInt64(round))
        let waits = (Int.random(in: 0...20, using: &generator), Int.random(in: 0...20, using: &generator))
        async let firstReply = deliver(first, afterYields: waits.0)
        async let secondReply = deliver(second, afterYields: waits.1)
        return try await (firstReply, secondReply)
    }

    private func deliver(_ request: CallRequest, afterYields yields: Int) async throws -> CallReply {
        for _ in 0..<yields { await Task.yield() }
        return try await deliver(request)
    }

    /// The desk looks at what is overdue.
    func expire(afterYields yields: Int) async {
        for _ in 0..<yields { await Task.yield() }
        await scene.desk.endOverdueCalls()
    }

    /// Runs rounds, 32 at once, and returns what came of them in their order.
    func rounds<Outcome: Sendable>(_ count: Int, _ round: @escaping @Sendable (Int) async throws -> Outcome) async throws -> [Outcome] {
        try await withThrowingTaskGroup(of: (Int, Outcome).self) { group in
            var outcomes: [Int: Outcome] = [:]
            for number in 0..<count {
                if number >= 32, let (place, outcome) = try await group.next() { outcomes[place] = outcome }
                group.addTask { (number, try await round(number)) }
            }
            for try await (place, outcome) in group { outcomes[place] = outcome }
            return (0..<count).compactMap { outcomes[$0] }
        }
    }

    // MARK: Afterwards

    /// What the store says when all is over.
    struct Log {
        var calls: [String: Call] = [:]
        /// By call, in order: what was asked, and the outcome.
        var rows: [String: [String]] = [:]
        /// The digests of all tokens.
        var tokens: [[UInt8]] = []
    }

    func log() async throws -> Log {
        var log = Log()
        for call in try await scene.allCalls() { log.calls[call.id.text] = call }
        for row in try await scene.allAuditRows() where log.calls[row.entry.subject] != nil {
            log.rows[row.entry.subject, default: []].append("\(row.entry.operation.rawValue) \(row.entry.outcome)")
            if let token = row.entry.token { log.tokens.append(token.sha256) }
        }
        return log
    }
}
