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
        isReadHeld = isResting || !context.channel.isWritable || kept.count >= Self.keptMax
        if !isReadHeld { context.read() }
    }

    /// After an answer that says "too often" nothing is read for a while: a flood that goes on regardless costs the others no more than one
    /// refusal in that time for each of its connections. Where a proxy relays the requests of many, one's refusal is no reason to let the
    /// others wait.
    func rest(_ context: ChannelHandlerContext) {
        guard !isRelayed, !isResting else { return }
        isResting = true
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.restTime) {
            self.isResting = false
            if let context = self.context, self.isReadHeld { self.read(context: context) }
        }
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
