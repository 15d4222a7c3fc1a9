import Signing
import StrictJSON
import Testing
import Vocabulary

@testable import Tokens

@Suite struct LiveKitInspectionTests {
    static let now = UnixTime(1_767_225_600)
    static let secret = "Zq8mP2vX9kLw4RtY7uBn3CdE6fGh1JsK"
    static let key = HMACKey(.sha256, key: Array(secret.utf8))

    /// A token without a fault, with some claims changed.
    static func token(header: JSONValue = ["alg": "HS256"], video: [(String, JSONValue?)] = [], _ changes: [(String, JSONValue?)] = [])
        -> String
    {
        var grant = LiveKitVideoGrant(publish: .everything, subscribe: true, data: true, room: "acme-room-x").jsonValue.objectValue ?? [:]
        for (name, value) in video { grant[name] = value }
        var claims: JSONObject = [
            "iss": "APIinspect", "sub": "alice", "nbf": .integer(now.seconds), "exp": .integer(now.seconds + 300), "video": .object(grant),
        ]
        for (name, value) in changes { claims[name] = value }
        return JWTText.sign(header: header.canonicalBytes, payload: JSONValue.object(claims).canonicalBytes, key: key)
    }

    static func inspect(_ token: String, secret: String = secret) -> TokenInspection {
        TokenInspector.inspect(token, now: now, keys: [.livekit(apiKey: "APIinspect", secret: Secret(utf8: secret))])
    }

    static func findings(_ token: String) -> [String] {
        inspect(token).findings.map { "\($0.severity.rawValue) \($0.code)" }
    }

    @Test func `a token without a fault has no finding`() {
        #expect(Self.findings(Self.token()) == [])
        #expect(Self.inspect(Self.token()).verdict == .valid)
    }

    /// One fault in `video` each, and all that is to be said about it.
    static let videoTable: [(changes: [(String, JSONValue?)], findings: [String])] = [
        ([("roomCreate", true)], ["danger server_wide_grant"]),
        ([("roomList", true)], ["danger server_wide_grant"]),
        ([("roomRecord", true)], ["danger server_wide_grant"]),
        ([("ingressAdmin", true)], ["danger server_wide_grant"]),
        ([("roomCreate", true), ("roomList", true)], ["danger server_wide_grant", "danger server_wide_grant"]),
        ([("roomAdmin", true)], ["warning room_admin"]),
        ([("room", nil)], ["danger room_missing"]),
        ([("room", "")], ["danger room_missing"]),
        ([("room", nil), ("roomName", "acme-room-x")], ["danger room_name_typo", "danger room_missing"]),
        ([("room", "*")], ["warning room_is_star"]),
        ([("room", .string(String(repeating: "r", count: 257)))], ["warning room_name_too_long"]),
        ([("room", .string(String(repeating: "r", count: 256)))], []),
        ([("canPublish", nil)], ["warning can_publish_absent"]),
        ([("canPublish", .null)], ["warning can_publish_absent"]),
        ([("canSubscribe", nil)], ["note can_subscribe_absent"]),
        ([("canPublishData", nil)], ["note can_publish_data_absent"]),
        ([("canPublishSources", nil)], ["note all_sources"]),
        ([("canPublishSources", [])], ["note all_sources"]),
        ([("canPublishSources", ["webcam"])], ["warning unknown_source"]),
        ([("canPublish", false)], ["note sources_without_publish"]),
        ([("canPublish", false), ("canPublishSources", [])], []),
        ([("canUpdateOwnMetadata", true)], ["warning can_update_own_metadata"]),
        ([("hidden", true)], ["warning hidden"]),
        ([("recorder", true)], ["warning recorder"]),
        ([("agent", true)], ["danger agent_worker"]),
        ([("canSubscribeMetrics", true)], ["note can_subscribe_metrics"]),
        ([("canManageAgentSession", true)], ["note can_manage_agent_session"]),
        ([("destinationRoom", "other")], ["note destination_room"]),
        ([("can_publish", false)], ["warning snake_case_grant"]),
        ([("canDance", true)], ["warning unknown_grant"]),
        ([("roomJoin", false)], ["warning no_permissions"]),
        ([("roomJoin", nil), ("roomAdmin", true), ("room", nil)], ["warning admin_without_room"]),
        ([("roomJoin", nil), ("roomAdmin", true)], []),
        ([("canPublish", "true")], ["warning grant_malformed", "warning can_publish_absent"]),
        ([("canPublishSources", [1])], ["warning grant_malformed", "note all_sources"]),
    ]

    @Test(arguments: videoTable.indices) func `a permission that is too much, too little or misspelt is named`(_ row: Int) {
        let (changes, findings) = Self.videoTable[row]
        #expect(Self.findings(Self.token(video: changes)) == findings, "\(changes)")
    }

