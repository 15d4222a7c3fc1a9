import Calls
import Synchronization
import Tokens
import Vocabulary

/// One provider of one tenant, ready to mint and to check.
struct PreparedProvider: Sendable {
    let minter: MediaTokenMinter
    /// What the inspector checks signatures of this tenant's tokens with: the key that mints, then the one that did before.
    let inspectionKeys: [InspectionKey]
}

/// The providers of one tenant, by settings that hold until they change. Each is made ready, and its secret read, when it is asked for
/// first: after a change of the settings, and after a start.
final class TenantProviders: Sendable {
    private let tenant: TenantID
    private let settings: ProviderSettings
    private let secrets: any SecretSource
    private let prepared = Mutex<[ProviderKind: PreparedProvider]>([:])

    init(_ tenant: TenantID, _ settings: ProviderSettings, secrets: any SecretSource) {
        self.tenant = tenant
        self.settings = settings
        self.secrets = secrets
    }

    /// One of them. Trouble with the secret of another one does not touch it.
    /// - Throws: `providerNotConfigured`; `unavailable` when its secret cannot be read now or is refused.
    func provider(_ kind: ProviderKind) throws(DeskError) -> PreparedProvider {
        if let provider = prepared.withLock({ $0[kind] }) { return provider }
        let provider: PreparedProvider
        do {
            provider = try ProviderWorkshop(settings: settings, secrets: secrets).make(kind)
        } catch .invalid(let field, let reason) {
            throw .unavailable(cause: "tenant \(tenant): \(field): \(reason)")
        }
        prepared.withLock { $0[kind] = provider }
        return provider
    }
}

extension Switchboard {
    /// A provider of a tenant, as `TenantProviders.provider` has it.
    func prepared(_ kind: ProviderKind, of tenant: Tenant) throws(DeskError) -> PreparedProvider {
        try providers.item(of: tenant.id, tenant.providers).provider(kind)
    }
}

extension ProviderSettings {
    /// Reads and checks the secrets of settings that are about to be kept.
    /// - Throws: `invalid` naming the field whose secret cannot be read or is refused.
    func check(secrets: any SecretSource) throws(DeskError) {
        let workshop = ProviderWorkshop(settings: self, secrets: secrets)
        for kind in kinds {
            _ = try workshop.make(kind)
            _ = try workshop.previousKey(kind)
        }
    }
}

/// Makes providers ready: reads their secrets and parses their keys.
private struct ProviderWorkshop {
    let settings: ProviderSettings
    let secrets: any SecretSource

    /// - Throws: `providerNotConfigured`; `invalid` naming the field whose secret cannot be read or is refused.
    func make(_ kind: ProviderKind) throws(DeskError) -> PreparedProvider {
        switch kind {
        case .livekit:
            guard let livekit = settings.livekit else { throw .providerNotConfigured(kind) }
            return try make(livekit, previous: readablePreviousKey(kind))
        case .agora:
            guard let agora = settings.agora else { throw .providerNotConfigured(kind) }
            return try make(agora, previous: readablePreviousKey(kind))
        }
    }

    /// The key that minted before the one that mints now; nil where there was none.
    func previousKey(_ kind: ProviderKind) throws(DeskError) -> InspectionKey? {
        switch kind {
        case .livekit:
            guard let livekit = settings.livekit, let reference = livekit.previousAPISecret else { return nil }
            let secret = try previous(reference, to: livekit.apiSecret, named: "api_secret", in: "providers/livekit")
            return .livekit(apiKey: livekit.apiKey, secret: secret)
        case .agora:
            guard let agora = settings.agora, let reference = agora.previousAppCertificate else { return nil }
            let certificate = try previous(reference, to: agora.appCertificate, named: "app_certificate", in: "providers/agora")
            do {
                return .agora(try AgoraCredentials(appID: agora.appID, certificate: certificate))
            } catch {
                throw .invalid(field: "providers/agora/previous_app_certificate", reason: "\(error)")
            }
        }
    }

    /// Minting does not wait for a secret that it does not need: without it old tokens cannot be checked, and that is all.
    private func readablePreviousKey(_ kind: ProviderKind) -> [InspectionKey] {
        do {
            return try previousKey(kind).map { [$0] } ?? []
        } catch {
            return []
        }
    }

    private func previous(
        _ reference: SecretReference, to current: SecretReference, named name: String, in provider: String
    ) throws(DeskError) -> Secret {
        let field = "\(provider)/previous_\(name)"
        let previous = try secret(reference, of: field)
        guard !previous.matches(try secret(current, of: "\(provider)/\(name)")) else {
            throw .invalid(field: field, reason: "is the same as \(name): leave it out")
        }
        return previous
    }

    private func make(_ livekit: ProviderSettings.LiveKit, previous: [InspectionKey]) throws(DeskError) -> PreparedProvider {
        let secret = try secret(livekit.apiSecret, of: "providers/livekit/api_secret")
        do {
            let minter = LiveKitMinter(credentials: try LiveKitCredentials(apiKey: livekit.apiKey, secret: secret))
            return PreparedProvider(minter: .livekit(minter), inspectionKeys: [.livekit(apiKey: livekit.apiKey, secret: secret)] + previous)
        } catch {
            let field = LiveKitCredentials.isAPIKey(livekit.apiKey) ? "api_secret" : "api_key"
            throw .invalid(field: "providers/livekit/\(field)", reason: "\(error)")
        }
    }

    private func make(_ agora: ProviderSettings.Agora, previous: [InspectionKey]) throws(DeskError) -> PreparedProvider {
        let certificate = try secret(agora.appCertificate, of: "providers/agora/app_certificate")
        let style: AgoraIdentityStyle =
            switch agora.identity {
            case .account: .account
            case .uid: .uid
            }
        do {
            let credentials = try AgoraCredentials(appID: agora.appID, certificate: certificate)
            let minter: MediaTokenMinter =
                switch agora.tokenVersion {
                case .current: .agora(AgoraMinter(credentials: credentials, identityStyle: style))
                case .legacy: .agoraLegacy(AgoraLegacyMinter(credentials: credentials, identityStyle: style))
                }
            return PreparedProvider(minter: minter, inspectionKeys: [.agora(credentials)] + previous)
        } catch {
            let field = AgoraCredentials.isHexadecimal(agora.appID.utf8) ? "app_certificate" : "app_id"
            throw .invalid(field: "providers/agora/\(field)", reason: "\(error)")
        }
    }

    private func secret(_ reference: SecretReference, of field: String) throws(DeskError) -> Secret {
        do {
            return try secrets.secret(reference)
        } catch {
            throw .invalid(field: field, reason: error.description)
        }
    }
}

extension TenantOrder {
    /// Reads and checks the secrets of a tenant that is not made yet, and whether its default provider is clear. No other server is asked.
    /// - Throws: `invalid` naming the field whose secret cannot be read or is refused, or that does not fit the others.
    public func checkSecrets(_ secrets: any SecretSource, outside: any OutsideLine) throws(DeskError) {
        _ = try Switchboard.defaultProvider(defaultProvider, of: providers)
        try providers.check(secrets: secrets)
        try userTokens?.check(beside: providers, secrets: secrets, outside: outside)
        try remoteCheck?.check(beside: providers, userTokens, secrets: secrets, outside: outside)
    }
}
