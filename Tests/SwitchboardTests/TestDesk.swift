import Calls
import Foundation
import Storage
import Switchboard
import Synchronization
import TestSupport
import Testing
import Vocabulary

/// A desk on a real store in a directory of its own, with a clock that is set by hand and secrets that are put in by the test.
final class TestDesk: Sendable {
    let home: TemporaryFolder
    let store: WatchedStore
    let clock: TestClock
    let secrets: TestSecrets
    let desk: Switchboard
    private let limits: DeskLimits
    /// A caller with an operator key.
    let manager: Caller
    let managerKey: APIKeyRecord

    static let start = UnixTime(1_800_000_000)
    static let everyScope = Set(Scope.allCases.filter(\.isForTenants))

    /// - Parameter limits: none, unless a test is about them: thousands of calls are placed here while no time goes by.
    static func open(limits: DeskLimits = .unlimited) async throws -> TestDesk {
        let home = try TemporaryFolder()
        let store = try SQLiteStore(path: home.path("callgate.sqlite"))
        return try await TestDesk(home: home, store: store, clock: TestClock(start), secrets: TestSecrets(), limits: limits)
    }

    /// The desk of the next process: the same file, the same clock, nothing in memory.
    func restarted(secrets: TestSecrets? = nil) async throws -> TestDesk {
        try store.sqlite.close()
        let store = try SQLiteStore(path: home.path("callgate.sqlite"))
        return try await TestDesk(home: home, store: store, clock: clock, secrets: secrets ?? self.secrets, limits: limits)
    }

    private init(home: TemporaryFolder, store: SQLiteStore, clock: TestClock, secrets: TestSecrets, limits: DeskLimits) async throws {
        self.limits = limits
        self.home = home
        self.store = WatchedStore(store)
        self.clock = clock
        self.secrets = secrets
        desk = try await Switchboard(store: self.store, secrets: secrets, clock: { clock.now }, monotonic: { clock.uptime }, limits: limits)
        let order = KeyOrder(
            tenant: nil, scopes: [.keysAdmin, .tenantsAdmin, .auditRead], label: nil, environment: .live, lifetimeSeconds: nil)
        let key = try await desk.createKey(order, for: .machine)
        managerKey = key.record
        manager = try await desk.authenticate(key.secret.text)
    }

    /// Makes a tenant. LiveKit is its default, where it has both.
    @discardableResult
    func tenant(
        _ id: String = "acme", _ providers: ProviderSettings? = nil, openRoomsMax: Int = 1000, userTokens: UserTokenSettings? = nil,
        unknownUsers: UnknownUsers = .allowed
    ) async throws -> Tenant {
        let providers = try providers ?? Providers.livekit()
        return try await desk.createTenant(
            TenantOrder(
                id: TenantID(id), displayName: nil, providers: providers, defaultProvider: providers.livekit == nil ? .agora : .livekit,
                openRoomsMax: openRoomsMax, userTokens: userTokens, unknownUsers: unknownUsers), for: .machine)
    }

    func key(_ tenant: String = "acme", _ scopes: Set<Scope> = everyScope, lifetimeSeconds: Int? = nil) async throws -> NewKey {
        let order = KeyOrder(
            tenant: try TenantID(tenant), scopes: scopes, label: nil, environment: .test, lifetimeSeconds: lifetimeSeconds)
        return try await desk.createKey(order, for: .machine)
    }

    func caller(_ tenant: String = "acme", _ scopes: Set<Scope> = everyScope) async throws -> Caller {
        try await desk.authenticate(key(tenant, scopes).secret.text)
    }

    @discardableResult
    func room(for caller: Caller, _ provider: ProviderKind? = nil, lifetimeSeconds: Int = 3600) async throws -> Room {
        try await desk.createRoom(
            RoomOrder(provider: provider, maxParticipants: nil, lifetimeSeconds: lifetimeSeconds, metadata: nil), for: caller)
    }
}

/// Settings that the secrets of `TestSecrets` fit.
enum Providers {
    static let appID = "0123456789ABCDEF0123456789abcdef"
    static let liveKitSecret = "q7Zr2mXc9Vb4Nk6Jh1Gf3Ds5Aa8Pp0Lw-canary"
    static let certificate = "c0ffee00c0ffee11c0ffee22c0ffee33"

