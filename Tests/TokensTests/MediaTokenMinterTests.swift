import Signing
import StrictJSON
import Testing
import Vocabulary

@testable import Tokens

@Suite struct MediaTokenMinterTests {
    static func grant(_ role: Role = .participant, identity: String = "alice") throws -> JoinGrant {
        try JoinGrant(
            room: LiveKitMinterTests.room(), identity: UserID(identity), role: role, issuedAt: UnixTime(1_767_225_600), tokenID: 42)
    }

    static func agora() throws -> AgoraCredentials {
        try AgoraCredentials(
            appID: "0123456789abcdef0123456789abcdef", certificate: Secret(utf8: "fedcba9876543210fedcba9876543210"))
    }

    @Test func `a minted token knows what it is`() throws {
        let token = try MediaTokenMinter.livekit(LiveKitMinterTests.minter).mint(Self.grant())
        #expect(token.provider == .livekit)
        #expect(token.identity.text == "alice")
        #expect(token.room == (try LiveKitMinterTests.room()))
        #expect(token.issuedAt == UnixTime(1_767_225_600))
        #expect(token.expiresAt == UnixTime(1_767_225_900))
        #expect(token.tokenID == 42)
        #expect(token.sha256 == Digest.sha256(Array(token.token.utf8)))
    }

    @Test(arguments: Role.allCases) func `Agora's tokens say what their grants say`(_ role: Role) throws {
        for minter in [
            MediaTokenMinter.agora(AgoraMinter(credentials: try Self.agora())),
            .agoraLegacy(AgoraLegacyMinter(credentials: try Self.agora())),
        ] {
            let token = try minter.mint(Self.grant(role))
            #expect(token.provider == .agora)
            #expect(token.grants == TokenProfile.of(role).contract["providers"]?["agora"]?["grants"]?["rtc"])
            let decoded = try AgoraToken.decode(token.token)
            let privileges: AgoraPrivileges? =
                switch decoded.content {
                case .accessToken2(let content): content.services.first?.privileges
                case .accessToken(let content): content.privileges
                }
            let names = AgoraService.Kind.rtc.privilegeNames
            for (index, name) in names.enumerated() {
                #expect((privileges?[UInt16(index + 1)] != nil) == (token.grants[name] == true), "\(name)")
            }
        }
    }

    @Test func `a token prints as nothing that opens a room`() throws {
        let token = try MediaTokenMinter.livekit(LiveKitMinterTests.minter).mint(Self.grant())
        var dumped = ""
        dump(token, to: &dumped)
        #expect("\(token)" == "<token>")
        #expect(String(reflecting: token) == "<token>")
        #expect(!dumped.contains("eyJ"))
    }
}
