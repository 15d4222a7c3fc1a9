import Calls
import StrictJSON
import Switchboard
import TestSupport
import Testing
import Vocabulary

@testable import Signaling

/// Three users who call each other, on four sockets in both dialects, and over REST at the same time.
struct Trio: Sendable {
    /// What may be done to a call, and by whom that usually is.
    enum Ask: Sendable { case place, accept, reject, cancel, end, token }

    /// One request. It may be sent more than once, and late.
    struct Request: Sendable {
        let ask: Ask
        /// Which of the trio's calls.
        let slot: Int
        /// Which of its sockets asks; nil: its server, over REST.
        let socket: Int?
        /// When its sender says it was made; only a placing says so.
        let sentAt: UnixTime?
    }

    /// What a socket was answered.
    struct Reply: Sendable {
        let request: Request
        let call: String
        let answer: JSONValue
    }

    /// Who calls whom: everybody calls bob, and he calls back.
    static let pairs = [(caller: 0, callee: 1), (caller: 1, callee: 0), (caller: 2, callee: 1)]
    /// The users of the sockets.
    static let owners = [0, 1, 1, 2]

    let number: Int
    let house: SocketHouse
    let server: Caller
    let users: [String]
    let sockets: [TestSocket]

    static func open(_ number: Int, in house: SocketHouse, server: Caller) async throws -> Trio {
        let users = ["alice-\(number)", "bob-\(number)", "carol-\(number)"]
        var sockets: [TestSocket] = []
        for (owner, (device, dialect)) in zip(
            owners, [("tablet", Dialect.colon), ("phone", .colon), ("laptop", .dash), ("watch", .dash)])
        {
            sockets.append(try await house.device(users[owner], device, in: dialect, seconds: 80_000))
        }
        return Trio(number: number, house: house, server: server, users: users, sockets: sockets)
    }

    /// What the trio does in a round: first this, and a minute later that.
    func story(_ round: Int) -> (first: [Request], late: [Request]) {
        var dice = SeededGenerator(seed: UInt64(number * 1000 + round))
        var requests = [make(.place, 0, &dice)]
        for _ in 0..<Int.random(in: 2...7, using: &dice) {
            let slot = dice.chance(60) ? 0 : Int.random(in: 0..<3, using: &dice)
            switch Int.random(in: 0..<10, using: &dice) {
            case 0...1: requests.append(make(.place, Int.random(in: 0..<3, using: &dice), &dice))
            case 2...4: requests.append(make(.accept, slot, &dice))
            case 5: requests.append(make(.reject, slot, &dice))
            case 6: requests.append(make(.cancel, slot, &dice))
            case 7: requests.append(make(.token, slot, &dice))
            default: requests.append(make(.end, slot, &dice))
            }
        }
        // What the network does: deliver twice, in another order, and late.
        for request in requests where dice.chance(20) {
            requests.insert(request, at: Int.random(in: 0...requests.count, using: &dice))
        }
        if dice.chance(30) { requests.shuffle(using: &dice) }
        let cut = dice.chance(30) ? Int.random(in: 1...requests.count, using: &dice) : requests.count
        return (Array(requests[..<cut]), Array(requests[cut...]))
    }

    private func make(_ ask: Ask, _ slot: Int, _ dice: inout SeededGenerator) -> Request {
        let pair = Self.pairs[slot]
        var user: Int
        switch ask {
        case .place, .cancel: user = pair.caller
        case .accept, .reject: user = pair.callee
        case .end, .token: user = dice.chance(50) ? pair.caller : pair.callee
        }
        if ask != .place, dice.chance(8) { user = Int.random(in: 0..<3, using: &dice) }
        let socket = Self.owners.indices.filter { Self.owners[$0] == user }.randomElement(using: &dice)
        let isByServer = dice.chance(25) && ask != .token
        return Request(
            ask: ask, slot: slot, socket: isByServer ? nil : socket,
            sentAt: ask == .place && dice.chance(40) ? house.clock.now : nil)
    }

    /// Sends the requests, up to three at once.
    /// - Returns: what the sockets were answered.
    func live(_ requests: [Request], _ round: Int) async throws -> [Reply] {
        var dice = SeededGenerator(seed: UInt64(number * 1000 + round + 500))
        var (replies, rest) = ([Reply](), requests[...])
        while !rest.isEmpty {
            let wave = rest.prefix(Int.random(in: 1...3, using: &dice))
            rest = rest.dropFirst(wave.count)
            replies += try await withThrowingTaskGroup(of: Reply?.self) { group in
                for request in wave { group.addTask { try await send(request, round) } }
                return try await group.reduce(into: []) { replies, reply in if let reply { replies.append(reply) } }
            }
        }
        return replies
    }

    private func send(_ request: Request, _ round: Int) async throws -> Reply? {
        let id = "trio-\(number).\(round).\(request.slot)"
        let pair = Self.pairs[request.slot]
        guard let index = request.socket else {
            try await sendByServer(request, try CallID(id))
            return nil
        }
        let socket = sockets[index]
        let answer: JSONValue
        switch request.ask {
        case .place:
            var more: JSONObject = ["callId": .string(id)]
            if let sentAt = request.sentAt { more["sentAt"] = .integer(sentAt.seconds * 1000) }
            answer = await socket.ask(.initiate, socket.dialect.order(users[pair.callee], more))
        case .accept: answer = await socket.ask(.accept, ["callId": .string(id)])
        case .reject: answer = await socket.ask(.reject, ["callId": .string(id)])
        case .cancel: answer = await socket.ask(.cancel, ["callId": .string(id)])
        case .end: answer = await socket.ask(.end, ["callId": .string(id)])
        case .token: answer = await socket.ask(.token, ["callId": .string(id)])
        }
        // Where both called each other, the call has the id of the one that came first.
        return Reply(request: request, call: answer["callId"]?.stringValue ?? id, answer: answer)
    }

    /// The same at the other counter. What it is refused is looked at in the audit log.
    private func sendByServer(_ request: Request, _ id: CallID) async throws {
        let pair = Self.pairs[request.slot]
        let (caller, callee) = (try UserID(users[pair.caller]), try UserID(users[pair.callee]))
        let nobody = PartyClaim(user: nil, device: nil)
        let desk = house.desk
        do throws(DeskError) {
            switch request.ask {
            case .place:
                let order = CallOrder(
                    caller: caller, callee: callee, media: .audio, provider: nil, id: id, device: nil, metadata: nil)
                _ = try await desk.placeCall(order, .none, for: server)
            case .accept: _ = try await desk.acceptCall(id, as: PartyClaim(user: callee, device: nil), .none, for: server)
            case .reject: _ = try await desk.rejectCall(id, as: nobody, note: nil, .none, for: server)
            case .cancel: _ = try await desk.cancelCall(id, as: nobody, note: nil, .none, for: server)
            case .end, .token: _ = try await desk.endCall(id, as: nobody, note: nil, .none, for: server)
            }
        } catch {
            switch error {
            case .notFound, .call: break
            case let error: throw error
            }
        }
    }

    /// Hangs up what is left.
    func end() async throws {
        for user in users {
            guard let call = try await house.desk.liveCall(of: UserID(user), in: TenantID("acme")) else { continue }
            _ = try await house.desk.endCall(call.id, as: PartyClaim(user: nil, device: nil), note: nil, .none, for: server)
        }
    }
}
