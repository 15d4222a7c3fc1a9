public import Vocabulary

/// What can be done to a call that is there.
///
/// `by` is nil where the tenant's own server speaks without naming a party: then it speaks for the party whose move it is.
public enum CallMove: Sendable, Equatable {
    /// A callee takes the call, on that device, which is on a socket or not.
    case accept(by: UserID?, device: DeviceID?, hasSocket: Bool = false)
    /// A callee refuses it.
    case reject(by: UserID?, device: DeviceID?, note: String?)
    /// The caller takes it back.
    case cancel(by: UserID?, note: String?)
    /// A party hangs up, at whatever stage.
    case end(by: UserID?, note: String?)
    /// A callee places a call to the caller while that one's call still rings: both want to speak, so it is accepted.
    case cross(by: UserID, device: DeviceID?, hasSocket: Bool = false)
    /// The ring deadline has come. A call that was accepted in time is left alone.
    case ringTimeout
    /// The longest time that a call may last has come. A call that still rings is left alone.
    case timeLimit
    /// A party has been gone for longer than its grace.
    case partyGone(UserID)
    /// A party was taken out of the tenant's directory.
    case userRemoved(UserID)
    /// The tenant was closed.
    case tenantClosed

    /// The kinds of moves, for tables.
    public enum Kind: String, CaseIterable, Sendable {
        case accept, reject, cancel, end, cross, ringTimeout, timeLimit, partyGone, userRemoved, tenantClosed
    }

    /// Which kind of move it is.
    public var kind: Kind {
        switch self {
        case .accept: .accept
        case .reject: .reject
        case .cancel: .cancel
        case .end: .end
        case .cross: .cross
        case .ringTimeout: .ringTimeout
        case .timeLimit: .timeLimit
        case .partyGone: .partyGone
        case .userRemoved: .userRemoved
        case .tenantClosed: .tenantClosed
        }
    }
}

/// Why a call was not placed or not moved. The raw value is the word for it in answers and in the audit log.
public enum CallRefusal: String, CaseIterable, Error, Sendable {
    /// The tenant has no such call.
    case notFound = "not_found"
    /// The user who is named is not in the call.
    case notAParty = "not_a_party"
    /// The move belongs to the other side.
    case wrongParty = "wrong_party"
    /// Another device of the same user has accepted it.
    case answeredElsewhere = "answered_elsewhere"
    /// It does not ring any more: it was accepted.
    case callNotRinging = "call_not_ringing"
    /// It was not accepted yet.
    case callNotActive = "call_not_active"
    /// It is over.
    case callEnded = "call_ended"
    /// The version that the request expects is not the call's.
    case preconditionFailed = "precondition_failed"
    /// The one who places it is in a live call.
    case alreadyInCall = "already_in_call"
    /// The callee is in a live call.
    case userBusy = "user_busy"
    /// The tenant lets only users of its directory call and be called, and one of the two is not there.
    case calleeUnavailable = "callee_unavailable"
    /// The id that was brought along belongs to a call between others, or of another kind.
    case callExists = "call_exists"
    /// Nobody calls oneself.
    case callingOneself = "calling_oneself"
    /// The `Idempotency-Key` was used for another request.
    case idempotencyMismatch = "idempotency_mismatch"
}
