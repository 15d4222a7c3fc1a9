import Foundation
public import Vocabulary

/// The machine's clocks. The only place that reads them.
public enum SystemClock {
    /// The present moment, to the second.
    public static func now() -> UnixTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UnixTime(Int64(time.tv_sec))
    }

    /// The present moment to the millisecond, as lines of the log begin.
    static func logTime() -> String {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let milliseconds = String(1000 + time.tv_nsec / 1_000_000).dropFirst()
        return "\(UnixTime(Int64(time.tv_sec)).rfc3339.dropLast()).\(milliseconds)Z"
    }

    /// The time since the machine started, by a clock that nobody sets and that goes on while the machine sleeps.
    public static func monotonic() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
