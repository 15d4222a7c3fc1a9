import Foundation
import StrictJSON

/// What the benchmark of sockets puts under load.
enum SignalingServer {
    /// This service, on a throw-away store, with so many threads that serve connections.
    case service(threads: Int)
    /// What a line of shell starts. It says where it listens, as the service does, and finds what verifies the users' tokens in
    /// `BENCH_USERS_SECRET`.
    case peer(String)

    /// The tenant whose users call each other.
    static let tenant = "acme"
    private static let peerSecretVariable = "BENCH_USERS_SECRET"

    /// The bounds that keep one client from doing what a benchmark does, opened wide.
    private static let wide = [
        "CALLGATE_LIMITS_RINGS_PER_PAIR_PER_MINUTE": "100000", "CALLGATE_LIMITS_RINGS_PER_CALLEE_PER_MINUTE": "100000",
        "CALLGATE_SIGNALING_EVENTS_PER_USER_PER_MINUTE": "10000000", "CALLGATE_SIGNALING_EVENTS_PER_CONNECTION_PER_MINUTE": "10000000",
        "CALLGATE_SIGNALING_CONNECTS_PER_USER_PER_MINUTE": "10000000",
        "CALLGATE_SIGNALING_CONNECTS_PER_ADDRESS_PER_MINUTE": "10000000",
        "CALLGATE_LIMITS_MINTS_PER_USER_PER_MINUTE": "10000000",
        // Who comes and goes is told to everybody, which the peer does not do at all.
        "CALLGATE_SIGNALING_PRESENCE_BROADCAST_USERS_MAX": "0",
    ]

    var name: String {
        switch self {
        case .service: "callgate"
        case .peer(let command): "peer \(command)"
        }
    }

    /// Runs it while somebody uses it.
    func run<Outcome>(_ secrets: DemoSecrets, _ use: (ServerProcess) async throws -> Outcome) async throws -> Outcome {
        try await ThrowAwayFolder.use(in: FileManager.default.temporaryDirectory) { folder in
            let messages = folder.appending(path: "messages")
            do {
                let server = try await start(secrets, in: folder, messages)
                let outcome: Outcome
                do {
                    try await prepare(server, secrets)
                    outcome = try await use(server)
                } catch {
                    await server.stop()
                    throw error
                }
                await server.stop()
                return outcome
            } catch {
                // Perhaps it has said itself what is wrong.
                Terminal.say(try String(contentsOf: messages, encoding: .utf8))
                throw error
            }
        }
    }

    private func start(_ secrets: DemoSecrets, in folder: URL, _ messages: URL) async throws -> ServerProcess {
        switch self {
        case .service(let threads):
            let binary = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().path
            let own = ["CALLGATE_SERVER_THREADS": "\(threads)", "CALLGATE_LOG_LEVEL": "warning"]
            let environment = secrets.environment.merging(own) { $1 }.merging(Self.wide) { $1 }
            return try await ServerProcess.start(
                [binary, "serve", "--host", "127.0.0.1", "--port", "0", "--database", ThrowAwayService.database(in: folder)],
                environment: environment, in: folder, messages: messages)
        case .peer(let command):
            var environment = ProcessInfo.processInfo.environment
            environment[Self.peerSecretVariable] = secrets.environment[DemoSecrets.userSecretName(of: Self.tenant)]
            // Replaced by what it starts, so that the process which is measured is the server.
            let here = URL(filePath: FileManager.default.currentDirectoryPath)
            return try await ServerProcess.start(
                ["/bin/sh", "-c", "exec \(command)"], environment: environment, in: here, messages: messages)
        }
    }

    /// Makes what has to be there: the tenant, with what verifies its users' tokens.
    private func prepare(_ server: ServerProcess, _ secrets: DemoSecrets) async throws {
        switch self {
        case .peer:
            return
        case .service:
            let sign = "operator key: "
            guard let line = server.lines.first(where: { $0.hasPrefix(sign) }) else { throw Refusal.no("the service printed no key") }
            let answer = try await LoopbackClient(port: server.port).send(
                "POST", "/v1/tenants", secrets.tenantOrder(Self.tenant).canonicalBytes, key: String(line.dropFirst(sign.count)))
            guard answer.status == 201 else {
                throw Refusal.no("the tenant could not be made: \(String(decoding: answer.body, as: UTF8.self))")
            }
        }
    }
}
