import Calls
import StrictJSON
import Vocabulary

/// What a tenant asks of the claims of its users' tokens.
///
/// | claim | rule |
/// |---|---|
/// | `exp` | required; not over for more than 60 s |
/// | `nbf`, `iat` | where they are there: at most 60 s ahead, and not after `exp` |
/// | `exp` - `iat` | at most `lifetimeSecondsMax`; without an `iat` it is counted from now |
/// | `aud` | where the settings name an audience: it, or a list of texts with it |
/// | the tenant's claim | where the settings name one: the tenant's id |
/// | those of the user, the name and the roles | as `UserFields` says |
///
/// Times are numbers of seconds (RFC 7519 section 2, NumericDate), with a fraction or without: widely used libraries write microseconds.
/// They lie between the years 1970 and 9999. The issuer was looked at before: by it the tenant was found.
struct UserTokenRules {
    /// How far the provider's clock and ours may differ, for every rule about time.
    static let leewaySeconds = 60
    private static let latest = 253_402_300_799.0

    let settings: UserTokenSettings

    /// Who holds the token, and until when.
    struct Holder: Equatable {
        let user: UserID
        let name: String?
        /// Words of the tenant's own, as they stand in the token.
        let roles: [String]
        /// The `exp`, rounded down. The leeway comes on top.
        let expiresAt: UnixTime
    }

    /// Reads the claims of a token whose signature was checked.
    func holder(_ claims: JSONObject, at now: UnixTime) throws(UserTokenRefusal) -> Holder {
        let expiresAt = try checkTimes(claims, at: Double(now.seconds))
        try checkAudience(claims["aud"])
        guard let user = UserFields.user(claims[settings.claims.user]) else { throw .claim(settings.claims.user) }
        return Holder(
            user: user, name: UserFields.name(settings.claims.name.flatMap { claims[$0] }),
            roles: UserFields.roles(settings.claims.roles.flatMap { claims[$0] }), expiresAt: expiresAt)
    }

    /// Whether the claims may be of a user of this tenant.
    func mayBelong(_ claims: JSONObject, to tenant: TenantID) -> Bool {
        guard let name = settings.claims.tenant else { return true }
        return claims[name] == .string(tenant.text)
    }

    private func checkTimes(_ claims: JSONObject, at now: Double) throws(UserTokenRefusal) -> UnixTime {
        let leeway = Double(Self.leewaySeconds)
        guard let expiry = try Self.seconds("exp", of: claims), expiry > 0 else { throw .claim("exp") }
        guard expiry + leeway > now else { throw .expired }
        let start = try Self.seconds("nbf", of: claims)
        let issue = try Self.seconds("iat", of: claims)
        for (name, moment) in [("nbf", start), ("iat", issue)] {
            guard let moment else { continue }
            guard moment <= now + leeway else { throw .notYetValid }
            guard moment <= expiry else { throw .claim(name) }
        }
        guard expiry - (issue ?? now) <= Double(settings.lifetimeSecondsMax) else { throw .livesTooLong }
        return UnixTime(Int64(expiry))
    }

    private static func seconds(_ name: String, of claims: JSONObject) throws(UserTokenRefusal) -> Double? {
        let seconds: Double
        switch claims[name] {
        case nil: return nil
        // Exact: whatever a double cannot hold is out of bounds.
        case .integer(let number)?: seconds = Double(number)
        case .real(let number)?: seconds = number
        case .null?, .bool?, .string?, .array?, .object?: throw .claim(name)
        }
        guard (0...latest).contains(seconds) else { throw .claim(name) }
        return seconds
    }

    private func checkAudience(_ claim: JSONValue?) throws(UserTokenRefusal) {
        guard let audience = settings.audience.map({ JSONValue.string($0) }) else { return }
        switch claim {
        case .string?:
            guard claim == audience else { throw .claim("aud") }
        case .array(let names)?:
            guard names.allSatisfy({ $0.stringValue != nil }), names.contains(audience) else { throw .claim("aud") }
        case nil, .null?, .bool?, .integer?, .real?, .object?:
            throw .claim("aud")
        }
    }
}
