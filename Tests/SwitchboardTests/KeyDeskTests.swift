import Calls
import Signing
import Switchboard
import Testing
import Vocabulary

@Suite struct KeyDeskTests {
    static func order(_ scopes: Set<Scope>, tenant: String? = nil, lifetimeSeconds: Int? = nil) throws -> KeyOrder {
        KeyOrder(
            tenant: try tenant.map { try TenantID($0) }, scopes: scopes, label: "l", environment: .test, lifetimeSeconds: lifetimeSeconds)
    }

    @Test func `a new key is kept as its digest and opens with what was ordered`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant()
        let admin = try await house.caller()
        let key = try await house.desk.createKey(Self.order([.roomsRead, .keysAdmin], lifetimeSeconds: 60), for: admin)

        let text = key.secret.text
        #expect(text.hasPrefix("cg_test_"))
        #expect(key.record.prefix == String(text.prefix(12)) && key.record.digest == Digest.sha256(Array(text.utf8)))
        #expect(key.record.tenant?.text == "acme" && key.record.scopes == [.roomsRead, .keysAdmin] && key.record.label == "l")
        #expect(key.record.createdAt == TestDesk.start && key.record.expiresAt == TestDesk.start + 60 && key.record.revokedAt == nil)
        #expect(try await house.desk.key(key.record.id, for: admin) == key.record)
        #expect(try await house.desk.authenticate(text).scopes == [.roomsRead, .keysAdmin])
    }

    @Test func `A10 a tenant's key gives away only what it holds itself`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant()
        let held: Set<Scope> = [.keysAdmin, .roomsRead]
        let caller = try await house.caller("acme", held)

        for scope in Scope.allCases {
            let expected: Refusal? = held.contains(scope) ? nil : .scopeNotHeld(scope)
            #expect(await refusal { try await house.desk.createKey(Self.order([scope, .keysAdmin]), for: caller) } == expected, "\(scope)")
        }
    }

    @Test func `N08 a tenant's key names no tenant, whether that is there or not, and makes keys of its own`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant()
        try await house.tenant("other")
        let caller = try await house.caller()

        var answers: Set<String> = []
        for tenant in ["other", "nobody", "acme"] {
            let error = await deskError { try await house.desk.createKey(Self.order([.roomsRead], tenant: tenant), for: caller) }
            #expect(error.map(Refusal.init) == .invalid("tenant"))
            answers.insert("\(try #require(error))")
        }
        #expect(answers.count == 1)
        #expect(try await house.desk.createKey(Self.order([.roomsRead]), for: caller).record.tenant?.text == "acme")
        let others = try await house.desk.keys(cursor: nil, limit: 100, for: house.caller("other")).items
        #expect(others.count == 1)
    }

    @Test func `A18 another tenant's key is answered exactly like one that does not exist`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant()
        try await house.tenant("other")
        let caller = try await house.caller()
        let (theirs, operators) = (try await house.key("other").record, house.managerKey.id)

        for id in [theirs.id, operators, APIKeyID(random: 1)] {
            #expect(await refusal { try await house.desk.key(id, for: caller) } == .notFound)
            #expect(await refusal { try await house.desk.revokeKey(id, for: caller) } == .notFound)
        }
        #expect(try await house.desk.key(theirs.id, for: house.manager) == theirs)
        #expect(try await house.desk.key(operators, for: house.manager).revokedAt == nil)
    }

    @Test func `a tenant sees its own keys and the operator all of them`() async throws {
        let house = try await TestDesk.open()
        for id in ["acme", "other"] { try await house.tenant(id) }
        let (caller, _, other) = (try await house.caller(), try await house.key(), try await house.key("other"))

        let own = try await house.desk.keys(cursor: nil, limit: 100, for: caller).items
        #expect(own.count == 2 && own.allSatisfy { $0.tenant?.text == "acme" })
        let all = try await house.desk.keys(cursor: nil, limit: 100, for: house.manager).items
        #expect(all.map { $0.tenant?.text } == [nil, "acme", "acme", "other"])
        #expect(all.last == other.record)
    }

    @Test func `the operator makes keys of any open tenant and of its own, each with the scopes that fit`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant()

        for scope in Scope.allCases {
            let ofTenant = await refusal { try await house.desk.createKey(Self.order([scope], tenant: "acme"), for: house.manager) }
            #expect(ofTenant == (scope.isForTenants ? nil : .invalid("scopes")), "\(scope)")
            let ofOperator = await refusal { try await house.desk.createKey(Self.order([scope]), for: house.manager) }
            #expect(ofOperator == (scope.isForOperator ? nil : .invalid("scopes")), "\(scope)")
        }
        let key = try await house.desk.createKey(Self.order([.tenantsAdmin]), for: house.manager)
        #expect(try await house.desk.authenticate(key.secret.text).owner == .operator)
    }

    @Test func `nobody makes keys of an unknown or closed tenant`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant()
        let caller = try await house.caller()
        try await house.desk.closeTenant(TenantID("acme"), for: house.manager)

        for tenant in ["acme", "nobody"] {
            #expect(
                await refusal { try await house.desk.createKey(Self.order([.roomsRead], tenant: tenant), for: house.manager) }
                    == .invalid("tenant"))
        }
        #expect(await refusal { try await house.desk.createKey(Self.order([.roomsRead]), for: caller) } != nil)
    }

    @Test func `revoking a key again is answered the same way and keeps the first moment`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant()
        let (caller, key) = (try await house.caller(), try await house.key().record)

        try await house.desk.revokeKey(key.id, for: caller)
        house.clock.set(TestDesk.start + 10)
        for revoker in [caller, house.manager] { try await house.desk.revokeKey(key.id, for: revoker) }
        #expect(try await house.desk.key(key.id, for: caller) == key.revoked(at: TestDesk.start))
    }
}
