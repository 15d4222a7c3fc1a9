import Calls
import SocketIO
import Switchboard
import Vocabulary

// What happens to calls, as the devices hear it.
extension SignalingConnection {
    /// Something about a call came for one of the connection's devices.
    func hear(_ news: Membership.News, as member: Membership) {
        guard isHere(member) else { return }
        guard running?.member !== member else { return member.held.append(news) }
        switch news {
        case .event(let event): tell(event, to: member)
        case .ringing(let call):
            if member.knownVersion(of: call) <= 1 { send(member.dialect.ringing(call, at: now), to: member) }
        }
    }

    private func tell(_ event: CallEvent, to member: Membership) {
        let (call, dialect) = (event.call, member.dialect)
        // The device that caused it has its answer; it learns of the version all the same.
        guard member.learn(call), event.except != member.device else { return }
        switch event.kind {
        case .incoming: tellIncoming(call, to: member)
        case .accepted: tellAccepted(call, to: member)
        case .answeredElsewhere: send(dialect.over(.cancelled, call, reason: "answered_elsewhere"), to: member)
        case .rejected: send(dialect.over(.rejected, call, reason: call.ending?.note ?? "rejected"), to: member)
        case .rejectedElsewhere: send(dialect.over(.cancelled, call, reason: "rejected_elsewhere"), to: member)
        case .cancelled:
            let isByCaller = call.ending?.by != nil
            send(dialect.over(.cancelled, call, reason: isByCaller ? "caller_cancelled" : "cancelled"), to: member)
        case .missed:
            let isCaller = call.party(member.user)?.side == .caller
            send(
                isCaller ? dialect.over(.timeout, call, reason: "No answer") : dialect.over(.cancelled, call, reason: "Timeout"),
                to: member)
        case .ended:
            if let ending = call.ending { send(dialect.ended(call, ending), to: member) }
        }
    }

    /// Rings. What the caller is called is at hand where it has a socket; where not, the call may be over when the answer comes.
    func tellIncoming(_ call: Call, to member: Membership) {
        if let caller = call.caller?.user, let name = member.tenant.name(of: caller) {
            return ring(member.dialect.incoming(call, from: name.text), call, to: member)
        }
        let signaling = signaling
        signaling.errands.run(on: line) {
            await signaling.callerName(of: call)
        } then: { name in
            guard member.knownVersion(of: call.id) == call.version else { return }
            self.ring(member.dialect.incoming(call, from: name), call, to: member)
        }
    }

    /// Tells the caller that its call was accepted. The device that placed it gets its token with that, which is minted now, if the call
    /// still lives; where it does not, what is to be told is its end.
    private func tellAccepted(_ call: Call, to member: Membership) {
        let device = call.party(member.user)?.device
        guard device == nil || device == member.device else { return send(member.dialect.accepted(call, nil), to: member) }
        let (signaling, asker, requestID) = (signaling, member.asker, member.nextRequestID())
        signaling.errands.run(on: line) {
            await signaling.handOver(call, to: asker, as: requestID)
        } then: { join in
            guard case .success(let join) = join, member.knownVersion(of: call.id) == call.version else { return }
            self.send(member.dialect.accepted(call, join), to: member)
        }
    }
}
