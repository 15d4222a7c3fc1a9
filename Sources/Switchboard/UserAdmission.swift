import Calls
import Signing
public import Vocabulary

/// By what a user was let in.
enum UserProof: Sendable {
    case token(TokenProof)
    case app(AppProof)
}

/// By what a user's token was accepted: the settings and the key of that moment.
final class TokenProof: Sendable {
    let settings: UserTokenSettings
    /// The key that verified the signature.
    let key: JWSKey

    init(_ settings: UserTokenSettings, by key: JWSKey) {
        self.settings = settings
        self.key = key
    }
}

/// By what the app of a tenant vouched for a user: the settings and the credential of that moment.
final class AppProof: Sendable {
    let settings: RemoteCheckSettings
    let bearer: OpaqueBearer
    /// When the app is to be asked again. Not for all at once who came at once: some are asked about a fifth sooner.
    let dueAt: UnixTime

    init(_ settings: RemoteCheckSettings, _ bearer: OpaqueBearer, askedAt: UnixTime) {
        self.settings = settings
        self.bearer = bearer
        let sooner = settings.recheckSeconds / 5 * Int(bearer.digest[0]) / 256
        dueAt = askedAt + (settings.recheckSeconds - sooner)
    }
}

/// Which users a tenant takes now, as far as it can be told without their tokens: for those who came with a token before, and still are
/// here.
public struct UserAdmission: Sendable, Equatable {
    private let isOpen: Bool
    private let settings: UserTokenSettings?
    private let remoteCheck: RemoteCheckSettings?
    /// The fingerprints of the keys that verify now; nil while that is not known.
    private let keys: Set<[UInt8]>?

    init(_ tenant: Tenant?, keys: Set<[UInt8]>?) {
        isOpen = tenant.map { $0.closedAt == nil } ?? false
        settings = tenant?.userTokens
        remoteCheck = tenant?.remoteCheck
        self.keys = keys
    }

    /// Whether a user who was let in before still would be: the tenant is open, has its users where it had them, and the key that verified
    /// the token still verifies. What else a token is checked for does not change while it lasts. What an app says does: it is asked again
    /// (`Caller.askAgainAt`).
    public func admits(_ caller: Caller) -> Bool {
        guard isOpen else { return false }
        switch caller.proof {
        case nil: return true
        case .token(let proof)?:
            guard let settings, settings.names(theSameAs: proof.settings) else { return false }
            return keys?.contains(proof.key.fingerprint) ?? true
        case .app(let proof)?:
            return remoteCheck?.address == proof.settings.address && remoteCheck?.fields.user == proof.settings.fields.user
        }
    }
}

extension UserTokenSettings {
    /// Whether a token that both accept is of the same user for both.
    fileprivate func names(theSameAs other: UserTokenSettings) -> Bool {
        algorithm == other.algorithm && issuer == other.issuer && audience == other.audience && claims.user == other.claims.user
            && claims.tenant == other.claims.tenant
    }
}

extension Switchboard {
    /// Which users a tenant takes now. Keys are read again where that is due, as they are when a token comes.
    public func admission(to id: TenantID) async throws(DeskError) -> UserAdmission {
        let tenant = try await asking { () async throws(StoreError) in try await store.tenant(id) }
        guard let tenant, tenant.closedAt == nil, let settings = tenant.userTokens else { return UserAdmission(tenant, keys: nil) }
        return UserAdmission(tenant, keys: keyrings.item(of: id, settings).known()?.fingerprints)
    }
}
