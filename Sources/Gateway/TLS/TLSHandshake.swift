import NIOCore
import NIOTLS

/// Stands behind TLS until the handshake is done, and ends the connection where that takes too long, fails, or the service stops before.
///
/// Nothing comes to the gate meanwhile, so its clocks do not see a client that sends its handshake drop by drop.
final class TLSHandshake: ChannelInboundHandler, RemovableChannelHandler, Expiring {
    typealias InboundIn = ByteBuffer

    private let secondsMax: TimeAmount
    private let sweep: DeadlineSweep
    private(set) var deadline: NIODeadline?
    private var context: ChannelHandlerContext?

    init(within secondsMax: TimeAmount, sweep: DeadlineSweep) {
        self.secondsMax = secondsMax
        self.sweep = sweep
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        deadline = context.eventLoop.now + secondsMax
        sweep.add(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        sweep.remove(self)
        self.context = nil
    }

    func expire(at now: NIODeadline) {
        context?.close(promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent:
            context.close(promise: nil)
        case TLSUserEvent.handshakeCompleted:
            deadline = nil
            context.fireUserInboundEventTriggered(event)
            context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
        case _:
            context.fireUserInboundEventTriggered(event)
        }
    }

    /// Whoever speaks something else, or no TLS that is spoken here, gets no answer.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
