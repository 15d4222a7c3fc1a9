import StrictJSON
import Switchboard
import Vocabulary

// The one place where a refusal of the inner rooms becomes a status and a code.

extension Problem {
    init(desk error: DeskError) {
        switch error {
        case .unauthenticated:
            self.init(.unauthenticated, "Send Authorization: Bearer with a valid API key.")
        case .missingScope(let scope):
            self.init(.missingScope, "This operation needs the scope \(scope.rawValue).", requiredScope: scope)
        case .scopeNotHeld(let scope):
            self.init(.scopeNotHeld, "A key gives away only scopes that it holds itself; it lacks \(scope.rawValue).")
        case .notFound:
            self.init(.notFound)
        case .roomNotOpen:
            self.init(.roomNotOpen, "The room was closed or has expired; its name is never used again. Ask for a new room.")
        case .tenantExists:
            self.init(.tenantExists, "Tenant ids are given once, also after the tenant was closed.")
        case .limitReached(let limit):
            self.init(.limitReached, "The limit is reached: \(limit).")
        case .providerNotConfigured(let kind):
            self.init(.providerNotConfigured, "The tenant has no settings for \(kind.rawValue).")
        case .invalidCursor:
            self.init(.invalidCursor, "Send next_cursor of the page before, unchanged, with the same filters and the same tenant's key.")
        case .invalid(let field, let reason):
            let pointer = field.split(separator: "/").reduce(JSONPointer.root) { $0.appending(String($1)) }
            self.init(.invalidFields, "One field cannot be.", faults: [JSONFault(pointer: pointer, code: .invalid, message: reason)])
        case .unavailable(let cause):
            self.init(.unavailable, "Nothing was changed. Try again.", cause: cause)
        case .internal(let cause):
            self.init(.internal, "Our fault; the request id finds it in our log.", cause: cause)
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
