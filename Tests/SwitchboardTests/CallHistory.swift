import Calls
import TestSupport
import Vocabulary

@testable import Switchboard

/// A short life of three users who call each other: requests in waves. Those of one wave are in flight at once; the next wave is sent when
/// all of them are answered.
struct CallHistory: Sendable {
    let index: Int
    let waves: [[CallRequest]]
    /// After which wave somebody looks at a call.
    let looks: Set<Int>

    /// The same index makes the same history.
    init(index: Int) {
        var story = Story(index: index)
        self.index = index
        waves = story.waves()
        looks = Set(waves.indices.filter { _ in story.chance(15) })
    }

    /// Lives it.
    func run(in scene: CallScene) async throws -> CallTranscript {
        var transcript = CallTranscript(index: index)
        var ids: [String: String] = [:]
        for (number, wave) in waves.enumerated() {
            let requests = wave.map { request in
                var request = request
                if !request.isPlacing || request.bringsID { request.call = ids[request.call] ?? request.call }
                return request
            }
            let replies = try await Self.atOnce(requests, in: scene)
            for (request, reply) in zip(wave, replies) where request.isPlacing && !request.bringsID {
                if let call = reply.call { ids[request.call] = call.id.text }
            }
            transcript.waves.append(zip(requests, replies).map { CallTranscript.Exchange(request: $0, reply: $1) })
            if looks.contains(number), let last = requests.last {
                let id = try CallID(ids[last.call] ?? last.call)
                let call = try await scene.house.store.call(id, of: TenantID("acme"))
                transcript.looks.append(CallTranscript.Look(wave: number, id: id.text, line: call.map { CallModel.Line($0) }))
            }
        }
        return transcript
    }

    private static func atOnce(_ requests: [CallRequest], in scene: CallScene) async throws -> [CallReply] {
        if requests.count == 1 { return [try await scene.deliver(requests[0])] }
        return try await withThrowingTaskGroup(of: (Int, CallReply).self) { group in
            for (place, request) in requests.enumerated() {
                group.addTask { (place, try await scene.deliver(request)) }
            }
            var replies: [Int: CallReply] = [:]
            for try await (place, reply) in group { replies[place] = reply }
            return requests.indices.compactMap { replies[$0] }
        }
    }
}

/// What was asked in a history, and what was answered.
struct CallTranscript: Sendable {
    struct Exchange: Sendable {
        let request: CallRequest
        let reply: CallReply
    }

    /// A call as somebody saw it when nothing was in flight.
    struct Look: Sendable {
        let wave: Int
        let id: String
        let line: CallModel.Line?
    }

    let index: Int
    var waves: [[Exchange]] = []
    var looks: [Look] = []
}

/// Makes up what the users of a history do, and what the network does to it.
private struct Story {
    private let index: Int
    private var generator: SeededGenerator
    private var counter = 0
    /// The calls that somebody wanted to place so far.
    private var placed: [Int] = []
    /// For each call of the history: who calls whom, and whether the client names the call.
    private let slots: [(caller: String, callee: String, bringsID: Bool)]

    init(index: Int) {
        self.index = index
        var generator = SeededGenerator(seed: UInt64(index))
        let (a, b, c) = ("u\(index).a", "u\(index).b", "u\(index).c")
        let pairs = [(a, b), (b, a), (c, b)]
        slots = pairs.map { ($0, $1, Int.random(in: 0..<4, using: &generator) > 0) }
        self.generator = generator
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &generator) < percent }

    mutating func waves() -> [[CallRequest]] {
        var requests = [place(0)]
        for _ in 0..<Int.random(in: 1...5, using: &generator) { requests.append(next()) }
        // What the network does: deliver twice, deliver late.
        for request in requests where chance(20) {
            var again = request
            again.id = nextID()
            requests.insert(again, at: Int.random(in: 0...requests.count, using: &generator))
        }
        for place in requests.indices where chance(10) {
            requests.swapAt(place, Int.random(in: 0..<requests.count, using: &generator))
        }
        var waves: [[CallRequest]] = []
        while !requests.isEmpty {
            let count = min(requests.count, Int.random(in: 1...3, using: &generator))
            waves.append(Array(requests.prefix(count)))
            requests.removeFirst(count)
        }
        return waves
    }

    private mutating func next() -> CallRequest {
        let slot = chance(95) ? pick(placed) : pick([0, 1, 2])
        switch Int.random(in: 0..<100, using: &generator) {
        case 0..<14: return place(pick([0, 1, 1, 2]))
        case 14..<45: return move(.accept, slot)
        case 45..<53: return move(.reject, slot)
        case 53..<61: return move(.cancel, slot)
        case 61..<74: return move(.end, slot)
        case 74..<92: return move(.token, slot)
        case 92..<98: return CallRequest(nextID(), .ringTimeout, nil, isByServer: true, call: name(slot))
        default: return CallRequest(nextID(), .timeLimit, nil, isByServer: true, call: name(slot))
        }
    }

    private mutating func place(_ slot: Int) -> CallRequest {
        placed.append(slot)
        var (caller, callee) = (slots[slot].caller, slots[slot].callee)
        // Somebody uses an id for something else.
        if chance(4) { (caller, callee) = (callee, caller) }
        return CallRequest(
            nextID(), .place(callee: callee, chance(95) ? .video : .audio), caller, isByServer: chance(25), device: device(),
            call: name(slot), bringsID: slots[slot].bringsID, key: key())
    }

    private mutating func move(_ ask: CallRequest.Ask, _ slot: Int) -> CallRequest {
        let (caller, callee, _) = slots[slot]
        let proper: String =
            switch ask {
            case .cancel: caller
            case .end, .token: chance(50) ? caller : callee
            case .place, .accept, .reject, .ringTimeout, .timeLimit: callee
            }
        var user: String? = chance(85) ? proper : pick(slots.map(\.caller))
        let isByServer = chance(30)
        // Only these may be asked without naming anybody.
        if isByServer, [.reject, .cancel, .end].contains(ask), chance(40) { user = nil }
        return CallRequest(
            nextID(), ask, user, isByServer: isByServer, device: [.accept, .reject, .token].contains(ask) ? device() : nil,
            call: name(slot), key: ask == .token ? nil : key(), versions: ask != .token && chance(8) ? [pick([1, 2, 2, 3])] : nil)
    }

    private func name(_ slot: Int) -> String { "history-\(index)-\(slot)" }

    private mutating func nextID() -> String {
        counter += 1
        return "h\(index).\(counter)"
    }

    private mutating func device() -> String? { pick(["phone", "phone", "phone", "tablet", nil]) }

    private mutating func key() -> String? {
        if chance(70) { return nil }
        return chance(50) ? "key-\(index)-\(counter)" : "key-\(index)"
    }

    private mutating func pick<T>(_ choices: [T]) -> T { choices[Int.random(in: choices.indices, using: &generator)] }
}
