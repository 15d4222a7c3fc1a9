// Gateway: the port.
//
// The outermost room: it reads the settings, opens the store, puts the counters behind a port and keeps bad traffic away from them.
// Event loops, sockets, files and the clock exist here and nowhere further in.

import API
import Foundation
import Hummingbird
import HummingbirdCore
public import Logging
import Metering
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle
import Signaling
import Storage
public import Switchboard
import UnixSignals
import Vocabulary

/// Why the service could not start. One line for the person who started it.
public struct StartError: Error, CustomStringConvertible, Sendable {
    public let description: String
}

/// A port that is open.
public struct Listening: Sendable {
    public let port: Int
    /// Where the numbers are shown; nil: nowhere.
    public let metricsPort: Int?
    private let services: ServiceGroup

    init(port: Int, metricsPort: Int?, services: ServiceGroup) {
        self.port = port
        self.metricsPort = metricsPort
        self.services = services
    }

    /// Stops taking connections, lets the answers that were begun finish, and makes `serve` return.
    public func stop() async {
        await services.triggerGracefulShutdown()
    }
}

/// One running service: a store, a desk, and a port.
public struct Gateway: Sendable {
    /// Which version of the service this is.
    public static let version = "0.1.0"

    public let desk: Switchboard
    private let metrics: ServiceMetrics
    private let settings: Settings
    private let store: SQLiteStore
    private let api: API
    private let signaling: Signaling
    private let calls: CallCounter
    /// Nil: the port speaks plain HTTP.
    private let certificate: PortCertificate?
    private let logger: Logger

    /// Opens the store and the desk. Nothing listens yet.
    /// - Throws: `StartError` when the store cannot be used, or the certificate of the port.
    public init(_ settings: Settings, environment: [String: String], logger: Logger) async throws(StartError) {
        let registry = MetricRegistry()
        do {
            certificate = try settings.certificate.map { try PortCertificate($0, logger: logger) }
            let outside = try OutboundClient(settings.outbound, on: Threads.group(of: settings.threads))
            store = try SQLiteStore(path: settings.database, metrics: StoreMetrics(registry))
            desk = try await Switchboard(
                store: store, secrets: SecretFiles(environment: environment), outside: outside, clock: SystemClock.now,
                monotonic: SystemClock.monotonic, limits: settings.deskLimits, metrics: registry)
        } catch let error as StartError {
            throw error
        } catch let error as ServerCertificate.Unusable {
            throw StartError(description: error.description)
        } catch let error as StoreOpeningError {
            throw StartError(description: error.description)
        } catch {
            throw StartError(description: "the database \(settings.database) cannot be used: \(error)")
        }
        self.settings = settings
        self.logger = logger
        api = API(desk: desk, logger: logger, metrics: registry)
        signaling = Signaling(
            desk: desk, settings: settings.signaling, socketSettings: SocketCounter.settings(settings.sockets), logger: logger,
            metrics: registry)
        metrics = ServiceMetrics(registry, desk: desk, signaling: signaling)
        calls = CallCounter(registry)
    }

    /// Makes what has to be there before the first request: the operator's key, and the tenants of the configuration.
    /// - Returns: the operator's key if one was made now. It is shown once.
    public func prepare() async throws(StartError) -> NewKey? {
        do {
            for order in settings.tenants {
                do {
                    _ = try await desk.createTenant(order, for: .machine)
                } catch .tenantExists {
                    continue
                }
            }
            return try await desk.ensureOperatorKey(given: settings.operatorKey)
        } catch {
            throw StartError(description: Self.line(error))
        }
    }

