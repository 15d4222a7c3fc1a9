import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// A server that is not ours, on a port of 127.0.0.1 of its own, and answers as a test wants it.
final class OtherServer: Sendable {
    /// What it does with a request.
    enum Reply: Sendable {
        /// Bytes as they go over the wire, after which it closes the connection.
        case bytes(String)
        /// Nothing: it reads, and says no word.
        case silence
        /// The beginning of an answer, then a byte now and then for as long as it is there.
        case drip

        static func json(_ body: String, status: String = "200 OK") -> Reply {
            .bytes("HTTP/1.1 \(status)\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        }
    }

    private struct State {
        var heads: [HTTPRequestHead] = []
        var reply: @Sendable (HTTPRequestHead) -> Reply
    }

    let port: Int
    private let channel: any Channel
    private let state: SharedState

    private final class SharedState: Sendable {
        let value: Mutex<State>
        init(_ state: State) { value = Mutex(state) }
    }

    private init(channel: any Channel, port: Int, state: SharedState) {
        self.channel = channel
        self.port = port
        self.state = state
    }

    /// The requests that came, in their order.
    var heads: [HTTPRequestHead] { state.value.withLock { $0.heads } }

    func answer(_ reply: @escaping @Sendable (HTTPRequestHead) -> Reply) { state.value.withLock { $0.reply = reply } }

    /// Runs it while `use` runs.
    static func with(
        _ certificate: TestCertificate? = nil, _ reply: @escaping @Sendable (HTTPRequestHead) -> Reply,
        _ use: (OtherServer) async throws -> Void
    ) async throws {
        let state = SharedState(State(reply: reply))
        let context = try certificate.map { certificate in
            try NIOSSLContext(
                configuration: .makeServerConfiguration(
                    certificateChain: [.certificate(try NIOSSLCertificate(bytes: Array(certificate.certificate.utf8), format: .pem))],
                    privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(certificate.key.utf8), format: .pem))))
        }
        let bootstrap = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup).childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                let pipeline = channel.pipeline.syncOperations
                if let context { try pipeline.addHandler(NIOSSLServerHandler(context: context)) }
                try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
                try pipeline.addHandler(Handler(state))
            }
        }
        let channel = try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
        let server = OtherServer(channel: channel, port: channel.localAddress?.port ?? 0, state: state)
        do {
            try await use(server)
        } catch {
            try await channel.close()
            throw error
        }
        try await channel.close()
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = ByteBuffer

        private let state: SharedState

        init(_ state: SharedState) { self.state = state }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard case .head(let head) = unwrapInboundIn(data) else { return }
            let reply = state.value.withLock { state in
                state.heads.append(head)
                return state.reply
            }(head)
            switch reply {
            case .silence: break
            case .drip:
                let channel = context.channel
                write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", context)
                context.eventLoop.scheduleRepeatedTask(initialDelay: .milliseconds(20), delay: .milliseconds(20)) { task in
                    guard channel.isActive else { return task.cancel() }
                    channel.writeAndFlush(ByteBuffer(string: "x"), promise: nil)
                }
            case .bytes(let text):
                let channel = context.channel
                channel.writeAndFlush(ByteBuffer(string: text)).whenComplete { _ in channel.close(promise: nil) }
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        private func write(_ text: String, _ context: ChannelHandlerContext) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        }
    }
}
