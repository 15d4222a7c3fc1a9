import NIOCore

/// Stands between the socket and the HTTP codec, for the gate.
///
/// Inwards it tells the gate that bytes have come: the codec itself says nothing until a head is complete. Outwards it writes the gate's
/// own answers past the codec, which would take them apart into many small pieces first.
final class WireHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let gate: RequestGate

    init(gate: RequestGate) {
        self.gate = gate
    }

    func handlerAdded(context: ChannelHandlerContext) {
        gate.writeToWire = { context.write(self.wrapOutboundOut($0), promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        // Also breaks the circle of references between the two handlers.
        gate.writeToWire = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        gate.bytesCame()
        context.fireChannelRead(data)
    }
}
