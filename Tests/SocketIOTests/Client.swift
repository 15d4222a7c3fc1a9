import SocketIO
import StrictJSON

/// The Socket.IO part of a connection under test, and what it said, in short words: `send 40{"sid":"s1"}`, `asked /`,
/// `event / name [..] ack 1`.
struct Client {
    var session: SocketIOSession
    var now = Moment(milliseconds: 5_000_000)
    private var actions: [SocketIOAction] = []
    private var refusals = 0

    init(namespaces: [String] = ["/", "/call"], settings: SocketSettings? = nil) {
        session = SocketIOSession(settings: settings ?? SocketSettings(namespaces: namespaces), at: now)
    }

    /// A client that was let into `/`.
    static func joined() -> Client {
        var client = Client()
        client.text("40")
        client.accept()
        _ = client.said()
        return client
    }

    mutating func said() -> [String] {
        defer { actions = [] }
        return actions.map(Self.word)
    }

    mutating func rawActions() -> [SocketIOAction] {
        defer { actions = [] }
        return actions
    }

    /// A text as it is on the wire, with the digit of Engine.IO, which the lower layer takes off.
    mutating func text(_ text: String) { session.received(text: text.bytes.dropFirst(), at: now, into: &actions) }
    mutating func text(_ text: [UInt8]) { session.received(text: text.dropFirst(), at: now, into: &actions) }
    mutating func binary(_ bytes: [UInt8]) { session.received(binary: bytes, at: now, into: &actions) }
    mutating func engineClosed(_ reason: CloseReason = .transportClose) { session.engineClosed(reason, into: &actions) }
    mutating func close(_ reason: CloseReason = .serverShuttingDown) { session.close(reason, into: &actions) }

    /// What the application wants is counted as a `no` where it no longer fits.
    @discardableResult mutating func accept(_ namespace: String = "/", sid: String = "s1") -> Bool {
        note(session.accept(namespace, sid: sid, into: &actions))
    }
    @discardableResult mutating func refuse(_ namespace: String = "/") -> Bool {
        note(session.refuse(namespace, message: "not you", data: ["code": "unauthorized"], into: &actions))
    }
    @discardableResult mutating func emit(_ message: SocketIOMessage, token: UInt64? = nil, within milliseconds: Int = 3000) -> Bool {
        let request = token.map { SocketIOAcknowledgementRequest(token: $0, deadline: now + milliseconds) }
        return note(session.emit(message, acknowledgement: request, into: &actions))
    }
    @discardableResult mutating func answer(_ id: UInt64, in namespace: String = "/", _ arguments: [JSONValue] = []) -> Bool {
        note(session.answer(id, in: namespace, arguments, into: &actions))
    }
    @discardableResult mutating func disconnect(_ namespace: String = "/") -> Bool {
        note(session.disconnect(namespace, at: now, into: &actions))
    }

    mutating func wait(_ milliseconds: Int) {
        now = now + milliseconds
        session.tick(at: now, into: &actions)
    }

    private mutating func note(_ done: Bool) -> Bool {
        if !done { refusals += 1 }
        return done
    }

    /// How often the session said no.
    mutating func saidNo() -> Int {
        defer { refusals = 0 }
        return refusals
    }

    static func word(_ action: SocketIOAction) -> String {
        switch action {
        case .send(let frame): "send " + Connection.word(frame)
        case .connectRequested(let namespace, let auth):
            "asked \(namespace)" + (auth.map { " " + JSONValue.object($0).canonicalText } ?? "")
        case .event(let event):
            "event \(event.namespace) \(event.name) \(JSONValue.array(event.arguments).canonicalText)"
                + event.attachments.map { " #" + $0.hex }.joined() + (event.acknowledgementID.map { " ack \($0)" } ?? "")
        case .unreadable(let namespace, let id, let error):
            "unreadable \(namespace) \(error.pointer)" + (id.map { " ack \($0)" } ?? "")
        case .acknowledged(let token, let arguments, let attachments):
            "acknowledged \(token) \(JSONValue.array(arguments).canonicalText)" + attachments.map { " #" + $0.hex }.joined()
        case .unacknowledged(let token): "unacknowledged \(token)"
        case .left(let namespace, let reason): "left \(namespace) (\(reason.rawValue))"
        case .close(let reason): "close(\(reason.rawValue))"
        }
    }
}
