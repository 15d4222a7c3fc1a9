import Logging
import ServiceLifecycle
import Switchboard

/// The first thing that happens when the service is told to stop: it says that it is not ready, begins no new calls, and goes on with
/// everything else for a while, so that proxies notice before connections are closed.
struct Draining: Service {
    let desk: Switchboard
    let seconds: Int
    let logger: Logger

    func run() async throws {
        try await gracefulShutdown()
        desk.drain()
        logger.info("stopping", metadata: ["drain.seconds": "\(seconds)"])
        guard seconds > 0 else { return }
        try await Task.sleep(for: .seconds(seconds))
    }
}
