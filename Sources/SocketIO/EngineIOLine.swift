// The seam between whoever owns the channels and whoever speaks on them.
//
// Everything about one connection happens on one thread, the line's own: the facts that reach the client's end (`EngineIOClient`) and the
// calls that it makes back. Only `EngineIOLine.run` may be called from anywhere. What is sent on one occasion (one fact, one `run`) leaves
// together: in one answer to a poll, in one write to a WebSocket.

/// A connection as the layer above Engine.IO sees it: the way down.
public protocol EngineIOLine: AnyObject, Sendable {
    /// Where the client comes from: an IP address in text, for limits.
    var address: String { get }

    /// Does something on the line's own thread, in the order in which it is asked. From anywhere; also after the connection has closed,
    /// so the work has to look. Never in place: the caller may hold locks.
    func run(_ work: @escaping @Sendable () -> Void)

    /// Does something that has to wait for others, and then something with what came of it.
    ///
    /// `work` begins at once where this is the line's own thread, and goes on there after every wait, so it must not block. `finish` is
    /// called on the line's own thread, perhaps before this returns; also after the connection has closed. From anywhere, but not where
    /// locks are held.
    func start<Outcome: Sendable>(
        _ work: @escaping @Sendable () async -> Outcome, finish: @escaping @Sendable (Outcome) -> Void)

    /// The present moment of the clock that all lines share. From anywhere.
    var now: Moment { get }

    /// Sends a frame, after all that was sent before. On the line's own thread. Ignored once the connection is closed.
    func send(_ frame: EngineIOFrame)

    /// Closes the connection. On the line's own thread. What was sent before still reaches a client that reads; `EngineIOClient.closed` is
    /// told with this reason, perhaps before this returns.
    func close(_ reason: CloseReason)
}

/// The far end of a line: what an application makes of one connection. Always called on the line's own thread.
public protocol EngineIOClient: AnyObject {
    /// A message arrived.
    func received(_ message: EngineIOMessage)
    /// The connection is over. Comes once, and nothing comes after it.
    func closed(_ reason: CloseReason)
    /// When `tick` has something to do; nil when never. Asked about once a second, and for short deadlines more often.
    var nextDeadline: Moment? { get }
    func tick(at now: Moment)
}

/// An application that speaks Engine.IO: it is told of every connection.
public protocol EngineIOApplication: Sendable {
    /// A connection's handshake is complete; nothing of the client has been read. On the line's own thread.
    func opened(_ line: any EngineIOLine) -> any EngineIOClient
}
