public import Vocabulary

/// What comes of a move.
public enum CallAnswer: Sendable, Equatable {
    /// The call is one version older.
    case moved(Call)
    /// It was so already: the same answer again, and nothing changes.
    case unchanged
    case refused(CallRefusal)
}

/// The state machine of a call, as a function.
///
/// ```
///          accept by a callee · cross           end by a party or the server · time limit
///   ringing ─────────────────────────► active ──────────────────────────────────────────► ended
///      │                                         a party gone or removed · tenant closed    ▲
///      │  reject, or end by a callee → rejected                                             │
///      │  cancel, or end by the caller or the server, or the caller gone → cancelled        │
///      │  ring timeout → missed · a party removed · tenant closed                           │
///      └────────────────────────────────────────────────────────────────────────────────────┘
/// ```
///
/// | move | ringing | active | ended |
/// |---|---|---|---|
/// | accept | active | same device: unchanged, other: answered elsewhere | call ended |
/// | reject | ended (rejected) | same device: not ringing, other: answered elsewhere | rejected: unchanged, else call ended |
/// | cancel | ended (cancelled) | not ringing | cancelled: unchanged, else call ended |
/// | end | ended (callee: rejected, else cancelled) | ended (hung up) | unchanged |
/// | cross | active | already in a call | call ended |
/// | ring timeout | ended (missed) | unchanged | unchanged |
/// | time limit | unchanged | ended (time limit) | unchanged |
/// | party gone | caller: ended (cancelled), callee: unchanged | ended (party gone) | unchanged |
/// | user removed | ended (user removed) | ended (user removed) | unchanged |
/// | tenant closed | ended (tenant closed) | ended (tenant closed) | unchanged |
///
/// Who is not in the call is refused in every state, and so is the side whose move it is not; only `end` belongs to both sides. Where the
/// service itself reports a user (party gone, user removed) who is not in the call, the call stays as it is.
public enum CallTransition {
    /// What comes of a move of this call now. The call itself is not changed; what is moved is a copy, one version older.
    public static func apply(_ move: CallMove, to call: Call, at now: UnixTime) -> CallAnswer {
        do throws(CallRefusal) {
            guard let moved = try moved(call, by: move, at: now) else { return .unchanged }
            return .moved(moved)
        } catch {
            return .refused(error)
        }
    }

    /// The call after the move; nil where the move changes nothing.
    private static func moved(_ call: Call, by move: CallMove, at now: UnixTime) throws(CallRefusal) -> Call? {
        switch move {
        case .accept(let by, let device, let hasSocket):
            let callee = try speaker(by, of: .callee, in: call)
            return try accepted(call, by: callee, on: device, hasSocket, at: now)
        case .reject(let by, let device, let note):
            let callee = try speaker(by, of: .callee, in: call)
            return try rejected(call, by: callee, Call.Ending(at: now, reason: .rejected, by: callee.user, note: note, device: device))
        case .cancel(let by, let note):
            let caller = try speaker(by, of: .caller, in: call)
            return try cancelled(call, Call.Ending(at: now, reason: .cancelled, by: caller.user, note: note, device: nil))
        case .end(let by, let note):
            let party = try by.map { user throws(CallRefusal) in try named(user, in: call) }
            return hungUp(call, by: party, note: note, at: now)
        case .cross(let by, let device, let hasSocket):
            return try crossed(call, by: try named(by, in: call), on: device, hasSocket, at: now)
        case .ringTimeout:
            return expired(call, ringing: .missed, active: nil, by: nil, at: now)
        case .timeLimit:
            return expired(call, ringing: nil, active: .timeLimit, by: nil, at: now)
        case .partyGone(let user):
            guard let party = call.party(user) else { return nil }
            return expired(call, ringing: party.side == .caller ? .cancelled : nil, active: .partyGone, by: user, at: now)
        case .userRemoved(let user):
            guard call.party(user) != nil else { return nil }
            return expired(call, ringing: .userRemoved, active: .userRemoved, by: user, at: now)
        case .tenantClosed:
            return expired(call, ringing: .tenantClosed, active: .tenantClosed, by: nil, at: now)
        }
    }

