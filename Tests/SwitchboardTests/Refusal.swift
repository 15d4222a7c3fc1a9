import Calls
import Switchboard
import Testing
import Vocabulary

/// `DeskError` without its texts, to compare with.
enum Refusal: Equatable {
    case unauthenticated
    case missingScope(Scope)
    case scopeNotHeld(Scope)
    case notFound
    case roomNotOpen
    case call(CallRefusal)
    case idempotencyInProgress
    case tenantExists
    case limitReached
    case rateLimited
    case providerNotConfigured(ProviderKind)
    case invalidCursor
    /// With the field's path.
    case invalid(String)
    case draining
    case appUnavailable
    case unavailable
    case `internal`

    init(_ error: DeskError) {
        switch error {
        case .unauthenticated: self = .unauthenticated
        case .missingScope(let scope): self = .missingScope(scope)
        case .scopeNotHeld(let scope): self = .scopeNotHeld(scope)
        case .notFound: self = .notFound
        case .roomNotOpen: self = .roomNotOpen
        case .call(let refusal): self = .call(refusal)
        case .idempotencyInProgress: self = .idempotencyInProgress
        case .tenantExists: self = .tenantExists
        case .limitReached: self = .limitReached
        case .rateLimited: self = .rateLimited
        case .providerNotConfigured(let kind): self = .providerNotConfigured(kind)
        case .invalidCursor: self = .invalidCursor
        case .invalid(let field, _): self = .invalid(field)
        case .draining: self = .draining
        case .appUnavailable: self = .appUnavailable
        case .unavailable: self = .unavailable
        case .internal: self = .internal
        }
    }
}

/// What the desk refused the question with; nil when it was answered.
func refusal<Answer>(_ question: () async throws -> Answer) async -> Refusal? {
    await deskError(question).map(Refusal.init)
}

/// The same with everything that the error says.
func deskError<Answer>(_ question: () async throws -> Answer) async -> DeskError? {
    do {
        _ = try await question()
        return nil
    } catch let error as DeskError {
        return error
    } catch {
        Issue.record("not an error of the desk: \(error)")
        return nil
    }
}
