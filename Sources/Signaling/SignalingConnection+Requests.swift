import Calls
import SocketIO
import StrictJSON
import Switchboard
import Vocabulary

// What a client asks for: counted, put in line, worked on, answered. One after the other, so that a client that sends two events is
// answered in their order, whatever they cost.
extension SignalingConnection {
    /// An event came.
    func take(_ event: SocketIOEvent) {
        guard let member = members.first(where: { $0.dialect.namespace == event.namespace }) else { return }
        let known = member.dialect.event(named: event.name)
        signaling.metrics.received(known)
        if let seconds = secondsToWait(member) { return refuse(event.acknowledgementID, .rateLimited(seconds), member) }
        guard let known else {
            // As everywhere on Socket.IO nobody is told of an event that nobody knows, unless an answer was asked for.
            if event.acknowledgementID != nil { refuse(event.acknowledgementID, .unknownEvent, member) }
            return
        }
        guard waiting.count < signaling.settings.waitingEventsMax else {
            return refuse(event.acknowledgementID, .rateLimited(1), member)
        }
        waiting.append(
            Request(member: member, event: known, arguments: event.arguments, acknowledgementID: event.acknowledgementID))
        workOff()
    }

    func unreadable(_ namespace: String, _ id: UInt64?, _ error: JSONError) {
        guard let member = members.first(where: { $0.dialect.namespace == namespace }) else { return }
        if let seconds = secondsToWait(member) { return refuse(id, .rateLimited(seconds), member) }
        refuse(id, .invalid(error.message), member)
    }

    private func secondsToWait(_ member: Membership) -> Int? {
        let now = line.now.duration
        return events.take(signaling.settings.eventsPerConnection, at: now) ?? signaling.eventsPerUser.take(member.key, at: now)
    }

    /// Works on what waits, until something has to be waited for.
    private func workOff() {
        while running == nil, let request = waiting.first {
            if waiting.count == 1 { waiting = [] } else { waiting.removeFirst() }
            begin(request)
        }
    }

    private func begin(_ request: Request) {
        let asked: ClientRequest
        do throws(Refusal) {
            asked = try ClientRequest(request.event, request.arguments, in: request.member.dialect)
        } catch {
            return answer(request, .refused(error))
        }
        if let outcome = outcomeAtHand(of: asked, by: request.member) { return answer(request, outcome) }
        running = request
        let (signaling, asker, requestID) = (signaling, request.member.asker, request.member.nextRequestID())
        signaling.errands.run(on: line) {
            await signaling.outcome(of: asked, by: asker, as: requestID)
        } then: { outcome in
            self.finish(request, asked, outcome)
        }
    }

    /// What needs nobody to be asked.
    private func outcomeAtHand(of request: ClientRequest, by member: Membership) -> Outcome? {
        switch request {
        case .heartbeat: .alive(now)
        case .leaveUserRoom(let user): .silent(.user(user))
        case .leaveTopic(let topic): .silent(.topic(topic))
        case .joinUserRoom(let user) where user == member.user: .silent(.user(user))
        case .initiate, .accept, .reject, .cancel, .end, .token, .joinUserRoom, .joinTopic, .refreshToken: nil
        }
    }

    private func finish(_ request: Request, _ asked: ClientRequest, _ outcome: Outcome) {
        running = nil
        let member = request.member
        if isHere(member) {
            if let call = outcome.call { member.learn(call) }
            answer(request, outcome)
            tellBeside(asked, outcome, member)
            let held = member.held
            member.held = []
            for news in held { hear(news, as: member) }
        } else if outcome.call?.isLive == true {
            // The device went before its answer came, when it was in no call yet.
            signaling.dropped(member, at: line.now)
        }
        workOff()
    }

    private func answer(_ request: Request, _ outcome: Outcome) {
        let member = request.member
        guard isHere(member) else { return }
        let outcome = settled(outcome, member)
        if case .refused(let refusal) = outcome { signaling.metrics.refused(refusal.code) }
        if let id = request.acknowledgementID {
            act { session, actions in
                session.answer(id, in: member.dialect.namespace, into: &actions) { outcome.write(into: &$0) }
            }
        } else if case .refused(let refusal) = outcome {
            send(member.dialect.error(refusal), to: member)
        }
    }

    /// What an outcome means for the device itself, before it is told.
    private func settled(_ outcome: Outcome, _ member: Membership) -> Outcome {
        switch outcome {
        case .listening(let room):
            guard !member.rooms.contains(room) else { return outcome }
            guard member.rooms.count < signaling.settings.roomsPerSocketMax else { return .refused(.tooManyRooms) }
            member.rooms.append(room)
            member.tenant.join(room, member)
        case .silent(let room):
            guard member.rooms.contains(room) else { return outcome }
            member.rooms.removeAll { $0 == room }
            member.tenant.leave(room, member)
        case .refreshed(let caller):
            renew(member, as: caller)
        case .placed, .accepted, .moved, .token, .alive, .refused: break
        }
        return outcome
    }

    /// What the device hears beside the acknowledgement.
    private func tellBeside(_ asked: ClientRequest, _ outcome: Outcome, _ member: Membership) {
        switch (asked, outcome) {
        case (.initiate(let initiation), .refused(let refusal)) where refusal.isBusy:
            send(member.dialect.busy(initiation.callee, initiation.id, at: now), to: member)
        case (.reject, .moved(let call, _)):
            send(member.dialect.callOnly(.rejectConfirmed, call.id), to: member)
            send(member.dialect.callOnly(.rejectSuccess, call.id), to: member)
        case (_, .placed), (_, .accepted), (_, .moved), (_, .token), (_, .alive), (_, .listening), (_, .silent), (_, .refreshed),
            (_, .refused):
            break
        }
    }

    private func refuse(_ id: UInt64?, _ refusal: Refusal, _ member: Membership) {
        signaling.metrics.refused(refusal.code)
        guard let id else { return send(member.dialect.error(refusal), to: member) }
        act { session, actions in
            session.answer(id, in: member.dialect.namespace, into: &actions) { Outcome.refused(refusal).write(into: &$0) }
        }
    }
}
