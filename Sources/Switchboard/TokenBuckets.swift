import Synchronization

/// How often something may happen: at once as often as `burst` says, and over time at an even rate.
public struct Rate: Sendable, Equatable {
    public let burst: Int
    public let perMinute: Int

    /// - Parameters:
    ///   - burst: at least 1.
    ///   - perMinute: at least 1.
    public init(perMinute: Int, burst: Int? = nil) {
        self.burst = max(1, burst ?? perMinute)
        self.perMinute = max(1, perMinute)
    }
}

/// One bucket of tokens for each key: who takes one may go on, and who finds none is told when there will be one.
///
/// A bucket that is full is as good as none, so only those that were used of late are kept. Beyond `keysMax` of them the fullest are not
/// looked for: all are forgotten at once, which errs in favour of the client, never against it.
public final class TokenBuckets<Key: Hashable & Sendable>: Sendable {
    private struct Contents {
        /// When each bucket will be full again, in nanoseconds of the monotonic clock: all that has to be known of it.
        var fullAt: [Key: Int64] = [:]
        var sweepAt: Int64 = 0
    }

    public let rate: Rate
    private let nanosecondsPerToken: Int64
    private let keysMax: Int
    private let contents = Mutex(Contents())

    public init(_ rate: Rate, keysMax: Int = 100_000) {
        self.rate = rate
        self.keysMax = keysMax
        nanosecondsPerToken = 60_000_000_000 / Int64(rate.perMinute)
    }

    /// Takes a token.
    /// - Parameter now: the time by a clock that nobody sets.
    /// - Returns: nil when there was one, else the whole seconds until there will be, at least 1.
    public func take(_ key: Key, at now: Duration) -> Int? {
        let now = Self.nanoseconds(now)
        let capacity = nanosecondsPerToken * Int64(rate.burst)
        return contents.withLock { contents in
            let fullAt = max(contents.fullAt[key] ?? now, now) + nanosecondsPerToken
            guard fullAt - now <= capacity else {
                return Int((fullAt - now - capacity + 999_999_999) / 1_000_000_000)
            }
            if contents.fullAt.count >= keysMax || contents.sweepAt <= now { sweep(&contents, at: now) }
            contents.fullAt[key] = fullAt
            return nil
        }
    }

    /// Puts a token back that was taken and turned out not to be needed.
    public func giveBack(_ key: Key) {
        contents.withLock { contents in
            guard let fullAt = contents.fullAt[key] else { return }
            contents.fullAt[key] = fullAt - nanosecondsPerToken
        }
    }

    /// How many buckets are kept.
    public var count: Int { contents.withLock { $0.fullAt.count } }

    private func sweep(_ contents: inout Contents, at now: Int64) {
        contents.fullAt = contents.fullAt.filter { $0.value > now }
        if contents.fullAt.count >= keysMax { contents.fullAt.removeAll() }
        contents.sweepAt = now + 60_000_000_000
    }

    private static func nanoseconds(_ duration: Duration) -> Int64 {
        let parts = duration.components
        return parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000
    }
}
