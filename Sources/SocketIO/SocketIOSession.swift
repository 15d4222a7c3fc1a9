import StrictJSON

/// The Socket.IO part of one connection: which namespaces the client is in, and which acknowledgements are owed either way.
///
/// For each namespace:
///
/// ```
///                CONNECT              accept()                41 from the client
///    absent ────────────────► asked ────────────► joined ───────────────────────────► absent
///      ▲                        │                   │
///      └── refuse(): 44 ────────┘                   └── disconnect(): 41 ──► dismissed ── CONNECT ──► asked
/// ```
///
/// | from the client | absent | asked | joined | dismissed |
/// |---|---|---|---|---|
/// | CONNECT | question, or 44 "Invalid namespace" | ignored | the same answer again | question |
/// | event, acknowledgement | close | close | handed out | ignored |
/// | DISCONNECT | close | close | left | ignored |
/// | CONNECT_ERROR | close | close | close | close |
///
/// `dismissed` is there because what the client sent before it read the 41 is no fault of its.
/// Anything that cannot be read closes the connection in every state. Answers of the caller that no longer fit return false.
public struct SocketIOSession: Sendable {
    enum Stage: UInt8, Sendable { case asked, joined, dismissed }

    struct Membership: Sendable {
        var namespace: String
        /// The public id of the client in this namespace; empty until it is accepted.
        var sid = ""
        var stage = Stage.asked
    }

    struct Awaited: Sendable {
        var namespace: String
        var id: UInt32
        var request: SocketIOAcknowledgementRequest
    }

    struct Owed: Sendable, Equatable {
        var namespace: String
        var id: UInt64
    }

    let settings: SocketSettings
    var memberships: [Membership] = []
    var awaited: [Awaited] = []
    var owed: [Owed] = []
    var assembly: BinaryAssembly?
    /// Until when the client has to be in some namespace; nil while it is.
    var connectDeadline: Moment?
    var nextID: UInt32 = 0
    var refusals = 0
    /// False once the connection has been closed by either side.
    public internal(set) var isOpen = true

    /// The state of a connection whose Engine.IO handshake is complete.
    public init(settings: SocketSettings, at now: Moment) {
        self.settings = settings
        connectDeadline = now + settings.connectTimeoutMilliseconds
    }

    /// The client's public id in that namespace, while it is in it.
    public func sid(in namespace: String) -> String? {
        joined(namespace).map { memberships[$0].sid }
    }

    /// When `tick` has something to do; nil when never.
    public var nextDeadline: Moment? {
        guard isOpen else { return nil }
        var earliest = connectDeadline
        if let deadline = assembly?.deadline { earliest = earliest.map { min($0, deadline) } ?? deadline }
        for item in awaited { earliest = earliest.map { min($0, item.request.deadline) } ?? item.request.deadline }
        return earliest
    }

    /// Does what is due. To call it early or often does no harm.
    public mutating func tick(at now: Moment, into actions: inout [SocketIOAction]) {
        guard isOpen else { return }
        if let connectDeadline, connectDeadline <= now { return close(.forcedServerClose, into: &actions) }
        if let assembly, assembly.deadline <= now { return close(.parseError, into: &actions) }
        guard awaited.contains(where: { $0.request.deadline <= now }) else { return }
        for item in awaited where item.request.deadline <= now { actions.append(.unacknowledged(token: item.request.token)) }
        keepAwaited { $0.request.deadline > now }
    }

    // MARK: The end

    /// Closes the connection from this side. Clients come back by themselves after this; `disconnect` keeps them out.
    public mutating func close(_ reason: CloseReason, into actions: inout [SocketIOAction]) {
        guard isOpen else { return }
        end(reason, into: &actions)
        actions.append(.close(reason))
    }

    /// Engine.IO has closed the connection.
    public mutating func engineClosed(_ reason: CloseReason, into actions: inout [SocketIOAction]) {
        guard isOpen else { return }
        end(reason, into: &actions)
    }

    private mutating func end(_ reason: CloseReason, into actions: inout [SocketIOAction]) {
        isOpen = false
        for item in awaited { actions.append(.unacknowledged(token: item.request.token)) }
        for member in memberships where member.stage == .joined { actions.append(.left(namespace: member.namespace, reason)) }
        memberships = []
        awaited = []
        owed = []
        assembly = nil
        connectDeadline = nil
    }

    // MARK: Helpers

    func index(of namespace: String) -> Int? {
        memberships.firstIndex { $0.namespace == namespace }
    }

    func joined(_ namespace: String) -> Int? {
        memberships.firstIndex { $0.namespace == namespace && $0.stage == .joined }
    }

    /// Forgets what the namespace was owed either way.
    mutating func settle(_ namespace: String, into actions: inout [SocketIOAction]) {
        for item in awaited where item.namespace == namespace { actions.append(.unacknowledged(token: item.request.token)) }
        keepAwaited { $0.namespace != namespace }
        owed = owed.filter { $0.namespace != namespace }
    }

    mutating func keepAwaited(_ isKept: (Awaited) -> Bool) {
        // A new array, not an emptied one: an idle socket holds no memory for what it once waited for.
        if !awaited.isEmpty { awaited = awaited.filter(isKept) }
    }

    /// Lets the connect timeout run again when the client is in no namespace.
    mutating func watchForConnect(at now: Moment) {
        guard connectDeadline == nil, !memberships.contains(where: { $0.stage == .joined }) else { return }
        connectDeadline = now + settings.connectTimeoutMilliseconds
    }
}
