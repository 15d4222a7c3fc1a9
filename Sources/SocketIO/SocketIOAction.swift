public import StrictJSON

/// What the owner of a connection does next, as its `SocketIOSession` says.
public enum SocketIOAction: Sendable, Equatable {
    /// Hand this to `EngineIOSession.send`. When all actions have been carried out, call its `flush`.
    case send(EngineIOFrame)
    /// The client asks to join; answer with `accept` or `refuse`, now or later. Nothing else can happen in that namespace before.
    case connectRequested(namespace: String, auth: JSONObject?)
    case event(SocketIOEvent)
    /// The client sent an event whose JSON this service does not read (a name twice, NUL, a number beyond 64 bits, ...). Where it
    /// asks for an acknowledgement, answer that it was refused.
    case unreadable(namespace: String, acknowledgementID: UInt64?, JSONError)
    /// The client acknowledged the event that was sent with this token.
    case acknowledged(token: UInt64, arguments: [JSONValue], attachments: [[UInt8]])
    /// The acknowledgement asked for with this token will not come: it is too late, or the client is gone.
    case unacknowledged(token: UInt64)
    /// The client is no longer in the namespace. Comes once for each that was accepted.
    case left(namespace: String, CloseReason)
    /// Close the connection: hand this to `EngineIOSession.close`.
    case close(CloseReason)
}

/// An acknowledgement that an event asks the client for.
public struct SocketIOAcknowledgementRequest: Sendable, Equatable {
    /// The caller's own number, which comes back with the answer.
    public var token: UInt64
    /// When to stop waiting.
    public var deadline: Moment

    public init(token: UInt64, deadline: Moment) {
        self.token = token
        self.deadline = deadline
    }
}

/// A packet whose attachments are still arriving. On the heap, because hardly any connection ever has one.
final class BinaryAssembly: Sendable {
    let incoming: SocketIOIncoming
    let attachmentCount: Int
    let attachments: [[UInt8]]
    let byteCount: Int
    let deadline: Moment

    init(_ incoming: SocketIOIncoming, attachmentCount: Int, attachments: [[UInt8]] = [], byteCount: Int = 0, deadline: Moment) {
        self.incoming = incoming
        self.attachmentCount = attachmentCount
        self.attachments = attachments
        self.byteCount = byteCount
        self.deadline = deadline
    }
}

/// A packet from the client, with its JSON read or not.
struct SocketIOIncoming: Sendable {
    var kind: SocketIOPacketKind
    var namespace: String
    var id: UInt64?
    var payload: JSONValue?
    var fault: JSONError?
}
