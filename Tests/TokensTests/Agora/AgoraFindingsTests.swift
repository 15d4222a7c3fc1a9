import Signing
import Testing
import Vocabulary

@testable import Tokens

/// What the inspector says about Agora tokens, symptom by symptom.
@Suite struct AgoraFindingsTests {
    static let now = UnixTime(1_700_000_100)

    static func findings(
        _ services: [AgoraService], issuedAt: UInt32 = 1_700_000_000, lifetime: UInt32 = 300, now: UnixTime = now, channel: String? = nil,
        account: String? = nil, with credentials: AgoraCredentials? = nil
    ) throws -> [TokenFinding] {
        let ours = try AgoraSample.credentials()
        let content = AgoraContent(
            appID: ours.appID, issuedAtSeconds: issuedAt, lifetimeSeconds: lifetime, salt: 1, services: services)
        let token = try AgoraToken.decode(try AgoraTokenEngine().token(of: content, certificate: ours))
        return AgoraFindings.of(token, now: now, credentials: credentials ?? ours, channel: channel, account: account)
    }

    static func rtc(_ channel: String = "room-1", _ account: String = "42", _ privileges: AgoraPrivileges = [1: 300, 2: 300])
        -> AgoraService
    {
        AgoraService(.rtc(channel: channel, account: account), privileges: privileges)
    }

    static func severity(_ code: String, _ findings: [TokenFinding]) -> TokenFinding.Severity? {
        findings.first { $0.code == code }?.severity
    }

    @Test func `our own tokens are found harmless`() throws {
        let credentials = try AgoraSample.credentials()
        for role in Role.allCases {
            for identity in ["42", "alice"] {
                let grant = try AgoraSample.grant(identity, role: role)
                let token = try AgoraToken.decode(try AgoraMinter(credentials: credentials).mint(grant))
                let findings = AgoraFindings.of(
                    token, now: Self.now, credentials: credentials, channel: grant.room.text, account: identity)
                #expect(findings.allSatisfy { $0.severity == .note }, "\(findings)")
            }
        }
    }

    @Test func `a privilege that never ends is dangerous`() throws {
        let findings = try Self.findings([Self.rtc("room-1", "42", [1: 0, 2: 300])])
        #expect(Self.severity("privilege_never_expires", findings) == .danger)
        #expect(findings.first { $0.code == "privilege_never_expires" }?.message.contains("joinChannel") == true)
    }

    @Test(arguments: ["", "*", "t42_*", "1*a*2"])
    func `a channel that is many is dangerous`(_ channel: String) throws {
        #expect(Self.severity("wildcard_channel", try Self.findings([Self.rtc(channel)])) == .danger)
        let streaming = AgoraService(.streaming(channel: channel, account: "1"), privileges: [1: 300])
        #expect(Self.severity("wildcard_channel", try Self.findings([streaming])) == .danger)
    }

    @Test(arguments: ["", "*"])
    func `a uid that is anybody is dangerous`(_ account: String) throws {
        #expect(Self.severity("wildcard_uid", try Self.findings([Self.rtc("room-1", account)])) == .danger)
    }