    // MARK: The moves

    private static func accepted(
        _ call: Call, by callee: Party, on device: DeviceID?, _ hasSocket: Bool, at now: UnixTime
    ) throws(CallRefusal) -> Call? {
        guard call.isLive else { throw .callEnded }
        guard callee.joinedAt == nil else {
            // Nameless devices count as one: a server that names none may repeat its request.
            guard callee.device == device else { throw .answeredElsewhere }
            return nil
        }
        return call.changed { call in
            for index in call.parties.indices where call.parties[index].user == callee.user {
                call.parties[index].device = device
                call.parties[index].joinedAt = now
                call.parties[index].hadSocket = hasSocket
            }
            call.acceptedAt = call.acceptedAt ?? now
            call.version += 1
        }
    }

    private static func rejected(_ call: Call, by callee: Party, _ ending: Call.Ending) throws(CallRefusal) -> Call? {
        switch call.state {
        case .ringing: return ended(call, ending)
        case .active: throw callee.device == ending.device ? .callNotRinging : .answeredElsewhere
        case .ended: return try unchanged(call, ended: .rejected)
        }
    }

    private static func cancelled(_ call: Call, _ ending: Call.Ending) throws(CallRefusal) -> Call? {
        switch call.state {
        case .ringing: return ended(call, ending)
        case .active: throw .callNotRinging
        case .ended: return try unchanged(call, ended: .cancelled)
        }
    }

    /// Before the acceptance a callee who hangs up has rejected the call, and anybody else has cancelled it.
    private static func hungUp(_ call: Call, by party: Party?, note: String?, at now: UnixTime) -> Call? {
        let reason: EndReason
        switch call.state {
        case .ringing: reason = party?.side == .callee ? .rejected : .cancelled
        case .active: reason = .hungUp
        case .ended: return nil
        }
        return ended(call, Call.Ending(at: now, reason: reason, by: party?.user, note: note, device: nil))
    }

    private static func crossed(
        _ call: Call, by party: Party, on device: DeviceID?, _ hasSocket: Bool, at now: UnixTime
    ) throws(CallRefusal) -> Call? {
        guard party.side == .callee else { throw .alreadyInCall }
        switch call.state {
        case .ringing: return try accepted(call, by: party, on: device, hasSocket, at: now)
        case .active: throw .alreadyInCall
        case .ended: throw .callEnded
        }
    }

    /// The service ends the call itself; a nil reason leaves it as it is.
    private static func expired(_ call: Call, ringing: EndReason?, active: EndReason?, by user: UserID?, at now: UnixTime) -> Call? {
        let reason: EndReason?
        switch call.state {
        case .ringing: reason = ringing
        case .active: reason = active
        case .ended: reason = nil
        }
        return reason.map { ended(call, Call.Ending(at: now, reason: $0, by: user, note: nil, device: nil)) }
    }

    // MARK: Helpers

    private static func ended(_ call: Call, _ ending: Call.Ending) -> Call {
        call.changed { call in
            call.ending = ending
            call.version += 1
        }
    }

    /// Who is told "it is so already": whoever wanted the end that the call came to.
    private static func unchanged(_ call: Call, ended reason: EndReason) throws(CallRefusal) -> Call? {
        guard call.ending?.reason == reason else { throw .callEnded }
        return nil
    }

    /// The party that speaks on that side. Without a name it is the only one there.
    private static func speaker(_ user: UserID?, of side: Party.Side, in call: Call) throws(CallRefusal) -> Party {
        guard let user else {
            let parties = call.parties.filter { $0.side == side }
            guard parties.count == 1 else { throw .notAParty }
            return parties[0]
        }
        let party = try named(user, in: call)
        guard party.side == side else { throw .wrongParty }
        return party
    }

    private static func named(_ user: UserID, in call: Call) throws(CallRefusal) -> Party {
        guard let party = call.party(user) else { throw .notAParty }
        return party
    }
}
