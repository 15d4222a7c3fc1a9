import Foundation
import StrictJSON
import TestSupport
import Testing

/// A store that cannot be written refuses changes, mints nothing, goes on reading, and works again by itself when the disk does.
@Suite(.timeLimit(.minutes(2))) struct DiskTroubleTests {
    private let home: Home

    init() throws { home = try Home() }

    @Test(.enabled(if: SmallDisk.isPossible, SmallDisk.comment))
    func `a full disk`() async throws {
        let disk = try SmallDisk(in: home, bytes: 4 << 20)
        let scene = try await Scene.set(in: home, database: "\(disk.path)/callgate.sqlite", on: disk)

        try disk.fill()
        try await scene.expectRefusals()
        try disk.empty()

        try await scene.expectRecovery()
        #expect(await scene.service.stop().code == 0)
        try await scene.expectIntactAudit()
    }

    @Test func `a file that may not grow`() async throws {
        let scene = try await Scene.set(in: home, database: home.path("callgate.sqlite"))
        let size = try #require(
            FileManager.default.attributesOfItem(atPath: home.path("callgate.sqlite-wal"))[.size] as? NSNumber)

        try await limitFileSize(of: scene.service, to: "\(size.intValue)")
        try await scene.expectRefusals()
        try await limitFileSize(of: scene.service, to: "unlimited")

        try await scene.expectRecovery()
        #expect(await scene.service.stop().code == 0)
        try await scene.expectIntactAudit()
    }

    private func limitFileSize(of service: Service, to bytes: String) async throws {
        let end = try await Tool.run("/usr/bin/prlimit", ["--pid", "\(service.command.processID)", "--fsize=\(bytes):"], in: home)
        #expect(end.code == 0, "\(end.stderr)")
    }

    @Test(.enabled(if: SmallDisk.isPossible, SmallDisk.comment))
    func `a disk that is read-only at the start is refused in one line, and the file is as it was`() async throws {
        let disk = try SmallDisk(in: home, bytes: 4 << 20)
        let database = "\(disk.path)/callgate.sqlite"
        let scene = try await Scene.set(in: home, database: database, on: disk)
        #expect(await scene.service.stop().code == 0)

        try disk.setReadOnly(true)
        let end = try await Command.run(
            ["serve", "--port", "0", "--database", database], in: home, environment: ["CALLGATE_OPERATOR_KEY": Canary.operatorKey])
        #expect(end.code == 1)
        #expect(end.messages == ["the database \(database) cannot be written: Read-only file system"])
        try await scene.expectIntactAudit()
        try disk.setReadOnly(false)

        let again = try await Scene.start(in: home, database: database)
        #expect(try await again.send("GET", "/v1/calls/\(scene.ringing)", key: scene.key).body["state"] == "ringing")
        #expect(await again.stop().code == 0)
    }
}

/// A service with a call that rings and one that is active.
private struct Scene {
    let home: Home
    /// Held as long as anybody looks at the database.
    let disk: SmallDisk?
    let database: String
    let service: Service
    let key: String
    let ringing: String
    let active: String

    static func start(in home: Home, database: String) async throws -> Service {
        try await Service.start(
            in: home, ["--config", home.configuration("log: {level: critical}"), "--database", database],
            environment: Home.tenantSecrets.merging(["CALLGATE_OPERATOR_KEY": Canary.operatorKey]) { $1 })
    }

