import NIOCore
import NIOWebSocket

/// Asks a server on this machine for a WebSocket, and makes room for who is to use it when the server says yes.
///
/// It looks at no more than tells the yes from a no: a benchmark opens connections by the thousand, and what a client of HTTP does for each
/// would be most of the load's own work.
final class ClientHandshake: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Key and answer of the example in RFC 6455, section 1.3. A key keeps caches between two machines from mistakes; here are none.
    private static let key = "dGhlIHNhbXBsZSBub25jZQ=="
    private static let accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    private static let answerBytesMax = 16_384
    private static let endOfHead = Array("\r\n\r\n".utf8)

    private let request: String
    private let opened: (ChannelHandlerContext) throws -> Void
    private let refused: (SocketFault) -> Void
    private var read = ByteBuffer()

    /// - Parameters:
    ///   - opened: is to put behind this handler what reads frames. What came behind the server's answer is passed on to it.
    ///   - refused: the server said something else.
    init(
        port: Int, path: String, opened: @escaping (ChannelHandlerContext) throws -> Void, refused: @escaping (SocketFault) -> Void
    ) {
        request = """
            GET \(path) HTTP/1.1\r
            Host: 127.0.0.1:\(port)\r
            Connection: Upgrade\r
            Upgrade: websocket\r
            Sec-WebSocket-Version: 13\r
            Sec-WebSocket-Key: \(Self.key)\r
            \r

            """
        self.opened = opened
        self.refused = refused
    }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: request)), promise: nil)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        read.writeBuffer(&bytes)
        guard let end = read.readableBytesView.firstRange(of: Self.endOfHead) else {
            if read.readableBytes > Self.answerBytesMax { refused(.notUpgraded) }
            return
        }
        let head = read.readString(length: end.upperBound - read.readerIndex) ?? ""
        guard head.hasPrefix("HTTP/1.1 101 "), head.contains(Self.accept) else { return refused(.notUpgraded) }
        do {
            try opened(context)
            if read.readableBytes > 0 { context.fireChannelRead(NIOAny(read)) }
            context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
        } catch {
            refused(.closed("\(error)"))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        refused(.notUpgraded)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        refused(.closed("\(error)"))
    }
}
