import Calls
import Storage
import Switchboard
import TestSupport
import Testing
import Vocabulary

/// How the operator gets in for the first time, and every time after.
@Suite struct OperatorKeyTests {
    /// A process on the file in the directory, until `body` returns.
    static func start(
        _ home: TemporaryFolder, given: APIKey? = nil, _ body: (Switchboard, NewKey?) async throws -> Void
    ) async throws {
        let store = try SQLiteStore(path: home.path("callgate.sqlite"))
        let desk = try await Switchboard(store: store, secrets: TestSecrets(), clock: { TestDesk.start }, monotonic: { .zero })
        let made = try await desk.ensureOperatorKey(given: given)
        try await body(desk, made)
        try store.close()
    }

    @Test func `the first start makes one operator key, and a restart makes none`() async throws {
        let home = try TemporaryFolder()
        var first: NewKey?
        try await Self.start(home) { (desk: Switchboard, made: NewKey?) async throws in
            first = made
            #expect(try await desk.ensureOperatorKey(given: nil) == nil)
        }
        let key = try #require(first)

        try await Self.start(home) { (desk: Switchboard, made: NewKey?) async throws in
            #expect(made == nil)
            let caller = try await desk.authenticate(key.secret.text)
            #expect(caller.owner == .operator)
            #expect(caller.scopes == [.keysAdmin, .tenantsAdmin, .auditRead])
            #expect(try await desk.keys(cursor: nil, limit: 10, for: caller).items.count == 1)
        }
    }

    @Test func `a given key is kept once, and nothing is made beside it`() async throws {
        let home = try TemporaryFolder()
        let given = APIKey(.live)
        for _ in 0..<3 {
            try await Self.start(home, given: given) { (desk: Switchboard, made: NewKey?) async throws in
                #expect(made == nil)
                let caller = try await desk.authenticate(given.secret.text)
                #expect(caller.owner == .operator && caller.scopes == [.keysAdmin, .tenantsAdmin, .auditRead])
                #expect(try await desk.keys(cursor: nil, limit: 10, for: caller).items.count == 1)
            }
        }
        try await Self.start(home) { _, made in #expect(made == nil) }
    }

    @Test func `a given key is kept beside one that was made before, and both open`() async throws {
        let home = try TemporaryFolder()
        let given = APIKey(.test)
        var made: NewKey?
        try await Self.start(home) { made = $1 }
        let first = try #require(made)

        try await Self.start(home, given: given) { (desk: Switchboard, made: NewKey?) async throws in
            #expect(made == nil)
            for text in [first.secret.text, given.secret.text] { #expect(try await desk.authenticate(text).owner == .operator) }
        }
    }

    @Test func `a given key that was revoked does not come back to life`() async throws {
        let home = try TemporaryFolder()
        let given = APIKey(.live)
        try await Self.start(home, given: given) { (desk: Switchboard, _: NewKey?) async throws in
            let caller = try await desk.authenticate(given.secret.text)
            try await desk.revokeKey(try #require(caller.key), for: caller)
        }

        try await Self.start(home, given: given) { (desk: Switchboard, _: NewKey?) async throws in
            #expect(await refusal { try await desk.authenticate(given.secret.text) } == .unauthenticated)
        }
    }

    @Test func `after the last operator key was revoked a start makes a new one`() async throws {
        let home = try TemporaryFolder()
        try await Self.start(home) { (desk: Switchboard, made: NewKey?) async throws in
            let caller = try await desk.authenticate(try #require(made).secret.text)
            try await desk.revokeKey(try #require(caller.key), for: caller)
        }

        try await Self.start(home) { (desk: Switchboard, made: NewKey?) async throws in
            #expect(try await desk.authenticate(try #require(made).secret.text).owner == .operator)
        }
    }
}
