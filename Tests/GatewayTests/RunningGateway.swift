import Calls
import Foundation
import Gateway
import Logging
import Switchboard
import TestSupport
import Testing
import Vocabulary

/// A whole service on a port and a store of its own, for as long as a test needs it.
struct RunningGateway: Sendable {
    let port: Int
    /// A key of the one tenant, with all scopes that a tenant's key can have.
    let key: String
    /// An open room of that tenant.
    let room: String
    let listening: Listening
    /// Returns when the service has stopped.
    let serving: Task<Void, any Error>

    /// Runs a service while `use` runs, and stops it.
    static func with(
        sockets: [SocketRoute] = [], _ change: (inout Settings) -> Void = { _ in }, _ use: (RunningGateway) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        var settings = Settings()
        settings.port = 0
        settings.threads = 1
        settings.database = folder.path("test.sqlite")
        settings.tenants = [try tenant]
        change(&settings)
        let running = try await start(settings, sockets)
        do {
            try await use(running)
        } catch {
            try await running.stop()
            throw error
        }
        try await running.stop()
    }

    private static var tenant: TenantOrder {
        get throws {
            TenantOrder(
                id: try TenantID("acme"), displayName: nil,
                providers: ProviderSettings(
                    livekit: .init(
                        serverURL: "wss://livekit.example", apiKey: "APItest", apiSecret: try SecretReference(environment: "LIVEKIT_SECRET")
                    ),
                    agora: nil), defaultProvider: nil, openRoomsMax: 1000,
                userTokens: UserTokenSettings(
                    algorithm: .hs256, keys: .secret(try SecretReference(environment: "USER_SECRET"), previous: nil),
                    issuer: "https://acme.example.com", audience: nil, claims: .init(name: nil, roles: nil), lifetimeSecondsMax: 86_400))
        }
    }

    private static func start(_ settings: Settings, _ sockets: [SocketRoute]) async throws -> RunningGateway {
        let gateway = try await Gateway(
            settings,
            environment: [
                "LIVEKIT_SECRET": "a-livekit-secret-of-more-than-32-bytes-4711", "INTERNAL_SECRET": "the-app-and-its-gate-know-this",
                "USER_SECRET": SocketCaller.userSecret,
            ],
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        _ = try await gateway.prepare()
        let key = try await gateway.desk.createKey(
            KeyOrder(
                tenant: try TenantID("acme"), scopes: Set(Scope.allCases.filter(\.isForTenants)), label: nil, environment: .test,
                lifetimeSeconds: nil), for: .machine
        ).secret.withBytes { String(decoding: $0, as: UTF8.self) }
        let room = try await gateway.desk.createRoom(
            RoomOrder(provider: nil, maxParticipants: nil, lifetimeSeconds: 3600, metadata: nil),
            for: try await gateway.desk.authenticate(key))
        let (ports, port) = AsyncStream.makeStream(of: Listening.self)
        let serving = Task<Void, any Error> {
            defer { port.finish() }
            try await gateway.serve(sockets: sockets) { port.yield($0) }
        }
        guard let listening = await ports.first(where: { _ in true }) else {
            try await serving.value
            throw Client.TimedOut(description: "the service ended before it listened")
        }
        return RunningGateway(port: listening.port, key: key, room: room.name.text, listening: listening, serving: serving)
    }

    /// Stops the service and waits until it has. Whether it does so soon is asked where that is the question; here it is enough that it
    /// ends by itself, before it would be cut off.
    func stop() async throws {
        await listening.stop()
        try await serving.end(withinSeconds: 30, "the service stopped")
    }

    func client(isReading: Bool = true, receiveBufferBytes: Int? = nil) async throws -> Client {
        try await Client.connect(to: port, isReading: isReading, receiveBufferBytes: receiveBufferBytes)
    }

    /// A connection of its own for one request; the answer to it, after the server has closed the connection.
    func only(_ text: String) async throws -> Answer {
        let client = try await client()
        try await client.send(text)
        let (answers, end) = try await client.rest()
        try await client.close()
        #expect(end == .closed)
        try #require(answers.count == 1, "\(answers.map(\.statusLine))")
        return answers[0]
    }

    /// A request for a join token: what the short lane answers.
    func hot(_ headers: [(String, String)] = [], body: String = #"{"role":"viewer","user_id":"user-1"}"#) -> String {
        HTTPText.request(
            "POST", "/v1/rooms/\(room)/tokens",
            [("Authorization", "Bearer \(key)"), ("Content-Type", "application/json")] + headers, body: body)
    }

    /// A request with a JSON body, of that tenant's server.
    func json(_ method: String, _ path: String, _ body: String) -> String {
        HTTPText.request(method, path, [("Authorization", "Bearer \(key)"), ("Content-Type", "application/json")], body: body)
    }

    /// How many sockets of this service are open: accepted, and not yet let go. A listening one has no peer.
    func openConnections() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { CInt($0) }.count { descriptor in
            Self.port(of: descriptor, getsockname) == port && Self.port(of: descriptor, getpeername) != nil
        }
    }

    private static func port(
        of descriptor: CInt, _ ask: (CInt, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> CInt
    ) -> Int? {
        // As bytes, because more than one module brings the struct along: the family, and the port in the order of the network.
        var address = [UInt8](repeating: 0, count: 16)
        var length = socklen_t(address.count)
        let answer = address.withUnsafeMutableBytes { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { addresses in addresses.baseAddress.map { ask(descriptor, $0, &length) } }
        }
        let family = address.withUnsafeBytes { $0.load(as: UInt16.self) }
        return answer == 0 && family == UInt16(AF_INET) ? Int(address[2]) << 8 | Int(address[3]) : nil
    }

    func expectOpenConnections(_ count: Int, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        var open = try openConnections()
        for _ in 0..<3000 where open != count {
            try await Task.sleep(for: .milliseconds(10))
            open = try openConnections()
        }
        #expect(open == count, sourceLocation: sourceLocation)
    }
}

/// Requests as text.
enum HTTPText {
    static func request(
        _ method: String, _ target: String, _ headers: [(String, String)] = [], body: String? = nil, version: String = "HTTP/1.1"
    ) -> String {
        var lines = ["\(method) \(target) \(version)", "Host: callgate.example"] + headers.map { "\($0): \($1)" }
        if let body { lines.append("Content-Length: \(body.utf8.count)") }
        return (lines + ["", body ?? ""]).joined(separator: "\r\n")
    }

    static let health = request("GET", "/health")
}

extension Task where Success == Void, Failure == any Error {
    /// Waits for the end of the task, and gives up on it when it should long be there.
    func end(withinSeconds seconds: Int, _ what: String) async throws {
        let (ends, end) = AsyncStream.makeStream(of: Result<Void, any Error>.self)
        let waiting = Task<Void, Never> { end.yield(await self.result) }
        let alarm = Task<Void, Never> {
            do { try await Task<Never, Never>.sleep(for: .seconds(seconds)) } catch { return }
            end.finish()
        }
        defer { alarm.cancel() }
        guard let result = await ends.first(where: { _ in true }) else {
            waiting.cancel()
            throw Client.TimedOut(description: "not in \(seconds) s: \(what)")
        }
        try result.get()
    }
}

/// For cleaning up, where a test can do nothing about a failure but say it.
func expectNoError(_ body: () throws -> Void) {
    do {
        try body()
    } catch {
        Issue.record(error)
    }
}
