import Calls
import Switchboard

/// Why a client did not get what it asked for: a word for programs and a sentence for people.
public struct Refusal: Error, Sendable, Equatable {
    /// The words. Each stands in the contract.
    public enum Code: String, CaseIterable, Sendable {
        // Of a CONNECT, of a refreshed token, or of a socket that is put out.
        case unauthenticated
        case userMismatch = "user_mismatch"
        case userNotKnown = "user_not_known"
        case tooManySockets = "too_many_sockets"
        case tokenExpired = "token_expired"
        // Of any event.
        case invalidPayload = "invalid_payload"
        case unknownEvent = "unknown_event"
        case rateLimited = "rate_limited"
        case unavailable
        case `internal`
        // Of an event about a call.
        case userUnavailable = "user_unavailable"
        case userBusy = "user_busy"
        case alreadyInCall = "already_in_call"
        case staleRequest = "stale_request"
        case callExists = "call_exists"
        case notFound = "not_found"
        case wrongParty = "wrong_party"
        case answeredElsewhere = "answered_elsewhere"
        case callNotRinging = "call_not_ringing"
        case callNotActive = "call_not_active"
        case callEnded = "call_ended"
        // Of an event about listening.
        case notAllowed = "not_allowed"
        case tooManyRooms = "too_many_rooms"
    }

    public let code: Code
    let message: String
    /// In how many seconds it may be tried again, where that is known.
    let retryAfter: Int?

    private init(_ code: Code, _ message: String, retryAfter: Int? = nil) {
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
    }

    var isBusy: Bool { code == .userBusy }
    /// The one who is called can be reached by push only.
    var wantsPush: Bool { code == .userUnavailable }

    static let unauthenticated = Refusal(.unauthenticated, "A valid user token is needed.")
    static let userMismatch = Refusal(.userMismatch, "The token belongs to somebody else.")
    static let userNotKnown = Refusal(.userNotKnown, "The user is not in the directory.")
    static let tooManySockets = Refusal(.tooManySockets, "The user has too many connections.")
    static let tokenExpired = Refusal(.tokenExpired, "The user token has expired.")
    static let unavailable = Refusal(.unavailable, "The service is not available now.")
    static func draining(_ seconds: Int) -> Refusal {
        Refusal(.unavailable, "The service is stopping and takes no new calls. Try again.", retryAfter: seconds)
    }

    static let ours = Refusal(.internal, "Something went wrong.")
    static let unknownEvent = Refusal(.unknownEvent, "There is no such event.")
    static let staleRequest = Refusal(.staleRequest, "The request was sent too long ago.")
    static let notAllowed = Refusal(.notAllowed, "That is not yours to hear.")
    static let tooManyRooms = Refusal(.tooManyRooms, "The socket listens to as much as it may.")
    static let callNotFound = Refusal(.notFound, "There is no such call.")
    static let callEnded = Refusal(.callEnded, "The call has ended.")
    /// Nobody is there to ring: not connected, not known, or somebody else's user. The same for every reason.
    static let userUnavailable = Refusal(.userUnavailable, "The user cannot be reached.")

    static func rateLimited(_ seconds: Int) -> Refusal {
        Refusal(.rateLimited, "Too much at once. Try again later.", retryAfter: seconds)
    }

    static func invalid(_ message: String) -> Refusal {
        Refusal(.invalidPayload, message)
    }

    init(_ refusal: CallRefusal) {
        switch refusal {
        case .notFound, .notAParty: self = .callNotFound
        case .wrongParty: self.init(.wrongParty, "That is for the other party to do.")
        case .answeredElsewhere: self.init(.answeredElsewhere, "Another device has answered the call.")
        case .callNotRinging: self.init(.callNotRinging, "The call does not ring any more.")
        case .callNotActive: self.init(.callNotActive, "The call is not active.")
        case .callEnded: self = .callEnded
        case .alreadyInCall: self.init(.alreadyInCall, "You are in a call.")
        case .userBusy: self.init(.userBusy, "The user is in a call.")
        case .calleeUnavailable: self = .userUnavailable
        case .callExists: self.init(.callExists, "The call id belongs to another call.")
        case .callingOneself: self = .invalid("Nobody calls oneself.")
        // Only requests of REST can be refused so.
        case .preconditionFailed, .idempotencyMismatch: self = .ours
        }
    }

    /// The desk's word. Causes that are for the log are not in it.
    init(_ error: DeskError) {
        switch error {
        case .unauthenticated: self = .unauthenticated
        case .notFound: self = .callNotFound
        case .call(let refusal): self.init(refusal)
        case .rateLimited(let seconds): self = .rateLimited(seconds)
        case .invalid(let field, let reason): self = .invalid("\(field): \(reason)")
        case .appUnavailable, .unavailable: self = .unavailable
        case .draining(let seconds): self = .draining(seconds)
        // Nothing that a socket asks for is refused so, but for the last one.
        case .missingScope, .scopeNotHeld, .roomNotOpen, .idempotencyInProgress, .tenantExists, .limitReached, .invalidCursor,
            .providerNotConfigured, .internal:
            self = .ours
        }
    }
}
