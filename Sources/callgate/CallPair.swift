import NIOCore
import StrictJSON

/// Who is told how a pair's call went. Always on the thread of the load.
protocol CallWatcher: AnyObject {
    func ended(_ pair: CallPair)
    func failed(_ error: any Error)
}

/// Two users who call each other, one call at a time: the first always calls, the second rejects or accepts at once.
///
/// Everything that a server has to say is waited for, so that a call counts only when nothing of it is missing.
// @unchecked Sendable: nothing in it is touched but on the thread of the load.
final class CallPair: SocketOwner, @unchecked Sendable {
    /// What is to be done with a call that rings.
    enum Play {
        case reject
        /// Accepted by the callee, ended by the caller as soon as its token is there.
        case whole

        /// What has to arrive: the acknowledgements of what both sent, and the last thing that the other party hears.
        var arrivals: Int {
            switch self {
            case .reject: 3
            case .whole: 4
            }
        }
    }

    /// Who calls and who is called, each with a token.
    private let users: (caller: SocketUser, callee: SocketUser)
    private weak var watcher: (any CallWatcher)?
    private var caller: SocketClient?
    private var callee: SocketClient?
    private var play = Play.reject
    private var arrived = 0
    private var placedAt = NIODeadline.now()
    private var answeredAt = NIODeadline.now()
    private(set) var times = CallTimes()

    init(_ caller: SocketUser, _ callee: SocketUser, _ watcher: any CallWatcher) {
        users = (caller, callee)
        self.watcher = watcher
    }

    /// Connects both.
    func connect(port: Int, on loop: any EventLoop) -> EventLoopFuture<Void> {
        SocketClient.connect(port: port, authentication: users.caller.authentication, on: loop, for: self)
            .and(SocketClient.connect(port: port, authentication: users.callee.authentication, on: loop, for: self))
            .map { [self] in (caller, callee) = ($0, $1) }
    }

    /// Forgets what was measured.
    func reset() {
        times = CallTimes()
    }

    func start(_ play: Play) {
        self.play = play
        arrived = 0
        placedAt = .now()
        ask(caller, "call:initiate", ["receiverId": .string(users.callee.name), "callType": "video"]) { _ in }
    }

    func heard(_ name: String, _ payload: SocketPayload, on socket: SocketClient) {
        switch (name, socket === caller) {
        case ("call:incoming", false):
            times.incoming.append((socket.readAt - placedAt).nanoseconds)
            answer(payload)
        case ("call:rejected", true):
            times.rejected.append((socket.readAt - answeredAt).nanoseconds)
            step()
        case ("call:accepted", true):
            times.accepted.append((socket.readAt - answeredAt).nanoseconds)
            guard hasToken(payload) else {
                watcher?.failed(Refusal.no("accepted without a token: \(payload.value.canonicalText)"))
                return
            }
            ask(caller, "call:end", call(of: payload)) { _ in }
        case ("call:ended", false):
            step()
        case ("error", _), ("call:cancelled", _), ("call:timeout", _):
            watcher?.failed(Refusal.no("a call did not go as it should: \(name) \(payload.value.canonicalText)"))
        case _:
            break
        }
    }

    func lost(_ socket: SocketClient, _ fault: SocketFault) {
        watcher?.failed(fault)
    }

    private func answer(_ incoming: SocketPayload) {
        let call = call(of: incoming)
        answeredAt = .now()
        switch play {
        case .reject:
            ask(callee, "call:reject", call) { _ in }
        case .whole:
            ask(callee, "call:accept", call) { [weak self] answer in
                guard let self else { return }
                if !hasToken(answer) { watcher?.failed(Refusal.no("an acceptance without a token: \(answer.value.canonicalText)")) }
            }
        }
    }

    /// By which words a server is told of the call that something is about.
    private func call(of payload: SocketPayload) -> JSONValue {
        ["callId": payload.string(after: #""callId":""#).map { .string($0) } ?? .null]
    }

    private func hasToken(_ payload: SocketPayload) -> Bool {
        payload.contains(#""join":{"#) && payload.string(after: #""token":""#) != nil
    }

    /// Sends an event that has to succeed.
    private func ask(_ socket: SocketClient?, _ name: String, _ payload: JSONValue, _ answered: @escaping (SocketPayload) -> Void) {
        socket?.ask(name, payload) { [weak self] result in
            guard let self else { return }
            switch result {
            case .success(let answer) where answer.contains(#""success":true"#):
                answered(answer)
                step()
            case .success(let answer):
                watcher?.failed(Refusal.no("\(name) was refused: \(answer.value.canonicalText)"))
            case .failure(let fault):
                watcher?.failed(fault)
            }
        }
    }

    private func step() {
        arrived += 1
        guard arrived == play.arrivals else { return }
        times.whole.append((NIODeadline.now() - placedAt).nanoseconds)
        watcher?.ended(self)
    }
}

/// How long each part of each call took, in nanoseconds.
struct CallTimes: Sendable {
    /// From placing to the callee's device.
    var incoming: [Int64] = []
    /// From rejecting to the caller's device.
    var rejected: [Int64] = []
    /// From accepting to the caller's device, with its token.
    var accepted: [Int64] = []
    /// Until everything had arrived everywhere.
    var whole: [Int64] = []
    /// Calls that were due when nobody was free to place them.
    var late = 0

    static func += (all: inout CallTimes, more: CallTimes) {
        all.incoming += more.incoming
        all.rejected += more.rejected
        all.accepted += more.accepted
        all.whole += more.whole
        all.late += more.late
    }
}
