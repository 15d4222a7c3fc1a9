import Calls
import Signing
import SocketIO
import StrictJSON
import Switchboard
import Vocabulary

/// One connection: the state of its Socket.IO part, the devices that it is, and the requests that wait for their turn.
final class SignalingConnection: EngineIOClient, @unchecked Sendable {
    // Unchecked: all but `line` and `signaling`, which never change, is used on the line's own thread alone.

    /// A request on its way.
    final class Request: Sendable {
        let member: Membership
        let event: ClientEvent
        let arguments: [JSONValue]
        let acknowledgementID: UInt64?

        init(member: Membership, event: ClientEvent, arguments: [JSONValue], acknowledgementID: UInt64?) {
            self.member = member
            self.event = event
            self.arguments = arguments
            self.acknowledgementID = acknowledgementID
        }
    }

    let line: any EngineIOLine
    let signaling: Signaling
    private var session: SocketIOSession
    var members: [Membership] = []
    var waiting: [Request] = []
    /// The request that is being worked on.
    var running: Request?
    var events = TokenBucket()
    private var nextRing: UInt64 = 0

    init(_ line: any EngineIOLine, of signaling: Signaling) {
        self.line = line
        self.signaling = signaling
        session = SocketIOSession(settings: signaling.socketSettings, at: line.now)
    }

    var now: UnixTime { signaling.desk.now }

    func isHere(_ member: Membership) -> Bool {
        members.contains { $0 === member }
    }

    // MARK: EngineIOClient

    func received(_ message: EngineIOMessage) {
        let now = line.now
        act { session, actions in
            switch message {
            case .text(let text): session.received(text: text, at: now, into: &actions)
            case .binary(let bytes): session.received(binary: bytes, at: now, into: &actions)
            }
        }
    }

    func closed(_ reason: CloseReason) {
        act { session, actions in session.engineClosed(reason, into: &actions) }
    }

    var nextDeadline: Moment? {
        members.reduce(session.nextDeadline) { earliest, member in
            let due = min(member.tokenEnd, member.askAgainAt)
            return earliest.map { min($0, due) } ?? due
        }
    }

    func tick(at now: Moment) {
        for member in members {
            if member.tokenEnd <= now {
                dismiss(member, .tokenExpired)
            } else if member.askAgainAt <= now {
                askAgain(member, at: now)
            }
        }
        act { session, actions in session.tick(at: now, into: &actions) }
    }

    /// How long after an app did not say who a user is it is asked again.
    private static let askAgainSeconds = 30

    /// Asks the app that knows a device's user about it again. Until it answers, and where it does not, the device stays.
    private func askAgain(_ member: Membership, at now: Moment) {
        let next = now + Self.askAgainSeconds * 1000
        member.askAgainAt = next
        let (signaling, caller, requestID) = (signaling, member.caller, member.nextRequestID())
        signaling.errands.run(on: line) {
            await signaling.renewed(caller, as: requestID)
        } then: { answer in
            // Whoever showed another token meanwhile is known by that one.
            guard member.askAgainAt == next else { return }
            switch answer {
            case .success(let caller)?: self.renew(member, as: caller)
            case .failure(let refusal)?: self.dismiss(member, refusal)
            case nil: break
            }
        }
    }

    /// The device's user showed a new token, or its app was asked again.
    func renew(_ member: Membership, as caller: Caller) {
        member.caller = caller
        member.tokenEnd = tokenEnd(of: caller)
        member.askAgainAt = askAgainAt(caller)
    }

    // MARK: What the session says

    /// Does something with the session, and then what it says.
    @discardableResult
    func act<Answer>(_ change: (inout SocketIOSession, inout [SocketIOAction]) -> Answer) -> Answer {
        var actions: [SocketIOAction] = []
        let answer = change(&session, &actions)
        for action in actions { carryOut(action) }
        return answer
    }

    private func carryOut(_ action: SocketIOAction) {
        switch action {
        case .send(let frame): line.send(frame)
        case .connectRequested(let namespace, let auth): connect(namespace, auth ?? [:])
        case .event(let event): take(event)
        case .unreadable(let namespace, let id, let error): unreadable(namespace, id, error)
        case .acknowledged(let token, _, _): rings(token)
        case .unacknowledged: break
        case .left(let namespace, _): left(namespace)
        case .close(let reason): line.close(reason)
        }
    }

    // MARK: Sending

    /// Sends an event to one of the connection's devices, if it is still there.
    func send(_ message: SocketIOMessage?, to member: Membership) {
        guard let message, isHere(member) else { return }
        act { session, actions in session.emit(message, into: &actions) }
    }

    /// The same, asking the client to say that it has it.
    func ring(_ message: SocketIOMessage?, _ call: Call, to member: Membership) {
        guard let message, let caller = call.caller?.user, isHere(member) else { return }
        nextRing += 1
        let token = nextRing
        let deadline = line.now + signaling.settings.ringAcknowledgementSeconds * 1000
        member.ring = Membership.Ring(token: token, call: call.id, caller: caller)
        act { session, actions in
            let request = SocketIOAcknowledgementRequest(token: token, deadline: deadline)
            if !session.emit(message, acknowledgement: request, into: &actions) { session.emit(message, into: &actions) }
        }
    }

    /// A client says that it rings. What it says of a call that has moved on is no news.
    private func rings(_ token: UInt64) {
        guard let member = members.first(where: { $0.ring?.token == token }), let ring = member.ring else { return }
        member.ring = nil
        if member.knownVersion(of: ring.call) == 1 { member.tenant.tellRinging(ring.call, to: ring.caller) }
    }

    // MARK: Leaving

    /// Puts a device out, and says why.
    func dismiss(_ member: Membership, _ refusal: Refusal) {
        guard isHere(member) else { return }
        signaling.metrics.refused(refusal.code)
        send(member.dialect.error(refusal), to: member)
        let now = line.now
        act { session, actions in session.disconnect(member.dialect.namespace, at: now, into: &actions) }
    }

    /// Puts a device out whose user would not be let in any more.
    func check(_ member: Membership, by admission: UserAdmission) {
        if !admission.admits(member.caller) { dismiss(member, .unauthenticated) }
    }

    private func left(_ namespace: String) {
        guard let index = members.firstIndex(where: { $0.dialect.namespace == namespace }) else { return }
        let member = members.remove(at: index)
        if !waiting.isEmpty { waiting = waiting.filter { $0.member !== member } }
        let moment = now
        let departure = member.tenant.remove(member, isSilent: signaling.isStopped, at: moment)
        if departure.isUserGone { signaling.lastSeen.note(member.key, at: moment) }
        if departure.isDeviceGone || departure.isUserGone { signaling.dropped(member, at: line.now) }
    }
}
