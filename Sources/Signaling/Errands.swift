import SocketIO
import Synchronization

/// What was asked at the desk and is not answered yet. Each errand is a task of its own; here is known when none is under way.
///
/// An errand of a connection is on its line's thread whenever it does not wait.
final class Errands: Sendable {
    private struct State {
        var running = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// Begins an errand of a connection. What came of it is told on the line's thread, perhaps before this returns.
    func run<Outcome: Sendable>(
        on line: any EngineIOLine, _ errand: @escaping @Sendable () async -> Outcome, then tell: @escaping @Sendable (Outcome) -> Void
    ) {
        state.withLock { $0.running += 1 }
        line.start(errand) { outcome in
            tell(outcome)
            self.finish()
        }
    }

    /// Begins an errand of which nobody is told.
    func run(_ errand: @escaping @Sendable () async -> Void) {
        state.withLock { $0.running += 1 }
        Task {
            await errand()
            finish()
        }
    }

    /// Returns when none is under way.
    func settled() async {
        await withCheckedContinuation { continuation in
            let isQuiet = state.withLock { state in
                if state.running > 0 { state.waiting.append(continuation) }
                return state.running == 0
            }
            if isQuiet { continuation.resume() }
        }
    }

    private func finish() {
        let waiting: [CheckedContinuation<Void, Never>] = state.withLock { state in
            state.running -= 1
            guard state.running == 0 else { return [] }
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
