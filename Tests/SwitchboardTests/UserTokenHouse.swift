import Calls
import StrictJSON
import Storage
import Synchronization
import TestSupport
import Testing
import Vocabulary

@testable import Switchboard

/// A desk whose tenants have users: on a real store, with clocks that are set by hand and secrets and key sets that the test puts in.
final class UserTokenHouse: Sendable {
    static let now = UnixTime(1_800_000_000)
    static let issuer = "https://id.example.com"
    static let secret = "n4Tq8ZkVb2WmXc6Rj1Yd9Hs3Gf7Lp0Ae-users"
    static let liveKitSecret = "q7Zr2mXc9Vb4Nk6Jh1Gf3Ds5Aa8Pp0Lw-media"
    static let agoraCertificate = "c0ffee00c0ffee11c0ffee22c0ffee33"
    static let keySetPath = "/run/keys/jwks.json"

    let desk: Switchboard
    let store: WatchedStore
    let clock = TestClock(now)
    let watch = Stopwatch()
    let vault = Vault()
    let outside = FakeOutside()
    private let home: TemporaryFolder

    init() async throws {
        home = try TemporaryFolder()
        store = WatchedStore(try SQLiteStore(path: home.path("callgate.sqlite")))
        let (clock, watch) = (clock, watch)
        desk = try await Switchboard(store: store, secrets: vault, outside: outside, clock: { clock.now }, monotonic: { watch.time })
    }

    /// A desk with one tenant, `acme`, whose users' tokens are signed with `UserTokenHouse.secret`.
    static func withSecret() async throws -> UserTokenHouse {
        let house = try await UserTokenHouse()
        try await house.tenant()
        return house
    }

    /// A desk with one tenant, `acme`, whose users' tokens are signed with keys of that algorithm, of which these are published.
    static func withKeySet(_ algorithm: UserTokenSettings.Algorithm, _ signers: [TokenSigner]) async throws -> UserTokenHouse {
        let house = try await UserTokenHouse()
        house.vault.publish(signers)
        try await house.tenant("acme", settings(algorithm, .keySetFile(keySetPath)))
        return house
    }

    static func settings(
        _ algorithm: UserTokenSettings.Algorithm = .hs256, _ keys: UserTokenSettings.Keys = .secret(.environment("USER_SECRET")),
        issuer: String = issuer, audience: String? = nil, claims: UserTokenSettings.Claims = .init(), lifetimeSecondsMax: Int = 86_400
    ) -> UserTokenSettings {
        UserTokenSettings(
            algorithm: algorithm, keys: keys, issuer: issuer, audience: audience, claims: claims, lifetimeSecondsMax: lifetimeSecondsMax)
    }

    static let providers = ProviderSettings(
        livekit: .init(serverURL: "wss://media.example.com", apiKey: "APImedia", apiSecret: .environment("LIVEKIT_SECRET")), agora: nil)

    /// Makes a tenant through the desk, which checks it.
    @discardableResult
    func tenant(
        _ id: String = "acme", _ settings: UserTokenSettings? = settings(), _ providers: ProviderSettings = providers,
        remoteCheck: RemoteCheckSettings? = nil
    ) async throws -> Tenant {
        let order = TenantOrder(
            id: try TenantID(id), displayName: nil, providers: providers, defaultProvider: nil, openRoomsMax: 10, userTokens: settings,
            remoteCheck: remoteCheck, unknownUsers: .allowed)
        return try await desk.createTenant(order, for: .machine)
    }

    /// Keeps a tenant behind the desk's back, as an older version with fewer rules might have left it.
    func keep(_ id: String, _ settings: UserTokenSettings) async throws {
        let tenant = Tenant(
            id: try TenantID(id), displayName: nil, providers: Self.providers, defaultProvider: .livekit, openRoomsMax: 10,
            userTokens: settings, createdAt: Self.now)
        try await store.insert(
            tenant,
            AuditEntry(
                at: Self.now, tenant: nil, actor: .machine, operation: .createTenant, subject: id, outcome: AuditEntry.done, requestID: nil)
        )
    }

