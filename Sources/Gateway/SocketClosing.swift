import ServiceLifecycle
import Signaling

/// Closes all sessions when the service is told to stop, also those that no connection belongs to at that moment, and lets none be opened.
struct SocketClosing: Service {
    let sockets: SocketRoutes
    let signaling: Signaling

    func run() async throws {
        try await gracefulShutdown()
        // First the counter: that everybody goes now ends no call.
        signaling.stop()
        sockets.stop()
    }
}
