import Foundation
import Gateway
import Signing
import Switchboard

/// The service on a store of its own in a temporary folder, for as long as somebody uses it: for the demo and the benchmark.
enum ThrowAwayService {
    /// Serves while `use` runs, then stops (or goes on until it is told to stop), and removes the folder.
    ///
    /// - Parameters:
    ///   - settings: all but the database, which is put into the folder.
    ///   - keepsServing: whether it goes on after `use` until a signal comes. After an error it always stops.
    ///   - sockets: the paths that sockets come to.
    ///   - use: is handed the service, its open port and the folder.
    static func run<Outcome: Sendable>(
        _ settings: Settings, secrets: DemoSecrets, keepsServing: Bool = false, sockets: [SocketRoute] = [],
        _ use: (Gateway, Listening, URL) async throws -> Outcome
    ) async throws -> Outcome {
        try await ThrowAwayFolder.use(in: FileManager.default.temporaryDirectory) { folder in
            var settings = settings
            settings.database = database(in: folder)
            return try await serve(open(settings, secrets), keepsServing: keepsServing, sockets: sockets) { gateway, listening in
                try await use(gateway, listening, folder)
            }
        }
    }

    /// The database of the service whose folder that is.
    static func database(in folder: URL) -> String { folder.appending(path: "throw-away.sqlite").path }

    private static func serve<Outcome: Sendable>(
        _ gateway: Gateway, keepsServing: Bool, sockets: [SocketRoute], _ use: (Gateway, Listening) async throws -> Outcome
    ) async throws -> Outcome {
        let (listeners, listener) = AsyncStream.makeStream(of: Listening.self)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { listener.finish() }
                try await gateway.serve(sockets: sockets) { listener.yield($0) }
            }
            var outcome: Outcome?
            for await listening in listeners {
                do {
                    outcome = try await use(gateway, listening)
                    if !keepsServing { await listening.stop() }
                } catch {
                    await listening.stop()
                    throw error
                }
            }
            try await group.waitForAll()
            guard let outcome else { throw Refusal.no("the service ended before it listened") }
            return outcome
        }
    }

    /// Opens a store and a desk on that database; nothing listens.
    static func open(_ settings: Settings, _ secrets: DemoSecrets) async throws -> Gateway {
        do {
            return try await Gateway(settings, environment: secrets.environment, logger: settings.logger)
        } catch {
            throw Refusal.no(error.description)
        }
    }
}

/// A folder that is there as long as somebody uses it.
enum ThrowAwayFolder {
    static func use<Outcome>(in parent: URL, _ use: (URL) async throws -> Outcome) async throws -> Outcome {
        let folder = parent.appending(path: "callgate-\(UInt64(truncatingIfNeeded: SecureRandom.uint128()))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer {
            do {
                try FileManager.default.removeItem(at: folder)
            } catch {
                Terminal.say("\(folder.path) could not be removed: \(error)")
            }
        }
        return try await use(folder)
    }
}

extension Settings {
    /// For benchmarks of HTTP: one thread on a free port, and as many requests as somebody likes.
    static let oneThread = {
        var settings = Settings()
        settings.port = 0
        settings.threads = 1
        settings.logLevel = "warning"
        settings.deskLimits = .unlimited
        return settings
    }()
}