    /// One fault outside `video` each.
    static let claimTable: [(changes: [(String, JSONValue?)], findings: [String], verdict: TokenInspection.Verdict)] = [
        ([("exp", nil)], ["danger no_expiry"], .malformed),
        ([("exp", "1767229200")], ["warning time_is_text"], .malformed),
        ([("exp", true)], ["warning time_malformed"], .malformed),
        ([("exp", .real(1_767_225_900.5))], [], .valid),
        ([("exp", 1_767_225_600)], ["note expired", "warning never_valid"], .valid),
        ([("exp", 1_767_225_540), ("nbf", 1_767_225_000)], ["warning expired"], .expired),
        ([("exp", 1_767_226_201)], ["note lifetime_over_profile"], .valid),
        ([("exp", 1_767_226_200)], [], .valid),
        ([("exp", 1_767_312_000)], ["note lifetime_over_profile"], .valid),
        ([("exp", 1_767_312_001)], ["danger lifetime_over_24h"], .valid),
        ([("nbf", nil)], [], .valid),
        ([("nbf", 0), ("exp", 1_767_225_900), ("iat", 1_767_225_600)], ["danger lifetime_over_24h", "warning back_dated"], .valid),
        ([("nbf", 1_767_225_500), ("iat", 1_767_225_600)], ["warning back_dated"], .valid),
        ([("nbf", 1_767_225_590), ("iat", 1_767_225_600)], [], .valid),
        ([("nbf", 1_767_225_660)], ["note not_yet_valid"], .valid),
        ([("nbf", 1_767_225_661)], ["warning not_yet_valid"], .notYetValid),
        ([("iat", 1_767_229_200)], ["warning issued_in_future", "warning back_dated"], .notYetValid),
        ([("sub", nil)], ["warning identity_missing"], .valid),
        ([("sub", ""), ("identity", "alice")], ["warning identity_missing"], .valid),
        ([("sub", nil), ("jti", "alice")], ["warning identity_in_jti"], .valid),
        ([("sub", 42)], ["warning claim_not_text", "warning identity_missing"], .malformed),
        ([("sub", .string(String(repeating: "i", count: 257)))], ["warning identity_too_long"], .valid),
        ([("attributes", ["n": 1])], ["warning attribute_not_text"], .malformed),
        ([("attributes", ["n": nil])], [], .valid),
        ([("attributes", [])], ["warning attribute_not_text"], .malformed),
        ([("name", .string(String(repeating: "n", count: 257)))], ["warning name_too_long"], .valid),
        ([("kind", "agent")], ["warning kind_not_standard"], .valid),
        ([("kind", "Agent")], ["note unknown_kind"], .valid),
        ([("kind", "standard")], [], .valid),
        ([("sip", ["admin": true, "call": true])], ["danger service_grant_for_person"], .valid),
        ([("sip", ["admin": false])], ["note sip_incomplete"], .valid),
        ([("agent", 1)], ["warning grant_malformed"], .malformed),
        ([("roomPreset", "p")], ["note room_preset"], .valid),
        ([("roomConfig", ["maxParticipants": 2])], ["note room_config_first_only"], .valid),
        ([("roomConfig", ["futureField": 1])], ["warning room_config_unknown_field", "note room_config_first_only"], .valid),
        ([("roomConfig", ["egress": [:]])], ["danger room_config_egress", "note room_config_first_only"], .valid),
        (
            [("roomConfig", ["agents": [["agentName": "a", "deployment": "b"]]])],
            ["warning room_config_unknown_field", "warning room_config_agents", "note room_config_first_only"], .valid
        ),
        ([("roomConfig", 1)], ["warning room_config_malformed"], .malformed),
        ([("video", nil)], ["warning no_permissions"], .valid),
        ([("video", true)], ["warning video_malformed"], .malformed),
        ([("video", nil), ("room_join", true)], ["warning grants_outside_video"], .valid),
        ([("video", nil), ("sha256", "x"), ("sub", nil)], ["note webhook_token"], .valid),
        ([("video", nil), ("sip", ["admin": true, "call": true])], [], .valid),
        ([("iss", nil)], ["warning issuer_missing"], .notChecked),
        ([("iss", "APIother")], ["note api_key_unknown"], .notChecked),
    ]

    @Test(arguments: claimTable.indices) func `a claim that is wrong or dangerous is named`(_ row: Int) {
        let (changes, findings, verdict) = Self.claimTable[row]
        let token = Self.token(changes)
        #expect(Self.findings(token) == findings, "\(changes)")
        #expect(Self.inspect(token).verdict == verdict, "\(changes)")
    }

