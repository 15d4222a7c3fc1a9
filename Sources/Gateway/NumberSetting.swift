import Signaling
import Switchboard
import Vocabulary

/// A setting that says how many, how long or how often: where it stands, what it may be, and what it sets.
struct NumberSetting: Sendable {
    let key: String
    let range: ClosedRange<Int>
    let set: @Sendable (inout Settings, Int) -> Void

    init(_ key: String, _ range: ClosedRange<Int>, _ set: @escaping @Sendable (inout Settings, Int) -> Void) {
        self.key = key
        self.range = range
        self.set = set
    }

    /// A setting that says how often something may happen.
    private static func rate(
        _ key: String, _ range: ClosedRange<Int> = Limits.ringsPerMinute, _ set: @escaping @Sendable (inout Settings, Rate) -> Void
    ) -> NumberSetting {
        NumberSetting(key, range) { set(&$0, Rate(perMinute: $1)) }
    }

    static let all = [
        NumberSetting("server.threads", 1...64) { $0.threads = $1 },
        NumberSetting("limits.connections_max", 1...1_000_000) { $0.connectionsMax = $1 },
        NumberSetting("limits.idle_timeout_seconds", 1...3600) { $0.idleTimeoutSeconds = $1 },
        NumberSetting("limits.request_deadline_seconds", 1...300) { $0.requestDeadlineSeconds = $1 },
        NumberSetting("limits.write_stall_seconds", 1...300) { $0.writeStallSeconds = $1 },
        NumberSetting("metrics.port", 0...65_535) { $0.metricsPort = $1 },
        NumberSetting("server.drain_seconds", 0...300) { $0.drainSeconds = $1 },
        rate("limits.rings_per_pair_per_minute") { $0.deskLimits.ringsPerPair = $1 },
        rate("limits.rings_per_callee_per_minute") { $0.deskLimits.ringsPerCallee = $1 },
        rate("limits.requests_per_tenant_per_minute", perMinute) { $0.deskLimits.requestsPerTenant = $1 },
        rate("limits.requests_per_key_per_minute", perMinute) { $0.deskLimits.requestsPerKey = $1 },
        rate("limits.requests_per_user_per_minute", perMinute) { $0.deskLimits.requestsPerUser = $1 },
        rate("limits.requests_per_address_per_minute", perMinute) { $0.deskLimits.requestsPerAddress = $1 },
        rate("limits.bad_credentials_per_address_per_minute", perMinute) { $0.deskLimits.badCredentialsPerAddress = $1 },
        rate("limits.mints_per_user_per_minute", perMinute) { $0.deskLimits.mintsPerUser = $1 },
        NumberSetting("limits.mints_per_identity_per_minute", 0...perMinute.upperBound) {
            $0.deskLimits.mintsPerIdentity = $1 == 0 ? nil : Rate(perMinute: $1)
        },

        NumberSetting("signaling.ping_interval_seconds", 1...300) { $0.sockets.pingIntervalSeconds = $1 },
        NumberSetting("signaling.ping_timeout_seconds", 1...300) { $0.sockets.pingTimeoutSeconds = $1 },
        NumberSetting("signaling.payload_bytes_max", 1024...1_000_000) { $0.sockets.payloadBytesMax = $1 },
        rate("signaling.events_per_user_per_minute", perMinute) { $0.signaling.eventsPerUser = $1 },
        rate("signaling.events_per_connection_per_minute", perMinute) { $0.signaling.eventsPerConnection = $1 },
        rate("signaling.connects_per_user_per_minute", perMinute) { $0.signaling.connectsPerUser = $1 },
        rate("signaling.connects_per_address_per_minute", perMinute) { $0.signaling.connectsPerAddress = $1 },
        NumberSetting("signaling.sockets_per_user_max", 1...1000) { $0.signaling.socketsPerUserMax = $1 },
        NumberSetting("signaling.grace_seconds", 0...300) { $0.signaling.graceSeconds = $1 },
        NumberSetting("signaling.stale_seconds", 5...3600) { $0.signaling.staleSeconds = $1 },
        NumberSetting("signaling.presence_broadcast_users_max", 0...1_000_000) { $0.signaling.presenceBroadcastUsersMax = $1 },
    ]

    private static let perMinute = Limits.requestsPerMinute
}
