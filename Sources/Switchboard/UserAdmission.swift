import Calls
import Signing
public import Vocabulary

/// By what a user's token was accepted: the settings and the key of that moment.
final class UserProof: Sendable {
    let settings: UserTokenSettings
    /// The key that verified the signature.
    let key: JWSKey

    init(_ settings: UserTokenSettings, by key: JWSKey) {
        self.settings = settings
        self.key = key
    }
}

/// Which users a tenant takes now, as far as it can be told without their tokens: for those who came with a token before, and still are
/// here.
public struct UserAdmission: Sendable, Equatable {
    private let isOpen: Bool
    private let settings: UserTokenSettings?
    /// The fingerprints of the keys that verify now; nil while that is not known.
    private let keys: Set<[UInt8]>?

    init(_ tenant: Tenant?, keys: Set<[UInt8]>?) {
        isOpen = tenant.map { $0.closedAt == nil } ?? false
        settings = tenant?.userTokens
        self.keys = keys
    }

    /// Whether a user who was let in before still would be: the tenant is open, has its users where it had them, and the key that verified
    /// the token still verifies. What else a token is checked for does not change while it lasts.
    public func admits(_ caller: Caller) -> Bool {
        guard isOpen else { return false }
        guard let proof = caller.proof else { return true }
        guard let settings, settings.names(theSameAs: proof.settings) else { return false }
        return keys?.contains(proof.key.fingerprint) ?? true
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
        return UserAdmission(tenant, keys: userTokens.keyring(of: id, settings).known()?.fingerprints)
    }
}
