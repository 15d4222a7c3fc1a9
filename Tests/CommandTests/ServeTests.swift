import Foundation
import StrictJSON
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct ServeTests {
    private let home: Home

    init() throws { home = try Home() }

    @Test func `the first start prints the operator's key once, and then where it listens`() async throws {
        let first = try await Service.start(in: home)
        let end = await first.stop()

        #expect(end.code == 0)
        let key = try #require(end.results.first).replacing("operator key: ", with: "")
        #expect(key.hasPrefix("cg_live_") && key.utf8.count == 44)
        #expect(end.results == ["operator key: \(key)", "callgate listens on \(first.address)"])
        #expect(first.address.hasPrefix("http://127.0.0.1:"))
        #expect(!end.stderr.contains(key))
        #expect(home.has("callgate.sqlite"))

        let second = try await Service.start(in: home)
        #expect(try await second.send("GET", "/v1/tenants", key: key).status == 200)
        let again = await second.stop()
        #expect(again.results == ["callgate listens on \(second.address)"])
        #expect(!again.stderr.contains(key))
    }

    @Test func `an operator's key that is given is taken, and never printed`() async throws {
        let service = try await Service.start(in: home, environment: ["CALLGATE_OPERATOR_KEY": Canary.operatorKey])
        #expect(try await service.send("GET", "/v1/tenants", key: Canary.operatorKey).status == 200)
        #expect(await service.stop().results.count == 1)

        let file = try home.write(Canary.operatorKey + "\n", to: "operator.key")
        let other = try await Service.start(
            in: home, ["--database", "other.sqlite"], environment: ["CALLGATE_OPERATOR_KEY_FILE": file])
        #expect(try await other.send("GET", "/v1/tenants", key: Canary.operatorKey).status == 200)
        #expect(await other.stop().results.count == 1)
    }

    @Test func `an option goes before the environment, and the environment before the file`() async throws {
        try home.write("database: {file: file.sqlite}\nlisten: {host: \"localhost\", port: 1}\n", to: "settings.yaml", rights: 0o644)
        let variables = ["CALLGATE_CONFIG": home.path("settings.yaml"), "CALLGATE_LISTEN_HOST": "0.0.0.0", "CALLGATE_LISTEN_PORT": "2"]

        let byFile = try await Service.start(in: home, environment: ["CALLGATE_CONFIG": home.path("settings.yaml")])
        #expect(byFile.address.hasPrefix("http://localhost:"))
        #expect(await byFile.stop().code == 0)
        #expect(home.has("file.sqlite"))

        let byVariable = try await Service.start(in: home, environment: variables.merging(["CALLGATE_DATABASE_FILE": "env.sqlite"]) { $1 })
        #expect(byVariable.address.hasPrefix("http://0.0.0.0:"))
        #expect(await byVariable.stop().code == 0)
        #expect(home.has("env.sqlite"))

        let byOption = try await Service.start(
            in: home, ["--host", "127.0.0.1", "--database", "option.sqlite", "--config", home.path("settings.yaml")],
            environment: variables)
        #expect(byOption.address.hasPrefix("http://127.0.0.1:"))
        #expect(await byOption.stop().code == 0)
        #expect(home.has("option.sqlite"))
    }

    @Test func `an IPv6 address is printed so that it can be used`() async throws {
        let service = try await Service.start(in: home, ["--host", "::1"])
        #expect(service.address.hasPrefix("http://[::1]:"))
        #expect(await service.stop().code == 0)
    }

    @Test func `a tenant of the configuration file is there from the first start on`() async throws {
        let file = try home.configuration()
        let service = try await Service.start(
            in: home, ["--config", file], environment: Home.tenantSecrets.merging(["CALLGATE_OPERATOR_KEY": Canary.operatorKey]) { $1 })
        #expect(try await service.send("GET", "/v1/tenants/acme", key: Canary.operatorKey).status == 200)
        #expect(await service.stop().code == 0)
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func `a signal ends it with 0, also while a client keeps its connection`(signal: Int32) async throws {
        let service = try await Service.start(in: home)
        #expect(try await service.send("GET", "/livez", key: "none").status == 200)

        let end = await service.stop(signal)

        #expect(end.code == 0)
        #expect(!end.stderr.contains("rror"), "an ordinary end is no error")
    }

    @Test func `what was acknowledged survives a kill`() async throws {
        let variables = Home.tenantSecrets.merging(["CALLGATE_OPERATOR_KEY": Canary.operatorKey]) { $1 }
        let first = try await Service.start(in: home, environment: variables)
        let livekit: JSONValue = [
            "server_url": "wss://livekit.example", "api_key": "APIacme", "api_secret": ["env": "ACME_LIVEKIT_SECRET"],
        ]
        #expect(
            try await first.send("POST", "/v1/tenants", ["id": "acme", "providers": ["livekit": livekit]], key: Canary.operatorKey).status
                == 201)
        let made = try await first.send(
            "POST", "/v1/keys", ["tenant": "acme", "scopes": ["rooms:read", "rooms:write"]], key: Canary.operatorKey)
        #expect(made.status == 201)
        let key = try #require(made.body["key"]?.stringValue)
        let room = try await first.send("POST", "/v1/rooms", [:], key: key)
        #expect(room.status == 201)
        let name = try #require(room.body["name"]?.stringValue)

        #expect(await first.stop(SIGKILL).code == 128 + SIGKILL)
        let second = try await Service.start(in: home, environment: variables)

        let read = try await second.send("GET", "/v1/rooms/\(name)", key: key)
        #expect(read.status == 200)
        #expect(read.body == room.body)
        #expect(await second.stop().code == 0)
    }

    @Test func `closed streams are no place for the database`() async throws {
        let command = try Command(
            ["serve", "--port", "0"], in: home, environment: ["CALLGATE_OPERATOR_KEY": Canary.operatorKey], shell: #"exec "$@" <&- >&-"#)
        // Its own messages are the only sign that it listens: everything else is closed.
        try await command.message(with: "listening on")

        #expect(await command.finish(SIGTERM).code == 0)
        #expect(try home.bytes(of: "callgate.sqlite").starts(with: Data("SQLite format 3\0".utf8)))
    }
}
