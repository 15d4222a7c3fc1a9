/// Every bound of the protocol that is the same for all connections. Sizes in bytes, times in milliseconds.
///
/// What an operator or a test changes is in `SocketSettings`, whose defaults are here as well.
public enum SocketIOLimits {
    /// The most packets in the answer to one poll. python-engineio refuses a payload with more. The body of a POST has no such bound:
    /// the JavaScript client sends hundreds at once after it was offline.
    public static let packetsPerPollMax = 16
    /// The most bytes in the answer to one poll, unless its first packet alone is larger.
    public static let pollBytesMax = 1_000_000

    /// The most bytes of one WebSocket message or one POST body. The handshake tells the client.
    public static let payloadBytesMax = 1_000_000
    /// What may wait for a client that does not read. One more, and the client is dropped.
    public static let pendingPacketsMax = 512
    public static let pendingBytesMax = 2_000_000

    public static let pingIntervalMilliseconds = 25_000
    public static let pingTimeoutMilliseconds = 20_000
    /// From the WebSocket's arrival to the packet that completes the upgrade.
    public static let upgradeTimeoutMilliseconds = 10_000
    /// How long a connection may be without a namespace.
    public static let connectTimeoutMilliseconds = 45_000
    /// How long a closed polling session waits for the poll that tells the client.
    public static let closeTimeoutMilliseconds = 30_000

    public static let namespaceBytesMax = 128
    /// How often one connection may be refused a namespace.
    public static let refusalsMax = 16
    /// The deepest JSON of a payload.
    public static let jsonDepthMax = 32

    /// Attachments of one packet, as in socket.io 4.8.
    public static let attachmentsMax = 10
    /// All attachments of one packet together.
    public static let attachmentBytesMax = 1_000_000
    /// How long a packet may wait for its attachments.
    public static let attachmentTimeoutMilliseconds = 10_000

    /// Acknowledgements that this side may be waiting for, of one client.
    public static let awaitedAcknowledgementsMax = 256
    /// Requests of one client that this side may owe an answer. The client that sends one more is closed.
    public static let owedAcknowledgementsMax = 1024
    /// The largest id that the Java client can read.
    static let acknowledgementIDMax = UInt32(Int32.max)
    /// The largest id that a JavaScript client can mean.
    static let peerAcknowledgementIDMax: UInt64 = 9_007_199_254_740_991
}

/// What the connections of one server have in common. One object for all of them, so that each holds only a reference.
public final class SocketSettings: Sendable {
    /// The namespaces that exist. A CONNECT to any other is refused with "Invalid namespace".
    public let namespaces: [String]
    public let pingIntervalMilliseconds: Int
    public let pingTimeoutMilliseconds: Int
    public let upgradeTimeoutMilliseconds: Int
    public let connectTimeoutMilliseconds: Int
    public let closeTimeoutMilliseconds: Int
    public let payloadBytesMax: Int
    public let pendingPacketsMax: Int
    public let pendingBytesMax: Int
    public let attachmentBytesMax: Int

    public init(
        namespaces: [String] = ["/"],
        pingIntervalMilliseconds: Int = SocketIOLimits.pingIntervalMilliseconds,
        pingTimeoutMilliseconds: Int = SocketIOLimits.pingTimeoutMilliseconds,
        upgradeTimeoutMilliseconds: Int = SocketIOLimits.upgradeTimeoutMilliseconds,
        connectTimeoutMilliseconds: Int = SocketIOLimits.connectTimeoutMilliseconds,
        closeTimeoutMilliseconds: Int = SocketIOLimits.closeTimeoutMilliseconds,
        payloadBytesMax: Int = SocketIOLimits.payloadBytesMax,
        pendingPacketsMax: Int = SocketIOLimits.pendingPacketsMax,
        pendingBytesMax: Int = SocketIOLimits.pendingBytesMax,
        attachmentBytesMax: Int = SocketIOLimits.attachmentBytesMax
    ) {
        precondition(namespaces.allSatisfy { $0.hasPrefix("/") && !$0.contains(",") }, "a namespace begins with / and has no comma")
        self.namespaces = namespaces
        self.pingIntervalMilliseconds = pingIntervalMilliseconds
        self.pingTimeoutMilliseconds = pingTimeoutMilliseconds
        self.upgradeTimeoutMilliseconds = upgradeTimeoutMilliseconds
        self.connectTimeoutMilliseconds = connectTimeoutMilliseconds
        self.closeTimeoutMilliseconds = closeTimeoutMilliseconds
        self.payloadBytesMax = payloadBytesMax
        self.pendingPacketsMax = pendingPacketsMax
        self.pendingBytesMax = pendingBytesMax
        self.attachmentBytesMax = attachmentBytesMax
    }
}
