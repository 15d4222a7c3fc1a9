import Signing
import StrictJSON
import Testing
import Vocabulary

@testable import Tokens

@Suite struct AgoraInspectionTests {
    static let now = UnixTime(1_767_225_600)

    private func minted(_ role: Role = .participant, legacy: Bool = false) throws -> String {
        let credentials = try MediaTokenMinterTests.agora()
        let minter: MediaTokenMinter =
            legacy ? .agoraLegacy(AgoraLegacyMinter(credentials: credentials)) : .agora(AgoraMinter(credentials: credentials))
        return try minter.mint(MediaTokenMinterTests.grant(role)).token
    }

    private func inspect(_ text: String, after seconds: Int64 = 0, certificate: String = "fedcba9876543210fedcba9876543210") throws
        -> TokenInspection
    {
        let credentials = try AgoraCredentials(appID: "0123456789abcdef0123456789abcdef", certificate: Secret(utf8: certificate))
        return TokenInspector.inspect(text, now: UnixTime(Self.now.seconds + seconds), keys: [.agora(credentials)])
    }

    @Test(arguments: Role.allCases) func `there is no fault in a token of ours`(_ role: Role) throws {
        let inspection = try inspect(minted(role))
        #expect(inspection.format == .agora007)
        #expect(inspection.provider == .agora)
        #expect(inspection.verdict == .valid)
        #expect(inspection.signature == .valid)
        #expect(inspection.issuedAt == Self.now)
        #expect(inspection.expiresAt == Self.now + 300)
        #expect(inspection.grants == TokenProfile.of(role).contract["providers"]?["agora"]?["grants"]?["rtc"])
        #expect(inspection.content?["app_id"] == "0123456789abcdef0123456789abcdef")
        #expect(!inspection.findings.contains { $0.severity != .note })
    }

    @Test func `the verdict follows signature and clock`() throws {
        let token = try minted()
        #expect(try inspect(token, certificate: "00000000000000000000000000000000").verdict == .signatureInvalid)
        #expect(try inspect(token, after: 299).verdict == .valid)
        #expect(try inspect(token, after: 300).verdict == .expired)
        #expect(try inspect(token, after: -60).verdict == .valid)
        #expect(try inspect(token, after: -61).verdict == .notYetValid)
        #expect(TokenInspector.inspect(token, now: Self.now).verdict == .notChecked)
    }

    @Test func `a token of another app is not checked`() throws {
        let other = try AgoraCredentials(
            appID: "ffffffffffffffffffffffffffffffff", certificate: Secret(utf8: "00000000000000000000000000000000"))
        let inspection = TokenInspector.inspect(try minted(), now: Self.now, keys: [.agora(other)])
        #expect(inspection.verdict == .notChecked)
        #expect(inspection.findings.contains { $0.code == "app_id_unknown" })
    }

    @Test func `a token of format 006 is checked when channel and account are given`() throws {
        let token = try minted(legacy: true)
        let alone = try inspect(token)
        #expect(alone.format == .agora006)
        #expect(alone.verdict == .notChecked)
        #expect(alone.expiresAt == Self.now + 300)
        #expect(alone.findings.contains { $0.code == "channel_and_account_needed" })
        let room = try LiveKitMinterTests.room().text
        let keys: [InspectionKey] = [.agora(try MediaTokenMinterTests.agora())]
        #expect(TokenInspector.inspect(token, now: Self.now, keys: keys, channel: room, account: "alice").verdict == .valid)
    }

    /// About every second token has a `+` in it.
    private static func tokenWithPlus() throws -> String {
        for id in UInt128(1)...200 {
            let grant = try JoinGrant(
                room: LiveKitMinterTests.room(), identity: UserID("alice"), role: .host, issuedAt: now, tokenID: id)
            let token = try AgoraMinter(credentials: MediaTokenMinterTests.agora()).mint(grant)
            if token.contains("+") { return token }
        }
        throw TokenError.internal("no token with a plus among 200")
    }

    @Test func `what happens to tokens on their way is named`() throws {
        let token = try minted()
        let plus = try Self.tokenWithPlus()
        let table: [(text: String, code: String, verdict: TokenInspection.Verdict)] = [
            (" \(token) ", "surrounding_space", .valid), ("\"\(token)\"", "quoted", .valid), ("Bearer \(token)", "bearer_prefix", .valid),
            (plus.replacing("+", with: "%2B").replacing("/", with: "%2F"), "percent_encoded", .valid),
            (plus.replacing("+", with: " "), "plus_became_space", .malformed), (String(token.prefix(60)), "truncated", .malformed),
            (String(token.prefix(50)) + "\n" + String(token.dropFirst(50)), "line_breaks", .valid),
        ]
        for (text, code, verdict) in table {
            let inspection = try inspect(text)
            #expect(inspection.verdict == verdict, "\(code)")
            #expect(inspection.findings.contains { $0.code == code }, "\(code) in \(inspection.findings.map(\.code))")
            #expect(inspection.format == .agora007)
        }
    }

    @Test func `formats that are long gone are named`() {
        let hex = String(repeating: "a", count: 40) + String(repeating: "b", count: 32)
        let time = "1767225600"
        let table: [(text: String, format: TokenInspection.Format)] = [
            (hex + time + "0000000a", .agora001), (hex + time + "0000000a" + time + time, .agora002),
            ("003" + hex + time + "0000000a" + time + time, .agora003), ("004" + hex + time + "0000000a" + time, .agora004),
            ("005AQAoADc0QTk5RTVEQjI", .agora005),
        ]
        for (text, format) in table {
            let inspection = TokenInspector.inspect(text, now: Self.now)
            #expect(inspection.format == format)
            #expect(inspection.provider == .agora)
            #expect(inspection.findings.map(\.code) == ["retired_format"])
        }
    }
}
