import NIOCore
import NIOHTTP1
import SocketIO

/// One session: its Engine.IO state, the application's end of it, and whoever waits for an answer.
///
///     requests, frames, ticks ─► SocketConnection ─ facts ─► EngineIOSession
///                                       ▲ │                       │
///                  EngineIOLine ────────┘ └──── carries out ◄── actions
///
/// Everything happens on the session's loop, in occasions: facts go in, the actions that come out are carried out one by one, and then
/// what was sent leaves together. What the application does meanwhile joins the occasion. Answers to HTTP requests are given when it is
/// over, because a connection that has its answer may begin with its next request at once.
///
/// `@unchecked Sendable` is true because only `sid`, `address`, `now`, `run`, `start` and `onLoop` are used elsewhere, and none of them
/// changes.
final class SocketConnection: EngineIOLine, @unchecked Sendable {
    let sid: String
    let address: String
    private let server: SocketServer
    private let loop: SocketLoop
    private let eventLoop: any EventLoop
    /// Where the loop's list has it; kept by the loop.
    var place: Int?

    private var state: EngineIOSession?
    private var client: (any EngineIOClient)?
    /// The WebSocket that the session uses, or that is to replace its polling.
    private var webSocket: WebSocketHandler?
    /// The poll that waits for something to be sent.
    private var waitingPoll: SocketExchange?
    /// The POST that is being read.
    private var post: SocketExchange?
    /// The request that the current occasion is about.
    private var arriving: SocketExchange?
    /// Why the session is being closed from this side.
    private var closing: CloseReason?
    /// Whether the POST that is being taken may have overtaken a poll; and until when such a poll is still answered.
    private var isPollExpected = false
    private var parting: Moment?
    private var isInOccasion = false
    private var isWritten = false
    private var actions: [EngineIOAction] = []
    private var answers: [(SocketExchange, SocketAnswer?)] = []
    private var postRate = RateWindow()

    init(sid: String, address: String, server: SocketServer, loop: SocketLoop) {
        self.sid = sid
        self.address = address
        self.server = server
        self.loop = loop
        eventLoop = loop.eventLoop
    }

    // MARK: The line

    var now: Moment { SocketLoop.now }

    func run(_ work: @escaping @Sendable () -> Void) {
        eventLoop.execute { self.occasion(work) }
    }

    func start<Outcome: Sendable>(
        _ work: @escaping @Sendable () async -> Outcome, finish: @escaping @Sendable (Outcome) -> Void
    ) {
        Task.immediate(executorPreference: loop.executor) {
            let outcome = await work()
            guard self.eventLoop.inEventLoop else { return self.run { finish(outcome) } }
            self.occasion { finish(outcome) }
        }
    }

    func send(_ frame: EngineIOFrame) {
        occasion { state?.send(frame, into: &actions) }
    }

    func close(_ reason: CloseReason) {
        occasion {
            if closing == nil { closing = reason }
            state?.close(reason, at: now, into: &actions)
        }
    }

    /// Does something on the session's loop: now, if this is it.
    func onLoop(_ work: @escaping @Sendable () -> Void) {
        if eventLoop.inEventLoop { work() } else { eventLoop.execute(work) }
    }

    // MARK: The beginning

    /// Opens the session for the request that asked for it, on the loop of that request, which becomes the session's.
    func open(over transport: EngineIOTransport, for exchange: SocketExchange) {
        occasion {
            if transport == .websocket {
                let webSocket = server.webSocket(for: exchange)
                self.webSocket = webSocket
                webSocket.user = self
                exchange.open(webSocket)
            } else {
                arriving = exchange
            }
            state = EngineIOSession(
                sid: sid, over: transport, wantsBase64: exchange.query.wantsBase64, settings: server.settings, at: now, into: &actions)
            loop.add(self)
            client = server.application.opened(self)
        }
    }

    // MARK: Occasions

    /// Does something, carries out the actions that follow from it and from each other, and lets what was sent leave.
    private func occasion(_ work: () -> Void) {
        guard !isInOccasion else { return work() }
        isInOccasion = true
        actions = loop.takeSpare()
        work()
        var done = 0
        repeat {
            while done < actions.count {
                carryOut(actions[done])
                done += 1
            }
            state?.flush(into: &actions)
        } while done < actions.count
        loop.giveSpare(&actions)
        // A poll that nothing has answered waits. Everything else has its answer, or will have it later.
        if let arriving, arriving.method == .GET { waitingPoll = arriving }
        arriving = nil
        isInOccasion = false
        if isWritten {
            isWritten = false
            webSocket?.flush()
        }
        giveAnswers()
    }

    private func giveAnswers() {
        guard !answers.isEmpty else { return }
        let given = answers
        answers = []
        for (exchange, answer) in given {
            if let answer { exchange.answer(answer) } else { exchange.drop() }
        }
    }

