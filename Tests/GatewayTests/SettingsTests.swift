import Foundation
import Signaling
import Switchboard
import TestSupport
import Testing

@testable import Gateway

@Suite struct SettingsTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func read(_ yaml: String?, _ environment: [String: String] = [:]) throws -> Settings {
        try SettingsReader.read(file: yaml.map { try folder.write($0, to: "callgate.yaml") }, environment: environment)
    }

    // MARK: Where a setting comes from

    @Test func `without anything the defaults hold`() throws {
        let settings = try read(nil, ["HOME": "/", "PATH": "/bin"])
        #expect(settings.host == "127.0.0.1")
        #expect(settings.port == 8080)
        #expect(settings.certificate == nil)
        #expect(settings.database == "callgate.sqlite")
        #expect(settings.logLevel == "info")
        #expect(settings.logFormat == .text)
        #expect(settings.metricsHost == "127.0.0.1" && settings.metricsPort == nil)
        #expect(settings.drainSeconds == 0)
        #expect((1...64).contains(settings.threads))
        #expect(settings.connectionsMax == 16_000)
        #expect(settings.idleTimeoutSeconds == 75)
        #expect(settings.requestDeadlineSeconds == 15)
        #expect(settings.writeStallSeconds == 15)
        #expect(settings.deskLimits == DeskLimits(ringsPerPair: Rate(perMinute: 10), ringsPerCallee: Rate(perMinute: 30)))
        #expect(settings.sockets == SocketTransportSettings())
        #expect(settings.signaling == SignalingSettings())
        #expect(settings.outbound == OutboundRules())
        #expect(settings.operatorKey == nil)
        #expect(settings.tenants.isEmpty)
    }

    @Test func `the file goes before the defaults`() throws {
        let settings = try read(
            """
            listen: {host: "::", port: 1, tls: {certificate: chain.pem, key: key.pem}}
            database: {file: "a b.sqlite"}
            log: {level: trace}
            server: {threads: 3}
            limits: {connections_max: 4, idle_timeout_seconds: 5, request_deadline_seconds: 6, write_stall_seconds: 7,
              rings_per_pair_per_minute: 8, rings_per_callee_per_minute: 9}
            """)
        #expect(settings.host == "::")
        #expect(settings.port == 1)
        #expect(settings.certificate == CertificateFiles(certificate: "chain.pem", key: "key.pem"))
        #expect(settings.database == "a b.sqlite")
        #expect(settings.logLevel == "trace")
        #expect(settings.threads == 3)
        #expect(settings.connectionsMax == 4)
        #expect(settings.idleTimeoutSeconds == 5)
        #expect(settings.requestDeadlineSeconds == 6)
        #expect(settings.writeStallSeconds == 7)
        #expect(settings.deskLimits == DeskLimits(ringsPerPair: Rate(perMinute: 8), ringsPerCallee: Rate(perMinute: 9)))
    }

    @Test func `the environment goes before the file, each setting on its own`() throws {
        let settings = try read(
            "listen: {host: file, port: 1}\nlog: {level: trace}\n",
            ["CALLGATE_LISTEN_PORT": "2", "CALLGATE_LOG_LEVEL": "error", "CALLGATE_DATABASE_FILE": "env.sqlite"])
        #expect(settings.host == "file")
        #expect(settings.port == 2)
        #expect(settings.logLevel == "error")
        #expect(settings.database == "env.sqlite")
    }

    @Test func `every setting has its variable`() throws {
        let settings = try read(
            nil,
            [
                "CALLGATE_LISTEN_HOST": "h", "CALLGATE_LISTEN_PORT": "0", "CALLGATE_LISTEN_TLS_CERTIFICATE": "c",
                "CALLGATE_LISTEN_TLS_KEY": "k", "CALLGATE_DATABASE_FILE": "d", "CALLGATE_LOG_LEVEL": "critical",
                "CALLGATE_SERVER_THREADS": "9", "CALLGATE_LIMITS_CONNECTIONS_MAX": "10", "CALLGATE_LIMITS_IDLE_TIMEOUT_SECONDS": "11",
                "CALLGATE_LIMITS_REQUEST_DEADLINE_SECONDS": "12", "CALLGATE_LIMITS_WRITE_STALL_SECONDS": "13",
                "CALLGATE_LIMITS_RINGS_PER_PAIR_PER_MINUTE": "14", "CALLGATE_LIMITS_RINGS_PER_CALLEE_PER_MINUTE": "15",
                "CALLGATE_OPERATOR_KEY_FILE": try folder.write(OperatorKey.one, to: "key"), "CALLGATE_CONFIG": "elsewhere",
                "CALLGATE_LOG_FORMAT": "json", "CALLGATE_METRICS_HOST": "::1", "CALLGATE_METRICS_PORT": "16",
                "CALLGATE_SERVER_DRAIN_SECONDS": "17",
                "CALLGATE_OUTBOUND_PRIVATE_NETWORKS": "10.0.0.0/8, ::1", "CALLGATE_OUTBOUND_PLAIN_HTTP": "allowed",
                "CALLGATE_OUTBOUND_TRUST_FILE": "/t",
            ])
        #expect(settings.host == "h")
        #expect(settings.port == 0)
        #expect(settings.certificate == CertificateFiles(certificate: "c", key: "k"))
        #expect(settings.database == "d")
        #expect(settings.logLevel == "critical")
        #expect(settings.threads == 9)
        #expect(settings.connectionsMax == 10)
        #expect(settings.idleTimeoutSeconds == 11)
        #expect(settings.requestDeadlineSeconds == 12)
        #expect(settings.writeStallSeconds == 13)
        #expect(settings.deskLimits == DeskLimits(ringsPerPair: Rate(perMinute: 14), ringsPerCallee: Rate(perMinute: 15)))
        #expect(settings.outbound.privateNetworks == [AddressRange("10.0.0.0/8"), AddressRange("::1")])
        #expect(settings.outbound.allowsPlainHTTP)
        #expect(settings.outbound.trustFile == "/t")
        #expect(settings.operatorKey?.digest == OperatorKey.digest)
        #expect(settings.logFormat == .json)
        #expect(settings.metricsHost == "::1" && settings.metricsPort == 16)
        #expect(settings.drainSeconds == 17)
        #expect(
            SettingsReader.keys.filter { !$0.hasPrefix("signaling.") }.count == 29, "a new setting belongs into this test or the next ones")
    }

    @Test func `every setting of sockets sets what it is named after`() throws {
        var expected = SignalingSettings()
        expected.eventsPerUser = Rate(perMinute: 4)
        expected.eventsPerConnection = Rate(perMinute: 5)
        expected.connectsPerUser = Rate(perMinute: 6)
        expected.connectsPerAddress = Rate(perMinute: 7)
        expected.socketsPerUserMax = 8
        expected.graceSeconds = 9
        expected.staleSeconds = 10
        expected.presenceBroadcastUsersMax = 11
        let settings = try read(
            """
            signaling: {allowed_origins: "https://a.example, http://b.example:8080", ping_interval_seconds: 1, ping_timeout_seconds: 2,
              payload_bytes_max: 3000, events_per_user_per_minute: 4, events_per_connection_per_minute: 5, connects_per_user_per_minute: 6,
              connects_per_address_per_minute: 7, sockets_per_user_max: 8, grace_seconds: 9, stale_seconds: 10,
              presence_broadcast_users_max: 11}
            """)
        #expect(settings.signaling == expected)
        #expect(settings.sockets.allowedOrigins == ["https://a.example", "http://b.example:8080"])
        #expect(settings.sockets.pingIntervalSeconds == 1)
        #expect(settings.sockets.pingTimeoutSeconds == 2)
        #expect(settings.sockets.payloadBytesMax == 3000)
        #expect(SettingsReader.keys.filter { $0.hasPrefix("signaling.") }.count == 12, "a new setting of sockets belongs into this test")
    }

    @Test func `every limit of requests sets what it is named after`() throws {
        var expected = DeskLimits()
        expected.requestsPerTenant = Rate(perMinute: 1)
        expected.requestsPerKey = Rate(perMinute: 2)
        expected.requestsPerUser = Rate(perMinute: 3)
        expected.requestsPerAddress = Rate(perMinute: 4)
        expected.badCredentialsPerAddress = Rate(perMinute: 5)
        expected.mintsPerUser = Rate(perMinute: 6)
        expected.mintsPerIdentity = Rate(perMinute: 7)
        let settings = try read(
            """
            limits: {requests_per_tenant_per_minute: 1, requests_per_key_per_minute: 2, requests_per_user_per_minute: 3,
              requests_per_address_per_minute: 4, bad_credentials_per_address_per_minute: 5, mints_per_user_per_minute: 6,
              mints_per_identity_per_minute: 7, trusted_proxies: "10.0.0.0/8, ::1"}
            """)
        #expect(settings.deskLimits == expected)
        #expect(settings.trustedProxies == ["10.0.0.0/8", "::1"].compactMap { AddressRange($0) })
        #expect(try read("limits: {mints_per_identity_per_minute: 0}").deskLimits.mintsPerIdentity == nil)
        #expect(try read(nil).trustedProxies.isEmpty)
    }

    @Test(arguments: ["proxy.example", "10.0.0.1/8", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "10.0.0.0/", "/8", "1.2.3", "10.0.0.0/8;::1"])
    func `what is no address and no range is refused`(text: String) throws {
        #expect(try folder.faults("limits: {trusted_proxies: \"\(text)\"}").count == 1)
    }

    @Test func `every number that can be set is a key`() {
        #expect(Set(NumberSetting.all.map(\.key)).isSubset(of: SettingsReader.keys))
        #expect(Set(NumberSetting.all.map(\.key)).count == NumberSetting.all.count)
    }

    @Test(arguments: ["*", "https://app.example.com", "http://localhost:3000", "capacitor://localhost"])
    func `an origin is what browsers write`(origin: String) throws {
        #expect(try read("signaling: {allowed_origins: \"\(origin)\"}").sockets.allowedOrigins == [origin])
    }

    @Test(arguments: ["app.example.com", "https://app.example.com/", "https://App.example.com", "https://", "**"])
    func `what no browser writes as an origin is refused`(origin: String) throws {
        #expect(try folder.faults("signaling: {allowed_origins: \"\(origin)\"}").count == 1)
    }

    @Test(arguments: ["10.0.0.0", "10.0.0.0/8 fd00::/8", "127.0.0.1/32,::1/128", "0.0.0.0/0"])
    func `a range of addresses is an address and a number of bits`(text: String) throws {
        #expect(try !read("outbound: {private_networks: \"\(text)\"}").outbound.privateNetworks.isEmpty)
    }

    @Test(arguments: ["10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "app.internal", "10.0.0.0/8/8", "::1/129"])
    func `what is no range of addresses is refused`(text: String) throws {
        #expect(try folder.faults("outbound: {private_networks: \"\(text)\"}").count == 1)
    }

    @Test func `plain http is allowed in so many words`() throws {
        #expect(try read("outbound: {plain_http: allowed}").outbound.allowsPlainHTTP)
        #expect(try !read("outbound: {plain_http: refused}").outbound.allowsPlainHTTP)
        #expect(try folder.faults("outbound: {plain_http: yes}") == ["outbound.plain_http: is one of refused, allowed"])
    }

    // MARK: Bounds

    @Test(arguments: [
        ("listen.port", 0, 65_535), ("server.threads", 1, 64), ("limits.connections_max", 1, 1_000_000),
        ("limits.idle_timeout_seconds", 1, 3600), ("limits.request_deadline_seconds", 1, 300), ("limits.write_stall_seconds", 1, 300),
        ("limits.rings_per_pair_per_minute", 1, 100_000), ("limits.rings_per_callee_per_minute", 1, 100_000),
        ("limits.requests_per_tenant_per_minute", 1, 10_000_000), ("limits.bad_credentials_per_address_per_minute", 1, 10_000_000),
        ("limits.mints_per_identity_per_minute", 0, 10_000_000),
        ("signaling.ping_interval_seconds", 1, 300), ("signaling.ping_timeout_seconds", 1, 300),
        ("signaling.payload_bytes_max", 1024, 1_000_000), ("signaling.events_per_user_per_minute", 1, 10_000_000),
        ("signaling.sockets_per_user_max", 1, 1000), ("signaling.grace_seconds", 0, 300), ("signaling.stale_seconds", 5, 3600),
        ("signaling.presence_broadcast_users_max", 0, 1_000_000),
    ])
    func `a number holds at both of its edges and not past them`(key: String, least: Int, most: Int) throws {
        let parts = key.split(separator: ".")
        let variable = SettingsReader.variable(key)
        for number in [least, most] {
            #expect(try folder.faults("\(parts[0]): {\(parts[1]): \(number)}").isEmpty)
            #expect(
                try folder.faults("\(parts[0]): {\(parts[1]): \"\(number)\"}").isEmpty, "a number in quotes is one, as in the environment")
            #expect(try folder.faults(nil, [variable: "\(number)"]).isEmpty)
        }
        let rule = "is a whole number from \(least) to \(most)"
        for text in ["\(least - 1)", "\(most + 1)", "-1", "1.5", "1e2", ".inf", "99999999999999999999", "yes", "many", "\"\""] {
            #expect(try folder.faults("\(parts[0]): {\(parts[1]): \(text)}") == ["\(key): \(rule)"], "\(text)")
        }
        for text in ["\(least - 1)", "\(most + 1)", "", " 5", "5 ", "1.5", "0x10", "1_000", "5s", "99999999999999999999"] {
            #expect(try folder.faults(nil, [variable: text]) == ["\(variable): \(rule)"], "\(text)")
        }
    }

    @Test(arguments: ["trace", "debug", "info", "notice", "warning", "error", "critical"])
    func `every log level is taken as it is written`(level: String) throws {
        #expect(try read("log: {level: \(level)}").logLevel == level)
        #expect(try folder.faults("log: {level: \(level.uppercased())}").count == 1)
    }

    @Test(arguments: ["listen.host", "database.file", "operator.key_file"])
    func `a text is a text and not empty`(key: String) throws {
        let parts = key.split(separator: ".")
        for value in ["yes", "12", "1.5"] {
            #expect(try folder.faults("\(parts[0]): {\(parts[1]): \(value)}") == ["\(key): is a text; put it in quotes"])
        }
        #expect(try folder.faults("\(parts[0]): {\(parts[1]): \"\"}") == ["\(key): is a text, not empty and without control characters"])
        #expect(try folder.faults("\(parts[0]): {\(parts[1]): \"a\\0b\"}").count == 1)
        #expect(
            try folder.faults(nil, [SettingsReader.variable(key): ""])
                == ["\(SettingsReader.variable(key)): is a text, not empty and without control characters"])
    }

    @Test(arguments: SettingsReader.keys)
    func `a value is one value`(key: String) throws {
        let parts = key.split(separator: ".")
        let sections = parts.dropLast().map { "\($0): {" }.joined() + (parts.last ?? "")
        let ends = String(repeating: "}", count: parts.count - 1)
        for value in ["[]", "[1]", "{}", "{a: 1}"] {
            #expect(try folder.faults("\(sections): \(value)\(ends)") == ["\(key): is one value, neither a list nor a mapping"])
        }
        for value in ["", "~", "null"] {
            #expect(try folder.faults("\(sections): \(value)\(ends)") == ["\(key): has no value; give it one, or take the line out"])
        }
    }

    // MARK: The file as a whole

    @Test(arguments: ["", "\n", "# nothing but words\n", "---\n", "listen:\nlimits:\ntenants:\n", "{}"])
    func `a file that sets nothing is good`(text: String) throws {
        #expect(try folder.faults(text).isEmpty)
    }

    @Test(arguments: ["[listen]", "listen", "42", "- listen: {port: 1}"])
    func `a file that is no mapping is refused`(text: String) throws {
        let found = try folder.faults(text)
        #expect(found.count == 1)
        #expect(found.first?.hasSuffix("callgate.yaml: is no mapping of names to values") == true)
    }

    @Test(arguments: [
        "listen: {port: 1}\nlisten: {port: 2}\n", "listen:\n  port: 1\n  port: 1\n", "tenants:\n  acme: {}\n  acme: {}\n",
        "listen: {port: 1", "listen: {port: 1}\n---\nlisten: {port: 2}\n", "\tlisten: 1", "listen: \"",
        "listen: {port: 1}}\n", "%YAML 9.9\n---\nlisten: {port: 1}\n",
    ])
    func `a file that says a thing twice, or is no YAML, has one fault of one line`(text: String) throws {
        let found = try folder.faults(text)
        #expect(found.count == 1)
        #expect(found.first?.contains("callgate.yaml") == true)
        #expect(found.first?.contains("\n") == false)
    }

    @Test func `a file that is not UTF-8 is refused`() throws {
        let path = folder.path("latin.yaml")
        try Data(Array("listen: {host: \"caf".utf8) + [0xE9] + Array("\"}\n".utf8)).write(to: URL(filePath: path))
        #expect(throws: SettingsError.self) { try SettingsReader.read(file: path, environment: [:]) }
    }

    @Test func `a file that cannot be read leaves the other faults to be said`() throws {
        let missing = folder.path("missing.yaml")
        do throws(SettingsError) {
            _ = try SettingsReader.read(file: missing, environment: ["CALLGATE_LISTEN_PORT": "x"])
            Issue.record("nothing was refused")
        } catch {
            #expect(
                error.faults == [
                    "the file \(missing) cannot be read: No such file or directory",
                    "CALLGATE_LISTEN_PORT: is a whole number from 0 to 65535",
                ])
        }
        for path in [folder.url.path, "/dev/null"] {
            #expect(throws: SettingsError.self) { try SettingsReader.read(file: path, environment: [:]) }
        }
    }

    @Test func `a file of more than a megabyte is not read`() throws {
        let text = "listen: {port: 1}\n#" + String(repeating: "x", count: 1 << 20)
        #expect(try folder.faults(text).first?.hasSuffix("has more than 1048576 bytes") == true)
    }

    // MARK: Names

    @Test(arguments: [
        ("lisen: {port: 1}", "lisen.port", "listen.port"), ("listen: {prot: 1}", "listen.prot", "listen.port"),
        ("database: {path: x}", "database.path", "database.file"), ("Listen: {Port: 1}", "Listen.Port", "listen.port"),
        ("tenant: 5", "tenant", "tenants"), ("limits: {connection_max: 1}", "limits.connection_max", "limits.connections_max"),
        ("operator: {key: x}", "operator.key", "operator.key_file"), ("listen.port: 1", "listen.port", "listen.port"),
    ])
    func `a name that nobody knows is refused, with the nearest one`(yaml: String, name: String, nearest: String) throws {
        #expect(try folder.faults(yaml) == ["\(name): no such setting; did you mean \(nearest)?"])
    }

    @Test(arguments: [
        ("CALLGATE_LISTEN_PROT", "CALLGATE_LISTEN_PORT"), ("CALLGATE_PORT", "CALLGATE_LISTEN_PORT"),
        ("CALLGATE_OPERATORKEY", "CALLGATE_OPERATOR_KEY"), ("CALLGATE_CONF", "CALLGATE_CONFIG"),
    ])
    func `a variable that nobody knows is refused, with the nearest one`(name: String, nearest: String) throws {
        #expect(try folder.faults(nil, [name: "1"]) == ["\(name): no such setting; did you mean \(nearest)?"])
    }

    @Test func `variables of others are none of our business`() throws {
        #expect(try folder.faults(nil, ["CALLGATE": "x", "MY_CALLGATE_PORT": "x", "callgate_listen_port": "x"]).isEmpty)
    }

    @Test func `a section is a mapping`() throws {
        #expect(try folder.faults("listen: 5") == ["listen: is a mapping of settings to their values"])
        #expect(try folder.faults("listen: [port]") == ["listen: is a mapping of settings to their values"])
    }

    @Test func `everything that is wrong is said at once`() throws {
        let found = try folder.faults(
            "listen: {port: x, host: 5}\nlog: {level: loud}\nextra: 1\ntenants: {acme: {}}\n",
            ["CALLGATE_SERVER_THREADS": "65", "CALLGATE_X": "1", "CALLGATE_OPERATOR_KEY": "x"])
        #expect(found.count == 8, "\(found)")
    }
}

extension TemporaryFolder {
    /// What is wrong with the settings of a file with that text, none for nil, and of an environment.
    func faults(_ yaml: String?, _ environment: [String: String] = [:]) throws -> [String] {
        let file = try yaml.map { try write($0, to: "callgate.yaml") }
        do throws(SettingsError) {
            _ = try SettingsReader.read(file: file, environment: environment)
            return []
        } catch {
            #expect(error.description == error.faults.joined(separator: "\n"))
            return error.faults
        }
    }
}

/// An operator's key of these tests, checksum included.
enum OperatorKey {
    static let one = "cg_test_CanaryOperatorKey00000000000002RSm1j"
    static var digest: [UInt8]? { APIKey(one)?.digest }
}
