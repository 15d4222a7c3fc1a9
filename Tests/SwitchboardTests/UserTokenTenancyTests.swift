import Calls
import Signing
import StrictJSON
import Testing
import Vocabulary

@testable import Switchboard

/// Which tenant a token belongs to: exactly one, or none.
@Suite struct UserTokenTenancyTests {
    private static let otherSecret = "Zx9Cv8Bn7Ml6Kj5Hg4Fd3Sa2Qw1Er0Ty-other"
    private static let other = TokenSigner.secret(Array(otherSecret.utf8))

    @Test func `N16 the same user id in two tenants is two users`() async throws {
        let house = try await UserTokenHouse.withSecret()
        house.vault.put(Self.otherSecret, "OTHER_SECRET")
        try await house.tenant(
            "globex", UserTokenHouse.settings(.hs256, .secret(.environment("OTHER_SECRET")), issuer: "https://id.globex.example"))

        let first = try await house.owner(try TokenSigner.secret.token())
        let second = try await house.owner(try Self.other.token(claims(["iss": "https://id.globex.example"])))

        #expect(first == .user(try TenantID("acme"), try UserID("alice")))
        #expect(second == .user(try TenantID("globex"), try UserID("alice")))
        #expect(first != second)
    }

    @Test(arguments: [
        "https://id.example.com/", "https://id.example.com ", "HTTPS://id.example.com", "https://ID.example.com", "https://id.example.co",
        "https://id.example.com/../", "http://id.example.com", "https://id.example.com.", "https://id.example.co\u{301}m", "%",
        "' OR 1=1 --",
        "https://id.example.com\u{200B}",
    ])
    func `A16 an issuer is taken byte for byte`(issuer: String) async throws {
        let house = try await UserTokenHouse.withSecret()
        #expect(try await house.refusal(of: TokenSigner.secret.token(claims(["iss": .string(issuer)]))) == .noTenant)
    }

    @Test func `A16 issuers that Unicode calls equivalent are two`() async throws {
        let house = try await UserTokenHouse()
        let (composed, apart) = ("caf\u{E9}", "cafe\u{301}")
        try await house.tenant("acme", UserTokenHouse.settings(issuer: composed))
        #expect(try await house.refusal(of: TokenSigner.secret.token(claims(["iss": .string(composed)]))) == nil)
        #expect(try await house.refusal(of: TokenSigner.secret.token(claims(["iss": .string(apart)]))) == .noTenant)

        try await house.tenant("globex", UserTokenHouse.settings(issuer: apart))
        for (issuer, tenant) in [(composed, "acme"), (apart, "globex"), (composed, "acme")] {
            let token = try TokenSigner.secret.token(claims(["iss": .string(issuer)]))
            #expect(try await house.owner(token) == .user(TenantID(tenant), UserID("alice")))
        }
    }

    @Test(arguments: [nil, "", 1, true, ["https://id.example.com"], [:], .string(String(repeating: "i", count: 257))] as [JSONValue])
    func `an issuer that is no text of 1 to 256 bytes is refused before the store is asked`(issuer: JSONValue) async throws {
        let house = try await UserTokenHouse.withSecret()
        #expect(try await house.refusal(of: TokenSigner.secret.token(claims(["iss": issuer]))) == .claim("iss"))
        #expect(try await house.refusal(of: TokenSigner.secret.token(claims(without: ["iss"]))) == .claim("iss"))
    }

    @Test func `A16 another tenant's issuer with the same kid is another key`() async throws {
        let house = try await UserTokenHouse()
        let (acme, globex) = (try TokenSigner.ed25519(1, "key"), try TokenSigner.ed25519(2, "key"))
        house.vault.publish([acme], "/keys/acme.json")
        house.vault.publish([globex], "/keys/globex.json")
        try await house.tenant("acme", UserTokenHouse.settings(.eddsa, .keySetFile("/keys/acme.json"), issuer: "https://acme"))
        try await house.tenant("globex", UserTokenHouse.settings(.eddsa, .keySetFile("/keys/globex.json"), issuer: "https://globex"))

        #expect(try await house.refusal(of: acme.token(claims(["iss": "https://acme"]))) == nil)
        #expect(try await house.refusal(of: globex.token(claims(["iss": "https://globex"]))) == nil)
        #expect(try await house.refusal(of: acme.token(claims(["iss": "https://globex"]))) == .signing(.signatureInvalid))
        #expect(try await house.refusal(of: globex.token(claims(["iss": "https://acme"]))) == .signing(.signatureInvalid))
    }

