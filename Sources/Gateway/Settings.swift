public import Switchboard
import Vocabulary

/// Everything that a person sets before the service starts, checked. `SettingsReader` makes it.
public struct Settings: Sendable {
    /// Where the service listens.
    public var host = "127.0.0.1"
    /// 0 lets the system choose.
    public var port = 8080
    /// The path of the database file.
    public var database = "callgate.sqlite"
    /// `trace`, `debug`, `info`, `notice`, `warning`, `error` or `critical`.
    public var logLevel = "info"
    /// How many threads serve connections.
    public var threads = 2
    public var connectionsMax = Limits.connectionsMax
    /// How long a connection may wait between requests.
    public var idleTimeoutSeconds = Limits.idleTimeoutSeconds
    /// How long a request may take to arrive, from its first byte to its last.
    public var requestDeadlineSeconds = Limits.requestDeadlineSeconds
    /// How long a client may leave an answer unread.
    public var writeStallSeconds = Limits.writeStallSeconds
    /// How often users may ring each other.
    public var deskLimits = DeskLimits()
    /// The operator's key where it was given, so that none is made.
    public var operatorKey: APIKey?
    /// Tenants that are there from the first start on.
    public var tenants: [TenantOrder] = []

    public init() {}

    /// What is wrong with the secrets that the declared tenants refer to, one line each.
    public func secretFaults(environment: [String: String]) -> [String] {
        let secrets = SecretFiles(environment: environment)
        return tenants.compactMap { tenant -> String? in
            do throws(DeskError) {
                try tenant.checkSecrets(secrets)
                return nil
            } catch {
                return "tenants.\(tenant.id)/\(Gateway.line(error))"
            }
        }
    }
}

/// Everything that is wrong with the configuration, one line each.
public struct SettingsError: Error, CustomStringConvertible, Sendable {
    public let faults: [String]

    public var description: String { faults.joined(separator: "\n") }
}
