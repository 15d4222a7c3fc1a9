import Calls
import Logging
import Storage
import StrictJSON
import Synchronization
import Testing
import Vocabulary

@testable import Signaling

/// By which name the audit log and the log know a request that came over a socket.
@Suite(.timeLimit(.minutes(4))) struct RequestNameTests {
    @Test(arguments: Dialect.all) func `every row of what a socket asked for has the socket's id and the number of the request`(
        dialect: Dialect
    ) async throws {
        try await SocketHouse.open { house in
            let (alice, bob) = (try await house.device("alice", in: dialect), try await house.device("bob", in: dialect))
            let placed = await alice.ask(.initiate, dialect.order("bob"))
            _ = await bob.heard(.incoming)
            for _ in 1...2 { #expect(await bob.ask(.heartbeat)["success"] == true) }
            #expect(await alice.ask(.accept, placed.callOnly)["code"] == "wrong_party")
            #expect(await bob.ask(.accept, placed.callOnly)["success"] == true)
            #expect(await alice.hears(.accepted)["join"] != nil)
            #expect(await bob.ask(.end, placed.callOnly)["success"] == true)
            await house.settled()
            // The tokens are made at the same time.
            #expect(
                Set(try await house.names()) == [
                    "user.put done \(alice.sid)", "user.put done \(bob.sid)", "call.place done \(alice.sid)-1",
                    "call.accept wrong_party \(alice.sid)-2", "call.accept done \(bob.sid)-1", "call.token done \(bob.sid)-1",
                    "call.token done \(alice.sid)-3", "call.end done \(bob.sid)-2",
                ])
            for sid in [alice.sid, bob.sid] { #expect(sid.wholeMatch(of: #/[A-Za-z0-9_-]{20}/#) != nil) }
            #expect(alice.sid != bob.sid)
        }
    }

    @Test func `a request that cannot be served has the same name in the log`() async throws {
        let lines = LogLines()
        let house = try await SocketHouse(logger: Logger(label: "tests") { _ in lines.handler })
        let alice = try await house.device("alice")
        #expect(await alice.ask(.initiate, Dialect.colon.order("bob"))["code"] == "user_unavailable")
        #expect(lines.all == [])
        try house.store.close()
        #expect(await alice.ask(.initiate, Dialect.colon.order("bob", ["allowOffline": true]))["code"] == "unavailable")
        #expect(lines.all == ["warning a socket was not served \(alice.sid)-2"])
    }

    @Test func `a token that is shown again, and an app that is asked again, are requests with names`() async throws {
        let lines = LogLines()
        let house = try await SocketHouse(logger: Logger(label: "tests") { _ in lines.handler })
        try await house.change(remoteCheck: RemoteUserTests.settings(recheckSeconds: 100))
        house.app.know(["7|sanctum": #"{"id":7}"#])
        let ada = house.socket()
        #expect(await ada.connect(["token": "acme:7|sanctum"])["userId"] == "7")
        // The directory loses the user each time, and what comes next makes it again.
        try await house.lose("7")
        #expect(await ada.ask(.refreshToken, ["token": "acme:7|sanctum"])["success"] == true)
        try await house.lose("7")
        await house.pass(100)
        await house.settled()
        let made = try await house.names().filter { $0.hasPrefix("user.put") }
        #expect(made == ["", "-1", "-2"].map { "user.put done \(ada.sid)\($0)" })
        #expect(lines.all == [])
        house.app.know(nil)
        await house.pass(100)
        await house.settled()
        #expect(lines.all == ["warning a socket was not served \(ada.sid)-3"])
    }
}

extension SocketHouse {
    /// The directory has the user no more, and no socket hears of it.
    fileprivate func lose(_ user: String) async throws {
        let ticket = ChangeTicket(tenant: try TenantID("acme"), actor: .machine, at: clock.now)
        #expect(try await store.deleteUser(UserID(user), ticket))
    }

    /// Everything that the audit log says of the tenant, as `operation outcome request`.
    fileprivate func names() async throws -> [String] {
        try await store.auditRows(of: .tenant(TenantID("acme")), page: PageRequest(after: nil, limit: 100)).items
            .map { "\($0.entry.operation.rawValue) \($0.entry.outcome) \($0.entry.requestID ?? "-")" }
    }
}

/// Keeps the lines of a log, as `level message request`.
private final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }
    var handler: some LogHandler { Handler(keep: { line in self.lines.withLock { $0.append(line) } }) }

    private struct Handler: LogHandler {
        let keep: @Sendable (String) -> Void
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            keep("\(event.level) \(event.message) \(event.metadata?["request.id"]?.description ?? "-")")
        }
    }
}