    static func livekit(_ secret: String = "LIVEKIT_SECRET", apiKey: String = "APItest") throws -> ProviderSettings {
        ProviderSettings(
            livekit: .init(serverURL: "wss://media.example.com", apiKey: apiKey, apiSecret: try SecretReference(environment: secret)),
            agora: nil)
    }

    static func agora(
        _ version: ProviderSettings.Agora.TokenVersion = .current, _ identity: ProviderSettings.Agora.Identity = .account,
        certificate: String = "/run/secrets/agora", appID: String = appID
    ) throws -> ProviderSettings {
        ProviderSettings(
            livekit: nil,
            agora: .init(appID: appID, appCertificate: try SecretReference(file: certificate), identity: identity, tokenVersion: version))
    }

    static func both() throws -> ProviderSettings {
        ProviderSettings(livekit: try livekit().livekit, agora: try agora().agora)
    }
}

/// Two clocks that stand still until they are set: the one that people set, and the one that only goes on.
final class TestClock: Sendable {
    private let moment: Mutex<UnixTime>
    private let up = Mutex(Duration.seconds(1000))

    init(_ moment: UnixTime) { self.moment = Mutex(moment) }

    var now: UnixTime { moment.withLock { $0 } }
    var uptime: Duration { up.withLock { $0 } }

    /// Somebody sets the clock. The other one does not notice.
    func set(_ now: UnixTime) { moment.withLock { $0 = now } }

    /// Time goes by, for both.
    func pass(_ seconds: Int) {
        moment.withLock { $0 = $0 + seconds }
        up.withLock { $0 += .seconds(seconds) }
    }
}

/// A flag that is raised once, and looked at by many.
final class Flag: Sendable {
    private let state = Mutex(false)

    var isRaised: Bool { state.withLock { $0 } }

    func raise() { state.withLock { $0 = true } }
}

/// Where the desk reads secrets in these tests. It counts how often it was asked.
final class TestSecrets: SecretSource {
    private struct State {
        var texts: [String: String]
        var questions = 0
    }

    private let state: Mutex<State>

    /// - Parameter texts: by the description of the reference.
    init(
        _ texts: [String: String] = [
            "environment variable LIVEKIT_SECRET": Providers.liveKitSecret,
            "environment variable OTHER_SECRET": "another-secret-of-more-than-32-bytes",
            "file /run/secrets/agora": Providers.certificate, "environment variable SHORT": "too-short",
            "environment variable PUBLISHED": "reallyreallyreallyreallyverysafe", "file /run/secrets/no-certificate": "not hexadecimal",
        ]
    ) {
        state = Mutex(State(texts: texts))
    }

    var questions: Int { state.withLock { $0.questions } }

    func put(_ text: String?, _ reference: String) { state.withLock { $0.texts[reference] = text } }

    func secret(_ reference: SecretReference) throws(SecretUnavailable) -> Secret {
        let text = state.withLock { state in
            state.questions += 1
            return state.texts[reference.description]
        }
        guard let text else { throw SecretUnavailable("the \(reference) is not set") }
        if text == "world-readable" { throw SecretUnavailable("the \(reference) can be read by everybody") }
        return Secret(utf8: text)
    }

    func keySet(file path: String) throws(SecretUnavailable) -> [UInt8] {
        guard let text = state.withLock({ $0.texts["key set \(path)"] }) else { throw SecretUnavailable("the file \(path) is not there") }
        return Array(text.utf8)
    }
}

extension TemporaryFolder {
    /// All bytes of all files in it.
    func contents() throws -> [(name: String, bytes: [UInt8])] {
        try FileManager.default.contentsOfDirectory(atPath: url.path).map { ($0, [UInt8](try Data(contentsOf: url.appending(path: $0)))) }
    }
}

extension Secret {
    /// The text that only tests look at.
    var text: String { withBytes { String(decoding: $0, as: UTF8.self) } }
}

extension Switchboard {
    /// `mintTokenAtHand` for those who can wait. Nil where it says that something has to be asked.
    func mintAtHand(_ order: TokenOrder, room: RoomName, for caller: Caller) async throws(DeskError) -> Join? {
        let result: Result<Join, DeskError>? = await withCheckedContinuation { continuation in
            let isAnswered = mintTokenAtHand(order, room: room, for: caller) { continuation.resume(returning: $0) }
            if !isAnswered { continuation.resume(returning: nil) }
        }
        return try result?.get()
    }
}