    @Test(arguments: [
        ("0", "uid_is_text_zero"), ("042", "uid_ambiguous"), ("4294967296", "uid_ambiguous"), ("alice", "uid_is_text"),
        ("f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "uid_is_text"), ("a/b", "account_not_allowed"), ("é", "account_not_allowed"),
    ])
    func `a uid that will be misread is named`(_ account: String, _ code: String) throws {
        #expect(Self.severity(code, try Self.findings([Self.rtc("room-1", account)])) != nil)
    }

    @Test func `times are judged`() throws {
        let rtc = Self.rtc()
        #expect(Self.severity("expired", try Self.findings([rtc], now: UnixTime(1_700_000_300))) == .warning)
        #expect(Self.severity("expired", try Self.findings([rtc], now: UnixTime(1_700_000_299))) == nil)
        #expect(Self.severity("issued_in_future", try Self.findings([rtc], now: UnixTime(1_699_999_900))) == .warning)
        #expect(Self.severity("issued_in_future", try Self.findings([rtc], now: UnixTime(1_699_999_999))) == .note)
        #expect(Self.severity("issued_in_future", try Self.findings([rtc], now: UnixTime(1_700_000_000))) == nil)
        #expect(Self.severity("lifetime_over_24h", try Self.findings([rtc], lifetime: 86_401)) == .warning)
        #expect(Self.severity("lifetime_over_24h", try Self.findings([rtc], lifetime: 86_400)) == nil)
        #expect(Self.severity("cannot_be_revoked", try Self.findings([rtc], lifetime: 86_400)) == .note)
        #expect(Self.severity("expiry_looks_absolute", try Self.findings([rtc], lifetime: 1_700_003_600)) == .warning)
        let absolute = Self.rtc("room-1", "42", [1: 1_700_003_600])
        #expect(Self.severity("expiry_looks_absolute", try Self.findings([absolute])) == .warning)
        #expect(Self.severity("privilege_outlives_token", try Self.findings([Self.rtc("room-1", "42", [1: 301])])) == .warning)
        let early = try Self.findings([Self.rtc("room-1", "42", [1: 50])])
        #expect(Self.severity("privilege_ends_early", early) == .note)
        #expect(Self.severity("join_expired", early) == .warning)
    }

    @Test func `what a token opens is judged`() throws {
        let rtm = AgoraService(.rtm(user: "42"), privileges: [1: 300])
        #expect(Self.severity("no_rtc_service", try Self.findings([rtm])) == .warning)
        #expect(Self.severity("no_rtm_service", try Self.findings([Self.rtc()])) == .note)
        #expect(Self.severity("no_rtm_service", try Self.findings([Self.rtc(), rtm])) == nil)
        let subscriber = try Self.findings([Self.rtc("room-1", "42", [1: 300])])
        #expect(Self.severity("subscriber_needs_cohost_authentication", subscriber) == .note)
        #expect(Self.severity("subscriber_needs_cohost_authentication", try Self.findings([Self.rtc()])) == nil)
        #expect(Self.severity("no_join_privilege", try Self.findings([Self.rtc("room-1", "42", [2: 300])])) == .warning)
        #expect(Self.severity("unknown_privilege", try Self.findings([Self.rtc("room-1", "42", [1: 300, 9: 300])])) == .note)
        #expect(Self.severity("channel_not_allowed", try Self.findings([Self.rtc("a/b")])) == .warning)
    }

    @Test func `signature, app, channel and account are compared`() throws {
        let other = try AgoraCredentials(
            appID: "0123456789abcdef0123456789abcdef", certificate: Secret(utf8: "00000000000000000000000000000000"))
        let otherApp = try AgoraCredentials(
            appID: "00000000000000000000000000000000", certificate: Secret(utf8: "fedcba9876543210fedcba9876543210"))
        #expect(Self.severity("signature_mismatch", try Self.findings([Self.rtc()], with: other)) == .warning)
        #expect(Self.severity("app_id_differs", try Self.findings([Self.rtc()], with: otherApp)) == .warning)
        #expect(Self.severity("channel_differs", try Self.findings([Self.rtc()], channel: "room-2")) == .warning)
        #expect(Self.severity("account_differs", try Self.findings([Self.rtc()], channel: "room-1", account: "43")) == .warning)
        #expect(Self.severity("signature_mismatch", try Self.findings([Self.rtc()])) == nil)
    }

    @Test func `006 is called weak, and its own mistakes are named`() throws {
        func findings(_ id: String, now: Int64 = 1_700_000_100) throws -> [TokenFinding] {
            let vector = try #require((AgoraVectors.official + AgoraVectors.generated).first { $0.id == id })
            return AgoraFindings.of(try AgoraToken.decode(try vector.text("token")), now: UnixTime(now))
        }
        #expect(Self.severity("format_006_weak", try findings("006-o01")) == .warning)
        #expect(Self.severity("wildcard_uid", try findings("006-o01")) == nil)
        #expect(Self.severity("wildcard_uid", try findings("006-o03")) == .danger)
        #expect(Self.severity("privilege_never_expires", try findings("006-o08")) == .danger)
        #expect(Self.severity("no_rtc_service", try findings("006-o09")) == .warning)
        #expect(Self.severity("wildcard_uid", try findings("006-o09")) == nil)
        #expect(Self.severity("expired", try findings("006-o01", now: 1_700_086_400)) == .warning)
        #expect(Self.severity("join_expired", try findings("006-o01", now: 1_700_003_600)) == .warning)
        #expect(Self.severity("issued_in_future", try findings("006-o01", now: 1_699_999_000)) == .warning)
        #expect(Self.severity("expiry_looks_relative", try findings("official-006-01")) == .warning)
    }

    @Test func `oddities of the text and damage are findings too`() throws {
        let token = try AgoraTokenTests.token([Self.rtc()])
        let wrapped = try AgoraToken.decode(token.prefix(50) + "\n" + token.dropFirst(50))
        #expect(Self.severity("line_breaks", AgoraFindings.of(wrapped, now: Self.now)) == .warning)
        #expect(AgoraFindings.of(.plusBecameSpace).map(\.code) == ["plus_became_space"])
    }

    @Test func `hostile text in a token is shown short and without control characters`() {
        #expect(FindingList.quoted("a\u{1B}[31m\n") == "\"a?[31m?\"")
        #expect(FindingList.quoted(String(repeating: "x", count: 1000)).count == 69)
    }
}