    @Test(arguments: [
        ("none", "danger alg_none", TokenInspection.Verdict.signatureInvalid), ("HS512", "warning algorithm_not_hs256", .signatureInvalid),
        ("RS256", "warning algorithm_not_hs256", .signatureInvalid), ("hs256", "warning algorithm_not_hs256", .signatureInvalid),
    ]) func `another algorithm is named`(_ name: String, _ finding: String, _ verdict: TokenInspection.Verdict) {
        let token = Self.token(header: ["alg": .string(name)])
        #expect(Self.findings(token).first == finding)
        #expect(Self.inspect(token).verdict == verdict)
    }

    @Test func `a token well signed with HS512 is refused by newer servers only`() throws {
        let vector = try #require(LiveKitVector.all.first { $0.id == "lk/neg_alg_hs512" })
        let inspection = TokenInspector.inspect(
            vector.token, now: vector.clock,
            keys: [.livekit(apiKey: vector.apiKey, secret: Secret(utf8: try #require(vector.text("api_secret"))))])
        #expect(inspection.signature == .valid)
        #expect(inspection.verdict == .malformed)
    }

    @Test func `a header that demands an extension is named`() {
        #expect(Self.findings(Self.token(header: ["alg": "HS256", "crit": ["x"]])) == ["warning critical_header"])
    }

    @Test func `a name twice is a danger`() {
        let payload = Array("{\"iss\":\"APIinspect\",\"video\":{\"room\":\"a\",\"room\":\"b\"}}".utf8)
        let inspection = Self.inspect(JWTText.sign(header: JWTText.header, payload: payload, key: Self.key))
        #expect(inspection.findings.map(\.code) == ["duplicate_name"])
        #expect(inspection.verdict == .malformed)
    }

    @Test func `a secret that everybody knows is a danger although the signature holds`() {
        func codes(_ secret: String, apiKey: String = "APIinspect", keys: Bool = true) -> [String] {
            let payload = Self.token([("iss", .string(apiKey))]).split(separator: ".")[1]
            let signed = Base64URL.encode(Array("{\"alg\":\"HS256\"}".utf8)) + "." + payload
            let tag = HMACKey(.sha256, key: Array(secret.utf8)).authenticationCode(for: Array(signed.utf8))
            let known: [InspectionKey] = keys ? [.livekit(apiKey: apiKey, secret: Secret(utf8: secret))] : []
            let inspection = TokenInspector.inspect(signed + "." + Base64URL.encode(tag), now: Self.now, keys: known)
            #expect(inspection.signature == .valid)
            return inspection.findings.map(\.code)
        }
        #expect(codes("a short one") == ["weak_secret"])
        #expect(codes("reallyreallyreallyreallyverysafe") == ["weak_secret"])
        #expect(codes("secret") == ["development_key"])
        #expect(codes("secret", apiKey: "devkey", keys: false) == ["development_key"])
    }

    @Test func `a secret decoded from base64 is recognised`() {
        let text = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU2Nzg5"
        let payload = Self.token().split(separator: ".")[1]
        let signed = Base64URL.encode(Array("{\"alg\":\"HS256\"}".utf8)) + "." + payload
        let tag = HMACKey(.sha256, key: Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".utf8)).authenticationCode(for: Array(signed.utf8))
        let inspection = Self.inspect(signed + "." + Base64URL.encode(tag), secret: text)
        #expect(inspection.findings.map(\.code) == ["secret_was_decoded"])
        #expect(inspection.verdict == .signatureInvalid)
    }

    @Test(arguments: LiveKitVector.all.filter { $0.key != nil && !$0.token.isEmpty })
    func `with the right key a token is valid exactly when the verifier takes it`(_ vector: LiveKitVector) throws {
        let keys: [InspectionKey] = [.livekit(apiKey: vector.apiKey, secret: Secret(utf8: vector.text("api_secret") ?? ""))]
        let inspection = TokenInspector.inspect(vector.token, now: vector.clock, keys: keys)
        let verifier = LiveKitVerifier(apiKey: vector.apiKey, key: try #require(vector.key))
        var isTaken = true
        do {
            _ = try verifier.verify(vector.token, now: vector.clock)
        } catch {
            isTaken = false
        }
        #expect((inspection.verdict == .valid) == isTaken, "\(inspection.verdict)")
    }

    @Test(arguments: LiveKitVector.of("access_token", "go_minted", "node_minted").filter { $0.value["request"]?["ttl_seconds"] == 21_600 })
    func `six hours are noted as longer than ours`(_ vector: LiveKitVector) {
        let inspection = TokenInspector.inspect(vector.token, now: vector.clock)
        #expect(inspection.provider == .livekit)
        #expect(inspection.findings.contains { $0.code == "lifetime_over_profile" })
    }
}
