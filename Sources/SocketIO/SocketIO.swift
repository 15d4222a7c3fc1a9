// SocketIO: Engine.IO 4 and Socket.IO 5 as values. Facts go in, actions come out; no socket, no clock, no randomness, no timer.
//
// One connection is two structs, kept side by side by whoever owns the channel, on one event loop:
//
//     EngineIOSession   facts: pollArrived, pollAborted, postBegan, postEnded, postAborted, webSocketOffered, frame, webSocketClosed,
//                              webSocketWritable, send, flush, close, tick
//                       actions: EngineIOAction (answer this poll, write this frame, deliver this message, closed, finished, ...)
//     SocketIOSession   facts: received(text:), received(binary:), accept, refuse, emit, answer, disconnect, close, engineClosed, tick
//                       actions: SocketIOAction (send this frame, connect asked, event, acknowledged, left, close)
//
// Every fact appends its actions to an array of the caller, in the order in which they are to be carried out; keep one array per event
// loop. Time is a `Moment` of any monotonic clock; `nextDeadline` is a number to look at, so that one sweep serves all sockets. How often
// it comes by (a second is enough for the usual times, a tenth of the ping timeout for short ones) makes no difference to who is closed.
//
//     bytes ─► EngineIOSession ─ deliver ─► SocketIOSession ─ event, connectRequested, ... ─► the application
//     bytes ◄─ EngineIOSession ◄── send ─── SocketIOSession ◄ emit, answer, accept, ... ◄──── the application
//
// Codecs, for clients and tests too: EngineIOPacket and EngineIOFrame (one packet), EngineIOPayload (a polling body), SocketIOPacket (one
// packet with JSON), SocketIOMessage (an event encoded once and sent to many). EngineIOQuery and EngineIORefusal are the HTTP side.
// SocketSettings is shared by all connections; what never changes stands in SocketIOLimits.
//
// The caller's: the table of sessions by sid, Origin and CORS, HTTP and WebSocket framing (masks, UTF-8 of text frames, fragments, control
// frames, sizes before they are read), closing a channel that does not drain, how many messages a second one client may send.
//
// Where socket.io 4.8 and the protocol text differ, or where we leave both on purpose:
//  1. Parse errors close the whole connection, as 4.8 does. But JSON that is sound for a browser and refused by StrictJSON (a name twice,
//     NUL, half a surrogate pair, an integer beyond 64 bits, too deep) costs one event, not the connection: `.unreadable`, to be answered.
//  2. A second CONNECT to a joined namespace is answered with the same sid; 4.8 closes. The JavaScript client sends two when a socket is
//     made and `connect()` is called again before the answer. While the question is open the second one is ignored: one answer does both.
//  3. After the server's DISCONNECT, what the client had already sent to that namespace is ignored; 4.8 closes the other namespaces, too.
//  4. When the last namespace was left, the connect timeout runs again; in 4.8 such a connection stays as long as it answers pings.
//  5. Every attachment must be used by exactly one placeholder, which is checked before the first attachment is waited for; 4.8 takes
//     unused and repeated ones.
//  6. `1` on a WebSocket closes at once; 4.8 ignores it until the ping timeout. A POST that cannot be parsed is answered with 400; 4.8
//     says 200 `ok` and closes. The official suites accept both.
//  7. Only the pong answers a ping, as in 4.8; its development branch counts any packet. An unsolicited `3` is ignored entirely; in 4.8
//     it would also put off the next ping.
//  8. At most 16 packets in the answer to a poll, because python-engineio refuses more; a POST may hold any number.
//  9. CONNECT_ERROR is always an object (the text allows a string): the Java client does not report anything else. Ack ids stay below 2^31,
//     for the same client.
// 10. Connection state recovery is not offered: it adds an argument to every event, which handlers with fixed arity do not expect.

/// A point on the caller's monotonic clock, in milliseconds from wherever that clock began.
public struct Moment: Sendable, Hashable, Comparable {
    public let milliseconds: Int64

    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    public static func < (left: Moment, right: Moment) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// The moment that many milliseconds later.
    public static func + (moment: Moment, milliseconds: Int) -> Moment {
        Moment(milliseconds: moment.milliseconds + Int64(milliseconds))
    }
}
