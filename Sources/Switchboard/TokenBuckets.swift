import Synchronization
import Vocabulary

/// How often something may happen: at once as often as `burst` says, and over time at an even rate.
public struct Rate: Sendable, Equatable {
    public let burst: Int
    public let perMinute: Int
    fileprivate let nanosecondsPerToken: Int64

    /// - Parameters:
    ///   - burst: at least 1.
    ///   - perMinute: at least 1.
    public init(perMinute: Int, burst: Int? = nil) {
        self.burst = max(1, burst ?? perMinute)
        self.perMinute = max(1, perMinute)
        self.nanosecondsPerToken = 60_000_000_000 / Int64(self.perMinute)
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

    fileprivate func level(_ rate: Rate, at now: Int64) -> BucketLevel {
        let missing = max(fullAt, now) - now
        let left = Int64(rate.burst) - (missing + rate.nanosecondsPerToken - 1) / rate.nanosecondsPerToken
        return BucketLevel(rate: rate, left: Int(max(0, left)), fullInSeconds: Int((missing + 999_999_999) / 1_000_000_000))
    }

    static func nanoseconds(_ duration: Duration) -> Int64 {
        let parts = duration.components
        return parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000
    }
}

/// What is in a bucket after somebody asked for a token.
struct BucketLevel: Sendable {
    let rate: Rate
    /// Whole tokens that are there.
    var left: Int
    /// When it will be full again, unless somebody takes more.
    let fullInSeconds: Int
    /// Nil where a token was there; else when there will be one, at least 1.
    var waitSeconds: Int?

    /// Whether less of it is left than of the other.
    func isTighter(than other: BucketLevel) -> Bool { left * other.rate.burst < other.left * rate.burst }
}

/// One bucket of tokens for each key, for whoever holds the lock around it.
///
/// A bucket that is full is as good as none, so only those that were used of late are kept. Where more than half of `keysMax` are not full
/// when there is no more room, all are forgotten at once: that errs in favour of the client, never against it, and what it costs to look
/// through them is spread over the many that came.
struct BucketTable<Key: Hashable & Sendable>: Sendable {
    let rate: Rate
    private let keysMax: Int
    private var buckets: [Key: TokenBucket] = [:]
    private var sweepAt = Int64.min

    init(_ rate: Rate, keysMax: Int = Limits.countedMax) {
        self.rate = rate
        self.keysMax = keysMax
    }

    var count: Int { buckets.count }

    /// Takes a token from the key's bucket.
    /// - Parameter now: nanoseconds of the monotonic clock.
    mutating func take(_ key: Key, at now: Int64) -> BucketLevel {
        if sweepAt <= now || buckets.count >= keysMax { sweep(at: now) }
        return Self.take(from: &buckets[key, default: TokenBucket()], rate, at: now)
    }

    /// What is in the key's bucket. Nothing is taken.
    func level(_ key: Key, at now: Int64) -> BucketLevel {
        var bucket = buckets[key] ?? TokenBucket()
        var level = bucket.level(rate, at: now)
        level.waitSeconds = bucket.take(rate, at: now)
        return level
    }

    /// What is in a bucket that nobody has taken from.
    var fullLevel: BucketLevel { BucketLevel(rate: rate, left: rate.burst, fullInSeconds: 0) }

    mutating func giveBack(_ key: Key) {
        buckets[key]?.giveBack(rate)
    }

    private static func take(from bucket: inout TokenBucket, _ rate: Rate, at now: Int64) -> BucketLevel {
        let wait = bucket.take(rate, at: now)
        var level = bucket.level(rate, at: now)
        level.waitSeconds = wait
        return level
    }

    private mutating func sweep(at now: Int64) {
        buckets = buckets.filter { $0.value.fullAt > now }
        if buckets.count > keysMax / 2 { buckets.removeAll() }
        sweepAt = now + 60_000_000_000
    }
}

/// One bucket of tokens for each key (`BucketTable`), for everybody.
public final class TokenBuckets<Key: Hashable & Sendable>: Sendable {
    public let rate: Rate
    private let table: Mutex<BucketTable<Key>>

    public init(_ rate: Rate, keysMax: Int = 100_000) {
        self.rate = rate
        self.table = Mutex(BucketTable(rate, keysMax: keysMax))
    }

    /// Takes a token from the key's bucket, as `TokenBucket.take` does.
    public func take(_ key: Key, at now: Duration) -> Int? {
        let now = TokenBucket.nanoseconds(now)
        return table.withLock { $0.take(key, at: now).waitSeconds }
    }

    /// Puts a token back that was taken and turned out not to be needed.
    public func giveBack(_ key: Key) {
        table.withLock { $0.giveBack(key) }
    }

    /// How many buckets are kept.
    public var count: Int { table.withLock { $0.count } }
}
