import Calls
import StrictJSON
import Switchboard
import Synchronization
import Testing
import Vocabulary

@testable import Signaling

/// Requests that cross on their way, a thousand times each, at two threads of lines and one desk.
@Suite(.timeLimit(.minutes(5))) struct SocketRaceTests {
    static let lanes = 20
    static let rounds = 50

    @Test(arguments: Dialect.all)
    func `C03: of two devices that accept at once one gets a token, and the other hears where it was answered`(
        dialect: Dialect
    ) async throws {
        try await race(dialect) { lane in
            let id = try await lane.ring()
            async let first = lane.phone.ask(.accept, ["callId": id])
            async let second = lane.laptop.ask(.accept, ["callId": id])
            let answers = await [first, second]
            #expect(answers.count { $0["success"] == true && $0["join"]?["identity"] == .string(lane.callee) } == 1)
            #expect(answers.count { $0["code"] == "answered_elsewhere" && $0["join"] == nil } == 1)
            let loser = answers[0]["success"] == true ? lane.laptop : lane.phone
            #expect(await loser.hears(.cancelled)["reason"] == "answered_elsewhere")
            #expect(await lane.alice.hears(.accepted)["join"]?["identity"] == .string(lane.caller))
            #expect(await lane.alice.ask(.end, ["callId": id])["success"] == true)
            for socket in [lane.phone, lane.laptop] { #expect(await socket.hears(.ended)["callId"] == id) }
        }
    }

    @Test(arguments: Dialect.all) func `C04: a call that is taken back while it is accepted is one or the other, for all`(dialect: Dialect)
        async throws
    {
        try await race(dialect) { lane in
            let id = try await lane.ring()
            async let acceptance = lane.phone.ask(.accept, ["callId": id])
            async let cancellation = lane.alice.ask(.cancel, ["callId": id])
            let (accepted, cancelled) = await (acceptance, cancellation)
            #expect((accepted["success"] == true) != (cancelled["success"] == true))
            if accepted["success"] == true {
                #expect(cancelled["code"] == "call_not_ringing")
                #expect(await lane.alice.hears(.accepted)["join"]?["identity"] == .string(lane.caller))
                #expect(await lane.laptop.hears(.cancelled)["reason"] == "answered_elsewhere")
                #expect(await lane.phone.ask(.end, ["callId": id])["success"] == true)
                for socket in [lane.alice, lane.laptop] { #expect(await socket.hears(.ended)["callId"] == id) }
            } else {
                #expect(accepted["code"] == "call_ended" && accepted["join"] == nil)
                for socket in [lane.phone, lane.laptop] { #expect(await socket.hears(.cancelled)["reason"] == "caller_cancelled") }
            }
        }
    }

    @Test(arguments: Dialect.all) func `C05: both call each other, and both are in one call with a token each`(dialect: Dialect)
        async throws
    {
        try await race(dialect) { lane in
            async let first = lane.alice.ask(.initiate, lane.order(lane.callee))
            async let second = lane.phone.ask(.initiate, lane.order(lane.caller))
            let (alice, bob) = await (first, second)
            #expect(alice["success"] == true && bob["success"] == true && alice["callId"] == bob["callId"])
            let isAliceFirst = alice["accepted"] == nil
            let (placer, crosser) = isAliceFirst ? (lane.alice, lane.phone) : (lane.phone, lane.alice)
            let (placed, crossed) = isAliceFirst ? (alice, bob) : (bob, alice)
            let names = isAliceFirst ? (lane.caller, lane.callee) : (lane.callee, lane.caller)
            #expect(placed["join"] == nil && crossed["accepted"] == true && crossed["join"]?["identity"] == .string(names.1))
            #expect(await placer.hears(.accepted)["join"]?["identity"] == .string(names.0))
            #expect(await crosser.ask(.end, ["callId": crossed["callId"] ?? .null])["success"] == true)
            #expect(await placer.hears(.ended)["callId"] == crossed["callId"])
            for socket in [lane.alice, lane.phone, lane.laptop] {
                await socket.line.settled()
                socket.forgetUnread()
            }
        }
    }

    @Test(arguments: Dialect.all) func `C06: a ring whose time is over when it is accepted is one or the other, for both`(dialect: Dialect)
        async throws
    {
        let (house, lanes) = try await SocketHouse.lanes(1, dialect)
        let lane = lanes[0]
        for round in 0..<1000 {
            let id = try await lane.ring()
            house.clock.pass(Limits.ringSeconds)
            async let acceptance = lane.phone.ask(.accept, ["callId": id], afterYields: round % 7)
            for _ in 0..<round % 5 { await Task.yield() }
            await house.desk.endOverdueCalls()
            let accepted = await acceptance
            if accepted["success"] == true {
                #expect(await lane.alice.hears(.accepted)["join"]?["identity"] == .string(lane.caller))
                #expect(await lane.laptop.hears(.cancelled)["reason"] == "answered_elsewhere")
                #expect(await lane.alice.ask(.end, ["callId": id])["success"] == true)
                for socket in [lane.phone, lane.laptop] { #expect(await socket.hears(.ended)["callId"] == id) }
            } else {
                #expect(accepted["code"] == "call_ended")
                #expect(await lane.alice.hears(.timeout)["callId"] == id)
                for socket in [lane.phone, lane.laptop] { #expect(await socket.hears(.cancelled)["reason"] == "Timeout") }
            }
        }
        await lane.expectQuiet()
        #expect(lane.faults == [])
    }

    @Test(arguments: Dialect.all) func `C12: of two calls for the same user, placed at both counters at once, one gets through`(
        dialect: Dialect
    ) async throws {
        let tally = Tally()
        try await race(dialect) { lane in
            let number = tally.next()
            let isCalling = (number / 4).isMultiple(of: 2)
            let (caller, callee) = isCalling ? (lane.callee, lane.third) : (lane.third, lane.callee)
            let (answer, placed) = try await lane.place(caller, callee, besides: lane.order(lane.callee), start: number % 4)
            tally.note(placed.call == nil)
            for user in [lane.caller, lane.callee, lane.third] {
                let live = try await lane.house.desk.liveCall(of: UserID(user), in: TenantID("acme"))
                let isIn = placed.call?.party(try UserID(user)) != nil || (placed.call == nil && user != lane.third)
                #expect((live != nil) == isIn)
            }
            if let call = placed.call {
                #expect(answer["code"] == "user_busy")
                #expect(await lane.alice.hears(.busy)["calleeId"] == .string(lane.callee))
                if !isCalling { for socket in [lane.phone, lane.laptop] { _ = await socket.hears(.incoming) } }
                _ = try await lane.house.desk.endCall(call.id, as: PartyClaim(user: nil, device: nil), note: nil, .none, for: lane.server)
                for socket in [lane.phone, lane.laptop] { #expect(await socket.hears(.cancelled)["callId"] == .string(call.id.text)) }
            } else {
                #expect(answer["success"] == true && placed.refusal == (isCalling ? .alreadyInCall : .userBusy))
                for socket in [lane.phone, lane.laptop] { #expect(await socket.hears(.incoming)["callId"] == answer["callId"]) }
                #expect(await lane.alice.ask(.cancel, answer.callOnly)["success"] == true)
                for socket in [lane.phone, lane.laptop] { #expect(await socket.hears(.cancelled)["callId"] == answer["callId"]) }
            }
        }
        #expect(tally.outcomes == [true, false], "both happen")
    }

    private func race(_ dialect: Dialect, _ round: @escaping @Sendable (Lane) async throws -> Void) async throws {
        let (house, lanes) = try await SocketHouse.lanes(Self.lanes, dialect)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in lanes {
                group.addTask { for _ in 0..<Self.rounds { try await round(lane) } }
            }
            try await group.waitForAll()
        }
        await house.settled()
        for lane in lanes {
            await lane.expectQuiet()
            #expect(lane.faults == [])
        }
    }
}

/// A pair of users who race with each other, and with nobody else.
struct Lane: Sendable {
    let caller: String
    let callee: String
    let alice: TestSocket
    let phone: TestSocket
    let laptop: TestSocket
    let house: SocketHouse
    /// The tenant's server, at the other counter.
    let server: Caller

    /// A user without a socket.
    var third: String { "third-of-\(caller)" }

    /// Places a call over REST.
    func place(_ caller: String, _ callee: String) async throws -> (call: Call?, refusal: CallRefusal?) {
        let order = CallOrder(
            caller: try UserID(caller), callee: try UserID(callee), media: .audio, provider: nil, id: nil, device: nil, metadata: nil)
        do throws(DeskError) {
            return (try await house.desk.placeCall(order, .none, for: server).call, nil)
        } catch {
            guard case .call(let refusal) = error else { throw error }
            return (nil, refusal)
        }
    }

    /// Places a call over REST and one over alice's socket: at once, or the one on the socket first (`start` is 0) or last (1), so that
    /// both get through sometimes on every machine.
    func place(
        _ caller: String, _ callee: String, besides order: JSONValue, start: Int
    ) async throws -> (answer: JSONValue, placed: (call: Call?, refusal: CallRefusal?)) {
        switch start {
        case 0:
            let answer = await alice.ask(.initiate, order)
            return (answer, try await place(caller, callee))
        case 1:
            let placed = try await place(caller, callee)
            return (await alice.ask(.initiate, order), placed)
        default:
            async let answer = alice.ask(.initiate, order)
            async let placed = place(caller, callee)
            return try await (answer, placed)
        }
    }

    func order(_ user: String) -> JSONValue { alice.dialect.order(user) }

    /// A call that rings on both devices.
    func ring() async throws -> JSONValue {
        let placed = await alice.ask(.initiate, order(callee))
        let id = try #require(placed["callId"], "\(placed)")
        for socket in [phone, laptop] { #expect(await socket.hears(.incoming)["callId"] == id) }
        return id
    }

    func expectQuiet() async {
        for socket in [alice, phone, laptop] { #expect(await socket.unread() == []) }
    }

    var faults: [String] { [alice, phone, laptop].flatMap(\.faults) }
}

extension SocketHouse {
    static func lanes(_ count: Int, _ dialect: Dialect) async throws -> (SocketHouse, [Lane]) {
        let house = try await SocketHouse(.with { $0.presenceBroadcastUsersMax = 0 })
        let server = try await house.server()
        var lanes: [Lane] = []
        for number in 0..<count {
            let (caller, callee) = ("alice-\(number)", "bob-\(number)")
            lanes.append(
                Lane(
                    caller: caller, callee: callee, alice: try await house.device(caller, "tablet", in: dialect),
                    phone: try await house.device(callee, "phone", in: dialect),
                    laptop: try await house.device(callee, "laptop", in: dialect), house: house, server: server))
        }
        return (house, lanes)
    }
}

/// Counts rounds, and what came of them.
private final class Tally: Sendable {
    private let state = Mutex<(rounds: Int, outcomes: Set<Bool>)>((0, []))

    var outcomes: Set<Bool> { state.withLock { $0.outcomes } }

    func next() -> Int {
        state.withLock { state in
            state.rounds += 1
            return state.rounds
        }
    }

    func note(_ outcome: Bool) { state.withLock { _ = $0.outcomes.insert(outcome) } }
}

extension TestSocket {
    func ask(_ event: ClientEvent, _ payload: JSONValue, afterYields yields: Int) async -> JSONValue {
        for _ in 0..<yields { await Task.yield() }
        return await ask(event, payload)
    }
}
