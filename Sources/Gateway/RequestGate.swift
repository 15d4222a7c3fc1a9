import API
import NIOCore
import NIOHTTP1
import Vocabulary

/// Stands between the HTTP codec and everything else: reads each request whole, bounds it in size and time, and lets it through.
///
///              first byte             head                    end
///         idle ─────────► starting ─────────► reading ──────────────► answered here (hot), or handed to Hummingbird: one answer ahead
///          ▲                  │                  │                        │
///          └──────────────────┼──────────────────┼──── kept alive ────────┤
///                             │ too slow, too large, malformed            │ the last one: closed by either side, stopping, no HTTP/1.1
///                             └──────────────────┴──────────► ending ◄────┘
///                                                               │ all answers ahead have passed; then the refusal, if there is one
///                                                               ▼
///                                                           lingering     everything is said; goes when the client has heard it
///
/// A hot request is answered here only while nothing of Hummingbird's is on its way, and what comes before its answer is known is kept for
/// then, so answers keep the order of their requests. What comes while ending or lingering is dropped unread: it cannot be trusted to be a
/// request, or nobody would hear the answer.
///
/// A client that does not take its answers is not read from, so what is kept for it stays small.
final class RequestGate: ChannelDuplexHandler, RemovableChannelHandler, Expiring {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    enum State {
        case idle
        case starting
        case reading(IncomingRequest)
        case ending
        case lingering
    }

    static let keptMax = 32
    static let restTime = TimeAmount.milliseconds(100)
    /// How long a client may keep a connection open after the last word.
    private static let lingerTime = TimeAmount.seconds(1)

    /// An answer of the gate's own: the API's, or a socket server's.
    enum OwnAnswer {
        case response(APIResponse, requestID: String, isHead: Bool)
        case socket(SocketAnswer, OriginPolicy.Verdict, isHead: Bool)
    }

    private let api: API
    private let sockets: SocketRoutes
    let bounds: RequestBounds
    private let sweep: DeadlineSweep
    private(set) var context: ChannelHandlerContext?
    /// Where the requests come from.
    private var address = ClientAddress(peer: .none, proxies: [])
    /// How Hummingbird gets the connection. Set by whoever makes it.
    var handOff: HandOff?
    /// Takes answers of the gate's own. Set by whoever stands at the wire.
    var writeToWire: ((ByteBuffer) -> Void)?
    var state = State.idle
    /// Requests whose answers have not passed yet.
    var answersAhead = 0
    /// Whether the last answer ahead is the gate's own, and what has come meanwhile.
    var isAnswering = false
    var kept: [Kept] = []
    /// The request to a socket server that waits for its turn or its answer, and whether its turn is just being taken.
    var turn: Turn?
    var isTakingTurn = false

    /// Something that came while an answer of the gate's own was being made. From `keptMax` on nothing is read until it is given, so what
    /// is kept is bounded by that and by what one read brings. Few clients send on before they have their answer; to stop reading for
    /// each would cost two system calls a request.
    enum Kept {
        case part(NIOAny)
        case inputClosed
        case error(any Error)
    }
    /// What is answered to the request that ends a connection, after all answers to those before it.
    private var refusal: OwnAnswer?
    /// The service stops: the request that is coming in is the last one.
    private var isStopping: Bool
    /// How long the state may last.
    var stateDeadline: NIODeadline?
    /// When what was written has to be taken.
    var stallDeadline: NIODeadline?
    var isReadHeld = false
    /// Whether the last request was one too many, a moment ago; and whether somebody relays the requests of others.
    var isResting = false
    private(set) var isRelayed = false

