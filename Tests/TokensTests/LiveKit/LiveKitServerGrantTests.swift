import StrictJSON
import Testing
import Vocabulary

@testable import Tokens

@Suite struct LiveKitServerGrantTests {
    static let now = UnixTime(1_767_225_600)

    private func payload(_ grant: LiveKitServerGrant) throws -> JSONValue {
        let token = try LiveKitMinterTests.credentials.serverToken(grant, issuedAt: Self.now)
        _ = try LiveKitVerifier(credentials: LiveKitMinterTests.credentials).verify(token, now: Self.now)
        return try LiveKitMinterTests.payload(of: token)
    }

    @Test func `a token for creating rooms says that and no more`() throws {
        let expected: JSONValue = [
            "exp": 1_767_225_660, "iat": 1_767_225_600, "iss": "APIunittest", "nbf": 1_767_225_600, "video": ["roomCreate": true],
        ]
        #expect(try payload(.createAndDeleteRooms) == expected)
    }

    @Test func `a token for one room names it`() throws {
        let room = try LiveKitMinterTests.room()
        let other = try LiveKitMinterTests.room(random: 8)
        #expect(try payload(.administer(room))["video"] == ["roomAdmin": true, "room": .string(room.text)])
        #expect(
            try payload(.administer(room, movingTo: other))["video"]
                == ["roomAdmin": true, "room": .string(room.text), "destinationRoom": .string(other.text)])
    }

    @Test func `each service has its own token`() throws {
        #expect(try payload(.listRooms)["video"] == ["roomList": true])
        #expect(try payload(.recordRooms)["video"] == ["roomRecord": true])
        #expect(try payload(.administerIngress)["video"] == ["ingressAdmin": true])
        #expect(try payload(.telephony(administer: false, call: true))["sip"] == ["admin": false, "call": true])
        #expect(try payload(.performInference)["inference"] == ["perform": true])
        #expect(try payload(.writeObservability)["observability"] == ["write": true])
        var agents = LiveKitAgentGrant()
        agents.admin = true
        #expect(try payload(.agents(agents))["agent"] == ["admin": true])
        #expect(try payload(.agents(agents))["video"] == nil)
    }

    @Test func `nobody can join with a server token`() throws {
        for grant in [LiveKitServerGrant.createAndDeleteRooms, .listRooms, .recordRooms, .administer(try LiveKitMinterTests.room())] {
            let payload = try payload(grant)
            #expect(payload["sub"] == nil && payload["jti"] == nil)
            #expect(payload["video"]?["roomJoin"] == nil)
        }
    }

    @Test(arguments: [0, -1, 61, 3600]) func `a server token lives a minute at most`(_ seconds: Int) {
        #expect(throws: TokenError.self) {
            try LiveKitMinterTests.credentials.serverToken(.listRooms, issuedAt: Self.now, lifetimeSeconds: seconds)
        }
    }
}
