/// The bounds of the socket transport that are the same for all servers. What one server sets for itself is in `SocketSettings`.
enum TransportLimits {
    /// Messages of one client in one second, on either transport. The JavaScript client sends hundreds at once what it kept while it was
    /// offline; nobody who talks to people sends thousands.
    static let messagesPerSecondMax = 2000
    /// Pings, pongs and closes of one WebSocket in one second. Libraries send one ping in some seconds.
    static let controlFramesPerSecondMax = 100
    /// Pieces of one WebSocket message. Libraries that divide at all make pieces of some kilobytes.
    static let fragmentsMax = 1024
    /// The body of a request that belongs to no session, in bytes: nobody has a reason to send one.
    static let strangerBodyBytesMax = 4096
    /// How long a poll is still answered that was overtaken by the goodbye of its own client.
    static let partingMilliseconds = 1000
    /// How long a WebSocket that was asked to close may take to say so, too.
    static let closingSeconds: Int64 = 2
    /// The most actions for which a loop keeps room from one occasion to the next.
    static let spareActionsMax = 256
    /// How often a loop looks at its connections, in milliseconds: never less often than the first, never more often than the second.
    static let sweepMilliseconds: ClosedRange<Int64> = 10...1000
}

/// How many things one client did in the current second.
struct RateWindow {
    private var second: Int32 = -1
    private var count: Int32 = 0

    /// Counts one more. False where it is one too many.
    mutating func take(_ amount: Int = 1, at now: Int64, max: Int) -> Bool {
        let nowSecond = Int32(truncatingIfNeeded: now / 1000)
        if nowSecond != second {
            second = nowSecond
            count = 0
        }
        count = count.addingReportingOverflow(Int32(clamping: amount)).overflow ? .max : count + Int32(clamping: amount)
        return count <= max
    }
}