    /// - Parameter isStopping: the service stopped while the connection was being made; it is closed if it says nothing at once.
    init(api: API, sockets: SocketRoutes = .none, bounds: RequestBounds, sweep: DeadlineSweep, isStopping: Bool) {
        self.api = api
        self.sockets = sockets
        self.bounds = bounds
        self.sweep = sweep
        self.isStopping = isStopping
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        address = ClientAddress(peer: IPAddress(context.channel.remoteAddress), proxies: bounds.trustedProxies)
        settle(context)
        sweep.add(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        sweep.remove(self)
        self.context = nil
        handOff?.end()
        leaveSockets(incoming)
    }

    // MARK: Requests coming in

    /// Bytes have come. The first ones of a request start its clock, so that a slow head is cut as well as a slow body.
    func bytesCame() {
        guard case .idle = state, let context else { return }
        state = .starting
        stateDeadline = context.eventLoop.now + bounds.requestDeadline
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isAnswering { return kept.append(.part(data)) }
        switch (unwrapInboundIn(data), state) {
        case (.head(let head), .idle), (.head(let head), .starting):
            bytesCame()  // A head that came together with the end of the request before it has started no clock yet.
            begin(IncomingRequest(head, from: address, bodyBytesMax: bounds.bodyBytesMax), context)
        case (.body(let part), .reading(let request)):
            guard !request.append(part) else { return }
            if let exchange = request.exchange { refuseBody(request, exchange, context) } else { refuse(.bodyTooLarge, request, context) }
        case (.end, .reading(let request)):
            finish(request, context)
        case (_, .ending), (_, .lingering):
            break
        case (.head, .reading), (.body, .idle), (.body, .starting), (.end, .idle), (.end, .starting):
            refuse(.malformedRequest, nil, context)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.flush()
        context.fireChannelReadComplete()
        // Hummingbird, which asks for more otherwise, has left by now.
        if case .lingering = state { context.read() }
    }

    private func begin(_ request: IncomingRequest, _ context: ChannelHandlerContext) {
        isRelayed = address.isProxy || request.isRelayed
        if let (target, query) = sockets.find(request.head.uri) {
            let gate = NIOLoopBound(self, eventLoop: context.eventLoop)
            let exchange = SocketExchange(request.head, query: query, for: target, address: request.client.description, gate: gate)
            return beginSocket(request, exchange, context)
        }
        if let code = request.refusal { return refuse(code, request, context) }
        enter(request)
        sayContinue(context)
    }

    /// From now on the body of the request is read.
    func enter(_ request: IncomingRequest) {
        state = .reading(request)
    }

    /// The request that is being read.
    var incoming: IncomingRequest? {
        guard case .reading(let request) = state else { return nil }
        return request
    }

    /// Tells a client that asks first to go on, as soon as the line is free.
    func sayContinue(_ context: ChannelHandlerContext) {
        guard case .reading(let request) = state, request.expectsContinue, request.body == nil, answersAhead == 0 else { return }
        context.writeAndFlush(wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))), promise: nil)
    }

    private func finish(_ request: IncomingRequest, _ context: ChannelHandlerContext) {
        state = request.isKeptAlive && !isStopping ? .idle : .ending
        if let exchange = request.exchange {
            finishSocket(request, exchange, context)
        } else if answersAhead > 0 || !request.mayBeHot || !answer(request, context) {
            handOn(request, context)
        }
        settle(context)
    }

    // MARK: Answers of the gate's own

    /// Answers a hot request. False where it is none.
    private func answer(_ request: IncomingRequest, _ context: ChannelHandlerContext) -> Bool {
        let loop = context.eventLoop
        let gate = NIOLoopBound(self, eventLoop: loop)
        let requestID = request.requestID
        let begin = NIODeadline.now()
        isAnswering = true
        answersAhead += 1
        let isHot = api.respondAtHand(to: request.apiRequest) { answer in
            if loop.inEventLoop {
                gate.value.answered(answer.response, requestID: requestID, since: begin)
            } else {
                loop.execute { gate.value.answered(answer.response, requestID: requestID, since: begin, isLate: true) }
            }
        }
        guard !isHot else { return true }
        isAnswering = false
        answersAhead -= 1
        return false
    }

    /// - Parameter isLate: whether other events came between the request and its answer.
    private func answered(_ response: APIResponse, requestID: String, since begin: NIODeadline, isLate: Bool = false) {
        isAnswering = false
        answersAhead -= 1
        api.metrics.answered(response, after: Int((NIODeadline.now() - begin).nanoseconds))
        guard let context else { return }
        write(.response(response, requestID: requestID, isHead: false), context)
        if isLate { goOn(context) }
    }

    /// An answer has been given between other events: what was kept for then is taken.
    func goOn(_ context: ChannelHandlerContext) {
        guard self.context != nil else { return }
        settle(context)
        takeKept(context)
        guard self.context != nil else { return }
        // What was kept may have been handed on, and Hummingbird looks at it when a read is complete.
        channelReadComplete(context: context)
        if isReadHeld { read(context: context) }
    }

    private func takeKept(_ context: ChannelHandlerContext) {
        while !isAnswering, !kept.isEmpty {
            switch kept.removeFirst() {
            case .part(let data): channelRead(context: context, data: data)
            case .inputClosed: end(context)
            case .error(let error): errorCaught(context: context, error: error)
            }
        }
    }

    /// Gives a whole request to Hummingbird.
    private func handOn(_ request: IncomingRequest, _ context: ChannelHandlerContext) {
        do {
            try handOff?.take(context.channel)
        } catch {
            return context.close(promise: nil)
        }
        answersAhead += 1
        var head = request.head
        head.headers.replaceOrAdd(name: IncomingRequest.requestIDHeader, value: request.requestID)
        head.headers.replaceOrAdd(name: ClientAddress.header, value: request.client.description)
        context.fireChannelRead(wrapInboundOut(.head(head)))
        if let body = request.body { context.fireChannelRead(wrapInboundOut(.body(body))) }
        context.fireChannelRead(wrapInboundOut(.end(nil)))
    }

    /// Reads nothing more, and answers one problem when it is its turn.
    func refuse(_ code: ProblemCode, _ request: IncomingRequest?, _ context: ChannelHandlerContext) {
        let requestID = request?.requestID ?? IncomingRequest.newRequestID()
        let client = request?.client ?? address.client(forwardedFor: [], forwarded: [])
        let response = api.refusal(code, requestID: requestID, client: client)
        refuse(.response(response, requestID: requestID, isHead: request?.isHead ?? false), context)
    }

    /// Reads nothing more, and answers this when it is its turn.
    func refuse(_ answer: OwnAnswer, _ context: ChannelHandlerContext) {
        leaveSockets(incoming)
        state = .ending
        refusal = answer
        settle(context)
    }

    // MARK: Answers going out

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head):
            head.status = HTTPResponseStatus(statusCode: Int(head.status.code))  // Both lanes say it in the same words.
            if head.status == .tooManyRequests { rest(context) }
            if case .ending = state, answersAhead == 1, refusal == nil { head.headers.add(name: "connection", value: "close") }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body:
            context.write(data, promise: promise)
        case .end:
            context.write(data, promise: promise)
            answersAhead -= 1
            sayContinue(context)
            settle(context)
            goOnWithTurn(context)
        }
    }

    /// All answers ahead may have passed: whoever waited for that is next.
    private func goOnWithTurn(_ context: ChannelHandlerContext) {
        guard turn != nil else { return }
        takeTurn(context)
        if turn == nil { goOn(context) }
    }

    func write(_ answer: OwnAnswer, _ context: ChannelHandlerContext) {
        let isLast = if case .ending = state { true } else { false }
        let date = sweep.date.text(at: SystemClock.now())
        var buffer: ByteBuffer
        switch answer {
        case .response(let response, let requestID, let isHead):
            if response.status == 429 { rest(context) }
            buffer = context.channel.allocator.buffer(capacity: response.body.count + 512)
            buffer.writeAnswer(response, requestID: requestID, date: date, isLast: isLast, isHead: isHead)
        case .socket(let answer, let origin, let isHead):
            buffer = context.channel.allocator.buffer(capacity: answer.body.count + 512)
            buffer.writeAnswer(answer, origin: origin, date: date, isLast: isLast, isHead: isHead)
        }
        writeToWire?(buffer)
    }

    // MARK: The end of a connection

    /// What follows from a state that was just entered, or from an answer that has just passed. While an answer is ahead nothing runs
    /// against the clock but the next request.
    private func settle(_ context: ChannelHandlerContext) {
        switch state {
        case .idle: stateDeadline = answersAhead == 0 ? context.eventLoop.now + (isStopping ? .zero : bounds.idleTimeout) : nil
        case .starting, .reading, .lingering: break
        case .ending: if answersAhead == 0 { sayGoodbye(context) } else { stateDeadline = nil }
        }
    }

    private func sayGoodbye(_ context: ChannelHandlerContext) {
        if let refusal { write(refusal, context) }
        state = .lingering
        stateDeadline = context.eventLoop.now + bounds.writeStall
        // A channel whose other side is closed drops what is not written yet when it is closed here. So an empty write goes last.
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer()))), promise: written)
        written.futureResult.assumeIsolated().whenSuccess { self.closeOutput() }
    }

    /// The client may still be sending: what is unread when a socket is closed would make the system reset it and drop our answer.
    /// So the sending side ends first, and the connection goes when the client ends its side, or a little later.
    private func closeOutput() {
        guard let context else { return }
        stateDeadline = context.eventLoop.now + Self.lingerTime
        context.close(mode: .output, promise: nil)
        context.read()
    }

    /// Hummingbird has given its last answer. How the connection ends is for the gate alone.
    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode == .output else { return context.close(mode: mode, promise: promise) }
        promise?.succeed()
        answersAhead = isAnswering ? 1 : 0
        end(context)
        goOnWithTurn(context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent:
            isStopping = true
            if case .idle = state { end(context) }
        case ChannelEvent.inputClosed:
            if isAnswering {
                kept.append(.inputClosed)
                if let turn, turn.hasBegun { turn.exchange.leave() }
                return
            }
            // A client that has said everything still waits for its answers.
            end(context)
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    func end(_ context: ChannelHandlerContext) {
        leaveSockets(incoming)
        switch state {
        case .idle, .starting, .reading: state = .ending
        case .ending, .lingering: break
        }
        settle(context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if isAnswering { return kept.append(.error(error)) }
        switch state {
        case .idle, .starting, .reading:
            guard let error = error as? HTTPParserError else { return context.close(promise: nil) }
            refuse(error == .headerOverflow ? .headersTooLarge : .malformedRequest, nil, context)
        case .ending, .lingering:
            break  // The codec complains about every byte after a malformed one.
        }
    }
}
