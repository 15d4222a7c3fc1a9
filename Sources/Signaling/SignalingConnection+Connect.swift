import Calls
import Signing
import SocketIO
import StrictJSON
import Switchboard
import Vocabulary

// How a client is let in. Its token is looked for in the CONNECT alone: what stands in the query or in headers is read by nobody here.
extension SignalingConnection {
    func connect(_ namespace: String, _ auth: JSONObject) {
        let now = line.now
        let signaling = signaling
        do throws(Refusal) {
            guard !signaling.isStopped else { throw .unavailable }
            if let seconds = signaling.connectsPerAddress.take(line.address, at: now.duration) { throw .rateLimited(seconds) }
            ask(for: try Credentials(Payload(object: auth)), to: namespace)
        } catch {
            refuse(namespace, error)
        }
    }

    private func ask(for credentials: Credentials, to namespace: String) {
        let (signaling, now) = (signaling, line.now)
        let removalCount = signaling.registry.removals.count
        let sid = Base64URL.encode(SecureRandom.bytes(15))
        signaling.errands.run(on: line) {
            await signaling.admit(credentials, as: sid, at: now)
        } then: { answer in
            self.admitted(answer, credentials, as: sid, to: namespace, removalCount)
        }
    }

    private func refuse(_ namespace: String, _ refusal: Refusal) {
        signaling.metrics.refused(refusal.code)
        act { session, actions in
            session.refuse(namespace, message: refusal.message, data: refusal.connectData, into: &actions)
        }
    }

    private func admitted(
        _ answer: Result<Caller, Refusal>, _ credentials: Credentials, as sid: String, to namespace: String, _ removalCount: Int
    ) {
        guard act({ session, _ in session.isOpen }) else { return }
        do throws(Refusal) {
            let member = try makeMember(try answer.get(), credentials.device, as: sid, in: namespace)
            // First known to everybody, then asked what is pending: so whatever happens to calls is heard one way or the other.
            let entry = member.tenant.add(
                member, named: member.caller.userName, socketsMax: signaling.settings.socketsPerUserMax, removalCount: removalCount,
                at: now)
            switch entry {
            case .taken: break
            case .full: throw .tooManySockets
            case .outdated: return ask(for: credentials, to: namespace)
            }
            members.append(member)
            signaling.metrics.connected()
            act { session, actions in session.accept(namespace, sid: member.sid, into: &actions) }
            send(member.dialect.connected(member, at: now), to: member)
            askPending(member)
        } catch {
            refuse(namespace, error)
        }
    }

    private func makeMember(_ caller: Caller, _ device: DeviceID?, as sid: String, in namespace: String) throws(Refusal) -> Membership {
        guard case .user(let tenant, let user) = caller.owner, let dialect = Dialect.spoken(in: namespace), !signaling.isStopped else {
            throw .unavailable
        }
        let named = if let device { device } else { try Self.device(ofSocket: sid) }
        return Membership(
            connection: self, dialect: dialect, tenant: signaling.registry.tenant(tenant), user: user,
            device: named, sid: sid, caller: caller, tokenEnd: tokenEnd(of: caller), askAgainAt: askAgainAt(caller))
    }

    /// The device of a client that does not name it.
    private static func device(ofSocket sid: String) throws(Refusal) -> DeviceID {
        do throws(VocabularyError) {
            return try DeviceID("socket-\(sid)")
        } catch {
            throw .unavailable
        }
    }

    /// When the token is not taken any more, by the clock of the lines.
    func tokenEnd(of caller: Caller) -> Moment {
        moment((caller.expiresAt ?? now) + Switchboard.userTokenLeewaySeconds)
    }

    /// When the app is to be asked about the user again, by the clock of the lines; never for a user with a token of its own.
    func askAgainAt(_ caller: Caller) -> Moment {
        caller.askAgainAt.map(moment) ?? Moment(milliseconds: .max)
    }

    private func moment(_ time: UnixTime) -> Moment {
        line.now + Int(max(0, time.seconds - now.seconds)) * 1000
    }

    private func askPending(_ member: Membership) {
        guard !signaling.desk.isFreeAtHand(member.user, in: member.tenant.id) else { return }
        let (signaling, asker) = (signaling, member.asker)
        signaling.errands.run(on: line) {
            await signaling.pendingCall(of: asker)
        } then: { call in
            if let call { self.tellPending(call, to: member) }
        }
    }

    /// What a device that has just come has to know: the call that rings for its user, or the one that the user is in.
    private func tellPending(_ call: Call, to member: Membership) {
        guard isHere(member), let party = call.party(member.user), member.learn(call) else { return }
        if call.state == .ringing, party.side == .callee {
            tellIncoming(call, to: member)
        } else {
            send(member.dialect.state(call, at: now), to: member)
        }
    }
}
