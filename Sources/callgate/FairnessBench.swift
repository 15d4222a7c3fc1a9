import Calls
import Foundation
import Gateway
import Switchboard
import Vocabulary

/// What one tenant notices of another one's flood.
///
/// The service runs in this process on one thread. The calm tenant asks for join tokens at a steady pace, first alone, then while `wrk`
/// asks as fast as it can with the key of the loud tenant, whose limit lets through a small part of that. Both have the same limits.
struct FairnessBench {
    let seconds: Int
    /// Connections of the flood.
    let connections: Int
    /// Requests of the calm tenant in a second.
    let perSecond: Int
    /// What either tenant may ask in a second.
    private static let allowedPerSecond = 1000
    private static let calmConnections = 4
    private static let body = #"{"user_id":"user-100042","role":"participant"}"#

    func rows() async throws -> [BenchRow] {
        try Wrk.require()
        var settings = Settings.oneThread
        settings.deskLimits.requestsPerTenant = Rate(perMinute: 60 * Self.allowedPerSecond, burst: Self.allowedPerSecond)
        let secrets = DemoSecrets()
        return try await ThrowAwayService.run(settings, secrets: secrets) { gateway, listening, folder in
            let calm = try await BenchTenant.room(at: gateway.desk, secrets, "calm")
            let loud = try await BenchTenant.room(at: gateway.desk, secrets, "loud")
            return try await measure(port: listening.port, calm: calm, loud: loud, folder: folder)
        }
    }

    private func measure(port: Int, calm: BenchTenant.Room, loud: BenchTenant.Room, folder: URL) async throws -> [BenchRow] {
        let progress = Progress("measuring", steps: 1 + 2 * seconds)
        defer { progress.end() }
        progress.show(0)
        let load = SteadyLoad(
            port: port, path: "/v1/rooms/\(calm.name)/tokens", body: Self.body, key: calm.key, perSecond: perSecond,
            connections: Self.calmConnections)
        // One short run first, so that caches are filled and threads are started.
        _ = try await load.run(for: 1)
        progress.show(1)
        let alone = try await load.run(for: seconds)
        progress.show(1 + seconds)
        let wrk = Wrk(body: Self.body, key: loud.key, folder: folder)
        // The flood begins before the measurement and ends after it.
        let target = "http://127.0.0.1:\(port)/v1/rooms/\(loud.name)/tokens"
        async let flood = wrk.run(["-t1", "-c\(connections)", "-d\(seconds + 2)s", "--latency"], target)
        try await Task.sleep(for: .seconds(1))
        let beside = try await load.run(for: seconds)
        let flooded = try await flood
        return [
            Self.row("a calm tenant alone, \(perSecond) requests/s", alone),
            Self.row("the same beside the flood of another one", beside),
            BenchRow(
                name: "the flood, over \(connections) connections",
                figures: [
                    ("rate", flooded.perSecond, "/s"), ("refused", 100 * Double(flooded.refused) / max(1, Double(flooded.requests)), "%"),
                ]),
        ]
    }

    private static func row(_ name: String, _ outcome: SteadyLoad.Outcome) -> BenchRow {
        BenchRow(
            name: name,
            figures: [("answered", Double(outcome.times.count), "requests"), ("refused", Double(outcome.refused), "requests")]
                + Percentiles.figures(of: outcome.times))
    }
}