    /// Listens and serves until it is told to stop; then lets answers that were begun finish, and closes the store.
    /// - Parameters:
    ///   - routes: paths that sockets come to beside the socket counter's own, and before it.
    ///   - onListening: called once, when the port is bound.
    /// - Throws: `StartError` when the port cannot be had.
    public func serve(
        sockets routes: [SocketRoute] = [], onListening: @escaping @Sendable (Listening) -> Void
    ) async throws(StartError) {
        let caretaker = try await takeUp()
        let metricsPort = try await openMetrics()
        defer { metricsPort?.close() }
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let group = Threads.group(of: settings.threads)
        let sweeps = DeadlineSweeps(group: group)
        let sockets = SocketRoutes(
            routes + [SocketCounter.route(signaling, settings.sockets)], group: group, sweeps: sweeps,
            writeStall: .seconds(Int64(settings.writeStallSeconds)))
        let application = application(on: group, sweeps: sweeps, sockets: sockets, port: port)
        var configuration = ServiceGroupConfiguration(
            services: (metricsPort.map { [.init(service: $0)] } ?? []) + (certificate.map { [.init(service: $0)] } ?? []) + [
                .init(service: caretaker),
                .init(service: application, successTerminationBehavior: .gracefullyShutdownGroup),
                // The last one is told first.
                .init(service: SocketClosing(sockets: sockets, signaling: signaling), successTerminationBehavior: .gracefullyShutdownGroup),
                .init(
                    service: Draining(desk: desk, seconds: settings.drainSeconds, logger: logger),
                    successTerminationBehavior: .gracefullyShutdownGroup),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: quietLogger)
        // Every wait for a client is bounded by the gate; this bounds the wait for ourselves, should the store hang.
        configuration.maximumGracefulShutdownDuration = .seconds(
            settings.drainSeconds + settings.requestDeadlineSeconds + settings.writeStallSeconds + 5)
        let services = ServiceGroup(configuration: configuration)
        let announcing = Task {
            for await port in ports {
                logger.info("listening on", metadata: ["server.address": "\(settings.host)", "server.port": "\(port)"])
                onListening(Listening(port: port, metricsPort: metricsPort?.port, services: services))
            }
        }
        defer { announcing.cancel() }
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await services.run())
        } catch {
            outcome = .failure(error)
        }
        // What was asked over sockets is in the store before it closes.
        await signaling.settled()
        do {
            try store.close()
            try outcome.get()
        } catch let error as IOError {
            throw StartError(description: "cannot listen on \(address): \(String(cString: strerror(error.errnoCode)))")
        } catch {
            throw StartError(description: "cannot serve on \(address): \(error)")
        }
    }

    /// Goes on with the calls that were live when the service ended: nobody is answered before those that are overdue have ended.
    /// - Returns: who looks after the service from now on, with what was told already.
    private func takeUp() async throws(StartError) -> Caretaker {
        do {
            desk.attach(sockets: signaling)
            try await desk.attach(Couriers(couriers: [EventLog(logger: logger), calls, signaling]))
            let now = SocketLoop.now
            try await desk.resume { signaling.takeUp($0, at: now) }
        } catch {
            throw StartError(description: "the calls in \(settings.database) cannot be taken up: \(Self.line(error))")
        }
        await desk.endOverdueCalls()
        var caretaker = Caretaker(desk: desk, signaling: signaling, logger: logger)
        caretaker.troubles = await caretaker.tellNew(knowing: [])
        return caretaker
    }

    /// Opens the port of the numbers, where the settings name one.
    private func openMetrics() async throws(StartError) -> MetricsPort? {
        guard let port = settings.metricsPort else { return nil }
        let opened = try await MetricsPort.open(settings, port: port, metrics: metrics, desk: desk)
        logger.info("metrics are at", metadata: ["server.address": "\(settings.metricsHost)", "server.port": "\(opened.port)"])
        return opened
    }

    /// Where it listens, for people.
    private var address: String {
        settings.host.contains(":") ? "[\(settings.host)]:\(settings.port)" : "\(settings.host):\(settings.port)"
    }

    /// For the libraries that run the server. They report ordinary ends as errors; what matters of it is thrown, and said by us.
    private var quietLogger: Logger {
        var quiet = logger
        quiet.logLevel = .critical
        return quiet
    }

    private func application(
        on group: MultiThreadedEventLoopGroup, sweeps: DeadlineSweeps, sockets: SocketRoutes, port: AsyncStream<Int>.Continuation
    ) -> some ApplicationProtocol {
        let bounds = RequestBounds(
            bodyBytesMax: Limits.bodyBytesMax, headerBytesMax: Limits.headerBytesMax, headerCountMax: Limits.headerCountMax,
            requestDeadline: .seconds(Int64(settings.requestDeadlineSeconds)), idleTimeout: .seconds(Int64(settings.idleTimeoutSeconds)),
            writeStall: .seconds(Int64(settings.writeStallSeconds)), trustedProxies: settings.trustedProxies)
        return Application(
            responder: APIResponder(api: api),
            server: HTTPServerBuilder { [api, certificate] responder in
                HTTPChannel(
                    responder: responder, api: api, sockets: sockets, bounds: bounds, sweeps: sweeps, certificate: certificate)
            },
            configuration: ApplicationConfiguration(
                address: .hostname(settings.host, port: settings.port),
                availableConnectionsDelegate: MaximumAvailableConnections(connectionsMax)),
            onServerRunning: { channel in
                port.yield(channel.localAddress?.port ?? 0)
                port.finish()
            }, eventLoopGroupProvider: .shared(group),
            logger: quietLogger)
    }

    /// As many connections as the settings allow and the system can carry; what is kept back is for the store and the logs.
    private var connectionsMax: Int {
        let descriptors = OpenFiles.raiseLimit()
        let possible = max(1, descriptors - 64)
        guard settings.connectionsMax > possible else { return settings.connectionsMax }
        logger.warning(
            "fewer connections than limits.connections_max: the system allows too few open files",
            metadata: ["connections.max": "\(possible)", "open.files.max": "\(descriptors)"])
        return possible
    }

    /// A refusal of the desk in one line for the person at the machine.
    static func line(_ error: DeskError) -> String {
        switch error {
        case .invalid(let field, let reason): "\(field): \(reason)"
        case .appUnavailable(let cause), .unavailable(let cause), .internal(let cause): cause
        case .unauthenticated, .missingScope, .scopeNotHeld, .notFound, .roomNotOpen, .call, .idempotencyInProgress, .tenantExists,
            .limitReached, .rateLimited, .providerNotConfigured, .invalidCursor, .draining:
            "\(error)"
        }
    }
}
