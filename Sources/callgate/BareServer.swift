import NIOCore
import NIOHTTP1
import NIOPosix

/// The ceiling of `bench http`: NIO's HTTP codec on one thread with a handler that answers the same bytes to every request, unread.
///
/// No routes, no keys, no bounds, no tokens: what is left is what a request costs before any of our own work.
struct BareServer {
    let port: Int
    private let channel: any Channel
    private let group: MultiThreadedEventLoopGroup

    /// - Parameter body: what is answered.
    static func start(answering body: [UInt8]) async throws -> BareServer {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let bootstrap = ServerBootstrap(group: group).serverChannelOption(.backlog, value: 256).childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                try channel.pipeline.syncOperations.addHandler(Answering(body))
            }
        }
        let channel = try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
        return BareServer(port: channel.localAddress?.port ?? 0, channel: channel, group: group)
    }

    func stop() async throws {
        try await channel.close()
        try await group.shutdownGracefully()
    }

    private final class Answering: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let body: ByteBuffer

        init(_ body: [UInt8]) {
            self.body = ByteBuffer(bytes: body)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard case .end = unwrapInboundIn(data) else { return }
            let headers: HTTPHeaders = ["content-type": "application/json", "content-length": String(body.readableBytes)]
            context.write(wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .created, headers: headers))), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
