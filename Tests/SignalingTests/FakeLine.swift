import Dispatch
import SocketIO
import Synchronization

/// A connection without a network: what is sent stays here. Its thread is a queue that it may share with other lines, as in the service.
final class FakeLine: EngineIOLine {
    private struct State {
        var isOpen = true
        var closing: CloseReason?
        var client: Client?
        /// Messages that are to arrive together, and how many those are.
        var gathered: [String] = []
        var gatheredCount = 1
    }

    /// The far end, which is used on the line's queue alone.
    private struct Client: @unchecked Sendable {
        // Unchecked: `client` is touched on the line's queue alone.
        let client: any EngineIOClient
    }

    let address: String
    private let queue: DispatchQueue
    private let clock: TestClock
    private let onFrame: @Sendable (EngineIOFrame) -> Void
    private let onClose: @Sendable (CloseReason) -> Void
    private let state = Mutex(State())

    init(
        address: String, queue: DispatchQueue, clock: TestClock, onFrame: @escaping @Sendable (EngineIOFrame) -> Void,
        onClose: @escaping @Sendable (CloseReason) -> Void
    ) {
        self.address = address
        self.queue = queue
        self.clock = clock
        self.onFrame = onFrame
        self.onClose = onClose
    }

    // MARK: EngineIOLine

    var now: Moment { clock.moment }

    func run(_ work: @escaping @Sendable () -> Void) { queue.async(execute: work) }

    func start<Outcome: Sendable>(
        _ work: @escaping @Sendable () async -> Outcome, finish: @escaping @Sendable (Outcome) -> Void
    ) {
        Task {
            let outcome = await work()
            run { finish(outcome) }
        }
    }

    func send(_ frame: EngineIOFrame) {
        dispatchPrecondition(condition: .onQueue(queue))
        if state.withLock({ $0.isOpen }) { onFrame(frame) }
    }

    func close(_ reason: CloseReason) {
        dispatchPrecondition(condition: .onQueue(queue))
        let client: Client? = state.withLock { state in
            guard state.isOpen else { return nil }
            state.isOpen = false
            defer { state.client = nil }
            return state.client
        }
        guard let client else { return }
        onClose(reason)
        client.client.closed(reason)
    }

    // MARK: What happens on the network

    func open(_ application: any EngineIOApplication) {
        run {
            let client = Client(client: application.opened(self))
            self.state.withLock { $0.client = client }
        }
    }

    /// The client sends a message of Engine.IO.
    func arrives(_ text: String) {
        let texts = state.withLock { state -> [String] in
            state.gathered.append(text)
            guard state.gathered.count >= state.gatheredCount else { return [] }
            state.gatheredCount = 1
            defer { state.gathered = [] }
            return state.gathered
        }
        run {
            for text in texts {
                let client = self.state.withLock { $0.client }
                client?.client.received(.text(Array(text.utf8)[...]))
            }
        }
    }

    /// The next messages arrive together, when there are so many: nothing comes back in between.
    func gather(_ count: Int) { state.withLock { $0.gatheredCount = count } }

    /// The client is gone.
    func drops(_ reason: CloseReason = .transportClose) {
        run { self.close(reason) }
    }

    /// Somebody looks at the connection's deadlines.
    func ticks() {
        run {
            guard let client = self.state.withLock({ $0.client })?.client, let deadline = client.nextDeadline, deadline <= self.now else {
                return
            }
            client.tick(at: self.now)
        }
    }

    /// Returns when all that was asked of the line's thread before is done.
    func settled() async {
        await withCheckedContinuation { continuation in run { continuation.resume() } }
    }
}
