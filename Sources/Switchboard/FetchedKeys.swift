import Calls
import Signing
import Synchronization
import Vocabulary

/// The keys for the tokens of one tenant's users where the identity provider publishes them at an address: fetched, kept, and fetched
/// again.
///
/// | the keys are | a token whose key is among them | any other token |
/// |---|---|---|
/// | younger than 10 min | is checked at once | waits for a fetch |
/// | up to 15 min old | is checked at once, while a fetch begins | waits for a fetch |
/// | older | waits for a fetch | waits for a fetch |
/// | older, and the last fetch failed | is checked at once, while a fetch begins | waits for a fetch |
/// | 24 h old or more, or were never there | waits for a fetch, and is not decided without one | the same |
///
/// A fetch begins only when none is under way and the last one began 30 s ago or more; otherwise there is nothing to wait for. So tokens
/// with made-up key names cost one fetch in 30 s, whoever sends them and however many, and all who wait share one fetch. A key that the
/// provider took away stops working 15 min after it was seen last, at the latest; while the provider cannot be reached, after 24 h. Only an
/// answer 200 with a well-formed key set counts; what else comes changes nothing but the trouble that is told.
///
/// Time is the desk's monotonic clock.
final class FetchedKeys: Sendable {
    static let freshSeconds = 600
    static let waitSeconds = 900
    static let keptSeconds = 86_400
    static let attemptSeconds = 30
    static let bytesMax = 256 * 1024

    fileprivate struct State {
        var keys: UserTokenKeys?
        /// When the fetch began that brought the keys.
        var fetchedAt: Duration?
        /// When the last fetch began, whatever came of it.
        var triedAt: Duration?
        var running: Task<Void, Never>?
        /// Why the last fetch failed.
        var trouble: String?
    }

    private enum Next {
        case use(UserTokenKeys)
        case wait(Task<Void, Never>)
        case giveUp(trouble: String)
    }

    private let tenant: TenantID
    private let settings: UserTokenSettings
    private let address: WebAddress
    private let outside: any OutsideLine
    private let monotonic: @Sendable () -> Duration
    private let state = Mutex(State())

    init(
        _ tenant: TenantID, _ settings: UserTokenSettings, at address: WebAddress, outside: any OutsideLine,
        monotonic: @escaping @Sendable () -> Duration
    ) {
        self.tenant = tenant
        self.settings = settings
        self.address = address
        self.outside = outside
        self.monotonic = monotonic
    }

    var trouble: String? { state.withLock { $0.trouble } }

    /// The keys that decide about a token.
    /// - Throws: `keysUnavailable` when there are none that may still be used.
    func keys(for token: UnverifiedJWS) async throws(UserTokenRefusal) -> UserTokenKeys {
        switch next(for: token, at: monotonic()) {
        case .use(let keys): return keys
        case .giveUp(let trouble): throw .keysUnavailable(trouble)
        case .wait(let fetch):
            await fetch.value
            return try kept(at: monotonic())
        }
    }

    /// The keys as far as they are known now; a fetch begins where one is due, and nobody waits for it.
    func known() -> UserTokenKeys? {
        let now = monotonic()
        return state.withLock { state in
            let isDue = state.fetchedAt.map { now - $0 >= .seconds(Self.freshSeconds) } ?? true
            if isDue { beginFetch(&state, at: now) }
            return state.usableKeys(at: now)
        }
    }

    private func next(for token: UnverifiedJWS, at now: Duration) -> Next {
        state.withLock { state in
            let keys = state.usableKeys(at: now)
            let isMissing = keys.map { !$0.hasKey(for: token) } ?? true
            let age = state.fetchedAt.map { now - $0 } ?? .zero
            if isMissing || age >= .seconds(Self.freshSeconds) { beginFetch(&state, at: now) }
            if let fetch = state.running, isMissing || (age >= .seconds(Self.waitSeconds) && state.trouble == nil) { return .wait(fetch) }
            return keys.map { .use($0) } ?? .giveUp(trouble: state.trouble ?? "")
        }
    }

    private func kept(at now: Duration) throws(UserTokenRefusal) -> UserTokenKeys {
        let (keys, trouble) = state.withLock { ($0.usableKeys(at: now), $0.trouble) }
        guard let keys else { throw .keysUnavailable(trouble ?? "") }
        return keys
    }

    private func beginFetch(_ state: inout State, at now: Duration) {
        guard state.running == nil, state.triedAt.map({ now - $0 >= .seconds(Self.attemptSeconds) }) ?? true else { return }
        state.triedAt = now
        let known = state.keys
        state.running = Task { await self.fetch(at: now, known: known) }
    }

    private func fetch(at now: Duration, known: UserTokenKeys?) async {
        do throws(UserTokenKeys.Fault) {
            let keys = try UserTokenKeys(settings, keySet: await text(), known: known)
            state.withLock { ($0.keys, $0.fetchedAt, $0.trouble, $0.running) = (keys, now, nil, nil) }
        } catch {
            state.withLock { state in
                state.trouble = error.sentence(about: tenant)
                state.running = nil
            }
        }
    }

    private func text() async throws(UserTokenKeys.Fault) -> [UInt8] {
        do throws(OutsideTrouble) {
            let answer = try await outside.get(OutsideQuestion(address, bodyBytesMax: Self.bytesMax))
            guard answer.status == 200 else { throw OutsideTrouble("\(address) answered \(answer.status)") }
            return answer.body
        } catch {
            throw .init(field: "jwks", reason: error.description)
        }
    }
}

extension FetchedKeys.State {
    fileprivate func usableKeys(at now: Duration) -> UserTokenKeys? {
        guard let keys, let fetchedAt, now - fetchedAt < .seconds(FetchedKeys.keptSeconds) else { return nil }
        return keys
    }
}