    /// Replaces the settings for user tokens.
    func change(_ id: String = "acme", to settings: UserTokenSettings?) async throws {
        let change = TenantChange(
            displayName: nil, providers: nil, defaultProvider: nil, openRoomsMax: nil, userTokens: .some(settings), unknownUsers: nil)
        _ = try await desk.changeTenant(TenantID(id), change, for: .machine)
    }

    /// Who the desk says it is.
    func owner(_ token: String) async throws -> Caller.Owner {
        try await desk.authenticate(token).owner
    }

    /// Why a token is refused; nil when it is taken. The desk itself says `unauthenticated` to each reason.
    func refusal(of token: String) async throws -> UserTokenRefusal? {
        let said = await deskError { try await desk.authenticate(token) }
        var reason: UserTokenRefusal?
        do {
            let unverified = try UnverifiedUserToken(token)
            let tenants = try await store.tenants(issuer: unverified.issuer)
            _ = try await desk.caller(unverified, of: tenants, at: clock.now)
        } catch let refusal as UserTokenRefusal {
            reason = refusal
        }
        switch said {
        case nil: #expect(reason == nil, "the desk took it")
        case .unauthenticated?: #expect(reason != nil, "the desk refused it")
        default: Issue.record("the desk said \(said.map { "\($0)" } ?? "")")
        }
        return reason
    }
}

/// Claims that are taken, but for the changes.
func claims(_ changes: JSONObject = [:], without missing: [String] = []) -> JSONObject {
    let now = UserTokenHouse.now.seconds
    var claims: JSONObject = [
        "iss": .string(UserTokenHouse.issuer), "sub": "alice", "iat": .integer(now), "exp": .integer(now + 300),
    ]
    for (name, value) in changes.members.map({ ($0.name, $0.value) }) { claims[name] = value }
    for name in missing { claims[name] = nil }
    return claims
}

/// A clock that nobody sets but the test, and only forwards.
final class Stopwatch: Sendable {
    private let elapsed = Mutex(Duration.seconds(1000))

    var time: Duration { elapsed.withLock { $0 } }

    func advance(_ time: Duration) { elapsed.withLock { $0 += time } }
}

/// Where the desk reads secrets and key sets in these tests. It counts how often it was asked.
final class Vault: SecretSource {
    private struct State {
        var secrets = [
            "environment variable USER_SECRET": UserTokenHouse.secret,
            "environment variable LIVEKIT_SECRET": UserTokenHouse.liveKitSecret,
            "environment variable AGORA_CERTIFICATE": UserTokenHouse.agoraCertificate,
        ]
        var keySets: [String: [UInt8]] = [:]
        var keySetQuestions = 0
        var secretQuestions = 0
    }

    private let state = Mutex(State())

    var keySetQuestions: Int { state.withLock { $0.keySetQuestions } }
    var secretQuestions: Int { state.withLock { $0.secretQuestions } }

    func put(_ text: String?, _ name: String) { state.withLock { $0.secrets["environment variable \(name)"] = text } }

    /// Writes the file of a key set; nil takes it away.
    func put(keySet text: String?, _ path: String = UserTokenHouse.keySetPath) {
        state.withLock { $0.keySets[path] = text.map { Array($0.utf8) } }
    }

    /// Writes a key set of the public halves.
    func publish(_ signers: [TokenSigner], _ path: String = UserTokenHouse.keySetPath) {
        put(keySet: JSONValue.object(["keys": .array(signers.map(\.jwk))]).canonicalText, path)
    }

    func secret(_ reference: SecretReference) throws(SecretUnavailable) -> Secret {
        let text = state.withLock { state in
            state.secretQuestions += 1
            return state.secrets[reference.description]
        }
        guard let text else { throw SecretUnavailable("the \(reference) is not set") }
        return Secret(utf8: text)
    }

    func keySet(file path: String) throws(SecretUnavailable) -> [UInt8] {
        let text = state.withLock { state in
            state.keySetQuestions += 1
            return state.keySets[path]
        }
        guard let text else { throw SecretUnavailable("the file \(path) cannot be read") }
        return text
    }
}
