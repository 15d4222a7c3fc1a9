import NIOCore
import StrictJSON

/// Pairs of users who are connected and play calls: at a given rate, or as many as the server can take.
// @unchecked Sendable: nothing in it is touched but on the thread of its event loop.
final class CallLoad: CallWatcher, @unchecked Sendable {
    private let loop: any EventLoop
    private var pairs: [CallPair] = []
    private var fault: (any Error)?
    private var run: Run?

    /// One measurement.
    private final class Run {
        let play: CallPair.Play
        let done: EventLoopPromise<CallTimes>
        /// Calls are placed until then.
        let end: NIODeadline
        /// Whether who has ended a call places the next one at once.
        let isSaturating: Bool
        /// Where calls come at a rate: those who wait for their next one, the one that has waited longest first.
        var free: [CallPair] = []
        var underWay = 0
        var late = 0
        /// Whether all calls were placed.
        var isOver = false

        init(_ play: CallPair.Play, _ done: EventLoopPromise<CallTimes>, until end: NIODeadline, isSaturating: Bool) {
            (self.play, self.done, self.end, self.isSaturating) = (play, done, end, isSaturating)
        }
    }

    /// Every two users are a pair.
    init(_ users: [SocketUser], on loop: any EventLoop) {
        self.loop = loop
        pairs = stride(from: 0, to: users.count - 1, by: 2).map { CallPair(users[$0], users[$0 + 1], self) }
    }

    /// Connects all of them.
    func connect(port: Int) async throws {
        for pair in pairs { try await loop.flatSubmit { [loop] in pair.connect(port: port, on: loop) }.get() }
    }

    /// Calls that are rejected come at this rate, whether the server keeps up or not.
    func ring(perSecond rate: Int, for duration: TimeAmount) async throws -> CallTimes {
        try await begin(.reject, for: duration, isSaturating: false) { [self] in
            run?.free = pairs
            let gap = 1_000_000_000 / Double(rate)
            place(at: .now(), count: max(1, Int(Double(duration.nanoseconds) / gap)), gap)
        }
    }

    /// Every pair plays whole calls, one after the other.
    func saturate(for duration: TimeAmount) async throws -> CallTimes {
        try await begin(.whole, for: duration, isSaturating: true) { [self] in
            run?.isOver = true
            run?.underWay = pairs.count
            for pair in pairs { pair.start(.whole) }
        }
    }

    private func begin(
        _ play: CallPair.Play, for duration: TimeAmount, isSaturating: Bool, _ start: @escaping @Sendable () -> Void
    ) async throws -> CallTimes {
        let done = loop.makePromise(of: CallTimes.self)
        loop.execute { [self] in
            if let fault { return done.fail(fault) }
            for pair in pairs { pair.reset() }
            run = Run(play, done, until: .now() + duration, isSaturating: isSaturating)
            start()
        }
        return try await done.futureResult.get()
    }

    /// Places what is due since the start, and comes back when the next call is.
    private func place(at start: NIODeadline, count: Int, placed: Int = 0, _ gap: Double) {
        guard fault == nil else { return }
        let due = min(count, Int(Double((NIODeadline.now() - start).nanoseconds) / gap) + 1)
        for _ in placed..<max(placed, due) { placeOne() }
        guard due < count else {
            run?.isOver = true
            return finishIfOver()
        }
        loop.scheduleTask(deadline: start + .nanoseconds(Int64(Double(due) * gap))) { [self] in
            place(at: start, count: count, placed: max(placed, due), gap)
        }
    }

    private func placeOne() {
        guard run?.free.isEmpty == false, let pair = run?.free.removeFirst() else {
            run?.late += 1
            return
        }
        run?.underWay += 1
        pair.start(.reject)
    }

    func ended(_ pair: CallPair) {
        guard let run else { return }
        if run.isSaturating, NIODeadline.now() < run.end { return pair.start(run.play) }
        run.underWay -= 1
        run.free.append(pair)
        finishIfOver()
    }

    private func finishIfOver() {
        guard let run, run.isOver, run.underWay == 0 else { return }
        self.run = nil
        var times = CallTimes()
        for pair in pairs { times += pair.times }
        times.late = run.late
        run.done.succeed(times)
    }

    func failed(_ error: any Error) {
        guard fault == nil else { return }
        fault = error
        run?.done.fail(error)
        run = nil
    }
}
