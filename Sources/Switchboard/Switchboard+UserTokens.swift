import Calls
import Signing
import Vocabulary

extension Switchboard {
    /// The most tenants that may share one issuer: as many as the store finds at once.
    static let tenantsPerIssuerMax = 64

    /// Checks the token of a user: a JWT that the identity provider of the user's tenant signed.
    ///
    /// The tenant is the one whose settings name exactly the token's issuer, and, where several do, the one that the tenant claim names.
    /// Its settings say which keys and which algorithm; the claims count only after the signature.
    /// - Throws: `unauthenticated`, whatever is wrong with the token; `unavailable` when the store does not answer, or the tenant's keys
    ///   could not be read since the start.
    func authenticateUser(_ text: some StringProtocol & Sendable) async throws(DeskError) -> Caller {
        let token: UnverifiedUserToken
        do throws(UserTokenRefusal) {
            token = try UnverifiedUserToken(text)
        } catch {
            throw DeskError(error)
        }
        let tenants = try await asking { () async throws(StoreError) in try await store.tenants(issuer: token.issuer) }
        do throws(UserTokenRefusal) {
            return try await caller(token, of: tenants, at: clock())
        } catch {
            throw DeskError(error)
        }
    }

    /// Who holds the token.
    /// - Parameter tenants: those whose tokens have its issuer.
    func caller(_ token: UnverifiedUserToken, of tenants: [Tenant], at now: UnixTime) async throws(UserTokenRefusal) -> Caller {
        let (tenant, settings) = try Self.owner(of: token, among: tenants)
        let keyring = keyrings.item(of: tenant, settings)
        let key = try await keyring.verify(token.jws)
        let holder = try UserTokenRules(settings: settings).holder(token.claims, at: now)
        return Caller(
            user: holder.user, of: tenant, name: holder.name, expiresAt: holder.expiresAt, roles: holder.roles,
            proof: .token(keyring.proof(by: key)))
    }

    /// The one tenant that the token can belong to. Read from claims that nobody checked yet: whoever writes others into a token gets
    /// another tenant's keys, and those did not sign it.
    private static func owner(of token: UnverifiedUserToken, among tenants: [Tenant]) throws(UserTokenRefusal) -> (
        TenantID, UserTokenSettings
    ) {
        var found: (TenantID, UserTokenSettings)?
        for tenant in tenants where tenant.closedAt == nil {
            guard let settings = tenant.userTokens, settings.hasIssuer(token.issuer),
                UserTokenRules(settings: settings).mayBelong(token.claims, to: tenant.id)
            else { continue }
            guard found == nil else { throw .ambiguous }
            found = (tenant.id, settings)
        }
        guard let found else { throw .noTenant }
        return found
    }

    /// What went wrong when the keys of tenants' user tokens were read last, or apps were asked, one sentence each, sorted, for the log.
    /// Keys that were read before go on working meanwhile.
    public var userTroubles: [String] { (keyrings.all.compactMap(\.trouble) + remoteChecks.all.compactMap(\.trouble)).sorted() }

    /// Checks how a tenant's users are to be known, which is about to be kept, with everything beside it that it has to go together with.
    /// - Throws: `invalid` naming the field and the reason; `unavailable` when the store does not answer.
    func checkUsers(of tenant: Tenant) async throws(DeskError) {
        try tenant.remoteCheck?.check(beside: tenant.providers, tenant.userTokens, secrets: secrets, outside: outside)
        try await checkUserTokens(tenant.userTokens, of: tenant.id, providers: tenant.providers)
    }

    private func checkUserTokens(_ settings: UserTokenSettings?, of tenant: TenantID, providers: ProviderSettings) async throws(DeskError) {
        guard let settings else { return }
        try settings.check(beside: providers, secrets: secrets, outside: outside)
        let sharing = try await asking { () async throws(StoreError) in try await store.tenants(issuer: settings.issuer) }
        let others = sharing.filter { $0.id != tenant && $0.userTokens?.hasIssuer(settings.issuer) == true }
        guard !others.isEmpty else { return }
        let field = "user_tokens/issuer"
        guard settings.claims.tenant != nil else {
            throw .invalid(field: field, reason: "another tenant's tokens have this issuer: name a tenant claim")
        }
        if let other = others.first(where: { $0.userTokens?.claims.tenant == nil }) {
            throw .invalid(field: field, reason: "the tokens of tenant \(other.id) have this issuer, and its settings name no tenant claim")
        }
        guard others.count < Self.tenantsPerIssuerMax else {
            throw .invalid(field: field, reason: "\(Self.tenantsPerIssuerMax) tenants have this issuer, and no more can")
        }
    }
}

extension UserTokenSettings {
    /// Whether that is the issuer, byte for byte: Swift's == would also take texts that Unicode calls equivalent.
    fileprivate func hasIssuer(_ text: String) -> Bool { issuer.utf8.elementsEqual(text.utf8) }

    /// Reads the keys, and looks whether a token of another kind could pass for a user's. The part of the check that needs no store.
    /// - Throws: `invalid` naming the field and the reason.
    func check(beside providers: ProviderSettings, secrets: any SecretSource, outside: any OutsideLine) throws(DeskError) {
        // These say other things than who it is: one of them would make one user of many, or many of one.
        if ["iss", "aud", "exp", "nbf", "iat", "jti"].contains(claims.user) {
            throw .invalid(field: "user_tokens/claims/user", reason: "the claim \(claims.user) does not say who the user is")
        }
        if let livekit = providers.livekit, hasIssuer(livekit.apiKey) {
            throw .invalid(field: "user_tokens/issuer", reason: "is the tenant's LiveKit api_key: media tokens have that issuer")
        }
        // Keys at an address are not fetched here: that the provider is down is no reason to refuse a tenant.
        if case .keySetAddress(let address) = keys {
            guard let objection = outside.objection(to: address) else { return }
            throw .invalid(field: "user_tokens/jwks/url", reason: objection)
        }
        do throws(UserTokenKeys.Fault) {
            let keys = try UserTokenKeys.read(self, from: secrets)
            guard !keys.keys.isEmpty else {
                throw .init(field: "jwks", reason: "the key set has no usable key for \(algorithm.rawValue)")
            }
            guard case .secret(let reference, let previous) = self.keys else { return }
            let secret = try UserTokenKeys.secret(reference, from: secrets)
            try Self.compare(secret, of: "secret", with: providers, secrets)
            guard let previous else { return }
            let field = "previous_secret"
            let other = try UserTokenKeys.secret(previous, of: field, from: secrets)
            guard !other.matches(secret) else { throw .init(field: field, reason: "is the same as secret: leave it out") }
            try Self.compare(other, of: field, with: providers, secrets)
        } catch {
            throw .invalid(field: "user_tokens/\(error.field)", reason: error.reason)
        }
    }

    /// A secret that media tokens are signed with would let whoever holds it make users.
    private static func compare(
        _ secret: Secret, of own: String, with providers: ProviderSettings, _ secrets: any SecretSource
    ) throws(UserTokenKeys.Fault) {
        do throws(SecretUnavailable) {
            try secrets.compare(secret, with: providers.secrets)
        } catch {
            throw .init(field: own, reason: error.description)
        }
    }
}
