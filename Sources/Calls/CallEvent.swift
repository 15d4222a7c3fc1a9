public import Vocabulary

/// Something that a user is told about a call. It never holds a token: who may have one asks for it.
///
/// | the call has just come to be | its caller hears | its callees hear |
/// |---|---|---|
/// | ringing | nothing | `incoming` |
/// | active | `accepted` | `answeredElsewhere` |
/// | ended, rejected | `rejected` | `rejectedElsewhere` |
/// | ended, cancelled | `cancelled` | `cancelled` |
/// | ended, missed | `missed` | `missed` |
/// | ended otherwise | `ended` | `ended` |
///
/// The device that caused the change is left out where it named itself. A device without a name cannot be left out: it hears of its own
/// change too, and knows it by the version, which its answer carries as well. So a device that waits for the answer to an acceptance goes
/// by that answer, whatever it hears meanwhile.
public struct CallEvent: Sendable, Equatable {
    /// What has happened, as the one who is told it sees it.
    public enum Kind: String, CaseIterable, Sendable {
        /// To the callees: somebody calls.
        case incoming
        /// To the caller: the call is active.
        case accepted
        /// To a callee's other devices: stop ringing, it was accepted on one of them.
        case answeredElsewhere = "answered_elsewhere"
        /// To the caller: a callee does not want it.
        case rejected
        /// To a callee's other devices: stop ringing, it was rejected on one of them.
        case rejectedElsewhere = "rejected_elsewhere"
        /// To everybody: the caller took it back, or is gone.
        case cancelled
        /// To everybody: nobody accepted in time.
        case missed
        /// To everybody: an accepted call is over. Also a ringing one that the service had to end.
        case ended
    }

    public let kind: Kind
    /// Whom it is for: all devices of this user but `except`.
    public let to: UserID
    /// The device that caused it and has its answer already; nil where it is not known or did not name itself.
    public let except: DeviceID?
    /// The call as it was when this happened.
    public let call: Call

    public init(kind: Kind, to: UserID, except: DeviceID?, call: Call) {
        self.kind = kind
        self.to = to
        self.except = except
        self.call = call
    }

    /// Everything that is to be told when the call has come to the version that it has, in the order of its parties.
    public static func all(of call: Call) -> [CallEvent] {
        call.parties.compactMap { party in
            kind(for: party.side, of: call).map { kind in
                CallEvent(kind: kind, to: party.user, except: deviceThatKnows(party, of: call), call: call)
            }
        }
    }

    private static func kind(for side: Party.Side, of call: Call) -> Kind? {
        switch call.ending?.reason {
        case nil where call.state == .ringing: side == .caller ? nil : .incoming
        case nil: side == .caller ? .accepted : .answeredElsewhere
        case .rejected: side == .caller ? .rejected : .rejectedElsewhere
        case .cancelled: .cancelled
        case .missed: .missed
        case .hungUp, .partyGone, .timeLimit, .userRemoved, .tenantClosed: .ended
        }
    }

    /// The party's device that brought the call to where it is.
    private static func deviceThatKnows(_ party: Party, of call: Call) -> DeviceID? {
        if let ending = call.ending { return ending.by == party.user ? ending.device : nil }
        return party.side == .callee ? party.device : nil
    }
}

/// Takes what is to be told to the devices of users.
///
/// The store hands events over in the order in which the changes were committed, each call's versions one after the other. What was handed
/// over before a crash may be handed over again after it: a receiver that knows a version as high drops it.
public protocol Courier: Sendable {
    /// Takes the events. It must not wait for anything: it is called where changes are written.
    func carry(_ events: [CallEvent])
}
