import Signing
import StrictJSON
import Testing
import Vocabulary

@testable import Tokens

@Suite struct LiveKitMinterTests {
    static let credentials: LiveKitCredentials = {
        do {
            return try LiveKitCredentials(apiKey: "APIunittest", secret: Secret(utf8: "Zq8mP2vX9kLw4RtY7uBn3CdE6fGh1JsK"))
        } catch {
            fatalError("\(error)")
        }
    }()
    static let minter = LiveKitMinter(credentials: credentials)
    static let now = UnixTime(1_767_225_600)

    static func room(_ tenant: String = "acme", random: UInt128 = 7) throws -> RoomName {
        RoomName(tenant: try TenantID(tenant), kind: .room, random: random)
    }

    /// What the minter must write, said by the general claims.
    static func claims(of grant: JoinGrant) -> LiveKitClaims {
        var claims = LiveKitClaims()
        claims.subject = grant.identity.text
        claims.tokenID = withUnsafeBytes(of: grant.tokenID.bigEndian) { Base64URL.encode(Array($0)) }
        claims.issuedAt = grant.issuedAt
        claims.notBefore = grant.issuedAt
        claims.expiresAt = grant.issuedAt + grant.lifetimeSeconds
        claims.kind = "standard"
        claims.name = grant.displayName
        claims.metadata = grant.metadata
        if !grant.attributes.isEmpty { claims.attributes = grant.attributes }
        claims.roomConfig = grant.roomConfig
        claims.video = grant.role.liveKitGrant(grant.publishSet, room: grant.room.text)
        return claims
    }

    @Test func `a participant's token is exactly this text`() throws {
        let grant = try JoinGrant(
            room: Self.room(), identity: UserID("alice"), role: .participant, issuedAt: Self.now,
            tokenID: 0x0123_4567_89AB_CDEF_0123_4567_89AB_CDEF)
        let token = Self.minter.mint(grant)
        let parts = token.split(separator: ".").map(String.init)
        #expect(try String(decoding: Base64URL.decode(parts[0]), as: UTF8.self) == #"{"alg":"HS256","typ":"JWT"}"#)
        let payload = try String(decoding: Base64URL.decode(parts[1]), as: UTF8.self)
        let expected =
            #"{"exp":1767225900,"iat":1767225600,"iss":"APIunittest","jti":"ASNFZ4mrze8BI0VniavN7w","kind":"standard","nbf":1767225600,"#
            + #""sub":"alice","video":{"agent":false,"canManageAgentSession":false,"canPublish":true,"canPublishData":true,"#
            + #""canPublishSources":["camera","microphone"],"canSubscribe":true,"canSubscribeMetrics":false,"canUpdateOwnMetadata":false,"#
            + #""hidden":false,"ingressAdmin":false,"recorder":false,"room":"acme-room-0000000000000000000000007","roomAdmin":false,"#
            + #""roomCreate":false,"roomJoin":true,"roomList":false,"roomRecord":false}}"#
        #expect(payload == expected)
        #expect(parts[2] == "w2XPbxtosJUdz5VM7egOe8pQVUospnIC3lAi2hZ3eZo")
    }

    @Test func `everything optional has its place`() throws {
        let grant = try JoinGrant(
            room: Self.room(), identity: UserID("u1"), role: .viewer, displayName: "Zoë \"Z\" <&>", metadata: "{\"a\":1}",
            attributes: [("z", ""), ("a", "\u{2028}\n"), ("Ä", "漢字")], issuedAt: Self.now, lifetimeSeconds: 60, tokenID: 0,
            roomMaxParticipants: 2, roomMetadata: "m")
        let payload = try Self.payload(of: Self.minter.mint(grant))
        #expect(payload["name"] == "Zoë \"Z\" <&>")
        #expect(payload["metadata"] == "{\"a\":1}")
        #expect(payload["attributes"] == ["a": "\u{2028}\n", "z": "", "Ä": "漢字"])
        #expect(payload["roomConfig"] == ["maxParticipants": 2, "metadata": "m"])
        #expect(payload["jti"] == "AAAAAAAAAAAAAAAAAAAAAA")
        #expect(Self.minter.mint(grant) == Self.credentials.sign(Self.claims(of: grant)))
    }

    static func payload(of token: String) throws -> JSONValue {
        .object(try JWTText(token).payload)
    }

