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
        try Wrk.require()
        let secrets = DemoSecrets()
        return try await ThrowAwayService.run(.oneThread, secrets: secrets) { gateway, listening, folder in
            let room = try await BenchTenant.room(at: gateway.desk, secrets)
            return try await measure(port: listening.port, room: room, folder: folder)
        }
    }

    private func measure(port: Int, room: BenchTenant.Room, folder: URL) async throws -> [BenchRow] {
        let wrk = Wrk(body: #"{"user_id":"user-100042","role":"participant"}"#, key: room.key, folder: folder)
        let base = "http://127.0.0.1:\(port)"
        let tokens = "\(base)/v1/rooms/\(room.name)/tokens"
        let load = ["-t1", "-c\(connections)", "-d\(seconds)s", "--latency"]
        let progress = Progress("measuring", steps: 1 + 3 * seconds)
        defer { progress.end() }
        progress.show(0)
        // One short run first, so that caches are filled and threads are started.
        _ = try await figures(wrk, ["-t1", "-c\(connections)", "-d1s"], tokens)
        progress.show(1)
        let mint = try await figures(wrk, load, tokens)
        progress.show(1 + seconds)
        let ceiling = try await bare(wrk, load)
        progress.show(1 + 2 * seconds)
        let idle = try await figures(Wrk(body: nil, key: nil, folder: folder), load, "\(base)/livez")
        return [
            BenchRow(name: "POST /v1/rooms/{room}/tokens (rights from memory, the audit row on the disk)", figures: mint),
            BenchRow(name: "the ceiling: the same request, bare NIO, the same bytes to everybody", figures: ceiling),
            BenchRow(name: "GET /livez (through Hummingbird, which uses more than the one thread)", figures: idle),
        ]
    }

    /// The same requests to a server that does nothing but answer as many bytes.
    private func bare(_ wrk: Wrk, _ arguments: [String]) async throws -> [(name: String, value: Double, unit: String)] {
        let server = try await BareServer.start(answering: [UInt8](repeating: UInt8(ascii: "x"), count: Self.answerBytes))
        let figures: [(name: String, value: Double, unit: String)]
        do {
            figures = try await self.figures(wrk, arguments, "http://127.0.0.1:\(server.port)/")
        } catch {
            try await server.stop()
            throw error
        }
        try await server.stop()
        return figures
    }

    /// Runs wrk and reads its figures. A run with a refused request measures something else, and is an error.
    private func figures(_ wrk: Wrk, _ arguments: [String], _ url: String) async throws -> [(name: String, value: Double, unit: String)] {
        let before = ProcessorTime.microseconds
        let outcome = try await wrk.run(arguments, url)
        let cpu = ProcessorTime.microseconds - before
        guard outcome.refused == 0, outcome.requests > 0 else { throw Refusal.no("wrk saw refused requests:\n\(outcome.output)") }
        return [("rate", outcome.perSecond, "/s"), ("server CPU", cpu / Double(outcome.requests), "us/request")] + outcome.percentiles
    }
}

/// The tenant that benchmarks ask for, on LiveKit.
enum BenchTenant {
    /// An open room of a tenant, with a key for it.
    struct Room {
        let key: String
        let name: String
    }

    /// Makes a tenant with a room.
    static func room(at desk: Switchboard, _ secrets: DemoSecrets, _ id: String = "bench") async throws -> Room {
        let key = try await make(at: desk, secrets, scopes: [.roomsWrite, .tokensMint], id: id)
        let order = RoomOrder(provider: nil, maxParticipants: nil, lifetimeSeconds: Limits.roomLifetimeSecondsDefault, metadata: nil)
        return Room(key: key, name: try await desk.createRoom(order, for: desk.authenticate(key)).name.text)
    }

    /// Makes a tenant.
    /// - Returns: a key of it.
    static func make(at desk: Switchboard, _ secrets: DemoSecrets, scopes: Set<Scope>, id: String = "bench") async throws -> String {
        let livekit = ProviderSettings.LiveKit(
            serverURL: "wss://livekit.example", apiKey: secrets.livekitKey,
            apiSecret: try SecretReference(environment: "DEMO_LIVEKIT_SECRET"))
        let order = TenantOrder(
            id: try TenantID(id), displayName: nil, providers: ProviderSettings(livekit: livekit, agora: nil), defaultProvider: nil,
            openRoomsMax: Limits.openRoomsMaxDefault)
        let tenant = try await desk.createTenant(order, for: .machine)
        let key = try await desk.createKey(
            KeyOrder(tenant: tenant.id, scopes: scopes, label: nil, environment: .test, lifetimeSeconds: nil), for: .machine)
        return key.text
    }
}
