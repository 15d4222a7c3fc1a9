import ServiceLifecycle

/// Closes all sessions when the service is told to stop, also those that no connection belongs to at that moment, and lets none be opened.
struct SocketClosing: Service {
    let sockets: SocketRoutes

    func run() async throws {
        try await gracefulShutdown()
        sockets.stop()
    }
}