    static func set(in home: Home, database: String, on disk: SmallDisk? = nil) async throws -> Scene {
        let service = try await start(in: home, database: database)
        let scopes: JSONValue = ["calls:read", "calls:write", "rooms:write", "tokens:mint", "audit:read"]
        let made = try await service.send("POST", "/v1/keys", ["tenant": "acme", "scopes": scopes], key: Canary.operatorKey)
        let key = try #require(made.body["key"]?.stringValue)
        let first = try await service.send("POST", "/v1/calls", ["caller": "alice", "callee": "bob", "media": "audio"], key: key)
        let second = try await service.send("POST", "/v1/calls", ["caller": "carol", "callee": "dave", "media": "audio"], key: key)
        let active = try #require(second.body["id"]?.stringValue)
        #expect(try await service.send("POST", "/v1/calls/\(active)/accept", ["user": "dave"], key: key).status == 200)
        return Scene(
            home: home, disk: disk, database: database, service: service, key: key, ringing: try #require(first.body["id"]?.stringValue),
            active: active
        )
    }

    private func state(_ call: String) async throws -> String? {
        try await service.send("GET", "/v1/calls/\(call)", key: key).body["state"]?.stringValue
    }

    /// Everything that has to be written is refused, and everything else is answered.
    func expectRefusals() async throws {
        // What the log has space for already may still be written.
        var placed = 0
        while try await place("filling-\(placed)").status == 201, placed < 2000 { placed += 1 }
        let changes: [(String, JSONValue)] = [
            ("/v1/calls", ["caller": "erin", "callee": "frank", "media": "video"]), ("/v1/calls/\(ringing)/accept", ["user": "bob"]),
            ("/v1/calls/\(ringing)/reject", [:]), ("/v1/calls/\(ringing)/cancel", [:]), ("/v1/calls/\(active)/token", ["user": "carol"]),
            ("/v1/calls/\(active)/end", [:]), ("/v1/rooms", [:]),
        ]
        for (path, body) in changes {
            let answer = try await service.send("POST", path, body, key: key)
            #expect(answer.status == 503 && answer.body["code"] == "unavailable", "\(path): \(answer)")
            #expect(!answer.body.canonicalText.contains("token"))
        }
        #expect(try await service.send("GET", "/readyz", key: key).status == 503)
        #expect(try await service.send("GET", "/livez", key: key).status == 200)
        #expect(try await state(ringing) == "ringing")
        #expect(try await state(active) == "active")
        #expect(try await service.send("GET", "/v1/calls?user=bob", key: key).body["calls"]?.arrayValue?.count == 1)
    }

    private func place(_ name: String) async throws -> (status: Int, body: JSONValue) {
        try await service.send(
            "POST", "/v1/calls", ["caller": .string("a-\(name)"), "callee": .string("b-\(name)"), "media": "audio"], key: key)
    }

    /// The same process works again, and nothing of what it refused has happened.
    func expectRecovery() async throws {
        #expect(try await tokens().count == 2, "the two of the acceptance before")
        #expect(try await service.send("GET", "/readyz", key: key).status == 200)
        let accepted = try await service.send("POST", "/v1/calls/\(ringing)/accept", ["user": "bob"], key: key)
        #expect(accepted.status == 200)
        #expect(try await service.send("POST", "/v1/calls/\(active)/end", [:], key: key).body["state"] == "ended")
        #expect(try await service.send("POST", "/v1/calls/\(active)/token", ["user": "carol"], key: key).body["code"] == "call_not_active")
        #expect(try await place("after").status == 201)
        #expect(try await tokens() == ["carol", "dave", "alice", "bob"])
    }

    /// For whom tokens were minted, by the audit log.
    private func tokens() async throws -> [String] {
        var users: [String] = []
        var query = "limit=100"
        while true {
            let page = try await service.send("GET", "/v1/audit?\(query)", key: key).body
            let rows = try #require(page["rows"]?.arrayValue)
            users += rows.filter { $0["operation"] == "call.token" && $0["outcome"] == "done" }
                .compactMap { $0["token"]?["identity"]?.stringValue }
            guard let next = page["next_cursor"]?.stringValue else { return users }
            query = "limit=100&cursor=\(next)"
        }
    }

    func expectIntactAudit() async throws {
        let end = try await Command.run(["audit", "verify", "--database", database], in: home)
        #expect(end.code == 0, "\(end.stdout)\(end.stderr)")
    }
}
