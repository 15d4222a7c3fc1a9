import Synchronization

/// A few engines, handed out one call at a time. Safe from any thread, and made to be shared: a pool knows no credentials.
///
/// A call takes an engine, or makes one where all are out, and puts it back; no lock is held while a token is made, so calls do not wait
/// for each other. An engine is about 140 KiB, most of it zlib's window, so no more than `capacity` are kept.
public final class AgoraEnginePool: Sendable {
    /// An engine on its way in or out.
    ///
    /// `@unchecked Sendable` is true because a parked engine is referred to by the pool's list alone, under the mutex, and one that was
    /// taken by the one call that took it.
    private struct Parked: @unchecked Sendable {
        let engine: AgoraTokenEngine
    }

    private let capacity: Int
    private let parked: Mutex<[Parked]>

    /// A pool that keeps so many engines; as many as there are threads is a good number.
    public init(capacity: Int = 4) {
        self.capacity = capacity
        parked = Mutex([])
    }

    /// Lends an engine for the duration of the closure. It must not be kept.
    func withEngine<Result>(_ body: (AgoraTokenEngine) throws(TokenError) -> Result) throws(TokenError) -> Result {
        let taken = parked.withLock { $0.popLast() } ?? Parked(engine: AgoraTokenEngine())
        defer {
            parked.withLock { if $0.count < capacity { $0.append(taken) } }
        }
        return try body(taken.engine)
    }
}
