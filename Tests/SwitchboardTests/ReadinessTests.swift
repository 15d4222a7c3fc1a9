import Calls
import Testing
import Vocabulary

@testable import Switchboard

/// When requests should be sent here.
@Suite struct ReadinessTests {
    @Test func `one tenant's broken secret is its own trouble, and is told`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant("acme")
        try await house.tenant("globex", Providers.livekit("OTHER_SECRET"))
        let restarted = try await house.restarted()
        restarted.secrets.put(nil, "environment variable OTHER_SECRET")

        let troubles = try await restarted.desk.checkKeys()

        #expect(troubles.count == 1)
        #expect(troubles.first?.contains("tenant globex") == true)
        #expect(restarted.desk.unreadableTenantsCount == 1)
        #expect(await restarted.desk.isReady())
    }

    @Test func `a service that can read none of its keys is not ready, until it can`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant("acme")
        let restarted = try await house.restarted(secrets: TestSecrets([:]))

        #expect(try await restarted.desk.checkKeys().count == 1)
        #expect(await !restarted.desk.isReady())

        restarted.secrets.put(Providers.liveKitSecret, "environment variable LIVEKIT_SECRET")
        #expect(try await restarted.desk.checkKeys() == [])
        #expect(await restarted.desk.isReady())
    }

    @Test func `a closed tenant's keys are nobody's trouble, and no tenant is none either`() async throws {
        let house = try await TestDesk.open()
        #expect(try await house.desk.checkKeys() == [])
        #expect(await house.desk.isReady())
        try await house.tenant("acme")
        try await house.desk.closeTenant(TenantID("acme"), for: house.manager)
        let restarted = try await house.restarted(secrets: TestSecrets([:]))

        #expect(try await restarted.desk.checkKeys() == [])
        #expect(await restarted.desk.isReady())
    }

    @Test func `keys of user tokens that cannot be read count, as those of providers do`() async throws {
        let house = try await TestDesk.open()
        house.secrets.put("a-secret-of-the-identity-provider-4711", "environment variable USER_SECRET")
        let settings = UserTokenSettings(
            algorithm: .hs256, keys: .secret(try SecretReference(environment: "USER_SECRET")), issuer: "https://id.example", audience: nil,
            claims: UserTokenSettings.Claims(), lifetimeSecondsMax: 3600)
        try await house.tenant("acme", userTokens: settings)
        let restarted = try await house.restarted()
        restarted.secrets.put(nil, "environment variable USER_SECRET")

        let troubles = try await restarted.desk.checkKeys()

        #expect(troubles.count == 1)
        #expect(troubles.first?.contains("user_tokens") == true)
        #expect(await !restarted.desk.isReady())
    }

    @Test func `a desk that drains is not ready and places no call, and goes on with those that there are`() async throws {
        let scene = try await CallScene.open()
        let ringing = try await scene.placed()

        scene.desk.drain()

        #expect(await !scene.desk.isReady())
        #expect(await refusal { try await scene.placed("carl", "dora") } == .draining)
        let accepted = try await scene.desk.acceptCall(ringing.id, as: CallScene.claim("bob"), .none, for: scene.server)
        #expect(accepted.call.state == .active && accepted.joins.count == 2)
        _ = try await scene.desk.endCall(ringing.id, as: CallScene.claim("bob"), note: nil, .none, for: scene.server)
        let audit = try await scene.audit().filter { $0.hasPrefix("call.") }
        #expect(audit == ["call.place done", "call.accept done", "call.token done", "call.token done", "call.end done"])
    }
}
