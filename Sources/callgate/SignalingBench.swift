import Foundation
import Gateway
import NIOCore
import NIOPosix
import StrictJSON

/// Puts load on sockets of the service, and of peers beside it: connections, rings, and whole calls.
///
/// Each server runs in a process of its own, twice: once for the idle sockets, so that its memory holds nothing else, and once for the
/// calls. The load is one thread of this process. What is measured is what a client sees, over loopback, and what the server's process
/// uses meanwhile. Times are taken where bytes are written and read, by one clock. Beside them stands how long the disk takes to keep a
/// page, as often as there are rings and rejections: nobody who keeps them can be quicker.
struct SignalingBench {
    let clients: Int
    let callsPerSecond: Int
    let seconds: Int
    let connections: Int
    let servers: [SignalingServer]
    /// How long a load runs before it counts, so that caches are filled and threads are started.
    private static let warmUp = TimeAmount.milliseconds(500)

    func rows() async throws -> [BenchRow] {
        let progress = Progress("measuring", steps: 3 * servers.count + 1)
        defer { progress.end() }
        _ = OpenFiles.raiseLimit()
        var rows: [BenchRow] = []
        let secrets = DemoSecrets()
        for (index, server) in servers.enumerated() {
            let step = 3 * index
            progress.show(step)
            rows += try await server.run(secrets) { try await idle($0, secrets) }.map { $0.named(after: server) }
            progress.show(step + 1)
            rows += try await server.run(secrets) { try await calls($0, secrets) { progress.show(step + 2) } }
                .map { $0.named(after: server) }
        }
        progress.show(3 * servers.count)
        let disk = try await ThrowAwayFolder.use(in: FileManager.default.temporaryDirectory) { folder in
            try await DiskBench.row(in: folder, for: .seconds(seconds), perSecond: 2 * callsPerSecond)
        }
        return rows + [disk]
    }

    private func idle(_ server: ServerProcess, _ secrets: DemoSecrets) async throws -> [BenchRow] {
        try await LoadThread.use { loop in
            let warm = SocketCrowd(try Self.users(secrets, named: "warm", 50), port: server.port, on: loop)
            _ = try await warm.connect()
            let users = try Self.users(secrets, named: "idle", connections)
            let crowd = SocketCrowd(users, port: server.port, on: loop)
            let before = try server.usage()
            let new = try await Self.connects(crowd, to: server, named: "connect with a user's token, all users new")
            // What the last answers left behind goes before the memory is looked at, and what those who left had before they come back.
            try await Task.sleep(for: .seconds(1))
            let after = try server.usage()
            try await crowd.leave()
            try await Task.sleep(for: .seconds(2))
            let back = SocketCrowd(users, port: server.port, on: loop)
            let returning = try await Self.connects(back, to: server, named: "connect with a user's token, all users come back")
            try await back.leave()
            let count = Double(connections)
            return [
                new, returning,
                BenchRow(
                    name: "idle",
                    figures: [
                        ("open", count, "sockets"),
                        ("memory", Double(after.residentBytes - before.residentBytes) / 1024 / count, "KiB/socket"),
                        ("server", Double(after.residentBytes) / 1_048_576, "MiB"),
                    ]),
            ]
        }
    }

    private static func connects(_ crowd: SocketCrowd, to server: ServerProcess, named name: String) async throws -> BenchRow {
        let before = try server.usage()
        let start = ContinuousClock.now
        let times = try await crowd.connect()
        let elapsed = ContinuousClock.now - start
        let microseconds = try server.usage().processorMicroseconds - before.processorMicroseconds
        let count = Double(times.count)
        return BenchRow(
            name: "\(name), \(SocketCrowd.window) handshakes at once",
            figures: [("rate", count / (elapsed / .seconds(1)), "/s"), ("server CPU", microseconds / count, "us/connect")]
                + Percentiles.figures(of: times))
    }

    private func calls(_ server: ServerProcess, _ secrets: DemoSecrets, _ halfDone: () -> Void) async throws -> [BenchRow] {
        try await LoadThread.use { loop in
            let load = CallLoad(try Self.users(secrets, named: "user", clients / 2 * 2), on: loop)
            try await load.connect(port: server.port)
            _ = try await load.ring(perSecond: callsPerSecond, for: Self.warmUp)
            let rings = try await Measured.take(of: server) {
                try await load.ring(perSecond: callsPerSecond, for: .seconds(Int64(seconds)))
            }
            halfDone()
            _ = try await load.saturate(for: Self.warmUp)
            let full = try await Measured.take(of: server) { try await load.saturate(for: .seconds(Int64(seconds))) }
            let ringing = "\(clients) clients, \(callsPerSecond) calls/s"
            let saturated = "\(clients / 2) calls at once"
            return [
                BenchRow(name: "place -> incoming, \(ringing)", figures: Percentiles.figures(of: rings.times.incoming)),
                BenchRow(name: "reject -> rejected, \(ringing)", figures: Percentiles.figures(of: rings.times.rejected)),
                BenchRow(name: "placed and rejected, \(ringing)", figures: rings.figures + [("late", Double(rings.times.late), "calls")]),
                BenchRow(
                    name: "place, accept with both tokens, end, \(saturated)",
                    figures: full.figures + Percentiles.figures(of: full.times.whole)),
                BenchRow(name: "accept -> accepted with a token, \(saturated)", figures: Percentiles.figures(of: full.times.accepted)),
            ]
        }
    }

    /// That many users, each with a token of its own.
    private static func users(_ secrets: DemoSecrets, named name: String, _ count: Int) throws -> [SocketUser] {
        try (0..<count).map { number in
            let user = "\(name)-\(number)"
            return SocketUser(name: user, token: try secrets.userToken(of: user, in: SignalingServer.tenant))
        }
    }
}

/// The thread that makes the load.
enum LoadThread {
    static func use<Outcome>(_ use: (any EventLoop) async throws -> Outcome) async throws -> Outcome {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let outcome = try await use(group.next())
            try await group.shutdownGracefully()
            return outcome
        } catch {
            try await group.shutdownGracefully()
            throw error
        }
    }
}

/// What was measured while calls were played, and what server and load used meanwhile.
private struct Measured {
    let times: CallTimes
    let elapsed: Duration
    let serverMicroseconds: Double
    let loadMicroseconds: Double

    static func take(of server: ServerProcess, _ play: () async throws -> CallTimes) async throws -> Measured {
        let before = try server.usage()
        let own = ProcessorTime.microseconds
        let start = ContinuousClock.now
        let times = try await play()
        return Measured(
            times: times, elapsed: ContinuousClock.now - start,
            serverMicroseconds: try server.usage().processorMicroseconds - before.processorMicroseconds,
            loadMicroseconds: ProcessorTime.microseconds - own)
    }

    var figures: [(name: String, value: Double, unit: String)] {
        let count = Double(times.whole.count)
        let microseconds = elapsed / .microseconds(1)
        return [
            ("played", count, "calls"), ("rate", count / (elapsed / .seconds(1)), "/s"),
            ("server CPU", serverMicroseconds / max(1, count), "us/call"), ("server", serverMicroseconds / microseconds, "cores"),
            ("load", loadMicroseconds / microseconds, "cores"),
        ]
    }
}

extension BenchRow {
    fileprivate func named(after server: SignalingServer) -> BenchRow { BenchRow(name: "\(server.name): \(name)", figures: figures) }
}
