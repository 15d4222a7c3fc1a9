import Calls
import Testing
import Vocabulary

@Suite struct TenantTests {
    @Test(arguments: [false, true], [false, true]) func `settings name the providers that are set, in one order`(
        hasLiveKit: Bool, hasAgora: Bool
    ) throws {
        let livekit = ProviderSettings.LiveKit(
            serverURL: "wss://a.example", apiKey: "key", apiSecret: try SecretReference(environment: "A"))
        let agora = ProviderSettings.Agora(
            appID: "0123456789abcdef0123456789abcdef", appCertificate: try SecretReference(environment: "B"), identity: .account,
            tokenVersion: .current)

        let settings = ProviderSettings(livekit: hasLiveKit ? livekit : nil, agora: hasAgora ? agora : nil)
        #expect(settings.kinds == (hasLiveKit ? [.livekit] : []) + (hasAgora ? [.agora] : []))
    }

    @Test func `the words for token versions are the prefixes of the tokens`() {
        #expect(ProviderSettings.Agora.TokenVersion.allCases.map(\.rawValue) == ["007", "006"])
    }
}
