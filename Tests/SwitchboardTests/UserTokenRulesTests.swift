import Calls
import StrictJSON
import Testing
import Vocabulary

@testable import Switchboard

/// What the claims have to be. The rules are asked by themselves here, and once through the whole desk.
@Suite struct UserTokenRulesTests {
    private static let now = UserTokenHouse.now.seconds

    private func refusal(
        _ claims: JSONObject, _ settings: UserTokenSettings = UserTokenHouse.settings(), at now: UnixTime = UserTokenHouse.now
    ) -> UserTokenRefusal? {
        do throws(UserTokenRefusal) {
            _ = try UserTokenRules(settings: settings).holder(claims, at: now)
            return nil
        } catch {
            return error
        }
    }

    private func holder(_ claims: JSONObject, _ settings: UserTokenSettings = UserTokenHouse.settings()) throws -> UserTokenRules.Holder {
        try UserTokenRules(settings: settings).holder(claims, at: UserTokenHouse.now)
    }

    // MARK: Times

    static let noMoments: [JSONValue] = [
        nil, "1800000300", true, [], [1_800_000_300], [:], 1e308, -1e308, -1, -1.5, -0.5, .integer(.min), .integer(.max),
        253_402_300_800, 253_402_300_799.5, 9_223_372_036_854_775_808.0, 1e19,
    ]

    @Test(arguments: noMoments + [0, 0.0])
    func `T05 an exp that is no moment is refused`(exp: JSONValue) {
        #expect(refusal(claims(["exp": exp])) == .claim("exp"))
    }

    @Test func `T05 a signed token with an exp that is no moment is refused`() async throws {
        let house = try await UserTokenHouse.withSecret()
        for exp in Self.noMoments {
            #expect(try await house.refusal(of: TokenSigner.secret.token(claims(["exp": exp]))) == .claim("exp"), "\(exp)")
        }
    }

    @Test func `T05 an exp is required`() {
        #expect(refusal(claims(without: ["exp"])) == .claim("exp"))
    }