    @Test func `where tenants share an issuer, the tenant claim says whose user it is`() async throws {
        let house = try await UserTokenHouse()
        let settings = UserTokenHouse.settings(claims: .init(tenant: "org"))
        try await house.tenant("acme", settings)
        try await house.tenant("globex", settings)

        for tenant in ["acme", "globex"] {
            let token = try TokenSigner.secret.token(claims(["org": .string(tenant)]))
            #expect(try await house.owner(token) == .user(TenantID(tenant), UserID("alice")))
        }
        for organisation in ["initech", "", nil, ["acme", "globex"], ["acme"]] as [JSONValue] {
            #expect(try await house.refusal(of: TokenSigner.secret.token(claims(["org": organisation]))) == .noTenant)
        }
        #expect(try await house.refusal(of: TokenSigner.secret.token()) == .noTenant)
    }

    @Test func `a tenant claim that was changed asks another tenant's keys, and they say no`() async throws {
        let house = try await UserTokenHouse()
        house.vault.put(Self.otherSecret, "OTHER_SECRET")
        try await house.tenant("acme", UserTokenHouse.settings(claims: .init(tenant: "org")))
        try await house.tenant(
            "globex", UserTokenHouse.settings(.hs256, .secret(.environment("OTHER_SECRET")), claims: .init(tenant: "org")))

        #expect(try await house.refusal(of: TokenSigner.secret.token(claims(["org": "acme"]))) == nil)
        #expect(try await house.refusal(of: TokenSigner.secret.token(claims(["org": "globex"]))) == .signing(.signatureInvalid))
    }

    @Test func `a token that could be of two tenants is of none`() async throws {
        let house = try await UserTokenHouse.withSecret()
        try await house.keep("globex", UserTokenHouse.settings())
        #expect(try await house.refusal(of: TokenSigner.secret.token()) == .ambiguous)

        try await house.keep("initech", UserTokenHouse.settings(issuer: "https://two", claims: .init(tenant: "org")))
        try await house.keep("umbrella", UserTokenHouse.settings(issuer: "https://two", claims: .init(tenant: "tid")))
        let both = claims(["iss": "https://two", "org": "initech", "tid": "umbrella"])
        #expect(try await house.refusal(of: TokenSigner.secret.token(both)) == .ambiguous)
        #expect(
            try await house.owner(TokenSigner.secret.token(claims(["iss": "https://two", "org": "initech"])))
                == .user(TenantID("initech"), UserID("alice")))
    }

    @Test func `a tenant claim is asked for where only one tenant has the issuer, too`() async throws {
        let house = try await UserTokenHouse()
        try await house.tenant("acme", UserTokenHouse.settings(claims: .init(tenant: "org")))
        #expect(try await house.refusal(of: TokenSigner.secret.token(claims(["org": "acme"]))) == nil)
        #expect(try await house.refusal(of: TokenSigner.secret.token(claims(["org": "globex"]))) == .noTenant)
        #expect(try await house.refusal(of: TokenSigner.secret.token()) == .noTenant)
    }

    @Test func `the users of a closed tenant have no way in from the next moment on`() async throws {
        let house = try await UserTokenHouse.withSecret()
        let token = try TokenSigner.secret.token()
        #expect(try await house.refusal(of: token) == nil)

        try await house.desk.closeTenant(TenantID("acme"), for: .machine)
        #expect(try await house.refusal(of: token) == .noTenant)
        // Nor does a store that still hands out a closed tenant let anybody in.
        let closed = try #require(try await house.store.tenant(TenantID("acme")))
        #expect(closed.closedAt != nil)
        await #expect(throws: UserTokenRefusal.noTenant) {
            try await house.desk.caller(UnverifiedUserToken(token), of: [closed], at: house.clock.now)
        }
    }

    @Test func `an issuer of a closed tenant is free for the next one`() async throws {
        let house = try await UserTokenHouse.withSecret()
        try await house.desk.closeTenant(TenantID("acme"), for: .machine)
        try await house.tenant("globex")
        #expect(try await house.owner(TokenSigner.secret.token()) == .user(TenantID("globex"), UserID("alice")))
    }

    @Test func `a change of the settings holds from the next moment on`() async throws {
        let house = try await UserTokenHouse.withSecret()
        house.vault.put(Self.otherSecret, "OTHER_SECRET")
        let (old, new) = (try TokenSigner.secret.token(), try Self.other.token())
        #expect(try await house.refusal(of: old) == nil)

        try await house.change(to: UserTokenHouse.settings(.hs256, .secret(.environment("OTHER_SECRET"))))
        #expect(try await house.refusal(of: old) == .signing(.signatureInvalid))
        #expect(try await house.refusal(of: new) == nil)

        try await house.change(to: UserTokenHouse.settings(.hs256, .secret(.environment("OTHER_SECRET")), audience: "callgate"))
        #expect(try await house.refusal(of: new) == .claim("aud"))

        try await house.change(to: nil)
        #expect(try await house.refusal(of: new) == .noTenant)
    }

    @Test func `tenants without settings have no users with tokens`() async throws {
        let house = try await UserTokenHouse()
        try await house.tenant("acme", nil)
        #expect(try await house.refusal(of: TokenSigner.secret.token()) == .noTenant)
    }
}
