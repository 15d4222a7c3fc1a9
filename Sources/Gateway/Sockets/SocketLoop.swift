import NIOCore
import SocketIO

/// What the connections of one server on one event loop have in common: a sweep, and room for actions.
///
/// One timer for all of them looks at each connection's next deadline, once a second for the usual times, ten times in a ping timeout for
/// short ones. Everything here happens on the loop.
final class SocketLoop {
    let eventLoop: any EventLoop
    let executor: LoopExecutor
    private let interval: TimeAmount
    private var connections: [SocketConnection] = []
    private var isRunning = false
    /// An empty array with room in it, for whoever has actions to carry out; taken while it is used.
    private var spare: [EngineIOAction] = []

    init(eventLoop: any EventLoop, settings: SocketSettings) {
        self.eventLoop = eventLoop
        executor = LoopExecutor(eventLoop: eventLoop)
        let tenth = Int64(settings.pingTimeoutMilliseconds) / 10
        let bounds = TransportLimits.sweepMilliseconds
        interval = .milliseconds(min(max(tenth, bounds.lowerBound), bounds.upperBound))
    }

    /// The present moment of the clock that all lines share.
    static var now: Moment {
        Moment(milliseconds: Int64(NIODeadline.now().uptimeNanoseconds / 1_000_000))
    }

    // MARK: Room for actions

    func takeSpare() -> [EngineIOAction] {
        defer { spare = [] }
        return spare
    }

    func giveSpare(_ actions: inout [EngineIOAction]) {
        let isKept = actions.capacity <= TransportLimits.spareActionsMax && spare.capacity == 0
        actions.removeAll(keepingCapacity: isKept)
        if isKept { swap(&actions, &spare) }
    }

    // MARK: The sweep

    func add(_ connection: SocketConnection) {
        eventLoop.assertInEventLoop()
        connection.place = connections.count
        connections.append(connection)
        scheduleIfNeeded()
    }

    func remove(_ connection: SocketConnection) {
        eventLoop.assertInEventLoop()
        guard let place = connection.place else { return }
        connection.place = nil
        let last = connections.removeLast()
        guard last !== connection else { return }
        connections[place] = last
        last.place = place
    }

    private func scheduleIfNeeded() {
        guard !isRunning, !connections.isEmpty else { return }
        isRunning = true
        eventLoop.assumeIsolated().scheduleTask(in: interval) {
            self.isRunning = false
            let now = Self.now
            // Those that end on the way leave the list; this goes on with the list as it was.
            for connection in self.connections { connection.tickIfDue(at: now) }
            self.scheduleIfNeeded()
        }
    }
}
