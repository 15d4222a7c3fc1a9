import Calls
import Testing
import Vocabulary

/// A place that stores are made at, so that every store can be put under the same contract.
struct StoreBench: Sendable {
    /// A store that keeps nothing yet.
    let makeStore: @Sendable () async throws -> any Store
    /// Closes a store of this bench and opens what it kept again.
    let reopen: @Sendable (any Store) async throws -> any Store

    /// Looks at a store twice: as it is, and after it was closed and opened again. Returns the opened one, for what comes next.
    @discardableResult
    func nowAndReopened(_ store: any Store, _ look: (any Store) async throws -> Void) async throws -> any Store {
        try await look(store)
        let reopened = try await reopen(store)
        try await look(reopened)
        return reopened
    }
}

/// One promise of `Store`, and how it is tried.
struct StoreRule: Sendable, CustomTestStringConvertible {
    let promise: String
    let check: @Sendable (StoreBench) async throws -> Void

    var testDescription: String { promise }

    init(_ promise: String, _ check: @escaping @Sendable (StoreBench) async throws -> Void) {
        self.promise = promise
        self.check = check
    }
}

/// What every store promises, whatever it is made of. A store that is not under this suite proves nothing:
///
/// ```swift
/// @Test(arguments: StoreContract.rules) func `the SQLite store keeps its promises`(rule: StoreRule) async throws {
///     try await rule.check(bench)
/// }
/// ```
///
/// The rules stand in one file per subject. They ask through the protocol alone and never look behind it.
enum StoreContract {
    static let rules =
        rooms + roomLists + tenants + userTokens + keys + service + atHand + races + calls + callIdempotency + callRaces + callLists
        + closings + audit + untold + users + arrivals + retention

    /// What the closure was refused with.
    static func refusal<Answer: Sendable>(_ question: () async throws -> Answer) async -> Refusal? {
        do {
            _ = try await question()
            return nil
        } catch let error as StoreError {
            return Refusal(error)
        } catch {
            Issue.record("not an error of the store: \(error)")
            return nil
        }
    }

    /// All pages of a list, from the first on.
    static func everything<Item: Sendable>(
        limit: Int = 100, _ list: (PageRequest) async throws -> Page<Item>
    ) async throws -> [[Item]] {
        var pages: [[Item]] = []
        var position: Int64?
        repeat {
            let page = try await list(PageRequest(after: position, limit: limit))
            pages.append(page.items)
            position = page.next
        } while position != nil && pages.count < 1000
        return pages
    }
}

/// `StoreError` without its texts, to compare with.
enum Refusal: Equatable {
    case duplicate
    case limitReached
    case tenantGone
    case unavailable
    case `internal`

    init(_ error: StoreError) {
        switch error {
        case .duplicate: self = .duplicate
        case .limitReached: self = .limitReached
        case .tenantGone: self = .tenantGone
        case .unavailable: self = .unavailable
        case .internal: self = .internal
        }
    }
}
