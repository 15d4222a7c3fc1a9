import Foundation
public import Vocabulary

/// The machine's clock. The only place that reads it.
public enum SystemClock {
    /// The present moment, to the second.
    public static func now() -> UnixTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UnixTime(Int64(time.tv_sec))
    }
}
