import Dispatch
import Synchronization

/// Runs the jobs of one task when it is told to, so that a test can halt the task between any two of its steps and let others go first.
///
/// A job is a task's way from one suspension to the next. What the store does on threads of its own is not held up: a halted task has
/// asked the store, the store has answered, and the task just does not go on.
final class SteppingExecutor: TaskExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        var isReleased = false
        var isFinished = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "stepping")
    /// How often a task may come to its end without a halt before it is believed to have no more.
    private static let missesMax = 5

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let (isReleased, waiter) = state.withLock { state in
            if !state.isReleased { state.jobs.append(job) }
            return (state.isReleased, state.waiter.take())
        }
        if isReleased { run(job) }
        waiter?.resume()
    }

    /// Waits until the task could take its next step, or has ended. False when it has ended.
    func isHalted() async -> Bool {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let isReady = state.withLock { state in
                if state.isFinished || !state.jobs.isEmpty { return true }
                state.waiter = continuation
                return false
            }
            if isReady { continuation.resume() }
        }
        return state.withLock { !$0.isFinished }
    }

    /// Lets the halted task take one step.
    func step() {
        if let job = state.withLock({ $0.jobs.isEmpty ? nil : $0.jobs.removeFirst() }) { run(job) }
    }

    /// Lets the task go on to its end.
    func release() {
        let jobs = state.withLock { state in
            state.isReleased = true
            defer { state.jobs = [] }
            return state.jobs
        }
        for job in jobs { run(job) }
    }

    private func finish() {
        let waiter = state.withLock { state in
            state.isFinished = true
            return state.waiter.take()
        }
        waiter?.resume()
    }

    private func run(_ job: UnownedJob) {
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }

    /// Halts `change` at each of its steps in turn: before the first one, before the second one, and so on, each time with a fresh `Scene`.
    /// At each halt `meanwhile` happens, then `change` goes on to its end, then `expect` looks at what came of it.
    ///
    /// - Returns: how many halts there were.
    static func atEveryHalt<Scene: Sendable>(
        of change: @escaping @Sendable (Scene) async -> Void, scene: () async throws -> Scene,
        meanwhile: (Scene, Task<Void, Never>) async throws -> Void, expect: (Scene, Int) async throws -> Void
    ) async throws -> Int {
        var (halt, misses) = (0, 0)
        while halt < 100 {
            let place = try await scene()
            let executor = SteppingExecutor()
            let task = Task(executorPreference: executor) {
                await change(place)
                executor.finish()
            }
            var steps = 0
            while await executor.isHalted(), steps < halt {
                executor.step()
                steps += 1
            }
            let isHalted = await executor.isHalted()
            if isHalted { try await meanwhile(place, task) }
            executor.release()
            await task.value
            guard isHalted else {
                // A store that was quick has answered before the task came to wait, so it is tried again.
                misses += 1
                if misses == missesMax { return halt }
                continue
            }
            misses = 0
            try await expect(place, halt)
            halt += 1
        }
        return halt
    }
}
