/// One Engine.IO connection, from its handshake until its sid is forgotten: facts in, actions out.
///
/// ```
///                 opened over polling                               opened over a WebSocket
///                         │                                                    │
///                         ▼         webSocketOffered                           ▼
///       ┌──────────── polling ◄───────────────────► polling and WebSocket ─ `5` ─► websocket
///       │                 │      closed, timed out,     `2probe` -> `3probe`          │
///       │ close()         │      wrong packet           polls released with `6`       │
///       ▼                 ▼                                                           ▼
///    closing ──────────► closed ◄──────────────────────────────────────────────────────
///       the next poll gets what is queued and `1`       ping timeout, `1`, parse error, transport gone, slow reader, close()
/// ```
///
/// `closing` is there for polling only, while no poll waits that could tell the client. The layer above has heard `.closed` by then.
///
/// The order of everything sent is kept across the upgrade. A frame that cannot leave now waits in a queue with a bound; beyond it the
/// connection is closed as `.slowReader`. Whose work is what: a second poll or POST at once, a poll or POST after the upgrade or the end,
/// and a second WebSocket are answered here; an unknown sid, and a request whose transport is not the session's, by `EngineIOQuery.check`.
public struct EngineIOSession: Sendable {
    enum Phase: UInt8, Sendable { case open, closing, closed }
    enum Upgrade: UInt8, Sendable { case none, offered, probed }

    let settings: SocketSettings
    /// What could not leave yet.
    var queue: [EngineIOFrame] = []
    var queuedBytes = 0
    /// When to ping, or until when to wait for the pong.
    var heartbeat: Moment
    /// Until when to wait for the upgrade, or in `closing` for the last poll.
    var patience: Moment?
    /// The transport that counts now.
    public internal(set) var transport: EngineIOTransport
    var phase = Phase.open
    var upgrade = Upgrade.none
    var isPollWaiting = false
    var isPostOpen = false
    var isPongAwaited = false
    /// Whether the WebSocket takes more. Polling has the waiting poll for that.
    var isWritable = true
    let wantsBase64: Bool

    /// Opens a connection: for polling the request that asked for it is the first poll, answered at once; a WebSocket must be complete.
    ///
    /// - Parameter sid: 20 random characters, safe in URLs: it is a secret, and another one than any id of Socket.IO.
    public init(
        sid: String, over transport: EngineIOTransport, wantsBase64: Bool = false, settings: SocketSettings, at now: Moment,
        into actions: inout [EngineIOAction]
    ) {
        self.settings = settings
        self.transport = transport
        self.wantsBase64 = wantsBase64
        heartbeat = now + settings.pingIntervalMilliseconds
        let handshake = EngineIOHandshake.frame(sid: sid, over: transport, settings)
        switch transport {
        case .polling: actions.append(.answerPoll(EngineIOPayload.encode(CollectionOfOne(handshake))))
        case .websocket: actions.append(.write(handshake))
        }
    }

    /// True until the connection is closed or closing.
    public var isOpen: Bool { phase == .open }

    /// How many bytes wait for the client in this session. What the channel itself holds is not among them.
    public var pendingBytes: Int { queuedBytes }

    /// When `tick` has something to do; nil when never.
    public var nextDeadline: Moment? {
        switch phase {
        case .open: patience.map { min($0, heartbeat) } ?? heartbeat
        case .closing: patience
        case .closed: nil
        }
    }

    /// Does what is due. To call it early or often does no harm.
    public mutating func tick(at now: Moment, into actions: inout [EngineIOAction]) {
        if let patience, patience <= now {
            switch phase {
            case .open: abandonUpgrade(into: &actions)
            case .closing: end(.forcedClose, parting: .close, into: &actions)
            case .closed: break
            }
        }
        guard phase == .open, heartbeat <= now else { return }
        if isPongAwaited {
            // Whoever does not answer does not close either.
            end(.pingTimeout, parting: .close, webSocket: .atOnce, into: &actions)
        } else {
            isPongAwaited = true
            // A sweep comes a little late, and that is not added up. After a long stall of this process every client gets its full time.
            let isLittle = now <= heartbeat + settings.pingTimeoutMilliseconds / 4
            heartbeat = (isLittle ? heartbeat : now) + settings.pingTimeoutMilliseconds
            send(.ping, into: &actions)
            flush(into: &actions)
        }
    }

    /// Closes the connection from this side. What was sent before still reaches a client that reads.
    public mutating func close(_ reason: CloseReason = .forcedClose, at now: Moment, into actions: inout [EngineIOAction]) {
        guard phase == .open else { return }
        guard transport == .polling, !isPollWaiting || !queue.isEmpty else {
            writeQueue(into: &actions)
            return end(reason, parting: .close, into: &actions)
        }
        phase = .closing
        patience = now + settings.closeTimeoutMilliseconds
        isPongAwaited = false
        actions.append(.closed(reason))
        if isPollWaiting { answerLastPolls(into: &actions) }
    }

    // MARK: The end

    /// Ends everything at once; `parting` is what a waiting poll gets.
    mutating func end(
        _ reason: CloseReason, parting: EngineIOFrame, webSocket closing: WebSocketClosing = .afterWrites,
        into actions: inout [EngineIOAction]
    ) {
        guard phase != .closed else { return }
        if isPollWaiting {
            isPollWaiting = false
            actions.append(.answerPoll(EngineIOPayload.encode(CollectionOfOne(parting))))
        }
        if transport == .websocket || upgrade != .none { actions.append(.closeWebSocket(closing)) }
        if phase == .open { actions.append(.closed(reason)) }
        phase = .closed
        upgrade = .none
        patience = nil
        queue = []
        queuedBytes = 0
        actions.append(.finished)
    }

    /// Handles a packet on the transport that counts. Packets that only a server sends, and an upgrade that is none, mean nothing.
    mutating func received(_ packet: EngineIOPacket, at now: Moment, into actions: inout [EngineIOAction]) {
        switch packet {
        case .message(let text):
            if phase == .open { actions.append(.deliver(.text(text))) }
        case .binary(let bytes):
            if phase == .open { actions.append(.deliver(.binary(bytes))) }
        case .pong:
            guard isPongAwaited else { return }
            isPongAwaited = false
            heartbeat = now + settings.pingIntervalMilliseconds
        case .close:
            end(.transportClose, parting: .noop, into: &actions)
        case .ping:
            // The direction of Engine.IO 3: the client counts on answers that it will not get.
            if phase == .open { end(.transportError, parting: .close, into: &actions) }
        case .open, .upgrade, .noop:
            break
        }
    }
}
