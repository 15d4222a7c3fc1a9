import Calls
import Foundation
import Gateway
import Switchboard
import Vocabulary

/// Runs the service in this process on one thread and `wrk` beside it.
///
/// CPU per request is this process's own, so `wrk`'s share of the machine does not count in it; it is the figure to plan with.
struct HTTPBench {
    let seconds: Int
    let connections: Int
    /// About what an answer with a LiveKit token has.
    private static let answerBytes = 1450

    func rows() async throws -> [BenchRow] {
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/wrk") else {
            throw Refusal.no("wrk is not installed: apt-get install wrk")
        }
        var settings = Settings()
        settings.port = 0
        settings.threads = 1
        settings.logLevel = "warning"
        let secrets = DemoSecrets()
        return try await ThrowAwayService.run(settings, secrets: secrets) { gateway, listening, folder in
            let (key, room) = try await Self.prepare(gateway.desk, secrets)
            return try await measure(port: listening.port, key: key, room: room, folder: folder)
        }
    }

    private func measure(port: Int, key: String, room: String, folder: URL) async throws -> [BenchRow] {
        let script = folder.appending(path: "mint.lua")
        let lua = """
            wrk.method = "POST"
            wrk.body = '{"user_id":"user-100042","role":"participant"}'
            wrk.headers["Content-Type"] = "application/json"
            wrk.headers["Authorization"] = "Bearer \(key)"
            """
        try lua.write(to: script, atomically: true, encoding: .utf8)
        let base = "http://127.0.0.1:\(port)"
        let progress = Progress("measuring", steps: 1 + 3 * seconds)
        defer { progress.end() }
        progress.show(0)
        // One short run first, so that caches are filled and threads are started.
        _ = try await wrk(["-t1", "-c\(connections)", "-d1s", "-s", script.path, "\(base)/v1/rooms/\(room)/tokens"])
        progress.show(1)
        let mint = try await wrk([
            "-t1", "-c\(connections)", "-d\(seconds)s", "--latency", "-s", script.path, "\(base)/v1/rooms/\(room)/tokens",
        ])
        progress.show(1 + seconds)
        let ceiling = try await bare(["-t1", "-c\(connections)", "-d\(seconds)s", "--latency", "-s", script.path])
        progress.show(1 + 2 * seconds)
        let idle = try await wrk(["-t1", "-c\(connections)", "-d\(seconds)s", "--latency", "\(base)/livez"])
        return [
            BenchRow(name: "POST /v1/rooms/{room}/tokens (rights from memory, the audit row on the disk)", figures: mint),
            BenchRow(name: "the ceiling: the same request, bare NIO, the same bytes to everybody", figures: ceiling),
            BenchRow(name: "GET /livez (through Hummingbird, which uses more than the one thread)", figures: idle),
        ]
    }

    /// The same requests to a server that does nothing but answer as many bytes.
    private func bare(_ arguments: [String]) async throws -> [(name: String, value: Double, unit: String)] {
        let server = try await BareServer.start(answering: [UInt8](repeating: UInt8(ascii: "x"), count: Self.answerBytes))
        let figures: [(name: String, value: Double, unit: String)]
        do {
            figures = try await wrk(arguments + ["http://127.0.0.1:\(server.port)/"])
        } catch {
            try await server.stop()
            throw error
        }
        try await server.stop()
        return figures
    }

    private static func prepare(_ desk: Switchboard, _ secrets: DemoSecrets) async throws -> (key: String, room: String) {
        let key = try await BenchTenant.make(at: desk, secrets, scopes: [.roomsWrite, .tokensMint])
        let caller = try await desk.authenticate(key)
        let room = try await desk.createRoom(
            RoomOrder(provider: nil, maxParticipants: nil, lifetimeSeconds: Limits.roomLifetimeSecondsDefault, metadata: nil), for: caller)
        return (key, room.name.text)
    }

    /// Runs wrk and reads its figures. A run with a refused request measures something else, and is an error.
    private func wrk(_ arguments: [String]) async throws -> [(name: String, value: Double, unit: String)] {
        let before = ProcessorTime.microseconds
        let output = try await Self.run("/usr/bin/wrk", arguments)
        let cpu = ProcessorTime.microseconds - before
        guard !output.contains("Non-2xx") && !output.contains("Socket errors") else {
            throw Refusal.no("wrk saw refused requests:\n\(output)")
        }
        let words = output.split(whereSeparator: { $0.isWhitespace }).map(String.init)
        func word(after name: String) -> String? { words.firstIndex(of: name).flatMap { $0 + 1 < words.count ? words[$0 + 1] : nil } }
        guard let rate = word(after: "Requests/sec:").flatMap(Double.init),
            let count = words.firstIndex(of: "requests").flatMap({ $0 > 0 ? Double(words[$0 - 1]) : nil }), count > 0
        else { throw Refusal.no("wrk said something unknown:\n\(output)") }
        var figures = [("rate", rate, "/s"), ("server CPU", cpu / count, "us/request")]
        for percentile in ["50%", "99%"] {
            if let value = word(after: percentile).flatMap(Self.milliseconds) { figures.append((percentile, value, "ms")) }
        }
        return figures
    }

    private static func milliseconds(_ text: String) -> Double? {
        if text.hasSuffix("us") { return Double(text.dropLast(2)).map { $0 / 1000 } }
        if text.hasSuffix("ms") { return Double(text.dropLast(2)) }
        return text.hasSuffix("s") ? Double(text.dropLast()).map { $0 * 1000 } : nil
    }

    private static func run(_ path: String, _ arguments: [String]) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            let process = Process()
            let pipe = Pipe()
            process.executableURL = URL(fileURLWithPath: path)
            process.arguments = arguments
            process.standardOutput = pipe
            process.terminationHandler = { _ in
                continuation.resume(returning: String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self))
            }
            do {
                try process.run()
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }
}

/// The tenant that benchmarks ask for, on LiveKit.
enum BenchTenant {
    /// Makes it.
    /// - Returns: a key of it.
    static func make(at desk: Switchboard, _ secrets: DemoSecrets, scopes: Set<Scope>) async throws -> String {
        let livekit = ProviderSettings.LiveKit(
            serverURL: "wss://livekit.example", apiKey: secrets.livekitKey,
            apiSecret: try SecretReference(environment: "DEMO_LIVEKIT_SECRET"))
        let order = TenantOrder(
            id: try TenantID("bench"), displayName: nil, providers: ProviderSettings(livekit: livekit, agora: nil), defaultProvider: nil,
            openRoomsMax: Limits.openRoomsMaxDefault)
        let tenant = try await desk.createTenant(order, for: .machine)
        let key = try await desk.createKey(
            KeyOrder(tenant: tenant.id, scopes: scopes, label: nil, environment: .test, lifetimeSeconds: nil), for: .machine)
        return key.text
    }
}
