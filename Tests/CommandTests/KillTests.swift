import Foundation
import GRDB
import Gateway
import StrictJSON
import TestSupport
import Testing

/// What was answered is kept, whatever happens to the process.
@Suite(.serialized, .timeLimit(.minutes(5))) struct KillTests {
    private static let killsPerStore = 10
    private static let clients = 4
    private let home: Home

    init() throws { home = try Home() }

    @Test(arguments: 0..<10)
    func `S01 what was answered survives a kill, and is done once however often it is asked for`(store: Int) async throws {
        try await play(rounds: Self.killsPerStore, seed: 7919 * UInt64(store), ending: SIGKILL, expecting: 128 + SIGKILL)
    }

    @Test func `O07 a stop under load loses nothing that was answered`() async throws {
        try await play(rounds: 5, seed: 104_729, ending: SIGTERM, expecting: 0)
    }

    @Test func `a call that rang before a kill rings on, and can be accepted`() async throws {
        let first = try await start()
        let key = try await makeKey(at: first)
        let placed = try await first.send("POST", "/v1/calls", ["caller": "alice", "callee": "bob", "media": "audio"], key: key)
        #expect(placed.status == 201)
        let id = try #require(placed.body["id"]?.stringValue)
        #expect(await first.stop(SIGKILL).code == 128 + SIGKILL)

        let second = try await start()

        #expect(try await second.send("GET", "/v1/calls/\(id)", key: key).body == placed.body)
        let busy = try await second.send("POST", "/v1/calls", ["caller": "carol", "callee": "bob", "media": "audio"], key: key)
        #expect(busy.body["code"] == "user_busy")
        let accepted = try await second.send("POST", "/v1/calls/\(id)/accept", ["user": "bob"], key: key)
        #expect(accepted.status == 200)
        #expect(await second.stop().code == 0)
    }

    // MARK: One store under several ends

    private func play(rounds: Int, seed: UInt64, ending signal: Int32, expecting code: Int32) async throws {
        var dice = SeededGenerator(seed: seed)
        var service = try await start()
        let key = try await makeKey(at: service)
        var check = CallCheck(key: key)
        var head: AuditCheck.Head?
        var calls = 0
        for round in 0..<rounds {
            let load = CallLoad(
                name: "\(round)", clients: Self.clients, port: try #require(Int(service.port)), key: key, seed: dice.next())
            async let played = load.run()
            // The random moment.
            try await Task.sleep(for: .milliseconds(Int.random(in: 50...200, using: &dice)))
            #expect(await service.stop(signal).code == code)
            let stories = try await played
            calls += stories.count
            try checkIntegrity()

            service = try await start()
            check = try await service.ask { [check] connection in
                var check = check
                try check.check(stories, on: connection)
                return check
            }
            #expect(check.faults.isEmpty, "round \(round): \(check.faults.joined(separator: "\n"))")
            head = try verifyAudit(since: head)
        }
        #expect(calls >= rounds && check.unanswered.count > 0, "hardly anything was played")
        #expect(await service.stop().code == 0)
        let end = try await Command.run(
            ["audit", "verify", "--database", home.path("callgate.sqlite"), "--head", try #require(head?.description)], in: home)
        #expect(end.code == 0, "\(end.stdout)\(end.stderr)")
    }

    private func start() async throws -> Service {
        try await Service.start(
            in: home, ["--config", home.configuration("log: {level: warning}")],
            environment: Home.tenantSecrets.merging(["CALLGATE_OPERATOR_KEY": Canary.operatorKey]) { $1 })
    }

    private func makeKey(at service: Service) async throws -> String {
        let made = try await service.send(
            "POST", "/v1/keys", ["tenant": "acme", "scopes": ["calls:read", "calls:write", "audit:read"]], key: Canary.operatorKey)
        return try #require(made.body["key"]?.stringValue)
    }

    /// Looks at a copy, so that the service itself has to find its way back.
    private func checkIntegrity() throws {
        let files = FileManager.default
        let copy = home.path("copy")
        try files.createDirectory(atPath: copy, withIntermediateDirectories: false)
        defer {
            do { try files.removeItem(atPath: copy) } catch { Issue.record("\(error)") }
        }
        for name in ["callgate.sqlite", "callgate.sqlite-wal"] where home.has(name) {
            try files.copyItem(atPath: home.path(name), toPath: "\(copy)/\(name)")
        }
        let queue = try DatabaseQueue(path: "\(copy)/callgate.sqlite")
        let problems = try queue.read { db in try String.fetchAll(db, sql: "PRAGMA integrity_check") }
        #expect(problems == ["ok"])
        try queue.close()
    }

    /// - Returns: the head of the audit log.
    private func verifyAudit(since head: AuditCheck.Head?) throws -> AuditCheck.Head {
        switch try AuditCheck.verify(database: home.path("callgate.sqlite"), kept: head) {
        case .whole(let whole): return whole.head
        case .broken(let fault): throw Unexpected(description: fault.reason)
        }
    }
}
