public import Signaling
public import Switchboard
import Vocabulary

/// Everything that a person sets before the service starts, checked. `SettingsReader` makes it.
public struct Settings: Sendable {
    /// Where the service listens.
    public var host = "127.0.0.1"
    /// 0 lets the system choose.
    public var port = 8080
    /// Where the port's certificate is; nil: it speaks plain HTTP.
    public var certificate: CertificateFiles?
    /// The path of the database file.
    public var database = "callgate.sqlite"
    /// `trace`, `debug`, `info`, `notice`, `warning`, `error` or `critical`.
    public var logLevel = "info"
    /// How a line of the log looks.
    public var logFormat = LineLogHandler.Format.text
    /// Where the numbers are shown, on a port of their own.
    public var metricsHost = "127.0.0.1"
    /// 0 lets the system choose; nil: they are shown nowhere.
    public var metricsPort: Int?
    /// How many threads serve connections.
    public var threads = 2
    public var connectionsMax = Limits.connectionsMax
    /// How long a connection may wait between requests.
    public var idleTimeoutSeconds = Limits.idleTimeoutSeconds
    /// How long a request may take to arrive, from its first byte to its last.
    public var requestDeadlineSeconds = Limits.requestDeadlineSeconds
    /// How long a client may leave an answer unread.
    public var writeStallSeconds = Limits.writeStallSeconds
    /// How long the service goes on, not ready any more, when it is told to stop.
    public var drainSeconds = 0
    /// How often somebody may ask, and users may ring each other.
    public var deskLimits = DeskLimits()
    /// The proxies in front of the service, whose word about where a request comes from is taken.
    public var trustedProxies: [AddressRange] = []
    /// How sockets are carried.
    public var sockets = SocketTransportSettings()
    /// What users may do over sockets.
    public var signaling = SignalingSettings()
    /// Which other servers may be asked.
    public var outbound = OutboundRules()
    /// The operator's key where it was given, so that none is made.
    public var operatorKey: APIKey?
    /// Tenants that are there from the first start on.
    public var tenants: [TenantOrder] = []

    public init() {}

    /// What is wrong with the files of the port's certificate and with the secrets that the declared tenants refer to, one line each.
    public func secretFaults(environment: [String: String]) -> [String] {
        let secrets = SecretFiles(environment: environment)
        let outside = OutboundCheck(rules: outbound)
        let faultsOfTenants = tenants.compactMap { tenant -> String? in
            do throws(DeskError) {
                try tenant.checkSecrets(secrets, outside: outside)
                return nil
            } catch {
                return "tenants.\(tenant.id)/\(Gateway.line(error))"
            }
        }
        return (certificate?.faults() ?? []) + faultsOfTenants
    }
}

/// Knows which servers may be asked, and asks none.
private struct OutboundCheck: OutsideLine {
    let rules: OutboundRules

    func objection(to address: WebAddress) -> String? { rules.objection(to: address) }

    func get(_ question: OutsideQuestion) async throws(OutsideTrouble) -> OutsideAnswer {
        throw OutsideTrouble("no server is asked while settings are checked")
    }
}

/// How sockets are carried, as far as an operator or a test changes it.
public struct SocketTransportSettings: Sendable, Equatable {
    /// Where pages may come from that open sockets, beside those of the service's own host: `https://app.example.com`, or `*` for anywhere.
    public var allowedOrigins: [String] = []
    /// How often a client is asked whether it is there. With the timeout it is how long a phone that is gone counts as present: sooner than
    /// with Engine.IO's own 25 and 20 seconds, which people find too long.
    public var pingIntervalSeconds = 12
    public var pingTimeoutSeconds = 8
    /// The most bytes of one message.
    public var payloadBytesMax = 100_000

    public init() {}
}

/// Everything that is wrong with the configuration, one line each.
public struct SettingsError: Error, CustomStringConvertible, Sendable {
    public let faults: [String]

    public var description: String { faults.joined(separator: "\n") }
}
