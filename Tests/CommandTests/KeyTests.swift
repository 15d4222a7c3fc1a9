import StrictJSON
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct KeyTests {
    private let home: Home
    private let variables = Home.tenantSecrets.merging(["CALLGATE_OPERATOR_KEY": Canary.operatorKey]) { $1 }

    init() throws { home = try Home() }

    private func key(_ arguments: [String]) async throws -> Finished {
        try await Command.run(["key"] + arguments, in: home)
    }

    /// A store with the tenant acme in it, and nobody using it.
    private func makeStore() async throws {
        let service = try await Service.start(in: home, ["--config", home.configuration()], environment: variables)
        #expect(await service.stop().code == 0)
    }

    @Test func `a made key is printed and nothing else, and opens the service until it is revoked`() async throws {
        try await makeStore()
        let made = try await key(["create", "--tenant", "acme", "--scope", "rooms:write", "--scope", "rooms:read", "--label", "backend"])
        #expect(made.code == 0)
        #expect(made.stderr.isEmpty)
        let text = try #require(made.results.first)
        #expect(made.stdout == text + "\n")
        #expect(text.hasPrefix("cg_live_") && text.utf8.count == 44)

        let service = try await Service.start(in: home, environment: variables)
        #expect(try await service.send("POST", "/v1/rooms", [:], key: text).status == 201)
        #expect(await service.stop().code == 0)

        let list = try await key(["list"])
        #expect(list.code == 0)
        let rows = list.results.map { $0.split(separator: "\t").map(String.init) }
        let row = try #require(rows.first { $0[2] == text.prefix(12) })
        #expect(row.dropFirst() == ["acme", String(text.prefix(12)), "rooms:read,rooms:write", "active"])
        #expect(rows.contains { $0[1] == "(operator)" })
        #expect(!list.stdout.contains(text))

        let revoked = try await key(["revoke", row[0]])
        #expect(revoked.code == 0)
        #expect(revoked.stdout.isEmpty)
        #expect(try await key(["revoke", row[0]]).code == 0, "revoking again is answered the same way")
        #expect(try await key(["list"]).results.contains { $0.hasPrefix(row[0]) && $0.contains("\trevoked ") })

        let again = try await Service.start(in: home, environment: variables)
        #expect(try await again.send("GET", "/v1/rooms", key: text).status == 401)
        #expect(await again.stop().code == 0)
    }

    @Test func `a made key as JSON`() async throws {
        try await makeStore()
        let made = try await key(["create", "--tenant", "acme", "--scope", "tokens:mint", "--test", "--json"])
        #expect(made.code == 0)
        let object = try JSONValue.parse(made.stdout, limits: JSONLimits(bytesMax: 1 << 16))
        let text = try #require(object["key"]?.stringValue)
        #expect(text.hasPrefix("cg_test_"))
        #expect(object["prefix"]?.stringValue == String(text.prefix(12)))
        #expect(object["id"]?.stringValue?.hasPrefix("key_") == true)
    }

    @Test func `the operator's own key can be made before the first start`() async throws {
        let made = try await key(["create", "--scope", "tenants:admin", "--scope", "keys:admin", "--database", "new.sqlite"])
        #expect(made.code == 0)
        let text = try #require(made.results.first)

        let service = try await Service.start(in: home, ["--database", "new.sqlite"])
        #expect(try await service.send("GET", "/v1/tenants", key: text).status == 200)
        #expect(await service.stop().results.count == 1, "there is an operator's key, so none is made")
    }

    @Test func `while the service runs, the store is its own`() async throws {
        let service = try await Service.start(in: home, environment: variables)
        for arguments in [["create", "--scope", "keys:admin"], ["list"], ["revoke", "key_0000000000000000000000000"]] {
            let end = try await key(arguments)
            #expect(end.code == 1)
            #expect(end.stdout.isEmpty)
            #expect(end.messages == ["the database callgate.sqlite is in use by another callgate; ask that one over HTTP"])
        }
        #expect(await service.stop().code == 0)
    }

    @Test func `a tenant or key that is not there is a no`() async throws {
        try await makeStore()
        let tenant = try await key(["create", "--tenant", "globex", "--scope", "rooms:read"])
        #expect(tenant.code == 1)
        #expect(tenant.messages == ["tenant: there is no such open tenant"])
        #expect(tenant.stdout.isEmpty)

        let scope = try await key(["create", "--tenant", "acme", "--scope", "tenants:admin"])
        #expect(scope.code == 1)
        #expect(scope.messages == ["scopes: tenants:admin is not for a key of a tenant"])

        let id = try await key(["revoke", "key_0000000000000000000000000"])
        #expect(id.code == 1)
        #expect(id.messages == ["there is no such key"])
    }

    @Test func `a mistyped path does not become a new store`() async throws {
        for arguments in [["list"], ["revoke", "key_0000000000000000000000000"], ["create", "--tenant", "acme", "--scope", "rooms:read"]] {
            let end = try await key(arguments + ["--database", "mistyped.sqlite"])
            #expect(end.code == 1)
            #expect(end.messages == ["there is no database mistyped.sqlite; callgate serve makes it"])
            #expect(!home.has("mistyped.sqlite"))
        }
    }

    @Test(arguments: [
        ["create"], ["create", "--tenant", "acme"], ["create", "--scope", "rooms:fly"],
        ["create", "--tenant", "-acme", "--scope", "rooms:read"],
        ["create", "--scope", "rooms:read", "--label", ""], ["revoke"], ["revoke", "acme"], ["list", "acme"], ["list", "--database", ""],
        [],
    ])
    func `misuse ends with 2 and opens no store`(arguments: [String]) async throws {
        let end = try await key(arguments)
        #expect(end.code == 2)
        #expect(end.stdout.isEmpty)
        #expect(!end.messages.isEmpty)
        #expect(!home.has("callgate.sqlite"))
    }
}
