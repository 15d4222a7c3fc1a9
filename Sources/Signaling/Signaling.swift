// Signaling: the socket counter. Our events on Socket.IO: who is there, who rings, who answers.
//
// One connection is a `SignalingConnection` on its line's thread, with a `Membership` for each namespace that it joined: a device of a
// user. A `Dialect` says what that namespace calls things. What a client asks for becomes a `ClientRequest`; requests are worked on one
// after the other, at the desk, and come back to the line's thread as an `Outcome`, which is the acknowledgement. What happens to calls
// comes from the store by `carry`, in the order of the commits, and goes to the devices that the `Registry` knows. A device remembers which
// version of a call it knows, so that nothing is told twice or out of order, whichever way it came.
//
//     line ─► SignalingConnection ─ ClientRequest ─► Signaling+Requests ─► Switchboard ─► the store
//     line ◄─ SignalingConnection ◄──── Outcome ───────────┘                                 │ CallEvent, committed
//     lines ◄ SignalingConnection ◄──── hear ───────── Registry ◄──────── carry ─────────────┘
//
// No token is in an event of the store, and none is kept here: who may have one is minted one when it is handed over.
// Nothing here opens a socket or reads a clock: time comes with the lines and from the desk.

public import Calls
public import Logging
public import Metering
public import SocketIO
public import Switchboard
import Synchronization

/// The socket counter: one for all connections of the process.
public final class Signaling: Sendable {
    let desk: Switchboard
    let settings: SignalingSettings
    /// What the sessions of both protocols have in common. Its namespaces are those of the dialects.
    let socketSettings: SocketSettings
    let logger: Logger
    let registry: Registry
    let lastSeen: LastSeen
    let metrics: SignalingMetrics
    let graces = Graces()
    let errands = Errands()
    let eventsPerUser: TokenBuckets<UserKey>
    let connectsPerUser: TokenBuckets<UserKey>
    let connectsPerAddress: TokenBuckets<String>
    private let stopped = Mutex(false)
    private let nextSweep = Mutex(Moment(milliseconds: .min))

    /// - Parameters:
    ///   - socketSettings: the same as those of the `EngineIOSession`s; the namespaces have to be `Signaling.namespaces`.
    ///   - metrics: where the numbers are shown.
    public init(
        desk: Switchboard, settings: SignalingSettings = SignalingSettings(), socketSettings: SocketSettings,
        logger: Logger, metrics: MetricRegistry = MetricRegistry()
    ) {
        self.desk = desk
        self.metrics = SignalingMetrics(metrics)
        self.settings = settings
        self.socketSettings = socketSettings
        self.logger = logger
        registry = Registry(broadcastUsersMax: settings.presenceBroadcastUsersMax)
        lastSeen = LastSeen(max: settings.lastSeenMax)
        eventsPerUser = TokenBuckets(settings.eventsPerUser)
        connectsPerUser = TokenBuckets(settings.connectsPerUser)
        connectsPerAddress = TokenBuckets(settings.connectsPerAddress)
    }

    /// The namespaces that clients may join.
    public static let namespaces = Dialect.all.map(\.namespace)

    /// How many devices are connected, of all tenants.
    public var socketsCount: Int { registry.all.reduce(0) { $0 + $1.socketsCount } }

    var isStopped: Bool { stopped.withLock { $0 } }

    /// The service stops: nobody is let in any more, and who drops out from now on ends no call and is no news. To be called before the
    /// connections are closed.
    public func stop() {
        stopped.withLock { $0 = true }
    }

    /// Returns when nothing is under way any more that was asked at the desk: after `stop`, the store may be closed then.
    public func settled() async { await errands.settled() }

    /// Does what is due: ends calls whose parties were gone for too long, and puts out the users whom their tenant does not take any more.
    /// To be called several times a second, one call after the other.
    /// - Parameter now: the time by the clock of the lines.
    public func tick(at now: Moment) async {
        guard !isStopped else { return }
        let due = graces.due(at: now)
        if !due.isEmpty {
            await withDiscardingTaskGroup { group in
                for dropped in due { group.addTask { await self.endCall(of: dropped, at: now) } }
            }
        }
        let isSweepDue = nextSweep.withLock { next in
            guard next <= now else { return false }
            next = now + settings.tenantSweepSeconds * 1000
            return true
        }
        if isSweepDue { await sweepTenants(at: now) }
    }

    /// Puts out who would not be let in any more: users of closed tenants, and those whose token was accepted by settings or keys that do
    /// not hold any more. Nobody is looked at while nothing changes.
    private func sweepTenants(at now: Moment) async {
        for tenant in registry.all where tenant.onlineCount > 0 {
            do throws(DeskError) {
                let admission = try await desk.admission(to: tenant.id)
                guard tenant.isToBeChecked(by: admission, at: now) else { continue }
                for member in tenant.everybody {
                    member.connection.line.run { member.connection.check(member, by: admission) }
                }
            } catch {
                note(error)
            }
        }
    }

    /// Tells the log what could not be done, and why. The client is told that much, and not the cause.
    /// - Parameter requestID: the name of the request, as it is in the audit log; nil where nobody asked.
    func note(_ error: DeskError, of requestID: String? = nil) {
        switch error {
        case .appUnavailable(let cause), .unavailable(let cause):
            logger.warning("a socket was not served", metadata: Self.metadata(cause, requestID))
        case .internal(let cause): logger.error("a socket was not served", metadata: Self.metadata(cause, requestID))
        case .unauthenticated, .missingScope, .scopeNotHeld, .notFound, .roomNotOpen, .call, .idempotencyInProgress, .tenantExists,
            .limitReached, .rateLimited, .providerNotConfigured, .invalidCursor, .invalid, .draining:
            break
        }
    }

    private static func metadata(_ cause: String, _ requestID: String?) -> Logger.Metadata {
        requestID.map { ["cause": "\(cause)", "request.id": "\($0)"] } ?? ["cause": "\(cause)"]
    }
}

extension Signaling: EngineIOApplication {
    public func opened(_ line: any EngineIOLine) -> any EngineIOClient {
        SignalingConnection(line, of: self)
    }
}

extension Signaling: Courier {
    public func carry(_ events: [CallEvent]) {
        for event in events {
            guard let tenant = registry.known(event.call.tenant) else { continue }
            for member in tenant.members(of: event.to) {
                member.connection.line.run { member.connection.hear(.event(event), as: member) }
            }
        }
    }
}
