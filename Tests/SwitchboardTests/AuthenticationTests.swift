import Calls
import Switchboard
import Testing
import Vocabulary

@Suite struct AuthenticationTests {
    /// Asks both doors, and expects the same of them. What is not at hand is asked.
    static func bothDoors(_ key: String, _ house: TestDesk) async -> Refusal? {
        let asked = await refusal { try await house.desk.authenticate(key) }
        let atHand = await refusal { try house.desk.authenticateAtHand(key) as Caller? }
        #expect(atHand == asked || atHand == nil, "both doors have the same rules")
        return asked
    }

    @Test func `a key opens with its owner and its scopes`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant()
        let key = try await house.key("acme", [.roomsRead, .tokensMint])

        for caller in [
            try await house.desk.authenticate(key.secret.text), try #require(try house.desk.authenticateAtHand(key.secret.text)),
        ] {
            #expect(caller.owner == .tenant(try TenantID("acme")))
            #expect(caller.scopes == [.roomsRead, .tokensMint])
            #expect(caller.key == key.record.id)
        }
        #expect(house.manager.owner == .operator)
        #expect(house.manager.scopes == [.keysAdmin, .tenantsAdmin, .auditRead])
    }

    @Test func `A06 a mistyped key is refused without asking the store`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant()
        let key = try await house.key().secret.text
        let before = house.store.questions

        for position in [0, 8, 20, 37, 38, 43] {
            var bytes = Array(key.utf8)
            bytes[position] = bytes[position] == UInt8(ascii: "a") ? UInt8(ascii: "b") : UInt8(ascii: "a")
            let text = String(decoding: bytes, as: UTF8.self)
            // What does not begin as keys do may be a user's, and has to be looked at the long way.
            if position > 2 { #expect(await Self.bothDoors(text, house) == .unauthenticated) }
        }
        for text in ["", String(repeating: "a", count: 10_000)] {
            #expect(await refusal { try await house.desk.authenticate(text) } == .unauthenticated)
        }
        #expect(house.store.questions == before)
        for text in ["Bearer", String(repeating: "a", count: 44), "ag_live_" + key.dropFirst(8)] {
            #expect(await refusal { try await house.desk.authenticate(text) } == .unauthenticated)
        }
    }

    @Test func `a well-formed key that nobody gave out is refused, after one question`() async throws {
        let house = try await TestDesk.open()
        let key = APIKey(.live).secret.text
        let before = house.store.questions

        #expect(try house.desk.authenticateAtHand(key) == nil)
        #expect(await Self.bothDoors(key, house) == .unauthenticated)
        #expect(house.store.questions == before + 1)
    }

    @Test func `a revoked key opens nothing from the next moment on`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant()
        let key = try await house.key()
        #expect(await Self.bothDoors(key.secret.text, house) == nil)

        try await house.desk.revokeKey(key.record.id, for: house.manager)
        #expect(await Self.bothDoors(key.secret.text, house) == .unauthenticated)
        let restarted = try await house.restarted()
        #expect(await Self.bothDoors(key.secret.text, restarted) == .unauthenticated)
    }

    @Test func `A05 a key opens until the second in which it expires`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant()
        let key = try await house.key(lifetimeSeconds: 60)

        for (second, expected) in [(0, nil), (59, nil), (60, Refusal.unauthenticated), (61, .unauthenticated)] {
            house.clock.set(TestDesk.start + second)
            #expect(await Self.bothDoors(key.secret.text, house) == expected, "after \(second) s")
        }
    }

    @Test func `A05 the keys of a closed tenant open nothing`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant()
        try await house.tenant("other")
        let (key, other) = (try await house.key(), try await house.key("other"))

        try await house.desk.closeTenant(TenantID("acme"), for: house.manager)
        #expect(await Self.bothDoors(key.secret.text, house) == .unauthenticated)
        #expect(await Self.bothDoors(other.secret.text, house) == nil)
    }

    @Test func `every reason for refusing a key looks the same`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant()
        let (expired, revoked) = (try await house.key(lifetimeSeconds: 60), try await house.key())
        try await house.desk.revokeKey(revoked.record.id, for: house.manager)
        house.clock.set(TestDesk.start + 60)

        var texts: Set<String> = []
        for key in ["", "x", APIKey(.live).secret.text, expired.secret.text, revoked.secret.text] {
            texts.insert("\(try #require(await deskError { try await house.desk.authenticate(key) }))")
        }
        #expect(texts.count == 1)
    }

    @Test func `after a start a key is asked for once and then at hand`() async throws {
        let first = try await TestDesk.open()
        try await first.tenant()
        let key = try await first.key().secret.text
        let house = try await first.restarted()

        #expect(try house.desk.authenticateAtHand(key) == nil)
        _ = try await house.desk.authenticate(key)
        let before = house.store.questions
        #expect(try house.desk.authenticateAtHand(key)?.owner == .tenant(TenantID("acme")))
        #expect(house.store.questions == before)
    }

    @Test func `a store that does not answer makes authentication unavailable, not refused`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant()
        let key = try await house.key().secret.text
        house.store.fail(.unavailable("the disk is gone"))

        #expect(await Self.bothDoors(key, house) == .unavailable)
        #expect(await house.desk.isReady() == false)
        house.store.fail(nil)
        #expect(await Self.bothDoors(key, house) == nil)
        #expect(await house.desk.isReady())
    }
}
