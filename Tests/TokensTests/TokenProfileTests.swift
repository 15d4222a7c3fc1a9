import StrictJSON
import Testing
import Vocabulary

@testable import Tokens

@Suite struct TokenProfileTests {
    @Test func `the table of the roles is this`() {
        func row(_ role: Role) -> (publish: [PublishSource], subscribe: Bool, data: Bool) {
            let profile = TokenProfile.of(role)
            return (profile.publish, profile.subscribe, profile.data)
        }
        #expect(row(.host) == (PublishSource.allCases, true, true))
        #expect(row(.participant) == ([.camera, .microphone], true, true))
        #expect(row(.viewer) == ([], true, true))
        #expect(row(.listener) == ([], true, false))
        #expect(TokenProfile.all.map(\.role) == Role.allCases)
    }

    @Test func `the published table names every role, provider and bound`() throws {
        let contract = TokenProfile.contract
        #expect(contract.objectValue?.members.map(\.name) == ["host", "participant", "viewer", "listener"])
        for role in Role.allCases {
            let row = try #require(contract[role.rawValue])
            #expect(row["audience"] == "participant")
            #expect(row["ttl_seconds"] == ["min": 60, "default": 300, "max": 600])
            #expect(row["providers"]?.objectValue?.members.map(\.name) == ["livekit", "agora"])
            #expect(row["providers"]?["livekit"]?["effective_ttl_seconds_max"] == 660)
            #expect(row["providers"]?["agora"]?["effective_ttl_seconds_max"] == 600)
        }
    }

    @Test(arguments: Role.allCases) func `the published grants are those of a minted token`(_ role: Role) throws {
        let grant = try JoinGrant(
            room: LiveKitMinterTests.room(), identity: UserID("alice"), role: role, issuedAt: LiveKitMinterTests.now, tokenID: 1)
        let token = try MediaTokenMinter.livekit(LiveKitMinterTests.minter).mint(grant)
        var published = try #require(TokenProfile.of(role).contract["providers"]?["livekit"]?["grants"]?["video"]?.objectValue)
        #expect(published["room"] == "{room.name}")
        published["room"] = .string(grant.room.text)
        #expect(token.grants == .object(published))
        #expect(try LiveKitMinterTests.payload(of: token.token)["video"] == .object(published))
    }

    @Test func `Agora is told of sound, pictures and data`() {
        let agora = Role.allCases.map { TokenProfile.of($0).contract["providers"]?["agora"]?["grants"]?["rtc"] }
        let all: JSONValue = ["joinChannel": true, "publishAudioStream": true, "publishVideoStream": true, "publishDataStream": true]
        #expect(agora[0] == all)
        #expect(agora[1] == all)
        #expect(
            agora[2] == ["joinChannel": true, "publishAudioStream": false, "publishVideoStream": false, "publishDataStream": true])
        #expect(
            agora[3] == ["joinChannel": true, "publishAudioStream": false, "publishVideoStream": false, "publishDataStream": false])
    }

    @Test func `no profile holds anything that reaches beyond its room`() throws {
        for role in Role.allCases {
            let video = try #require(TokenProfile.of(role).contract["providers"]?["livekit"]?["grants"]?["video"])
            for name in ["roomCreate", "roomList", "roomRecord", "roomAdmin", "ingressAdmin", "hidden", "recorder", "agent"] {
                #expect(video[name] == false, "\(role) \(name)")
            }
        }
    }
}
