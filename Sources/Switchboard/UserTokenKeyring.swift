import Calls
import Signing
import Synchronization
import Vocabulary

/// The keys for the tokens of one tenant's users, kept, and read again where they come from:
///
/// - when a token comes and they were read 60 s ago or more, so that a key which was taken out of the file stops working;
/// - when a token names a key that is not there, so that a new key works at once, unless they were asked for within the last 10 s: tokens
///   with made-up names cost no more than that.
///
/// Where reading fails, the keys that were read before go on working, and the next attempt is 10 s later. A well-formed key set without
/// any key is not a failure: it is how all keys are taken away. Time is the desk's monotonic clock, so setting the machine's clock
/// changes nothing here.
///
/// Keys that are published at an address are another matter: `FetchedKeys`.
final class UserTokenKeyring: Sendable {
    static let freshSeconds = 60
    static let attemptSeconds = 10

    private struct State {
        var keys: UserTokenKeys?
        /// When the keys were read that are kept.
        var readAt: Duration?
        /// When reading them began last, whatever came of it.
        var triedAt: Duration?
        /// Why the last attempt failed.
        var trouble: String?
    }

    private enum Next {
        case use(UserTokenKeys)
        case read(known: UserTokenKeys?)
        case wait(trouble: String)
    }

    private let tenant: TenantID
    /// What the keys were asked for with.
    let settings: UserTokenSettings
    private let secrets: any SecretSource
    private let monotonic: @Sendable () -> Duration
    private let fetched: FetchedKeys?
    private let state = Mutex(State())
    /// What tokens were accepted by, for each of the keys that signed one lately, by its fingerprint.
    private let proofs = Mutex<[[UInt8]: TokenProof]>([:])
    private static let proofsMax = 64

    init(
        _ tenant: TenantID, _ settings: UserTokenSettings, secrets: any SecretSource, outside: any OutsideLine,
        monotonic: @escaping @Sendable () -> Duration
    ) {
        self.tenant = tenant
        self.settings = settings
        self.secrets = secrets
        self.monotonic = monotonic
        fetched =
            if case .keySetAddress(let address) = settings.keys {
                FetchedKeys(tenant, settings, at: address, outside: outside, monotonic: monotonic)
            } else {
                nil
            }
    }

    /// Why the keys could not be had when that was tried last; nil while all is well.
    var trouble: String? { fetched?.trouble ?? state.withLock { $0.trouble } }

    /// Whether there are keys to check tokens with, read now where that is due. Keys at an address count as there: they are another
    /// server's, and whether that answers is no reason to call this one unfit.
    var isReadable: Bool { fetched != nil || known() != nil }

    /// Checks the signature of a token, and that its header asks for nothing that we refuse. It waits only for keys at an address.
    /// - Returns: the key that the token was signed with.
    func verify(_ token: UnverifiedJWS) async throws(UserTokenRefusal) -> JWSKey {
        let keys = try await keys(for: token)
        do throws(SigningError) {
            return try keys.verify(token)
        } catch {
            throw .signing(error)
        }
    }

    /// What a token is accepted by that this key signed: one and the same for all who come with such tokens, because all of their sockets
    /// keep it.
    func proof(by key: JWSKey) -> TokenProof {
        proofs.withLock { proofs in
            if let known = proofs[key.fingerprint] { return known }
            if proofs.count >= Self.proofsMax { proofs.removeAll() }
            let proof = TokenProof(settings, by: key)
            proofs[key.fingerprint] = proof
            return proof
        }
    }

    /// The keys as far as they are known now, read again where that is due; nil where there are none.
    func known() -> UserTokenKeys? {
        if let fetched { return fetched.known() }
        do throws(UserTokenRefusal) {
            return try keys(isOneMissing: false)
        } catch {
            return nil
        }
    }

    private func keys(for token: UnverifiedJWS) async throws(UserTokenRefusal) -> UserTokenKeys {
        if let fetched { return try await fetched.keys(for: token) }
        let keys = try keys(isOneMissing: false)
        guard case .keySetFile = settings.keys, !keys.hasKey(for: token) else { return keys }
        return try self.keys(isOneMissing: true)
    }

    /// The keys, read again first where that is due.
    private func keys(isOneMissing: Bool) throws(UserTokenRefusal) -> UserTokenKeys {
        let now = monotonic()
        switch next(at: now, isOneMissing: isOneMissing) {
        case .use(let keys): return keys
        case .wait(let trouble): throw .keysUnavailable(trouble)
        case .read(let known): return try read(at: now, known: known)
        }
    }

    /// Whoever is told to read is the only one for a while: the others go on with what there is. Only the very first may be several.
    private func next(at now: Duration, isOneMissing: Bool) -> Next {
        state.withLock { state in
            let mayTry = state.triedAt.map { now - $0 >= .seconds(Self.attemptSeconds) } ?? true
            let isDue = isOneMissing || state.readAt.map { now - $0 >= .seconds(Self.freshSeconds) } ?? true
            if !mayTry || !isDue {
                if let keys = state.keys { return .use(keys) }
                if let trouble = state.trouble { return .wait(trouble: trouble) }
            }
            state.triedAt = now
            return .read(known: state.keys)
        }
    }

    /// Reads outside the lock, so that a slow disk holds up nobody else.
    private func read(at now: Duration, known: UserTokenKeys?) throws(UserTokenRefusal) -> UserTokenKeys {
        let result = Result { () throws(UserTokenKeys.Fault) in try UserTokenKeys.read(settings, from: secrets, known: known) }
        let kept = state.withLock { state in
            switch result {
            case .success(let keys):
                // A reader that began later has seen what is newer.
                if state.readAt.map({ $0 <= now }) ?? true { (state.keys, state.readAt, state.trouble) = (keys, now, nil) }
            case .failure(let fault):
                state.trouble = fault.sentence(about: tenant)
            }
            return (keys: state.keys, trouble: state.trouble)
        }
        guard let keys = kept.keys else { throw .keysUnavailable(kept.trouble ?? "") }
        return keys
    }
}