    @Test(arguments: ["9223372036854775808", "1e400", "1e-400", "-9223372036854775809", "0x6b49d200", "+1800000300", "1800000300.", "NaN"])
    func `T05 an exp that no number can hold, or that is written oddly, is refused without a crash`(exp: String) async throws {
        let house = try await UserTokenHouse.withSecret()
        let payload = #"{"iss":"https://id.example.com","sub":"alice","exp":\#(exp)}"#
        let refusal = try await house.refusal(of: TokenSigner.secret.token(header: #"{"alg":"HS256"}"#, payload: payload))
        #expect(refusal == .claimsMalformed || refusal == .claim("exp"))
    }

    @Test(
        arguments: [
            (-3600, .expired), (-61, .expired), (-60, .expired), (-59, nil), (-1, nil), (0, nil), (1, nil),
        ] as [(Int64, UserTokenRefusal?)])
    func `T06 a token is taken until 60 s after its exp`(offset: Int64, expected: UserTokenRefusal?) async throws {
        let claims = claims(["exp": .integer(Self.now + offset), "iat": .integer(Self.now - 4000)])
        #expect(refusal(claims) == expected)
        let house = try await UserTokenHouse.withSecret()
        #expect(try await house.refusal(of: TokenSigner.secret.token(claims)) == expected)
    }

    @Test func `T06 the clock decides, second by second`() async throws {
        let house = try await UserTokenHouse.withSecret()
        let token = try TokenSigner.secret.token()
        for (second, expected) in [(-61, UserTokenRefusal.notYetValid), (-60, nil), (0, nil), (359, nil), (360, .expired), (361, .expired)]
        {
            house.clock.set(UserTokenHouse.now + second)
            #expect(try await house.refusal(of: token) == expected, "after \(second) s")
        }
    }

    @Test(
        arguments: [
            (-100_000, nil), (0, nil), (59, nil), (60, nil), (61, .notYetValid), (299, .notYetValid),
        ] as [(Int64, UserTokenRefusal?)])
    func `T07 an nbf is at most 60 s ahead`(offset: Int64, expected: UserTokenRefusal?) {
        #expect(refusal(claims(["nbf": .integer(Self.now + offset)])) == expected)
    }

    @Test(arguments: ["nbf", "iat"])
    func `T07 a token does not begin after its end`(name: String) {
        let end = Self.now + 30
        #expect(refusal(claims(["exp": .integer(end), name: .integer(end)])) == nil)
        #expect(refusal(claims(["exp": .integer(end), name: .integer(end + 1)])) == .claim(name))
        #expect(refusal(claims(["exp": .integer(end), name: .real(Double(end) + 0.5)])) == .claim(name))
    }

    @Test(arguments: [(-200, nil), (0, nil), (60, nil), (61, .notYetValid)] as [(Int64, UserTokenRefusal?)])
    func `T08 an iat is at most 60 s ahead`(offset: Int64, expected: UserTokenRefusal?) {
        #expect(refusal(claims(["iat": .integer(Self.now + offset)])) == expected)
    }

    @Test func `T08 a token that lives longer than the settings allow is refused, though it is signed well`() async throws {
        let settings = UserTokenHouse.settings(lifetimeSecondsMax: 600)
        let cases: [(issued: Int64?, end: Int64, UserTokenRefusal?)] = [
            (0, 600, nil), (0, 601, .livesTooLong), (-500, 100, nil), (-501, 100, .livesTooLong), (60, 660, nil), (60, 661, .livesTooLong),
            (nil, 600, nil), (nil, 601, .livesTooLong), (0, 253_402_300_799 - Self.now, .livesTooLong),
        ]
        let house = try await UserTokenHouse()
        try await house.tenant("acme", settings)
        for (issued, end, expected) in cases {
            var claims = claims(["exp": .integer(Self.now + end)], without: ["iat"])
            if let issued { claims["iat"] = .integer(Self.now + issued) }
            #expect(refusal(claims, settings) == expected, "\(claims)")
            #expect(try await house.refusal(of: TokenSigner.secret.token(claims)) == expected)
        }
    }

    @Test(arguments: ["nbf", "iat"], noMoments)
    func `a beginning that is no moment is refused`(name: String, value: JSONValue) {
        #expect(refusal(claims([name: value])) == .claim(name))
    }

    @Test func `seconds may have a fraction, and count with it`() throws {
        let now = Double(Self.now)
        #expect(try holder(claims(["exp": .real(now + 300.9), "iat": .real(now - 0.25)])).expiresAt == UserTokenHouse.now + 300)
        #expect(refusal(claims(["exp": .real(now - 59.5), "iat": .real(now - 300)])) == nil)
        #expect(refusal(claims(["exp": .real(now - 60.5), "iat": .real(now - 300)])) == .expired)
        #expect(refusal(claims(["nbf": .real(now + 60.5)])) == .notYetValid)
        #expect(refusal(claims(["exp": .real(now + 86_400.5), "iat": .real(now)])) == .livesTooLong)
        #expect(refusal(claims(["exp": 1.8000003e9])) == nil)
    }

    @Test func `a token without iat and nbf is taken, and one from 1970 where its life may be that long`() {
        #expect(refusal(claims(without: ["iat"])) == nil)
        #expect(refusal(claims(["nbf": 0])) == nil)
        #expect(refusal(claims(["iat": 0])) == .livesTooLong)
    }

    // MARK: Audience

    @Test func `an audience that the settings name has to be there`() async throws {
        let settings = UserTokenHouse.settings(audience: "callgate")
        let taken: [JSONValue] = ["callgate", ["callgate"], ["web", "callgate"], ["callgate", "callgate"]]
        let refused: [JSONValue] = [
            nil, "", "Callgate", "callgate ", "callgate/", "web", [], ["web"], ["web", nil], ["callgate", 1], [["callgate"]], 1, true,
            ["callgate": true], "web callgate",
        ]
        let house = try await UserTokenHouse()
        try await house.tenant("acme", settings)

        for audience in taken { #expect(refusal(claims(["aud": audience]), settings) == nil, "\(audience)") }
        for audience in refused { #expect(refusal(claims(["aud": audience]), settings) == .claim("aud"), "\(audience)") }
        #expect(refusal(claims(), settings) == .claim("aud"))
        #expect(try await house.refusal(of: TokenSigner.secret.token()) == .claim("aud"))
        #expect(try await house.refusal(of: TokenSigner.secret.token(claims(["aud": ["web", "callgate"]]))) == nil)
    }

    @Test(arguments: ["web", ["a", "b"], 1, nil] as [JSONValue])
    func `an audience that the settings do not name is not looked at`(audience: JSONValue) {
        #expect(refusal(claims(["aud": audience])) == nil)
    }

    // MARK: Who it is

    @Test(
        arguments: [
            ("alice", "alice"), ("auth0|5f7c8ec7c33c6c004bbafe82", "auth0|5f7c8ec7c33c6c004bbafe82"), ("a@b.example", "a@b.example"),
            ("42", "42"), (42, "42"), (1, "1"), (4_294_967_295, "4294967295"), ("4294967295", "4294967295"),
            (.string(String(repeating: "u", count: 64)), String(repeating: "u", count: 64)),
        ] as [(JSONValue, String)])
    func `a user is a text, or a whole number by its digits`(claim: JSONValue, user: String) throws {
        #expect(try holder(claims(["sub": claim])).user == UserID(user))
    }

    static let noUsers: [JSONValue] = [
        nil, "", " alice", "alice\n", "al ice", "*", "alice/bob", "älice", "0", "042", "4294967296", 0, -1, 4_294_967_296, .integer(.max),
        42.0, 4.2e1, 1.5, true, false, [], ["alice"], [:], ["id": "alice"], .string(String(repeating: "u", count: 65)),
    ]

    @Test(arguments: noUsers)
    func `what is no user id names nobody`(claim: JSONValue) {
        #expect(refusal(claims(["sub": claim])) == .claim("sub"))
    }

    @Test func `a signed token that names nobody is refused`() async throws {
        let house = try await UserTokenHouse.withSecret()
        for claim in Self.noUsers {
            #expect(try await house.refusal(of: TokenSigner.secret.token(claims(["sub": claim]))) == .claim("sub"), "\(claim)")
        }
        #expect(try await house.refusal(of: TokenSigner.secret.token(claims(without: ["sub"]))) == .claim("sub"))
    }

    @Test func `the settings say which claim names the user`() throws {
        let settings = UserTokenHouse.settings(claims: .init(user: "https://example.com/user"))
        let claims = claims(["https://example.com/user": "bob"])
        #expect(try holder(claims, settings).user == UserID("bob"))
        #expect(try holder(claims).user == UserID("alice"))
        #expect(refusal(.init([("exp", .integer(Self.now + 60)), ("sub", "alice")]), settings) == .claim("https://example.com/user"))
    }

    @Test func `a name is a text of 1 to 256 bytes, and anything else is none`() throws {
        let settings = UserTokenHouse.settings(claims: .init(name: "nick"))
        let longest = String(repeating: "ä", count: 128)
        for name in ["A", "Alice Ångström", longest] {
            #expect(try holder(claims(["nick": .string(name)]), settings).name == name)
        }
        for name in ["", .string(longest + "x"), nil, 1, ["Alice"], [:]] as [JSONValue] {
            #expect(try holder(claims(["nick": name]), settings).name == nil)
        }
        #expect(try holder(claims(), settings).name == nil)
        #expect(try holder(claims(["name": "Alice"])).name == nil, "no claim is a name unless the settings say so")
    }

    @Test(
        arguments: [
            ("nurse", ["nurse"]), (["nurse"], ["nurse"]), (["nurse", "doctor"], ["nurse", "doctor"]), ([], []), ("a b", ["a b"]),
            (.string(String(repeating: "r", count: 64)), [String(repeating: "r", count: 64)]),
            (.array((1...16).map { .string("r\($0)") }), (1...16).map { "r\($0)" }), ("", []), (nil, []), (true, []), (1, []),
            (["nurse": true], []), (["nurse", ""], []), (["nurse", 1], []), (["nurse", nil], []), ([["nurse"]], []),
            (["nurse", .string(String(repeating: "r", count: 65))], []), (.string(String(repeating: "ä", count: 33)), []),
            (.array((1...17).map { .string("r\($0)") }), []),
        ] as [(JSONValue, [String])])
    func `roles are a text or a list of texts, and anything else is no role and no reason to keep its owner out`(
        claim: JSONValue, expected: [String]
    ) throws {
        let settings = UserTokenHouse.settings(claims: .init(roles: "groups"))
        #expect(try holder(claims(["groups": claim]), settings).roles == expected)
        #expect(try holder(claims(["groups": claim])).roles.isEmpty, "no claim holds roles unless the settings say so")
        #expect(try holder(claims(), settings).roles.isEmpty)
    }

    @Test func `the name goes to the caller`() async throws {
        let house = try await UserTokenHouse()
        try await house.tenant("acme", UserTokenHouse.settings(claims: .init(name: "name")))
        #expect(try await house.desk.authenticate(TokenSigner.secret.token(claims(["name": "Alice"]))).userName == "Alice")
    }

    @Test(
        arguments: [
            ("acme", true), ("Acme", false), ("acme ", false), ("", false), (["acme"], false), (nil, false), (["acme": "acme"], false),
            (1, false),
        ] as [(JSONValue, Bool)])
    func `a tenant claim is the tenant's id, byte for byte`(claim: JSONValue, isTaken: Bool) throws {
        let rules = UserTokenRules(settings: UserTokenHouse.settings(claims: .init(tenant: "org")))
        #expect(rules.mayBelong(claims(["org": claim]), to: try TenantID("acme")) == isTaken)
        #expect(!rules.mayBelong(claims(), to: try TenantID("acme")))
    }
}
