import Calls
import StrictJSON
import Switchboard
import Vocabulary

// The one place where a refusal of the inner rooms becomes a status and a code.

extension Problem {
    init(desk error: DeskError) {
        switch error {
        case .unauthenticated:
            self.init(.unauthenticated, "Send Authorization: Bearer with a valid API key or user token.")
        case .missingScope(let scope):
            self.init(.missingScope, "This operation needs the scope \(scope.rawValue).", requiredScope: scope)
        case .scopeNotHeld(let scope):
            self.init(.scopeNotHeld, "A key gives away only scopes that it holds itself; it lacks \(scope.rawValue).")
        case .notFound:
            self.init(.notFound)
        case .roomNotOpen:
            self.init(.roomNotOpen, "The room was closed or has expired; its name is never used again. Ask for a new room.")
        case .call(let refusal):
            self.init(call: refusal)
        case .idempotencyInProgress:
            self.init(.idempotencyInProgress, "A request with this Idempotency-Key is being worked on. Send it again in a moment.")
        case .tenantExists:
            self.init(.tenantExists, "Tenant ids are given once, also after the tenant was closed.")
        case .limitReached(let limit):
            self.init(.limitReached, "The limit is reached: \(limit).")
        case .rateLimited(let seconds):
            self.init(.rateLimited, "Too often within a minute. Try again after Retry-After.", retryAfterSeconds: seconds)
        case .providerNotConfigured(let kind):
            self.init(.providerNotConfigured, "The tenant has no settings for \(kind.rawValue).")
        case .invalidCursor:
            self.init(.invalidCursor, "Send next_cursor of the page before, unchanged, with the same filters and the same tenant's key.")
        case .invalid(let field, let reason):
            let pointer = field.split(separator: "/").reduce(JSONPointer.root) { $0.appending(String($1)) }
            self.init(.invalidFields, "One field cannot be.", faults: [JSONFault(pointer: pointer, code: .invalid, message: reason)])
        case .draining(let seconds):
            self.init(
                .unavailable, "The service is stopping and begins no new calls; nothing was changed. Try again after Retry-After.",
                retryAfterSeconds: seconds)
        case .appUnavailable(let cause):
            self.init(
                .unavailable, "The tenant's app, which alone knows whose this credential is, does not say. Nothing was done. Try again.",
                cause: cause)
        case .unavailable(let cause):
            self.init(.unavailable, "It may not have been kept. Try again.", cause: cause)
        case .internal(let cause):
            self.init(.internal, "Our fault; the request id finds it in our log.", cause: cause)
        }
    }

    /// What the rules about calls refuse.
    init(call refusal: CallRefusal) {
        switch refusal {
        case .notFound:
            self.init(.notFound)
        case .notAParty:
            self.init(.notAParty, "The user that is named is not in this call. Name its caller or its callee.")
        case .wrongParty:
            self.init(.wrongParty, "The callee accepts or rejects, the caller cancels; both may end the call.")
        case .answeredElsewhere:
            self.init(.answeredElsewhere, "Another device of this user is in the call. Only that one gets the user's tokens.")
        case .callNotRinging:
            self.init(.callNotRinging, "The call was accepted already. It can be ended.")
        case .callNotActive:
            self.init(.callNotActive, "There are tokens only while the call is accepted and not over. Look at its state.")
        case .callEnded:
            self.init(.callEnded, "The call is over, for good. Place a new one.")
        case .preconditionFailed:
            self.init(.preconditionFailed, "The call has another version than If-Match names. Look at it again, then decide.")
        case .alreadyInCall:
            self.init(.alreadyInCall, "The one who calls is in a live call. End that one first.")
        case .userBusy:
            self.init(.userBusy, "The callee is in a live call. Try again later.")
        case .calleeUnavailable:
            self.init(.calleeUnavailable, "These users cannot call each other. The tenant may ask for both to be in its directory.")
        case .callExists:
            self.init(.callExists, "The call_id belongs to a call with other users, media or provider. Bring a new one.")
        case .callingOneself:
            let fault = JSONFault(pointer: .root.appending("callee"), code: .invalid, message: "is the one who calls")
            self.init(.invalidFields, "One field cannot be.", faults: [fault])
        case .idempotencyMismatch:
            self.init(.idempotencyMismatch, "This Idempotency-Key came with another request before. Send a new one with a new request.")
        }
    }

    init(_ faults: JSONFaults) {
        let count = faults.faults.count
        self.init(.invalidFields, count == 1 ? "One field cannot be." : "\(count) fields cannot be.", faults: faults.faults)
    }

    init(_ error: JSONError) {
        self.init(.malformedJSON, error.description)
    }
}

/// Asks the desk, and says its refusals in the counter's words.
func asking<Answer: Sendable>(_ question: () async throws(DeskError) -> Answer) async throws(Problem) -> Answer {
    do {
        return try await question()
    } catch {
        throw Problem(desk: error)
    }
}

/// The same for questions that are answered at once.
func askingAtHand<Answer>(_ question: () throws(DeskError) -> Answer) throws(Problem) -> Answer {
    do {
        return try question()
    } catch {
        throw Problem(desk: error)
    }
}
