import NIOCore
import NIOHTTP1
import Switchboard

/// One request and its answer on one connection, which is closed after them. Used on the connection's event loop.
final class OutboundExchange: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let head: HTTPRequestHead
    private let bodyBytesMax: Int
    private let promise: EventLoopPromise<OutsideAnswer>
    private var status = 0
    private var body = ByteBuffer()

    init(_ head: HTTPRequestHead, bodyBytesMax: Int, promise: EventLoopPromise<OutsideAnswer>) {
        self.head = head
        self.bodyBytesMax = bodyBytesMax
        self.promise = promise
    }

    func channelActive(context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): status = Int(head.status.code)
        case .body(var part):
            guard body.readableBytes + part.readableBytes <= bodyBytesMax else {
                return fail(OutsideTrouble("answered with more than \(bodyBytesMax) bytes"), context)
            }
            body.writeBuffer(&part)
        case .end:
            promise.succeed(OutsideAnswer(status: status, body: Array(body.readableBytesView)))
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.fail(OutsideTrouble("closed the connection before it had answered"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(OutsideTrouble("\(error)"), context)
    }

    private func fail(_ trouble: OutsideTrouble, _ context: ChannelHandlerContext) {
        promise.fail(trouble)
        context.close(promise: nil)
    }
}
