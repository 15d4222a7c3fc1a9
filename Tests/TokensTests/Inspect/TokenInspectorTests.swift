import Signing
import StrictJSON
import Testing
import Vocabulary

@testable import Tokens

@Suite struct TokenInspectorTests {
    static let now = UnixTime(1_767_225_600)
    static let secret = Secret(utf8: "Zq8mP2vX9kLw4RtY7uBn3CdE6fGh1JsK")
    static let keys: [InspectionKey] = [.livekit(apiKey: "APIunittest", secret: secret)]

    private func minted(_ role: Role = .participant) throws -> String {
        LiveKitMinterTests.minter.mint(try MediaTokenMinterTests.grant(role))
    }

    private func codes(_ inspection: TokenInspection) -> [String] { inspection.findings.map(\.code) }

    @Test(arguments: Role.allCases) func `there is nothing to say against a token of ours`(_ role: Role) throws {
        let inspection = TokenInspector.inspect(try minted(role), now: Self.now, keys: Self.keys)
        #expect(inspection.format == .jwt)
        #expect(inspection.provider == .livekit)
        #expect(inspection.verdict == .valid)
        #expect(inspection.signature == .valid)
        #expect(inspection.issuedAt == Self.now)
        #expect(inspection.expiresAt == Self.now + 300)
        #expect(inspection.header == ["alg": "HS256", "typ": "JWT"])
        #expect(inspection.claims?["sub"] == "alice")
        #expect(inspection.grants?["roomJoin"] == true)
        #expect(inspection.findings == [])
    }

    @Test func `without the key the signature is not checked`() throws {
        let inspection = TokenInspector.inspect(try minted(), now: Self.now)
        #expect(inspection.verdict == .notChecked)
        #expect(inspection.signature == .notChecked)
        let other = TokenInspector.inspect(try minted(), now: Self.now, keys: [.livekit(apiKey: "APIother", secret: Self.secret)])
        #expect(other.verdict == .notChecked)
        #expect(codes(other) == ["api_key_unknown"])
    }

    @Test func `another secret is noticed`() throws {
        let keys: [InspectionKey] = [.livekit(apiKey: "APIunittest", secret: Secret(utf8: "another secret, as long as it takes"))]
        let inspection = TokenInspector.inspect(try minted(), now: Self.now, keys: keys)
        #expect(inspection.verdict == .signatureInvalid)
        #expect(inspection.signature == .invalid)
        #expect(codes(inspection) == ["signature_mismatch"])
    }

    static let clockTable: [(seconds: Int64, verdict: TokenInspection.Verdict, codes: [String])] = [
        (0, .valid, []), (300, .valid, ["expired"]), (359, .valid, ["expired"]), (360, .expired, ["expired"]),
        (100_000, .expired, ["expired"]), (-60, .valid, ["not_yet_valid", "issued_in_future"]),
        (-61, .notYetValid, ["not_yet_valid", "issued_in_future"]),
    ]

    @Test(arguments: clockTable) func `the verdict follows the clock`(
        _ row: (seconds: Int64, verdict: TokenInspection.Verdict, codes: [String])
    ) throws {
        let (seconds, verdict, codes) = row
        let inspection = TokenInspector.inspect(try minted(), now: UnixTime(Self.now.seconds + seconds), keys: Self.keys)
        #expect(inspection.verdict == verdict)
        #expect(self.codes(inspection) == codes)
    }

    /// What happens to tokens between two programs, and what is left to read.
    @Test func `what sticks to a token is taken off and named`() throws {
        let token = try minted()
        let wrapped = token.prefix(100) + "\n" + token.dropFirst(100).prefix(100) + "\r\n" + token.dropFirst(200)
        let table: [(text: String, code: String)] = [
            (" \(token)\n", "surrounding_space"), ("Bearer \(token)", "bearer_prefix"), ("bearer  \(token)", "bearer_lower_case"),
            ("Authorization: Bearer \(token)", "bearer_prefix"), ("\"\(token)\"", "quoted"), ("'\(token)'", "quoted"),
            (String(wrapped), "line_breaks"), ("wss://sfu.example/rtc?access_token=\(token)&auto_subscribe=1", "token_in_url"),
        ]
        for (text, code) in table {
            let inspection = TokenInspector.inspect(text, now: Self.now, keys: Self.keys)
            #expect(inspection.verdict == .valid, "\(code)")
            #expect(codes(inspection) == [code])
        }
    }

    @Test func `what is missing or changed is named`() throws {
        let token = try minted()
        let parts = token.split(separator: ".").map(String.init)
        let table: [(text: String, code: String)] = [
            (parts[0] + "." + parts[1], "truncated"), (parts[0], "truncated"), (String(token.prefix(300)), "truncated"),
            (String(token.dropLast(1)), "signature_cut"), (String(token.dropLast(2)), "signature_cut"), (token + "=", "base64_padding"),
            (token + ".x", "too_many_parts"),
            (token.replacing("eyJhbGci", with: "eyJhbGci "), "space_inside"), ("\(token).a.b", "encrypted"),
        ]
        for (text, code) in table {
            let inspection = TokenInspector.inspect(text, now: Self.now, keys: Self.keys)
            #expect(inspection.verdict == .malformed || inspection.verdict == .signatureInvalid, "\(code)")
            #expect(codes(inspection).contains(code), "\(code) in \(codes(inspection))")
        }
    }

    @Test func `a cut token shows what is left of it`() throws {
        let parts = try minted().split(separator: ".").map(String.init)
        let inspection = TokenInspector.inspect(parts[0] + "." + parts[1], now: Self.now, keys: Self.keys)
        #expect(inspection.provider == .livekit)
        #expect(inspection.claims?["sub"] == "alice")
        #expect(inspection.signature == .notChecked)
    }

