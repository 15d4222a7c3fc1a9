import NIOCore
import SocketIO

/// Who a WebSocket belongs to. Told on the WebSocket's own loop.
protocol WebSocketUser: AnyObject {
    /// A whole message arrived: UTF-8, as large as it may be.
    func received(text: [UInt8], from webSocket: WebSocketHandler)
    func received(binary: [UInt8], from webSocket: WebSocketHandler)
    /// The channel takes more, or takes no more for now.
    func becameWritable(_ isWritable: Bool, _ webSocket: WebSocketHandler)
    /// The WebSocket is gone, whoever closed it. Comes once and last.
    func closed(_ webSocket: WebSocketHandler)
    /// The service stops.
    func shouldEnd(_ webSocket: WebSocketHandler)
}

/// What the WebSockets of a port have in common.
struct WebSocketWays: Sendable {
    let sweeps: DeadlineSweeps
    let writeStall: TimeAmount
}

/// One WebSocket: what RFC 6455 asks of a server beyond the parsing of frames, and nothing of what the messages mean.
///
///                      close frame from the client: echoed, and the channel closed when that has left
///         open ──────────────────────────────────────────────────────────────────────────────────────► closed
///           │   close(): a close frame goes out                                                          ▲
///           ├─────────────────────────────────────────► closing ─────────────────────────────────────────┤
///           │                                            the client's close frame, its end, or two seconds
///           │   broken rule: a close frame goes out, and nothing more is read
///           └─────────────────────────────────────────► failed ──────────────────────────────────────────┘
///                                                        its end, or two seconds
///
/// An idle WebSocket is kept small: no task, no timer, no buffer. It is in the loop's sweep only while it is closing or takes nothing.
///
/// `@unchecked Sendable` is true because all but `write`, `flush` and `close` happens on the loop of its channel, and these go there.
/// Before it has a channel, its user is set by whoever made it.
final class WebSocketHandler: ChannelDuplexHandler, RemovableChannelHandler, Expiring, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// How it is closed from this side.
    enum Ending: Error {
        /// With a close frame that says nothing: clients see 1005.
        case silently
        case goingAway
        case protocolError
        case notUTF8
        case policyViolation
        case messageTooBig
        /// Without a word, and what was not sent is dropped.
        case atOnce

        /// The status code in the close frame.
        var code: UInt16? {
            switch self {
            case .silently, .atOnce: nil
            case .goingAway: 1001
            case .protocolError: 1002
            case .notUTF8: 1007
            case .policyViolation: 1008
            case .messageTooBig: 1009
            }
        }
    }

    private enum State { case open, closing, failed, closed }

    let eventLoop: any EventLoop
    private let ways: WebSocketWays
    let bytesMax: Int
    /// Nil once it has been told of the end, or has let go.
    var user: (any WebSocketUser)?
    private var state = State.open
    private var isReadHeld = false
    /// Whether a Hummingbird that answered on this connection before may keep reads to itself.
    private var isBehindHummingbird = false
    private var context: ChannelHandlerContext?
    private var isWritable = true
    /// What the connections of the loop have in common.
    private var sweep: DeadlineSweep?
    private var frames = ClientFrames()
    private(set) var deadline: NIODeadline?
    /// The message whose pieces are coming in.
    var message: FragmentedMessage?
    private var messageRate = RateWindow()
    private var controlRate = RateWindow()

    init(ways: WebSocketWays, bytesMax: Int, eventLoop: any EventLoop) {
        self.ways = ways
        self.bytesMax = bytesMax
        self.eventLoop = eventLoop
    }

    // MARK: From its user, on any loop

    /// Sends a message. It leaves with the next `flush`.
    func write(_ frame: EngineIOFrame) {
        guard eventLoop.inEventLoop else { return eventLoop.execute { self.write(frame) } }
        guard case .open = state else { return }
        switch frame {
        case .text(let bytes): write(.text, bytes)
        case .binary(let bytes): write(.binary, bytes)
        }
    }

    func flush() {
        guard eventLoop.inEventLoop else { return eventLoop.execute { self.flush() } }
        context?.flush()
    }

    /// Closes it, after all that was written before. Its user hears nothing more.
    func close(_ ending: Ending) {
        guard eventLoop.inEventLoop else { return eventLoop.execute { self.close(ending) } }
        user = nil
        end(ending)
    }

    // MARK: Its channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        isWritable = context.channel.isWritable
        sweep = ways.sweeps.sweep(of: eventLoop)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        sweep?.remove(self)
        state = .closed
        self.context = nil
        forget()
        tellClosed()
    }

    /// Tells a Hummingbird that waits for the next request of this connection that none will come.
    func releaseHummingbird() {
        isBehindHummingbird = true
        guard let context else { return }
        do {
            // From now on this handler alone asks for more. TLS then does so itself for a record that comes in pieces, of which nothing
            // is heard in here before it is whole.
            try context.channel.syncOptions?.setOption(.autoRead, value: false)
        } catch {
            return context.close(promise: nil)
        }
        read(context: context)
        context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    }

    /// The connection was gone before it could become a WebSocket.
    func neverOpened() {
        state = .closed
        tellClosed()
    }

    func channelInactive(context: ChannelHandlerContext) {
        state = .closed
        tellClosed()
        context.fireChannelInactive()
    }

    private func tellClosed() {
        let told = user
        user = nil
        told?.closed(self)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent:
            user?.shouldEnd(self)
        case ChannelEvent.inputClosed:
            // Nobody leaves a WebSocket by half. What was written still goes out.
            tellClosed()
            closeWhenWritten(context)
        case _:
            break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if case .open = state { context.close(promise: nil) }
    }

    /// A Hummingbird that is done with the connection ends its side of it, which is not the WebSocket's end.
    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        switch mode {
        case .output: promise?.succeed()
        case .input, .all: context.close(promise: promise)
        }
    }

    /// Nothing of anybody's above belongs into a WebSocket.
    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        promise?.fail(ChannelError.outputClosed)
    }

    func read(context: ChannelHandlerContext) {
        isReadHeld = !isWritable
        if !isReadHeld { context.read() }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.flush()
        if isBehindHummingbird { read(context: context) }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        if case .open = state {
            if isWritable { deadline = nil } else { setDeadline(ways.writeStall) }
            user?.becameWritable(isWritable, self)
        }
        if isWritable, isReadHeld { read(context: context) }
    }

    // MARK: Frames

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard isHeard else { return }
        frames.add(unwrapInboundIn(data))
        do throws(Ending) {
            while isHeard, let frame = try frames.next(payloadBytesMax: bytesMax) {
                if case .open = state { take(frame) } else if frame.opcode == .close { closeWhenWritten(context) }
            }
        } catch {
            if case .open = state { fail(error) }
            frames.removeAll()
        }
    }

    /// Whether it still matters what the client says: while it is closed from this side, its goodbye.
    private var isHeard: Bool {
        switch state {
        case .open, .closing: true
        case .failed, .closed: false
        }
    }

    /// Whether one more message may come in this second. Where not, the WebSocket has been closed.
    func countMessage() -> Bool {
        count(&messageRate, TransportLimits.messagesPerSecondMax)
    }

    /// Whether one more control frame may come in this second. Where not, the WebSocket has been closed.
    func countControlFrame() -> Bool {
        count(&controlRate, TransportLimits.controlFramesPerSecondMax)
    }

    private func count(_ rate: inout RateWindow, _ max: Int) -> Bool {
        guard rate.take(at: SocketLoop.now.milliseconds, max: max) else {
            fail(.policyViolation)
            return false
        }
        return true
    }

    /// Answers a ping. It leaves when all that was read has been looked at.
    func pong(_ payload: [UInt8]) {
        write(.pong, payload)
    }

    private func write(_ opcode: WebSocketOpcode, _ payload: [UInt8], promise: EventLoopPromise<Void>? = nil) {
        guard let context, let frame = sweep?.frames.frame(opcode, payload) else { return }
        context.write(wrapOutboundOut(frame), promise: promise)
    }

    // MARK: The end

    /// The client broke a rule, or went beyond a bound.
    func fail(_ ending: Ending) {
        end(ending)
        tellClosed()
        // What still comes is not worth the reading, not even the client's close frame, and may be much. So the client is told by the end
        // of this side, and heard by the end of its own.
        guard case .closing = state, let context else { return }
        state = .failed
        frames.removeAll()
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
        written.futureResult.assumeIsolated().whenSuccess { self.context?.close(mode: .output, promise: nil) }
    }

    /// The client says goodbye.
    func takeLeave(_ payload: [UInt8]) {
        guard let context else { return }
        state = .closing
        message = nil
        write(.close, payload)
        closeWhenWritten(context)
        tellClosed()
    }

    private func end(_ ending: Ending) {
        guard case .open = state, let context else { return }
        state = .closing
        message = nil
        switch ending {
        case .atOnce:
            context.close(promise: nil)
        case .silently, .goingAway, .protocolError, .notUTF8, .policyViolation, .messageTooBig:
            write(.close, ending.code.map { [UInt8($0 >> 8), UInt8($0 & 255)] } ?? [])
            context.flush()
            setDeadline(.seconds(TransportLimits.closingSeconds))
            if isReadHeld { context.read() }
        }
    }

    /// Closes the channel as soon as everything has left. A client that does not take it has as long as for any answer.
    private func closeWhenWritten(_ context: ChannelHandlerContext) {
        state = .closed
        forget()
        setDeadline(ways.writeStall)
        // A channel whose other side is closed drops what is not written yet when it is closed here. So an empty write goes last.
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
        written.futureResult.assumeIsolated().whenComplete { _ in self.context?.close(promise: nil) }
    }

    private func forget() {
        message = nil
        frames.removeAll()
    }

    private func setDeadline(_ time: TimeAmount) {
        deadline = eventLoop.now + time
        sweep?.add(self)
    }

    func expire(at now: NIODeadline) {
        deadline = nil
        context?.close(promise: nil)
    }
}