    private func carryOut(_ action: EngineIOAction) {
        switch action {
        case .answerPoll(let body):
            guard let poll = waitingPoll ?? arriving else { return }
            if waitingPoll == nil { arriving = nil } else { waitingPoll = nil }
            answers.append((poll, .poll(body)))
        case .refusePoll(let refusal), .refusePost(let refusal):
            guard let exchange = arriving else { return }
            arriving = nil
            answers.append((exchange, .refusal(refusal, toWebSocket: false)))
        case .readPost:
            post = arriving
            arriving = nil
        case .answerPost:
            guard let exchange = arriving else { return }
            arriving = nil
            answers.append((exchange, .taken))
        case .acceptWebSocket, .refuseWebSocket:
            guard let exchange = arriving else { return }
            arriving = nil
            let offered = server.webSocket(for: exchange)
            if action == .acceptWebSocket {
                webSocket = offered
                offered.user = self
            }
            exchange.open(offered)
            if action == .refuseWebSocket { offered.close(.silently) }
        case .write(let frame):
            webSocket?.write(frame)
            isWritten = true
        case .closeWebSocket(let closing):
            webSocket?.close(ending(closing))
            webSocket = nil
        case .upgraded:
            break
        case .deliver(let message):
            client?.received(message)
        case .closed(let reason):
            isPollExpected = isPollExpected && reason == .transportClose
            client?.closed(reason)
            client = nil
        case .finished:
            if isPollExpected { parting = now + TransportLimits.partingMilliseconds } else { forget() }
        }
    }

    private func forget() {
        parting = nil
        server.forget(sid)
        loop.remove(self)
    }

    private func ending(_ closing: WebSocketClosing) -> WebSocketHandler.Ending {
        switch closing {
        case .afterWrites:
            switch self.closing {
            case .serverShuttingDown?: .goingAway
            case .tooManyRequests?: .policyViolation
            case .transportClose?, .transportError?, .pingTimeout?, .parseError?, .forcedClose?, .forcedServerClose?,
                .clientNamespaceDisconnect?, .serverNamespaceDisconnect?, .slowReader?, nil:
                .silently
            }
        case .atOnce: .atOnce
        case .messageTooBig: .messageTooBig
        }
    }

    // MARK: Time

    func tickIfDue(at now: Moment) {
        if let parting, parting <= now { return forget() }
        if let due = state?.nextDeadline, due <= now { occasion { state?.tick(at: now, into: &actions) } }
        if let due = client?.nextDeadline, due <= now { occasion { client?.tick(at: now) } }
    }

    // MARK: Requests

    /// A request with this sid. On the session's loop.
    func take(_ exchange: SocketExchange) {
        guard let transport = server.accepts(exchange, session: state?.transport) else { return }
        if parting != nil, transport == .polling, exchange.method == .GET {
            forget()
            return exchange.answer(.poll(EngineIOPayload.encode(CollectionOfOne(EngineIOPacket.noop.frame))))
        }
        occasion {
            arriving = exchange
            if transport == .websocket {
                state?.webSocketOffered(at: now, into: &actions)
            } else if exchange.method == .POST {
                state?.postBegan(isBinary: exchange.isBinary, into: &actions)
            } else {
                state?.pollArrived(at: now, into: &actions)
            }
        }
    }

    func postEnded(_ exchange: SocketExchange, _ body: [UInt8]) {
        // One that was refused at its beginning has its answer.
        guard post === exchange else { return }
        post = nil
        // A client that says goodbye sends its last poll and the POST at once, on two connections: whichever comes first, the poll is
        // answered.
        isPollExpected = waitingPoll == nil
        defer { isPollExpected = false }
        occasion {
            arriving = exchange
            let separators = body.count { $0 == EngineIOPayload.separator }
            if !postRate.take(separators + 1, at: now.milliseconds, max: TransportLimits.messagesPerSecondMax) {
                closing = .tooManyRequests
                state?.close(.tooManyRequests, at: now, into: &actions)
            }
            state?.postEnded(body, at: now, into: &actions)
        }
    }

    func postTooLarge(_ exchange: SocketExchange) {
        guard post === exchange else { return }
        post = nil
        occasion { state?.postTooLarge(into: &actions) }
    }

    /// The client of a request is gone.
    func left(_ exchange: SocketExchange) {
        if waitingPoll === exchange {
            waitingPoll = nil
            answers.append((exchange, nil))
            occasion { state?.pollAborted(into: &actions) }
        } else if post === exchange {
            post = nil
            occasion { state?.postAborted(into: &actions) }
        }
    }
}

// MARK: The WebSocket

extension SocketConnection: WebSocketUser {
    func received(text: [UInt8], from webSocket: WebSocketHandler) {
        guard eventLoop.inEventLoop else { return eventLoop.execute { self.received(text: text, from: webSocket) } }
        occasion(with: webSocket) { state?.frame(text: text, at: now, into: &actions) }
    }

    func received(binary: [UInt8], from webSocket: WebSocketHandler) {
        onLoop { self.occasion(with: webSocket) { self.state?.frame(binary: binary, at: self.now, into: &self.actions) } }
    }

    func becameWritable(_ isWritable: Bool, _ webSocket: WebSocketHandler) {
        onLoop { self.occasion(with: webSocket) { self.state?.webSocketWritable(isWritable, into: &self.actions) } }
    }

    func closed(_ webSocket: WebSocketHandler) {
        onLoop {
            self.occasion(with: webSocket) {
                self.webSocket = nil
                self.state?.webSocketClosed(into: &self.actions)
            }
        }
    }

    func shouldEnd(_ webSocket: WebSocketHandler) {
        onLoop { self.occasion(with: webSocket) { self.close(.serverShuttingDown) } }
    }

    /// What comes late from a WebSocket that the session has let go is not for it.
    private func occasion(with webSocket: WebSocketHandler, _ work: () -> Void) {
        guard self.webSocket === webSocket else { return }
        occasion(work)
    }
}
