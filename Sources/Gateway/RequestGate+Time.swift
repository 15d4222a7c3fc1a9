import API
import NIOCore

/// What runs against the clock, and a client that takes nothing.
extension RequestGate {
    var deadline: NIODeadline? {
        guard let stallDeadline else { return stateDeadline }
        return min(stallDeadline, stateDeadline ?? stallDeadline)
    }

    func expire(at now: NIODeadline) {
        guard let context else { return }
        if let stallDeadline, stallDeadline <= now { return context.close(promise: nil) }
        switch state {
        case .starting: refuse(.requestTimeout, nil, context)
        case .reading(let request): refuse(.requestTimeout, request, context)
        case .idle, .ending, .lingering: context.close(promise: nil)
        }
    }

    func read(context: ChannelHandlerContext) {
        isReadHeld = !context.channel.isWritable || kept.count >= Self.keptMax
        if !isReadHeld { context.read() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            stallDeadline = nil
            if isReadHeld { read(context: context) }
        } else {
            stallDeadline = context.eventLoop.now + bounds.writeStall
        }
        context.fireChannelWritabilityChanged()
    }
}
