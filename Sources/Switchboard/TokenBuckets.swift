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

/// One bucket of tokens: who takes one may go on, and who finds none is told when there will be one.
public struct TokenBucket: Sendable {
    /// When it will be full again, in nanoseconds of the monotonic clock: all that has to be known of it.
    fileprivate var fullAt = Int64.min

    /// A full bucket.
    public init() {}

    /// Takes a token.
    /// - Parameter now: the time by a clock that nobody sets.
    /// - Returns: nil when there was one, else the whole seconds until there will be, at least 1.
    public mutating func take(_ rate: Rate, at now: Duration) -> Int? {
        take(rate, at: Self.nanoseconds(now))
    }

    fileprivate mutating func take(_ rate: Rate, at now: Int64) -> Int? {
        let capacity = rate.nanosecondsPerToken * Int64(rate.burst)
        let next = max(fullAt, now) + rate.nanosecondsPerToken
        guard next - now <= capacity else { return Int((next - now - capacity + 999_999_999) / 1_000_000_000) }
        fullAt = next
        return nil
    }

    fileprivate mutating func giveBack(_ rate: Rate) {
        fullAt -= rate.nanosecondsPerToken
    }

    fileprivate static func nanoseconds(_ duration: Duration) -> Int64 {
        let parts = duration.components
        return parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000
    }
}

extension Rate {
    fileprivate var nanosecondsPerToken: Int64 { 60_000_000_000 / Int64(perMinute) }
}

/// One bucket of tokens for each key.
///
/// A bucket that is full is as good as none, so only those that were used of late are kept. Beyond `keysMax` of them the fullest are not
/// looked for: all are forgotten at once, which errs in favour of the client, never against it.
public final class TokenBuckets<Key: Hashable & Sendable>: Sendable {
    private struct Contents {
        var buckets: [Key: TokenBucket] = [:]
        var sweepAt: Int64 = 0
    }

    public let rate: Rate
    private let keysMax: Int
    private let contents = Mutex(Contents())

    public init(_ rate: Rate, keysMax: Int = 100_000) {
        self.rate = rate
        self.keysMax = keysMax
    }

    /// Takes a token from the key's bucket, as `TokenBucket.take` does.
    public func take(_ key: Key, at now: Duration) -> Int? {
        let now = TokenBucket.nanoseconds(now)
        return contents.withLock { contents in
            var bucket = contents.buckets[key] ?? TokenBucket()
            if let seconds = bucket.take(rate, at: now) { return seconds }
            if contents.buckets.count >= keysMax || contents.sweepAt <= now { sweep(&contents, at: now) }
            contents.buckets[key] = bucket
            return nil
        }
    }

    /// Puts a token back that was taken and turned out not to be needed.
    public func giveBack(_ key: Key) {
        contents.withLock { contents in
            contents.buckets[key]?.giveBack(rate)
        }
    }

    /// How many buckets are kept.
    public var count: Int { contents.withLock { $0.buckets.count } }

    private func sweep(_ contents: inout Contents, at now: Int64) {
        contents.buckets = contents.buckets.filter { $0.value.fullAt > now }
        if contents.buckets.count >= keysMax { contents.buckets.removeAll() }
        contents.sweepAt = now + 60_000_000_000
    }
}
