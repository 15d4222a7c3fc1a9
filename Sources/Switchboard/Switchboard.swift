// Switchboard: the one desk between the counters and everything behind them.
//
// Who is asking, may they, what happens, what is minted. Both counters (REST and sockets) ask here and nowhere else, so a rule that
// stands here holds at both. Every operation goes the same way: the caller was authenticated, the thing is looked for within the
// caller's tenant, the rule is asked, the store changes, and only then something is minted.

public import Calls
public import Metering
import Signing
import Synchronization
public import Vocabulary

/// Reads secrets and key sets. The desk reads no file and no environment itself.
public protocol SecretSource: Sendable {
    /// - Throws: `SecretUnavailable` with a reason that may be shown to the operator and never holds the secret.
    func secret(_ reference: SecretReference) throws(SecretUnavailable) -> Secret
    /// The text of a file with public keys, at most 256 KiB.
    /// - Throws: `SecretUnavailable` with a reason that may be shown to the operator.
    func keySet(file path: String) throws(SecretUnavailable) -> [UInt8]
}

/// Why a secret or a key set could not be read.
public struct SecretUnavailable: Error, Equatable, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}

/// The desk. One per process; it holds no truth of its own: prepared credentials are made again when they change, and the deadlines that it
/// watches are in the store.
public final class Switchboard: Sendable {
    let store: any Store
    let clock: @Sendable () -> UnixTime
    let monotonic: @Sendable () -> Duration
    let providers: TenantShelf<ProviderSettings, TenantProviders>
    let secrets: any SecretSource
    let outside: any OutsideLine
    let keyrings: TenantShelf<UserTokenSettings, UserTokenKeyring>
    let remoteChecks: TenantShelf<RemoteCheckSettings, RemoteCheck>
    let cursors: CursorSeal
    let deadlines = DeadlineWatch()
    let running = RunningRequests()
    let rings: RingLimits
    /// How often whoever asks may ask.
    public let requests: RequestLimits
    let sockets = Mutex<any UserSockets>(NoSockets())
    let metrics: DeskMetrics
    let readiness = Mutex(Readiness())

    /// - Parameters:
    ///   - outside: by which other servers are asked.
    ///   - clock: the present moment, asked once per operation.
    ///   - monotonic: the time since some moment, by a clock that nobody sets. Ring deadlines are watched by it.
    ///   - limits: how often somebody may ask, and users may ring each other.
    ///   - metrics: where the desk counts what it does.
    /// - Throws: `DeskError.unavailable` when the store does not answer.
    public init(
        store: any Store, secrets: any SecretSource, outside: any OutsideLine = NoOutsideLine(),
        clock: @escaping @Sendable () -> UnixTime, monotonic: @escaping @Sendable () -> Duration, limits: DeskLimits = DeskLimits(),
        metrics: MetricRegistry = MetricRegistry()
    ) async throws(DeskError) {
        self.store = store
        self.clock = clock
        self.monotonic = monotonic
        self.rings = RingLimits(limits)
        self.requests = RequestLimits(limits, monotonic: monotonic)
        let metrics = DeskMetrics(metrics)
        self.metrics = metrics
        self.secrets = secrets
        self.outside = outside
        self.providers = TenantShelf { tenant, settings in TenantProviders(tenant, settings, secrets: secrets) }
        self.keyrings = TenantShelf { tenant, settings in
            UserTokenKeyring(tenant, settings, secrets: secrets, outside: outside, monotonic: monotonic)
        }
        self.remoteChecks = TenantShelf { tenant, settings in
            RemoteCheck(tenant, settings, secrets: secrets, outside: outside, monotonic: monotonic, metrics: metrics)
        }
        self.cursors = CursorSeal(secret: try await asking { () async throws(StoreError) in try await store.cursorSecret() })
    }
}

/// Asks the store, and says its refusals in the desk's words.
func asking<Answer: Sendable>(_ question: () async throws(StoreError) -> Answer) async throws(DeskError) -> Answer {
    do {
        return try await question()
    } catch {
        throw DeskError(error)
    }
}
