import NIOCore

/// Something with a moment at which it has waited long enough.
protocol Expiring: AnyObject {
    /// Nil: waits for nothing.
    var deadline: NIODeadline? { get }
    func expire(at now: NIODeadline)
}

/// Looks at all connections of one event loop once a second and tells those that have waited long enough.
///
/// One timer for all of them: setting a deadline is the writing of a number, not the making and cancelling of a timer for every request.
/// A deadline is kept to the second, which is all that these need.
final class DeadlineSweep {
    private var waiting: [ObjectIdentifier: any Expiring] = [:]
    private var isRunning = false
    private let eventLoop: any EventLoop
    /// The loop's own copy of the date header, shared by its connections.
    var date = DateText()
    /// Where its WebSockets write what they send.
    var frames = ServerFrames()

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    func add(_ item: any Expiring) {
        eventLoop.assertInEventLoop()
        waiting[ObjectIdentifier(item)] = item
        scheduleIfNeeded()
    }

    func remove(_ item: any Expiring) {
        eventLoop.assertInEventLoop()
        waiting[ObjectIdentifier(item)] = nil
    }

    private func scheduleIfNeeded() {
        guard !isRunning, !waiting.isEmpty else { return }
        isRunning = true
        eventLoop.assumeIsolated().scheduleTask(in: .seconds(1)) {
            self.isRunning = false
            self.sweep()
            self.scheduleIfNeeded()
        }
    }

    private func sweep() {
        let now = eventLoop.now
        for item in waiting.values {
            if let deadline = item.deadline, deadline <= now { item.expire(at: now) }
        }
    }
}

/// The sweep of every event loop of a group, made when the loop's first connection asks for it.
struct DeadlineSweeps: Sendable {
    private let sweeps: [ObjectIdentifier: NIOLoopBoundBox<DeadlineSweep?>]

    init(group: any EventLoopGroup) {
        var sweeps: [ObjectIdentifier: NIOLoopBoundBox<DeadlineSweep?>] = [:]
        for loop in group.makeIterator() {
            sweeps[ObjectIdentifier(loop)] = NIOLoopBoundBox.makeEmptyBox(valueType: DeadlineSweep.self, eventLoop: loop)
        }
        self.sweeps = sweeps
    }

    /// Asked on the loop itself.
    func sweep(of loop: any EventLoop) -> DeadlineSweep {
        guard let box = sweeps[ObjectIdentifier(loop)] else { preconditionFailure("a connection on a loop of another group") }
        if let sweep = box.value { return sweep }
        let sweep = DeadlineSweep(eventLoop: loop)
        box.value = sweep
        return sweep
    }
}
