import API
import NIOCore
import NIOHTTP1
import SocketIO

/// Requests to a socket server. They take their turn behind the answers ahead; then everything that comes is kept until they have theirs,
/// which for a poll is as long as nothing happens. No clock of the gate runs meanwhile: the session has one of its own.
///
/// A client that leaves, or ends its side, while its poll waits is reported: nobody else would notice before the next ping.
extension RequestGate {
    /// What the requests of the socket paths need of a gate.
    struct Turn {
        let request: IncomingRequest
        let exchange: SocketExchange
        /// Whether its session has heard of it.
        var hasBegun = false
    }

    /// The head of a request to a socket server. A POST is reported at once, so that a second one is noticed while the first comes in.
    func beginSocket(_ request: IncomingRequest, _ exchange: SocketExchange, _ context: ChannelHandlerContext) {
        request.exchange = exchange
        request.bodyBytesMax = exchange.bodyBytesMax
        switch request.refusal {
        case .bodyTooLarge?: return refuseBody(request, exchange, context)
        case let code?: return refuse(code, request, context)
        case nil: break
        }
        enter(request)
        if exchange.method == .POST, answersAhead == 0 {
            request.isBegun = true
            exchange.begin()
        }
        sayContinue(context)
    }

    /// The body is more than the session takes.
    func refuseBody(_ request: IncomingRequest, _ exchange: SocketExchange, _ context: ChannelHandlerContext) {
        if request.isBegun { exchange.tooLarge() }
        request.exchange = nil
        refuse(.socket(.refusal(.payloadTooLarge, toWebSocket: false), exchange.origin, isHead: request.isHead), context)
    }

    /// A request to a socket server is whole.
    func finishSocket(_ request: IncomingRequest, _ exchange: SocketExchange, _ context: ChannelHandlerContext) {
        answersAhead += 1
        isAnswering = true
        turn = Turn(request: request, exchange: exchange)
        takeTurn(context)
    }

    /// Lets the session have the request, when all answers ahead have passed.
    func takeTurn(_ context: ChannelHandlerContext) {
        guard let turn, !turn.hasBegun, answersAhead == 1 else { return }
        let (request, exchange) = (turn.request, turn.exchange)
        self.turn?.hasBegun = true
        isTakingTurn = true
        if let early = request.earlyAnswer {
            take(early, for: exchange)
        } else {
            if !request.isBegun { exchange.begin() }
            if exchange.method == .POST, self.turn != nil { exchange.end(request.body.map { Array($0.readableBytesView) } ?? []) }
        }
        isTakingTurn = false
        if self.turn?.exchange === exchange, hasInputEnded { exchange.leave() }
    }

    /// The answer to the request, now or later.
    func take(_ answer: SocketAnswer, for exchange: SocketExchange) {
        guard let context else { return }
        guard turn?.exchange === exchange else {
            keepEarly(answer, for: exchange)
            return
        }
        turn = nil
        write(.socket(answer, exchange.origin, isHead: exchange.method == .HEAD), context)
        ended(context)
    }

    /// Keeps an answer that came before its request was read.
    func keepEarly(_ answer: SocketAnswer, for exchange: SocketExchange) {
        if let incoming, incoming.exchange === exchange { incoming.earlyAnswer = answer }
    }

    /// Whether the client has ended its side, behind everything else that is kept.
    var hasInputEnded: Bool {
        kept.contains { item in
            switch item {
            case .inputClosed: true
            case .part, .error: false
            }
        }
    }

    /// The request will have no answer, because its client has left.
    func drop(_ exchange: SocketExchange) {
        guard let context, turn?.exchange === exchange else { return }
        turn = nil
        end(context)
        ended(context)
    }

    private func ended(_ context: ChannelHandlerContext) {
        isAnswering = false
        answersAhead -= 1
        guard !isTakingTurn else { return }
        goOn(context)
    }

    /// The client is gone, or its request will not be answered.
    func leaveSockets(_ request: IncomingRequest?) {
        let left = turn?.exchange
        turn = nil
        left?.leave()
        if let request, let exchange = request.exchange, request.isBegun {
            request.exchange = nil
            exchange.leave()
        }
    }

    /// Completes the handshake of a WebSocket and hands the connection over: the codec and the gate leave it.
    ///
    /// The decoder leaves last, in its own time, and hands what it has read beyond the handshake to the WebSocket behind it.
    func become(_ webSocket: WebSocketHandler, for exchange: SocketExchange) {
        guard let context, turn?.exchange === exchange, case .complete(let accept)? = exchange.handshake else {
            return webSocket.neverOpened()
        }
        turn = nil
        do {
            let pipeline = context.pipeline.syncOperations
            try pipeline.addHandler(webSocket, position: .after(self))
            var answer = context.channel.allocator.buffer(capacity: 256)
            answer.writeString("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
            answer.writeString("Sec-WebSocket-Accept: \(accept)\r\n")
            for (name, value) in exchange.origin.fields { answer.writeString("\(name): \(value)\r\n") }
            answer.writeString("\r\n")
            writeToWire?(answer)
            handOff?.end()
            if handOff?.isTaken == true { webSocket.releaseHummingbird() }
            if hasInputEnded { context.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
            // Nobody would end a rest when the gate has left.
            if isResting, isReadHeld { context.read() }
            removeCodec(context)
        } catch {
            context.close(promise: nil)
        }
    }

    private func removeCodec(_ context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        pipeline.flush()
        do {
            let decoder = try pipeline.context(handlerType: ByteToMessageHandler<HTTPRequestDecoder>.self)
            let encoder = try pipeline.context(handlerType: HTTPResponseEncoder.self)
            let wire = try pipeline.context(handlerType: WireHandler.self)
            for leaving in [wire, encoder, decoder] { pipeline.removeHandler(context: leaving, promise: nil) }
            pipeline.removeHandler(context: context, promise: nil)
        } catch {
            context.close(promise: nil)
        }
    }
}
