import Calls
import Foundation
import Gateway
import Switchboard
import Synchronization
import Vocabulary

/// Plays whole calls at the desk of this process, on a throw-away store that waits for its disk as the service's does.
///
/// A call is placed, accepted with a token for each of the two, and ended, each step by a server's key and answered when it is on the disk.
/// Each of the callers at once plays one call after the other between two users of its own. What HTTP costs is not in it. Beside it stands
/// what the disk can do: 4 KiB written over and synchronised, one right after the other, in the same folder.
struct CallBench {
    let seconds: Int
    let concurrency: Int
    let parent: URL

    func rows() async throws -> [BenchRow] {
        try await ThrowAwayFolder.use(in: parent) { folder in
            let progress = Progress("measuring", steps: 1 + 3 * seconds)
            defer { progress.end() }
            progress.show(0)
            var settings = Settings()
            settings.database = ThrowAwayService.database(in: folder)
            settings.logLevel = "warning"
            settings.deskLimits = .unlimited
            let secrets = DemoSecrets()
            let gateway = try await ThrowAwayService.open(settings, secrets)
            let listener = Listener()
            try await gateway.desk.attach(listener)
            let key = try await BenchTenant.make(at: gateway.desk, secrets, scopes: [.callsWrite])
            let caller = try await gateway.desk.authenticate(key)
            // One short run first, so that caches are filled and threads are started.
            _ = try await play(at: gateway.desk, caller, callers: concurrency, for: .milliseconds(500))
            progress.show(1)
            let disk = try await DiskBench.row(in: folder, for: .seconds(seconds))
            progress.show(1 + seconds)
            let single = try await play(at: gateway.desk, caller, callers: 1, for: .seconds(seconds))
            progress.show(1 + 2 * seconds)
            let many = try await play(at: gateway.desk, caller, callers: concurrency, for: .seconds(seconds))
            try listener.check()
            return many.rows("\(concurrency) callers at once") + single.rows("one after the other") + [disk]
        }
    }

    // MARK: The calls

    /// How long each step of each call took, in nanoseconds.
    struct Times: Sendable {
        var place: [Int64] = []
        var accept: [Int64] = []
        var end: [Int64] = []
        var whole: [Int64] = []

        static func += (all: inout Times, more: Times) {
            all.place += more.place
            all.accept += more.accept
            all.end += more.end
            all.whole += more.whole
        }
    }

    private func play(at desk: Switchboard, _ key: Caller, callers: Int, for duration: Duration) async throws -> CallRun {
        let cpu = ProcessorTime.microseconds
        let start = ContinuousClock.now
        let times = try await withThrowingTaskGroup(of: Times.self) { group in
            for number in 0..<callers {
                let users = (caller: try UserID("caller-\(number)"), callee: try UserID("callee-\(number)"))
                group.addTask {
                    var times = Times()
                    while ContinuousClock.now - start < duration { try await Self.playOne(at: desk, key, users, &times) }
                    return times
                }
            }
            return try await group.reduce(into: Times()) { $0 += $1 }
        }
        return CallRun(times: times, elapsed: ContinuousClock.now - start, processorMicroseconds: ProcessorTime.microseconds - cpu)
    }

    private static func playOne(
        at desk: Switchboard, _ key: Caller, _ users: (caller: UserID, callee: UserID), _ times: inout Times
    ) async throws {
        let order = CallOrder(
            caller: users.caller, callee: users.callee, media: .video, provider: nil, id: nil, device: nil, metadata: nil)
        let start = ContinuousClock.now
        let call = try await desk.placeCall(order, .none, for: key).call
        let placed = ContinuousClock.now
        let accepted = try await desk.acceptCall(call.id, as: PartyClaim(user: users.callee, device: nil), .none, for: key)
        let taken = ContinuousClock.now
        let ended = try await desk.endCall(call.id, as: PartyClaim(user: users.caller, device: nil), note: nil, .none, for: key)
        let over = ContinuousClock.now
        guard call.state == .ringing, accepted.joins.count == 2, ended.state == .ended, ended.version == 3 else {
            throw Refusal.no("a call did not go as it should: \(ended)")
        }
        times.place.append((placed - start).wholeNanoseconds)
        times.accept.append((taken - placed).wholeNanoseconds)
        times.end.append((over - taken).wholeNanoseconds)
        times.whole.append((over - start).wholeNanoseconds)
    }
}

/// What was measured while calls were played.
struct CallRun {
    let times: CallBench.Times
    let elapsed: Duration
    let processorMicroseconds: Double

    func rows(_ who: String) -> [BenchRow] {
        let count = Double(times.whole.count)
        return [
            BenchRow(
                name: "calls, \(who)",
                figures: [
                    ("rate", count / (elapsed / .seconds(1)), "/s"),
                    ("CPU of all threads", processorMicroseconds / max(1, count), "us/call"),
                ] + Percentiles.figures(of: times.whole)),
            BenchRow(name: "place, \(who)", figures: Percentiles.figures(of: times.place)),
            BenchRow(name: "accept with both tokens, \(who)", figures: Percentiles.figures(of: times.accept)),
            BenchRow(name: "end, \(who)", figures: Percentiles.figures(of: times.end)),
        ]
    }
}

/// Hears what is to be told, as the service does, and counts it: a call that is played has one `incoming`, two `accepted` and two `ended`.
private final class Listener: Courier {
    private let counts = Mutex<[CallEvent.Kind: Int]>([:])

    func carry(_ events: [CallEvent]) {
        counts.withLock { counts in
            for event in events { counts[event.kind, default: 0] += 1 }
        }
    }

    func check() throws {
        let counts = counts.withLock { $0 }
        let calls = counts[.incoming, default: 0]
        guard counts == [.incoming: calls, .accepted: calls, .answeredElsewhere: calls, .ended: 2 * calls] else {
            throw Refusal.no("not everything was told: \(counts)")
        }
    }
}
