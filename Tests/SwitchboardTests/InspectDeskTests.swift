import Calls
import StrictJSON
import Switchboard
import Testing
import Tokens
import Vocabulary

@Suite struct InspectDeskTests {
    @Test(arguments: [ProviderKind.livekit, .agora]) func `the signature of the own tenant's token is checked`(provider: ProviderKind)
        async throws
    {
        let house = try await TestDesk.open()
        try await house.tenant("acme", Providers.both())
        let caller = try await house.caller()
        let room = try await house.room(for: caller, provider)
        let token = try await house.desk.mintToken(Mint.order(), room: room.name, for: caller).minted.token

        let inspection = try await house.desk.inspect(token, for: caller)
        #expect(inspection.provider == provider && inspection.signature == .valid && inspection.verdict == .valid)
        house.clock.set(TestDesk.start + 3600)
        let late = try await house.desk.inspect(token, for: caller)
        #expect(late.signature == .valid && late.verdict == .expired)
    }

    @Test(arguments: [ProviderKind.livekit, .agora])
    func `A17 another tenant's token is any token, and says nothing of whether that tenant is here`(provider: ProviderKind) async throws {
        let house = try await TestDesk.open()
        house.secrets.put("d0ffee00d0ffee11d0ffee22d0ffee33", "file /run/secrets/other")
        try await house.tenant("acme", Providers.both())
        try await house.tenant(
            "other",
            ProviderSettings(
                livekit: Providers.livekit("OTHER_SECRET", apiKey: "APIother").livekit,
                agora: Providers.agora(certificate: "/run/secrets/other", appID: "fedcba9876543210fedcba9876543210").agora))
        let (acme, other) = (try await house.caller(), try await house.caller("other"))
        let room = try await house.room(for: acme, provider)
        let token = try await house.desk.mintToken(Mint.order(), room: room.name, for: acme).minted.token

        let inspection = try await house.desk.inspect(token, for: other)
        #expect(inspection.provider == provider && inspection.signature == .notChecked && inspection.verdict != .valid)
        let without = try await house.caller("other", TestDesk.everyScope.subtracting([.tokensInspect]))
        #expect(await refusal { try await house.desk.inspect(token, for: without) } == .missingScope(.tokensInspect))
        try await house.desk.closeTenant(TenantID("acme"), for: .machine)
        #expect(try await house.desk.inspect(token, for: other) == inspection)
    }

    @Test func `a token that was changed has an invalid signature`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant()
        let caller = try await house.caller()
        let room = try await house.room(for: caller)
        var token = try await house.desk.mintToken(Mint.order(), room: room.name, for: caller).minted.token
        token = String(token.dropLast(5)) + (token.hasSuffix("AAAAA") ? "BBBBA" : "AAAAA")

        #expect(try await house.desk.inspect(token, for: caller).signature == .invalid)
    }

    @Test func `any text can be inspected`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant("acme", Providers.both())
        let caller = try await house.caller()

        for text in ["", "x", "a.b.c", "007", "006" + Providers.appID, String(repeating: "é", count: 8000)] {
            let inspection = try await house.desk.inspect(text, for: caller)
            #expect(inspection.verdict == .malformed && inspection.signature == .notChecked)
        }
    }
}
