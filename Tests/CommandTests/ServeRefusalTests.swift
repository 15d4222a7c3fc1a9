import Foundation
import TestSupport
import Testing

/// What keeps the service from starting is said in one line.
@Suite(.timeLimit(.minutes(2))) struct ServeRefusalTests {
    private let home: Home
    /// So that the refusal is all that is said.
    private let variables = ["CALLGATE_OPERATOR_KEY": Canary.operatorKey]

    init() throws { home = try Home() }

    private func refused(_ options: [String], environment: [String: String] = [:]) async throws -> Finished {
        let end = try await Command.run(
            ["serve", "--port", "0"] + options, in: home, environment: variables.merging(environment) { $1 })
        #expect(end.stdout.isEmpty)
        return end
    }

    @Test func `O10 a port that is taken`() async throws {
        let service = try await Service.start(in: home, environment: variables)

        let end = try await refused(["--database", "other.sqlite", "--port", service.port])

        #expect(end.code == 1)
        #expect(end.messages == ["cannot listen on 127.0.0.1:\(service.port): Address already in use"])
        #expect(await service.stop().code == 0)
    }

    @Test func `an address that is not this machine's`() async throws {
        let end = try await refused(["--host", "192.0.2.1"])
        #expect(end.code == 1)
        #expect(end.messages.count == 1)
        #expect(end.stderr.hasPrefix("cannot listen on 192.0.2.1:0: "))
    }

    @Test func `a database that another callgate uses`() async throws {
        let service = try await Service.start(in: home, environment: variables)

        let end = try await refused([])

        #expect(end.code == 1)
        #expect(end.messages == ["the database callgate.sqlite is in use by another callgate; ask that one over HTTP"])
        #expect(await service.stop().code == 0)
    }

    @Test func `a database in a folder that is not there`() async throws {
        let end = try await refused(["--database", "nowhere/callgate.sqlite"])
        #expect(end.code == 1)
        #expect(end.messages == ["the database nowhere/callgate.sqlite cannot be written: No such file or directory"])
    }

    @Test(.enabled(if: geteuid() != 0, "the superuser writes everywhere, so nothing is unwritable for this run"))
    func `a database that may not be written`() async throws {
        try home.write("", to: "callgate.sqlite", rights: 0o400)
        let end = try await refused([])
        #expect(end.code == 1)
        #expect(end.messages == ["the database callgate.sqlite cannot be written: Permission denied"])
    }

    @Test func `a folder in place of the database`() async throws {
        let end = try await refused(["--database", home.url.path])
        #expect(end.code == 1)
        #expect(end.messages == ["the database \(home.url.path) cannot be written: Is a directory"])
    }

    @Test func `a file that is no database`() async throws {
        try home.write(String(repeating: "This is a letter, not a database. ", count: 200), to: "letter.txt")
        let end = try await refused(["--database", "letter.txt"])
        #expect(end.code == 1)
        #expect(end.messages == ["the database letter.txt cannot be used: file is not a database"])
        #expect(try String(decoding: home.bytes(of: "letter.txt"), as: UTF8.self).hasPrefix("This is a letter"))
    }

    @Test func `O10 everything that is wrong with the settings, at once`() async throws {
        try home.write("listen: {port: 70000}\nlog: {level: loud}\nlisten_host: x\n", to: "bad.yaml", rights: 0o644)
        let end = try await refused(
            ["--config", "bad.yaml"], environment: ["CALLGATE_SERVER_THREADS": "0", "CALLGATE_OPERATOR_KEY": "cg_live_mistyped"])
        #expect(end.code == 2)
        #expect(
            end.messages == [
                "listen_host: no such setting; did you mean listen.host?",
                "listen.port: is a whole number from 0 to 65535",
                "log.level: is one of trace, debug, info, notice, warning, error, critical",
                "CALLGATE_SERVER_THREADS: is a whole number from 1 to 64",
                "environment variable CALLGATE_OPERATOR_KEY: is no API key (cg_live_ or cg_test_ and 36 characters, checksum included)",
            ])
        #expect(!home.has("callgate.sqlite"))
    }

    @Test func `O09 a declared tenant's secret that is missing`() async throws {
        let end = try await refused(["--config", home.configuration()])
        #expect(end.code == 2)
        #expect(
            end.messages == [
                "tenants.acme/providers/livekit/api_secret: the environment variable ACME_LIVEKIT_SECRET is not set"
            ])
    }

    @Test(arguments: [
        ("too-short-4711", "32 bytes"), ("reallyreallyreallyreallyverysafe", "published"),
        ("<random_string_at_least_32_characters_long>", "published"),
    ]) func `O09 a declared tenant's secret that is short, or that stands in published lists`(secret: String, reason: String) async throws {
        let end = try await refused(
            ["--config", home.configuration()],
            environment: ["ACME_LIVEKIT_SECRET": secret, "ACME_AGORA_CERTIFICATE": Canary.agoraCertificate])
        #expect(end.code == 2)
        #expect(end.messages.count == 1)
        #expect(end.stderr.hasPrefix("tenants.acme/providers/livekit/api_secret: ") && end.stderr.contains(reason), "\(end.stderr)")
        #expect(!end.stderr.contains(secret))
        #expect(!home.has("callgate.sqlite"))
    }

    @Test func `O09 a secret in a file that everybody may read`() async throws {
        let file = try home.write(Canary.livekitSecret, to: "secret", rights: 0o644)
        try home.write(
            """
            tenants:
              acme:
                providers:
                  livekit: {server_url: "wss://livekit.example", api_key: APIacme, api_secret: {file: "\(file)"}}

            """, to: "callgate.yaml")
        let end = try await refused(["--config", "callgate.yaml"])
        #expect(end.code == 2)
        #expect(end.messages.count == 1)
        #expect(end.stderr.contains("can be read by everybody"))
    }

    @Test func `X21 a certificate without its key, and a key that everybody may read`() async throws {
        var tls = try home.writeCertificate(keyRights: 0o644)
        let open = try await refused([], environment: tls)
        #expect(open.code == 2)
        #expect(
            open.messages == ["listen.tls.key: the file \(home.path("key.pem")) can be read by everybody; take that right away (chmod 600)"]
        )
        tls["CALLGATE_LISTEN_TLS_KEY"] = nil
        let half = try await refused([], environment: tls)
        #expect(half.code == 2)
        #expect(half.messages == ["listen.tls.key: is needed, because CALLGATE_LISTEN_TLS_CERTIFICATE is set"])
        #expect(!home.has("callgate.sqlite"))
        let service = try await Service.start(in: home, environment: home.writeCertificate().merging(variables) { $1 })
        #expect(service.address.hasPrefix("https://127.0.0.1:"), "with both it starts, and says so")
        #expect(await service.stop().code == 0)
    }

    @Test func `O10 a port of the metrics that is taken is named by its setting`() async throws {
        let service = try await Service.start(in: home, environment: variables)
        let end = try await refused(["--database", "other.sqlite"], environment: ["CALLGATE_METRICS_PORT": service.port])
        #expect(end.code == 1)
        #expect(end.messages.last == "metrics.port: cannot listen on 127.0.0.1:\(service.port): Address already in use")
        #expect(await service.stop().code == 0)
    }

    @Test(arguments: [
        ["--port", "70000"], ["--port", "-1"], ["--port", "http"], ["--host", ""], ["--database", ""], ["--config", ""],
        ["--config", "missing.yaml"], ["--speed", "high"], ["now"],
    ])
    func `options that cannot be`(options: [String]) async throws {
        let end = try await refused(options)
        #expect(end.code == 2)
        #expect(!end.messages.isEmpty)
        #expect(!home.has("callgate.sqlite"))
    }

    @Test func `a stream that nobody reads ends it quietly`() async throws {
        let command = try Command(
            ["serve", "--port", "0"], in: home, environment: ["CALLGATE_OPERATOR_KEY": Canary.operatorKey, "CALLGATE_LOG_LEVEL": "error"],
            shell: Command.unread)
        let end = await command.finish()
        #expect(end.stderr.isEmpty)
        #expect(try String(decoding: home.bytes(of: "code"), as: UTF8.self) == "1\n")
    }
}