    @Test(arguments: Role.allCases) func `every permission of every role is written out`(_ role: Role) throws {
        let grant = try JoinGrant(room: Self.room(), identity: UserID("alice"), role: role, issuedAt: Self.now, tokenID: 1)
        let video = try #require(try Self.payload(of: Self.minter.mint(grant))["video"]?.objectValue)
        let names = LiveKitVideoGrant.flags.map(\.name) + ["canPublishSources", "room"]
        #expect(Set(video.members.map(\.name)) == Set(names))
        #expect(video.count == 17)
        let profile = TokenProfile.of(role)
        #expect(video["canPublish"] == .bool(!profile.publish.isEmpty))
        #expect(video["canPublishSources"] == .array(profile.publish.map { .string($0.rawValue) }))
        #expect(video["canSubscribe"] == .bool(profile.subscribe))
        #expect(video["canPublishData"] == .bool(profile.data))
        #expect(video["roomJoin"] == true)
        #expect(video["room"] == .string(grant.room.text))
        for name in names where !["canPublish", "canPublishSources", "canSubscribe", "canPublishData", "roomJoin", "room"].contains(name) {
            #expect(video[name] == false, "\(name)")
        }
    }

    @Test func `the fast text equals the general writer's, whatever the lengths`() throws {
        var generator = SystemRandomNumberGenerator()
        for round in 0..<3000 {
            let grant = try Self.randomGrant(round, &generator)
            let token = Self.minter.mint(grant)
            #expect(token == Self.credentials.sign(Self.claims(of: grant)), "\(grant.identity) in \(grant.room)")
            var buffer = Array("kept".utf8)
            Self.minter.mint(grant, into: &buffer)
            #expect(buffer == Array(("kept" + token).utf8))
            let claims = try LiveKitVerifier(credentials: Self.credentials).verify(token, now: grant.issuedAt)
            #expect(claims == Self.signedClaims(of: grant))
        }
    }

    private static func signedClaims(of grant: JoinGrant) -> LiveKitClaims {
        var claims = claims(of: grant)
        claims.issuer = credentials.apiKey
        return claims
    }

    /// Every length of tenant and identity in turn, so that every text begins at every place of a group of three bytes.
    private static func randomGrant(_ round: Int, _ generator: inout SystemRandomNumberGenerator) throws -> JoinGrant {
        let role = Role.allCases[round % 4]
        let texts = ["", "x", "Zoë", "\"\\\u{01}\n\u{7F}", "漢字 🎥", String(repeating: "é", count: 60)]
        func text() -> String? { Bool.random(using: &generator) ? nil : texts.randomElement(using: &generator) }
        return try JoinGrant(
            room: room(String(repeating: "t", count: 1 + round % 32), random: UInt128.random(in: 0...UInt128.max, using: &generator)),
            identity: UserID("u" + String(repeating: "i", count: round % 64)), role: role,
            publish: round % 5 == 0 ? nil : TokenProfile.of(role).publish.filter { _ in Bool.random(using: &generator) },
            displayName: text(), metadata: text(), attributes: text().map { [("b", $0), ("a", "1")] } ?? [],
            issuedAt: UnixTime(Int64.random(in: JoinGrant.issuedAtBounds, using: &generator)),
            lifetimeSeconds: Int.random(in: TokenProfile.lifetimeSecondsBounds, using: &generator),
            tokenID: UInt128.random(in: 0...UInt128.max, using: &generator),
            roomMaxParticipants: Bool.random(using: &generator) ? 2 : nil, roomMetadata: text())
    }

    @Test func `many threads may mint with one minter`() async throws {
        let grant = try JoinGrant(room: Self.room(), identity: UserID("alice"), role: .host, issuedAt: Self.now, tokenID: 1)
        let expected = Self.minter.mint(grant)
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask { (0..<500).allSatisfy { _ in Self.minter.mint(grant) == expected } }
            }
            for await isSame in group { #expect(isSame) }
        }
    }

    @Test(arguments: ["", "a b", "ключ", "a\n", String(repeating: "k", count: 65)])
    func `an API key that is no printable ASCII of 1 to 64 is refused`(_ apiKey: String) {
        #expect(throws: TokenError.self) { try LiveKitCredentials(apiKey: apiKey, secret: Secret(utf8: String(repeating: "s", count: 43))) }
    }

    @Test func `an API key is escaped where JSON asks for it`() throws {
        let credentials = try LiveKitCredentials(apiKey: "a\"\\b", secret: Secret(utf8: "Zq8mP2vX9kLw4RtY7uBn3CdE6fGh1JsK"))
        let grant = try JoinGrant(room: Self.room(), identity: UserID("alice"), role: .host, issuedAt: Self.now, tokenID: 1)
        let token = LiveKitMinter(credentials: credentials).mint(grant)
        #expect(token == credentials.sign(Self.claims(of: grant)))
        #expect(try Self.payload(of: token)["iss"] == "a\"\\b")
    }

    @Test(arguments: ["", "secret", "0123456789012345678901234567890", "reallyreallyreallyreallyverysafe"])
    func `a secret that is short or published is refused`(_ secret: String) {
        #expect(throws: TokenError.self) { try LiveKitCredentials(apiKey: "APIx", secret: Secret(utf8: secret)) }
    }

    @Test func `no error shows the secret`() {
        do {
            _ = try LiveKitCredentials(apiKey: "APIx", secret: Secret(utf8: "hunter2"))
        } catch {
            #expect(!error.description.contains("hunter2"))
        }
    }
}
