import NIOCore

/// Runs tasks on an event loop, so that what a socket asks for begins on the thread that has read it, and goes on there when the store has
/// answered: two thread hops fewer than through Swift's shared pool.
final class LoopExecutor: TaskExecutor {
    private let eventLoop: any EventLoop

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
