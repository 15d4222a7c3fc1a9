import Calls
import Dispatch
import Foundation
import Logging
import Signing
import SocketIO
import Storage
import StrictJSON
import Switchboard
import Synchronization
import TestSupport
import Testing
import Vocabulary

@testable import Signaling

/// A socket counter at a real desk on a real store, with two tenants, `acme` and `other`, and clocks that are set by hand.
final class SocketHouse: Sendable {
    static let start = UnixTime(1_800_000_000)

    static let quiet = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }

    let clock: TestClock
    let store: SQLiteStore
    let desk: Switchboard
    let signaling: Signaling
    let secrets = HouseSecrets()
    let app = HouseApp()
    private let home: TemporaryFolder
    private let settings: SignalingSettings
    private let queues = [DispatchQueue(label: "loop 1"), DispatchQueue(label: "loop 2")]
    private let sockets = Mutex<[TestSocket]>([])

    init(
        _ settings: SignalingSettings = .roomy, unknownUsers: UnknownUsers = .allowed, provider: ProviderKind = .livekit,
        limits: DeskLimits = .unlimited, logger: Logger = quiet
    ) async throws {
        (home, clock, self.settings) = (try TemporaryFolder(), TestClock(Self.start), settings)
        (store, desk, signaling) = try await Self.opened(home, clock, secrets, app, settings, limits, logger)
        for tenant in ["acme", "other"] {
            _ = try await desk.createTenant(try Self.order(tenant, provider, unknownUsers), for: .machine)
        }
    }

    /// The house of a service that has started again, where that one has ended.
    private init(after ended: SocketHouse) async throws {
        (home, clock, settings) = (ended.home, ended.clock, ended.settings)
        (store, desk, signaling) = try await Self.opened(home, clock, secrets, app, settings, .unlimited, Self.quiet)
    }

    /// Opens the store, and takes up the calls in it, as the service does when it starts.
    private static func opened(
        _ home: TemporaryFolder, _ clock: TestClock, _ secrets: HouseSecrets, _ app: HouseApp, _ settings: SignalingSettings,
        _ limits: DeskLimits, _ logger: Logger
    ) async throws -> (SQLiteStore, Switchboard, Signaling) {
        let store = try SQLiteStore(path: home.path("callgate.sqlite"))
        let desk = try await Switchboard(
            store: store, secrets: secrets, outside: app, clock: { clock.now }, monotonic: { clock.uptime }, limits: limits)
        let signaling = Signaling(
            desk: desk, settings: settings,
            socketSettings: SocketSettings(
                namespaces: Signaling.namespaces, pingIntervalMilliseconds: 12_000, pingTimeoutMilliseconds: 8000), logger: logger)
        desk.attach(sockets: signaling)
        try await desk.attach(signaling)
        try await desk.resume { signaling.takeUp($0, at: clock.moment) }
        return (store, desk, signaling)
    }

    /// Ends the service, starts it again after a while, and lets the test go on with that one.
    func restarted(after seconds: Int = 0, _ work: (SocketHouse) async throws -> Void) async throws {
        signaling.stop()
        for socket in all { socket.line.drops(.serverShuttingDown) }
        await settled()
        try store.close()
        clock.pass(seconds)
        let next = try await SocketHouse(after: self)
        try await work(next)
        for socket in next.all { #expect(socket.faults == []) }
    }

    /// Opens a house, lets the test do its work in it, and looks afterwards whether every frame was as the tables say.
    static func open(
        _ settings: SignalingSettings = .roomy, unknownUsers: UnknownUsers = .allowed, provider: ProviderKind = .livekit,
        limits: DeskLimits = .unlimited,
        _ work: (SocketHouse) async throws -> Void
    ) async throws {
        let house = try await SocketHouse(settings, unknownUsers: unknownUsers, provider: provider, limits: limits)
        try await work(house)
        for socket in house.sockets.withLock({ $0 }) { #expect(socket.faults == []) }
    }

    private static func order(_ tenant: String, _ provider: ProviderKind, _ unknownUsers: UnknownUsers) throws -> TenantOrder {
        let providers = ProviderSettings(
            livekit: provider == .livekit
                ? .init(serverURL: "wss://media.example.com", apiKey: "APItest", apiSecret: .environment("LIVEKIT_SECRET")) : nil,
            agora: provider == .agora
                ? .init(
                    appID: "0123456789ABCDEF0123456789abcdef", appCertificate: .environment("AGORA_CERTIFICATE"), identity: .account,
                    tokenVersion: .current) : nil)
        return TenantOrder(
            id: try TenantID(tenant), displayName: nil, providers: providers, defaultProvider: provider, openRoomsMax: 10,
            userTokens: userTokens(tenant), unknownUsers: unknownUsers)
    }

    static func userTokens(
        _ issuer: String, secret: String = "USER_SECRET", previous: String? = nil, audience: String? = nil,
        claims: UserTokenSettings.Claims = .init(name: "name", roles: "roles"), lifetimeSecondsMax: Int = 86_400
    ) -> UserTokenSettings {
        UserTokenSettings(
            algorithm: .hs256, keys: .secret(.environment(secret), previous: previous.map { .environment($0) }),
            issuer: "https://\(issuer).example.com", audience: audience, claims: claims, lifetimeSecondsMax: lifetimeSecondsMax)
    }

    /// The token of a user, as the tenant's identity provider signs it.
    func token(_ user: String, of tenant: String = "acme", seconds: Int = 3600, name: String? = nil, roles: [String] = []) -> String {
        var claims: JSONObject = [
            "iss": .string("https://\(tenant).example.com"), "sub": .string(user), "exp": .integer((clock.now + seconds).seconds),
        ]
        if let name { claims["name"] = .string(name) }
        if !roles.isEmpty { claims["roles"] = .array(roles.map { .string($0) }) }
        let input =
            Base64URL.encode(Array(#"{"alg":"HS256","typ":"JWT"}"#.utf8)) + "."
            + Base64URL.encode(JSONValue.object(claims).canonicalBytes)
        return input + "."
            + Base64URL.encode(HMACKey(.sha256, key: Array(HouseSecrets.users.utf8)).authenticationCode(for: Array(input.utf8)))
    }

    /// Changes what users of the tenant may listen to.
    func allow(topics: [TopicRule]? = nil, userRoomRoles: [String]? = nil) async throws {
        let change = TenantChange(
            displayName: nil, providers: nil, defaultProvider: nil, openRoomsMax: nil, topics: topics, userRoomRoles: userRoomRoles)
        _ = try await desk.changeTenant(TenantID("acme"), change, for: .machine)
    }

    /// Changes how the tenant's app says who its users are.
    func change(remoteCheck: RemoteCheckSettings?) async throws {
        let change = TenantChange(
            displayName: nil, providers: nil, defaultProvider: nil, openRoomsMax: nil, remoteCheck: .some(remoteCheck))
        _ = try await desk.changeTenant(TenantID("acme"), change, for: .machine)
    }

    /// A key of the tenant's server.
    func key(_ tenant: String = "acme") async throws -> String {
        let order = KeyOrder(
            tenant: try TenantID(tenant), scopes: Set(Scope.allCases.filter(\.isForTenants)), label: nil, environment: .test,
            lifetimeSeconds: nil)
        return try await desk.createKey(order, for: .machine).secret.withBytes { String(decoding: $0, as: UTF8.self) }
    }

    func server(_ tenant: String = "acme") async throws -> Caller { try await desk.authenticate(try await key(tenant)) }

    // MARK: Sockets

    /// A connection that has joined nothing yet.
    func socket(_ dialect: Dialect = .colon, address: String = "192.0.2.1") -> TestSocket {
        let socket = TestSocket(dialect)
        let queue = sockets.withLock { sockets in
            sockets.append(socket)
            return queues[sockets.count % queues.count]
        }
        let line = FakeLine(
            address: address, queue: queue, clock: clock, onFrame: { [weak socket] in socket?.arrived($0) },
            onClose: { [weak socket] in socket?.wasClosed($0) })
        socket.take(line)
        line.open(signaling)
        return socket
    }

    /// A user's device, let in.
    func device(
        _ user: String, _ device: String? = nil, of tenant: String = "acme", in dialect: Dialect = .colon, seconds: Int = 3600,
        name: String? = nil, roles: [String] = []
    ) async throws -> TestSocket {
        let socket = socket(dialect)
        var auth: JSONObject = ["token": .string(token(user, of: tenant, seconds: seconds, name: name, roles: roles))]
        if let device { auth["deviceId"] = .string(device) }
        let answer = await socket.connect(auth)
        try #require(answer["userId"] == .string(user), "\(answer)")
        return socket
    }

    /// Time goes by: a connection's own deadlines, rings and graces are looked at, and what came of it is heard.
    func pass(_ seconds: Int) async {
        clock.pass(seconds)
        for socket in sockets.withLock({ $0 }) { socket.line.ticks() }
        await settled()
        await signaling.tick(at: clock.moment)
        await desk.endOverdueCalls()
        await settled()
    }

    /// Returns when all lines have done what they were asked to, and what they asked at the desk is answered and heard.
    func settled() async {
        for _ in 1...2 {
            for socket in all { await socket.line.settled() }
            await signaling.settled()
        }
        for socket in all { await socket.line.settled() }
    }

    var all: [TestSocket] { sockets.withLock { $0 } }

    // MARK: The desk's side

    func call(_ id: JSONValue?, of tenant: String = "acme") async throws -> Call {
        let id = try CallID(try #require(id?.stringValue))
        return try #require(try await store.call(id, of: TenantID(tenant)))
    }

    /// Everything that the audit log says of the tenant, as `operation outcome`.
    func audit(_ tenant: String = "acme") async throws -> [String] {
        try await store.auditRows(of: .tenant(TenantID(tenant)), page: PageRequest(after: nil, limit: 10_000)).items
            .map { "\($0.entry.operation.rawValue) \($0.entry.outcome)" }
    }
}

extension SignalingSettings {
    /// The usual bounds, but for how often things may happen: most tests are about something else.
    static let roomy = {
        var settings = SignalingSettings()
        let often = Rate(perMinute: 1_000_000)
        settings.eventsPerUser = often
        settings.eventsPerConnection = often
        settings.connectsPerUser = often
        settings.connectsPerAddress = often
        return settings
    }()

    /// Those, with something changed.
    static func with(_ change: (inout SignalingSettings) -> Void) -> SignalingSettings {
        var settings = roomy
        change(&settings)
        return settings
    }
}

/// The secrets of the house.
final class HouseSecrets: SecretSource {
    static let users = "n4Tq8ZkVb2WmXc6Rj1Yd9Hs3Gf7Lp0Ae-users"
    private static let others = "Zx9Cv8Bn7Ml6Kj5Hg4Fd3Sa2Qw1Er0Ty-others"

    private let userSecret = Mutex(users)

    func replaceUserSecret() { userSecret.withLock { $0 = Self.others } }

    func secret(_ reference: SecretReference) throws(SecretUnavailable) -> Secret {
        switch reference {
        case .environment("USER_SECRET"): Secret(utf8: userSecret.withLock { $0 })
        case .environment("USER_SECRET_COPY"): Secret(utf8: Self.users)
        case .environment("NEW_SECRET"): Secret(utf8: Self.others)
        case .environment("LIVEKIT_SECRET"): Secret(utf8: "q7Zr2mXc9Vb4Nk6Jh1Gf3Ds5Aa8Pp0Lw-media")
        case .environment("INTERNAL_SECRET"): Secret(utf8: "the-app-and-its-gate-know-this")
        case .environment("AGORA_CERTIFICATE"): Secret(utf8: "c0ffee00c0ffee11c0ffee22c0ffee33")
        case .environment, .file: throw SecretUnavailable("the \(reference) is not set")
        }
    }

    func keySet(file path: String) throws(SecretUnavailable) -> [UInt8] {
        throw SecretUnavailable("the file \(path) is not there")
    }
}

/// The app of a tenant that knows its users by opaque credentials. It is asked by the desk, and answers what the test says.
final class HouseApp: OutsideLine {
    private struct State {
        /// Bodies by credentials; nil where the app does not answer.
        var users: [String: String]? = [:]
        var questions = 0
    }

    private let state = Mutex(State())

    var questionsCount: Int { state.withLock { $0.questions } }

    func know(_ users: [String: String]?) { state.withLock { $0.users = users } }

    func objection(to address: WebAddress) -> String? { nil }

    func get(_ question: OutsideQuestion) async throws(OutsideTrouble) -> OutsideAnswer {
        let bearer = question.headers.first { $0.name == "Authorization" }?.value.withBytes {
            String(decoding: $0.dropFirst(7), as: UTF8.self)
        }
        let users = state.withLock { state in
            state.questions += 1
            return state.users
        }
        guard let users else { throw OutsideTrouble("is down") }
        guard let body = users[bearer ?? ""] else { return OutsideAnswer(status: 401, body: []) }
        return OutsideAnswer(status: 200, body: Array(body.utf8))
    }
}

/// Two clocks that stand still until they are set.
final class TestClock: Sendable {
    private let state: Mutex<(now: UnixTime, up: Int64)>

    init(_ now: UnixTime) { state = Mutex((now, 1_000_000)) }

    var now: UnixTime { state.withLock { $0.now } }
    var moment: Moment { Moment(milliseconds: state.withLock { $0.up }) }
    var uptime: Duration { .milliseconds(state.withLock { $0.up }) }

    func pass(_ seconds: Int) {
        state.withLock { $0 = ($0.now + seconds, $0.up + Int64(seconds) * 1000) }
    }
}
