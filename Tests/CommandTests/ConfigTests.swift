import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct ConfigTests {
    private static let samples = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Config")
    private let home: Home

    init() throws { home = try Home() }

    private func check(_ options: [String] = [], environment: [String: String] = [:]) async throws -> Finished {
        let end = try await Command.run(["config", "check"] + options, in: home, environment: environment)
        #expect(end.stdout.isEmpty)
        #expect(!home.has("callgate.sqlite"), "looking makes no store")
        return end
    }

    @Test func `no settings at all are good`() async throws {
        let end = try await check()
        #expect(end.code == 0)
        #expect(end.messages == ["The settings are good: 0 tenants declared, database callgate.sqlite."])
    }

    @Test(arguments: ["callgate.yaml", "development.yaml"])
    func `the samples are good`(name: String) async throws {
        let file = Self.samples.appending(path: name).path
        let end = try await check(["--config", file], environment: ["DEMO_LIVEKIT_SECRET": Canary.livekitSecret])
        #expect(end.code == 0, "\(end.stderr)")
    }

    @Test func `every setting of the sample is good when it is switched on`() async throws {
        let sample = try String(contentsOf: Self.samples.appending(path: "callgate.yaml"), encoding: .utf8)
        let certificate = try home.write(Canary.agoraCertificate, to: "certificate")
        let key = try home.write(Canary.operatorKey, to: "operator.key")
        let tls = try home.writeCertificate()
        // '#' in the first column switches a setting off; a comment has exactly one blank behind it.
        let text = sample.split(separator: "\n").map { $0.starts(with: #/# *\w+:/#) && !$0.starts(with: #/# \S/#) ? $0.dropFirst() : $0 }
            .joined(separator: "\n").replacing("/etc/callgate/acme-agora-certificate", with: certificate)
            .replacing("/etc/callgate/operator.key", with: key)
            .replacing("/etc/callgate/chain.pem", with: tls["CALLGATE_LISTEN_TLS_CERTIFICATE"] ?? "")
            .replacing("/etc/callgate/key.pem", with: tls["CALLGATE_LISTEN_TLS_KEY"] ?? "")
        let end = try await check(
            ["--config", home.write(text, to: "all.yaml")],
            environment: [
                "ACME_LIVEKIT_SECRET": Canary.livekitSecret, "ACME_OLD_LIVEKIT_SECRET": String(Canary.livekitSecret.reversed()),
                "ACME_INTERNAL_SECRET": "a-secret-of-the-app-and-its-gate",
            ])
        #expect(end.code == 0, "\(end.stderr)")
        #expect(end.stderr.contains("1 tenants declared"))
    }

    @Test func `every fault is said at once, those of secrets too`() async throws {
        let file = try home.configuration("listen: {prot: 1}\nlimits: {connections_max: many}")
        let end = try await check(
            ["--config", file], environment: ["CALLGATE_LOG_LEVLE": "info", "ACME_LIVEKIT_SECRET": Canary.weakSecret])
        #expect(end.code == 2)
        #expect(end.messages.count == 4)
        #expect(end.messages.contains("listen.prot: no such setting; did you mean listen.port?"))
        #expect(end.messages.contains("CALLGATE_LOG_LEVLE: no such setting; did you mean CALLGATE_LOG_LEVEL?"))
        #expect(end.messages.contains("limits.connections_max: is a whole number from 1 to 1000000"))
        #expect(end.messages.contains { $0.hasPrefix("tenants.acme/providers/livekit") && $0.contains("secret") })
    }

    @Test func `the file is found by CALLGATE_CONFIG, and an option goes before it`() async throws {
        let good = try home.write("listen: {port: 1}\n", to: "good.yaml")
        let bad = try home.write("listen: {port: x}\n", to: "bad.yaml")
        #expect(try await check(environment: ["CALLGATE_CONFIG": bad]).code == 2)
        #expect(try await check(["--config", good], environment: ["CALLGATE_CONFIG": bad]).code == 0)
        let empty = try await check(environment: ["CALLGATE_CONFIG": ""])
        #expect(empty.code == 2)
        #expect(empty.messages == ["CALLGATE_CONFIG is empty"])
    }

    @Test func `a file that is not there is named once, with the reason`() async throws {
        let end = try await check(["--config", "missing.yaml"])
        #expect(end.code == 2)
        #expect(end.messages == ["the file missing.yaml cannot be read: No such file or directory"])
    }

    @Test func `a secret that somebody wrote into the file is not repeated`() async throws {
        let file = try home.write("operator:\n  key: \(Canary.operatorKey)\n  secret: [\(Canary.livekitSecret)\n", to: "leaky.yaml")
        let end = try await check(["--config", file])
        #expect(end.code == 2)
        #expect(end.messages.count == 1)
    }
}