    @Test(arguments: [
        ("", "empty"), (" \n", "empty"), ("hello", "not_a_token"), ("0123456789abcdef0123456789abcdef", "app_id_not_token"),
        ("008abc", "unknown_version"), ("a.b.c", "not_a_token"), ("cg_live_0123456789", "api_key_not_token"), ("null", "not_a_token"),
    ]) func `what is no token is told what it is`(_ text: String, _ code: String) {
        let inspection = TokenInspector.inspect(text, now: Self.now, keys: Self.keys)
        #expect(inspection.format == .unknown)
        #expect(inspection.provider == nil)
        #expect(inspection.verdict == .malformed)
        #expect(codes(inspection).last == code)
    }

    @Test func `a text longer than 16 KiB is not looked at`() {
        let inspection = TokenInspector.inspect(String(repeating: "a", count: 16_385), now: Self.now)
        #expect(codes(inspection) == ["too_long"])
    }

    @Test func `a foreign JWT is named after its maker`() {
        let table: [(header: JSONValue, payload: JSONValue, vendor: String)] = [
            (["alg": "HS256", "cty": "twilio-fpa;v=1"], ["grants": ["identity": "alice"], "exp": 1_767_229_200], "Twilio"),
            (["alg": "RS256"], ["aud": "jitsi", "iss": "chat", "room": "*", "exp": 1_767_229_200], "8x8"),
            (["alg": "HS256"], ["aud": "jitsi", "iss": "app", "exp": 1_767_229_200], "Jitsi"),
            (["alg": "HS256"], ["access_key": "k", "type": "app", "exp": 1_767_229_200], "100ms"),
            (["alg": "HS256"], ["r": "room", "d": "domain", "iat": 1, "exp": 1_767_229_200], "Daily"),
        ]
        for row in table {
            let token = JWTText.sign(
                header: row.header.canonicalBytes, payload: row.payload.canonicalBytes, key: HMACKey(.sha256, key: [1]))
            let inspection = TokenInspector.inspect(token, now: Self.now, keys: Self.keys)
            #expect(inspection.format == .jwt && inspection.provider == nil)
            #expect(inspection.verdict == .notChecked)
            #expect(codes(inspection) == ["other_vendor"])
            #expect(inspection.findings.first?.message.contains(row.vendor) == true)
        }
    }

    @Test(arguments: [JSONValue.object([:]), ["sub": "x"]]) func `a JWT without media grants is said to be one`(_ payload: JSONValue) {
        let token = JWTText.sign(header: Array("{\"alg\":\"none\"}".utf8), payload: payload.canonicalBytes, key: HMACKey(.sha256, key: [1]))
        let inspection = TokenInspector.inspect(token, now: Self.now)
        #expect(codes(inspection) == ["no_media_grants", "alg_none", "no_expiry"])
    }

    @Test func `the answer has the contract's fields and no others`() throws {
        let json = TokenInspector.inspect(try minted(), now: Self.now, keys: Self.keys).jsonValue
        let names = Set(json.objectValue?.members.map(\.name) ?? [])
        #expect(
            names == ["format", "provider", "verdict", "signature", "issued_at", "expires_at", "header", "claims", "grants", "findings"])
        #expect(json["format"] == "jwt")
        #expect(json["verdict"] == "valid")
        #expect(json["expires_at"] == "2026-01-01T00:05:00Z")
        let empty: JSONValue = [
            "format": "unknown", "verdict": "malformed", "signature": "not_checked",
            "findings": [["code": "empty", "severity": "warning", "message": "There is no token."]],
        ]
        #expect(TokenInspector.inspect("", now: Self.now).jsonValue == empty)
    }

    @Test func `a time that no calendar has is left out`() {
        let token = JWTText.sign(
            header: JWTText.header, payload: Array("{\"exp\":9007199254740992,\"iat\":-5}".utf8), key: HMACKey(.sha256, key: [1]))
        let json = TokenInspector.inspect(token, now: Self.now).jsonValue
        #expect(json["expires_at"] == nil && json["issued_at"] == nil)
    }

    /// Whatever is pasted: an answer within bounds, and nothing in it with which one could join.
    @Test func `no text breaks the inspector and no answer holds the token`() throws {
        var generator = SystemRandomNumberGenerator()
        let agora = try MediaTokenMinter.agora(AgoraMinter(credentials: MediaTokenMinterTests.agora())).mint(MediaTokenMinterTests.grant())
        for token in [try minted(), agora.token] {
            for round in 0..<1500 {
                var bytes = Array(token.utf8)
                for _ in 0..<(round % 4) {
                    bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
                }
                if round % 7 == 0 { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator)) }
                let text = String(decoding: bytes, as: UTF8.self)
                let inspection = TokenInspector.inspect(text, now: Self.now, keys: Self.keys)
                #expect(inspection.findings.count <= TokenInspection.findingsMax)
                #expect(inspection.findings.allSatisfy { (1...512).contains($0.message.count) && (1...64).contains($0.code.count) })
                let answer = inspection.jsonValue.canonicalText
                #expect(text.utf8.count < 40 || !answer.contains(text))
                #expect(!answer.contains(token.suffix(43)))
            }
        }
    }

    @Test func `a danger is not hidden behind many notes`() {
        var list = FindingList()
        for number in 0..<100 { list.note("note_\(number)", "A note.") }
        list.warning("warning", "A warning that comes too late.")
        list.danger("danger", "A danger that comes last.")
        let shown = FindingList.shown(list.findings)
        #expect(list.findings.count == TokenInspection.findingsMax + 1)
        #expect(shown.count == TokenInspection.findingsMax)
        #expect(shown.last?.code == "danger")
        #expect(shown.first?.code == "note_0")
    }
}
