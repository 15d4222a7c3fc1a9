import Foundation
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle
import Switchboard
import Synchronization

/// The port on which the numbers are shown: `GET /metrics`, and nothing else.
///
/// It is a port of its own, so that no rule of a proxy and no mistake in a table of routes can show them to strangers, and a thread of its
/// own, so that looking at them holds up no request. It is told last that the service stops: the numbers can be read until the end.
struct MetricsPort: Service {
    private static let connectionsMax = 8
    private static let secondsMax = TimeAmount.seconds(10)
    /// Never given back, for the same reason as the other threads.
    private static let thread = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    private let channel: any Channel

    /// Opens the port.
    /// - Throws: `StartError` when it cannot be had.
    static func open(_ settings: Settings, port: Int, metrics: ServiceMetrics, desk: Switchboard) async throws(StartError) -> MetricsPort {
        let connections = Connections()
        let bootstrap = ServerBootstrap(group: thread)
            .serverChannelOption(.backlog, value: 16)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard connections.add() else { throw ChannelError.ioOnClosedChannel }
                    channel.closeFuture.whenComplete { _ in connections.remove() }
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withPipeliningAssistance: false)
                    try channel.pipeline.syncOperations.addHandler(Handler { await metrics.text(desk) })
                    // Whoever is slow is cut off.
                    channel.eventLoop.scheduleTask(in: secondsMax) { channel.close(promise: nil) }
                }
            }
        do {
            return MetricsPort(channel: try await bootstrap.bind(host: settings.metricsHost, port: port).get())
        } catch let error as IOError {
            throw StartError(
                description:
                    "metrics.port: cannot listen on \(settings.metricsHost):\(port): \(String(cString: strerror(error.errnoCode)))")
        } catch {
            throw StartError(description: "metrics.port: cannot listen on \(settings.metricsHost):\(port): \(error)")
        }
    }

    var port: Int { channel.localAddress?.port ?? 0 }

    func run() async throws {
        defer { channel.close(promise: nil) }
        try await gracefulShutdown()
    }

    /// Closes the port where the service did not come to run.
    func close() { channel.close(promise: nil) }

    /// How many connections there are.
    private final class Connections: Sendable {
        private let count = Mutex(0)

        func add() -> Bool {
            count.withLock { count in
                guard count < MetricsPort.connectionsMax else { return false }
                count += 1
                return true
            }
        }

        func remove() { count.withLock { $0 -= 1 } }
    }

    /// Answers one request and closes the connection.
    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let text: @Sendable () async -> String
        private var head: HTTPRequestHead?

        init(text: @escaping @Sendable () async -> String) {
            self.text = text
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head) where self.head == nil: self.head = head
            case .head, .body: break
            case .end: if let head { answer(head, context) }
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }

        private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
            let path = head.uri.prefix { $0 != "?" }
            guard path == "/metrics" else { return write(.notFound, "", head, context) }
            guard head.method == .GET || head.method == .HEAD else { return write(.methodNotAllowed, "", head, context) }
            let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
            context.eventLoop.makeFutureWithTask(text).whenSuccess { text in
                bound.value.handler.write(.ok, text, head, bound.value.context)
            }
        }

        private func write(_ status: HTTPResponseStatus, _ text: String, _ request: HTTPRequestHead, _ context: ChannelHandlerContext) {
            let headers: HTTPHeaders = [
                "content-type": "text/plain; version=0.0.4; charset=utf-8", "content-length": "\(text.utf8.count)",
                "cache-control": "no-store", "connection": "close",
            ]
            context.write(wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))), promise: nil)
            if request.method != .HEAD {
                context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
            }
            let written = context.eventLoop.makePromise(of: Void.self)
            let channel = context.channel
            written.futureResult.whenComplete { _ in channel.close(promise: nil) }
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
        }
    }
}
