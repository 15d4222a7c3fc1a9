import Calls
import StrictJSON
import Switchboard
import Testing
import Tokens
import Vocabulary

@Suite struct MintTests {
    @Test(arguments: Role.allCases) func `a LiveKit token says exactly what its role may do, for this room and this person`(role: Role)
        async throws
    {
        let house = try await TestDesk.open()
        try await house.tenant()
        let caller = try await house.caller()
        let room = try await house.room(for: caller)

        let join = try await house.desk.mintToken(Mint.order("alice", role), room: room.name, for: caller)
        var payload = try Mint.payload(join.minted.token)
        #expect(payload["jti"]?.stringValue?.utf8.count == 22)
        payload["jti"] = nil
        #expect(
            payload == [
                "iss": "APItest", "sub": "alice", "kind": "standard", "nbf": .integer(TestDesk.start.seconds),
                "iat": .integer(TestDesk.start.seconds),
                "exp": .integer(TestDesk.start.seconds + 300), "video": Mint.video(role, room: room.name),
            ])
        #expect(join.minted.grants == Mint.video(role, room: room.name))
        guard case .livekit(let url) = join.connection else { throw Unexpected() }
        #expect(url == "wss://media.example.com")
    }

    @Test func `a LiveKit token carries what the order and the room say about the person and the room`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant()
        let caller = try await house.caller()
        let room = try await house.desk.createRoom(
            RoomOrder(provider: nil, maxParticipants: 7, lifetimeSeconds: 60, metadata: "of the room"), for: caller)
        let order = try Mint.order("alice", .host, displayName: "Zoë", metadata: "{}", attributes: [("b", "2"), ("a", "1")])

        let payload = try Mint.payload(try await house.desk.mintToken(order, room: room.name, for: caller).minted.token)
        #expect(payload["name"] == "Zoë")
        #expect(payload["metadata"] == "{}")
        #expect(payload["attributes"] == ["a": "1", "b": "2"])
        #expect(payload["roomConfig"] == ["maxParticipants": 7, "metadata": "of the room"])
    }

    @Test(arguments: Role.allCases) func `an Agora token says exactly what its role may do, in this channel and for this account`(
        role: Role
    ) async throws {
        let house = try await TestDesk.open()
        try await house.tenant("acme", Providers.agora())
        let caller = try await house.caller()
        let room = try await house.room(for: caller)

        let join = try await house.desk.mintToken(Mint.order("alice", role, lifetimeSeconds: 60), room: room.name, for: caller)
        let token = try AgoraToken.decode(join.minted.token)
        guard case .accessToken2(let content) = token.content else { throw Unexpected() }
        #expect(token.signatureIsValid(with: try Mint.agoraCredentials(), channel: room.name.text, account: "alice"))
        #expect(content.appID == Providers.appID)
        #expect(content.issuedAt == TestDesk.start && content.expiresAt == TestDesk.start + 60)
        let privileges = AgoraPrivileges(Mint.privileges(role).map { ($0, 60) })
        #expect(content.services == [AgoraService(.rtc(channel: room.name.text, account: "alice"), privileges: privileges)])
        guard case .agora(Providers.appID, room.name.text, nil) = join.connection else { throw Unexpected() }
    }

    @Test(arguments: Role.allCases) func `a legacy Agora token says the same with moments`(role: Role) async throws {
        let house = try await TestDesk.open()
        try await house.tenant("acme", Providers.agora(.legacy))
        let caller = try await house.caller()
        let room = try await house.room(for: caller)

        let join = try await house.desk.mintToken(Mint.order("alice", role), room: room.name, for: caller)
        let token = try AgoraToken.decode(join.minted.token)
        guard case .accessToken(let content) = token.content else { throw Unexpected() }
        #expect(token.check(with: try Mint.agoraCredentials(), channel: room.name.text, account: "alice") == .valid)
        let end = UInt32(TestDesk.start.seconds) + 300
        #expect(content.privileges == AgoraPrivileges(Mint.privileges(role).map { ($0, end) }))
    }

    @Test func `a part of what the role may publish can be ordered, and nothing outside of it`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant()
        let caller = try await house.caller()
        let room = try await house.room(for: caller)
        func sources(_ role: Role, _ publish: [PublishSource]) async throws -> JSONValue? {
            let join = try await house.desk.mintToken(Mint.order("alice", role, publish: publish), room: room.name, for: caller)
            let video = try Mint.payload(join.minted.token)["video"]
            #expect(video?["canPublish"] == .bool(!publish.isEmpty))
            return video?["canPublishSources"]
        }

        #expect(try await sources(.host, [.screenShare, .microphone]) == ["microphone", "screen_share"])
        #expect(try await sources(.participant, [.microphone]) == ["microphone"])
        #expect(try await sources(.participant, []) == [])
        for role in Role.allCases {
            for source in PublishSource.allCases where !TokenProfile.of(role).publish.contains(source) {
                #expect(await refusal { try await sources(role, [source]) } == .invalid("publish"), "\(role) \(source)")
            }
        }
    }

    @Test func `a token lives as long as ordered, within the profile's bounds`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant("acme", Providers.both())
        let caller = try await house.caller()
        for provider in ProviderKind.allCases {
            let room = try await house.room(for: caller, provider)
            for lifetime in [60, 599, 600] {
                let join = try await house.desk.mintToken(Mint.order(lifetimeSeconds: lifetime), room: room.name, for: caller)
                #expect(join.minted.expiresAt == TestDesk.start + lifetime)
            }
            for lifetime in [Int.min, -1, 0, 59, 601, Int.max] {
                let order = try Mint.order(lifetimeSeconds: lifetime)
                #expect(
                    await refusal { try await house.desk.mintToken(order, room: room.name, for: caller) } == .invalid("ttl_seconds"),
                    "\(lifetime)")
            }
        }
    }

    @Test func `ten thousand tokens have ten thousand ids`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant()
        let caller = try await house.caller()
        let room = try await house.room(for: caller)
        let order = try Mint.order()
        var ids: Set<UInt128> = []
        var written: Set<String> = []
        for number in 0..<10_000 {
            let join = try #require(try await house.desk.mintAtHand(order, room: room.name, for: caller))
            ids.insert(join.minted.tokenID)
            if number % 100 == 0 { written.insert(try #require(try Mint.payload(join.minted.token)["jti"]?.stringValue)) }
        }

        #expect(ids.count == 10_000)
        #expect(written.count == 100)
    }

    @Test(arguments: ProviderSettings.Agora.TokenVersion.allCases)
    func `a project that joins by uid gets tokens for numbers only`(version: ProviderSettings.Agora.TokenVersion) async throws {
        let house = try await TestDesk.open()
        try await house.tenant("acme", Providers.agora(version, .uid))
        let caller = try await house.caller()
        let room = try await house.room(for: caller)

        for user in ["1", "42", "4294967295"] {
            let join = try await house.desk.mintToken(Mint.order(user), room: room.name, for: caller)
            guard case .agora(_, _, let uid?) = join.connection else { throw Unexpected() }
            #expect(String(uid) == user)
            #expect(
                try AgoraToken.decode(join.minted.token).signatureIsValid(
                    with: Mint.agoraCredentials(), channel: room.name.text, account: user))
        }
        for user in ["alice", "a1", "1.5", "+1"] {
            #expect(
                await refusal { try await house.desk.mintToken(Mint.order(user), room: room.name, for: caller) } == .invalid("user_id"),
                "\(user)")
            #expect(
                await refusal { try await house.desk.mintAtHand(Mint.order(user), room: room.name, for: caller) as Join? }
                    == .invalid("user_id"), "\(user)")
        }
    }

    @Test func `a project that joins by account gets no uid, also for a number`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant("acme", Providers.agora())
        let caller = try await house.caller()
        let room = try await house.room(for: caller)

        for user in ["42", "alice"] {
            guard case .agora(_, _, nil) = try await house.desk.mintToken(Mint.order(user), room: room.name, for: caller).connection else {
                throw Unexpected()
            }
        }
    }

    @Test func `a room that is not on the demanded provider is refused`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant("acme", Providers.both())
        let caller = try await house.caller()
        let (livekit, agora) = (try await house.room(for: caller), try await house.room(for: caller, .agora))

        #expect(await refusal { try await house.desk.mintToken(Mint.order(), room: livekit.name, provider: .livekit, for: caller) } == nil)
        #expect(
            await refusal { try await house.desk.mintToken(Mint.order(), room: agora.name, provider: .livekit, for: caller) }
                == .invalid("room_name"))
    }
}

/// What a test met that its promise has no place for.
struct Unexpected: Error {}
