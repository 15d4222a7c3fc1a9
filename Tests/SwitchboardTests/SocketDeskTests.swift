import Calls
import StrictJSON
import Testing
import Vocabulary

@testable import Switchboard

/// What the counter of sockets asks the desk.
@Suite struct SocketDeskTests {
    private let settings = UserTokenHouse.settings(claims: .init(name: "name", roles: "roles"))

    private func house(unknownUsers: UnknownUsers = .allowed) async throws -> UserTokenHouse {
        let house = try await UserTokenHouse()
        let order = TenantOrder(
            id: try TenantID("acme"), displayName: nil, providers: UserTokenHouse.providers, defaultProvider: nil, openRoomsMax: 10,
            userTokens: settings, unknownUsers: unknownUsers)
        _ = try await house.desk.createTenant(order, for: .machine)
        return house
    }

    private func arrival(_ house: UserTokenHouse, _ changes: JSONObject = [:]) async throws -> Caller? {
        switch try await house.desk.arrive(TokenSigner.secret.token(claims(changes))) {
        case .known(let caller): caller
        case .notKnown: nil
        }
    }

    @Test func `who comes for the first time is put into the directory with the name of its token`() async throws {
        let house = try await house()
        let caller = try #require(try await arrival(house, ["name": "Alice", "roles": ["doctor"]]))
        #expect(caller.userName == "Alice" && caller.roles == ["doctor"])
        let user = try #require(try await house.store.user(UserID("alice"), of: TenantID("acme")))
        #expect(user.displayName == "Alice" && user.roles == [])
    }

    @Test func `what the directory calls a user comes first, and its roles come on top`() async throws {
        let house = try await house(unknownUsers: .refused)
        let tenant = try TenantID("acme")
        let user = User(
            tenant: tenant, id: try UserID("alice"), displayName: "Dr. Alice", roles: ["doctor", "nurse"], createdAt: house.clock.now,
            updatedAt: house.clock.now)
        let audit = AuditEntry(at: house.clock.now, tenant: tenant, actor: .machine, operation: .putUser, subject: "alice", requestID: nil)
        _ = try await house.store.put(user, usersMax: 10, audit)
        let caller = try #require(try await arrival(house, ["name": "A", "roles": ["admin", "nurse"]]))
        #expect(caller.userName == "Dr. Alice" && caller.roles == ["admin", "nurse", "doctor"])
        #expect(try await arrival(house, ["sub": "bob"]) == nil, "who is not there is not known")
        #expect(try await house.store.user(UserID("bob"), of: tenant) == nil)
    }

    @Test func `who came before is known by what the store has at hand`() async throws {
        let house = try await house()
        _ = try await arrival(house)
        let questions = house.store.questions
        _ = try await arrival(house)
        #expect(house.store.questions - questions <= 3, "the tenants of the issuer, the tenant and the user")
    }

    @Test func `no key and no bad token arrives`() async throws {
        let house = try await house()
        let order = KeyOrder(
            tenant: try TenantID("acme"), scopes: [.callsWrite], label: nil, environment: .live, lifetimeSeconds: nil)
        let key = try await house.desk.createKey(order, for: .machine)
        for token in [key.secret.text, "", "a.b.c"] { #expect(await refusal { try await house.desk.arrive(token) } == .unauthenticated) }
    }

    @Test func `A04 a tenant takes its users until it is closed, and one that never was takes nobody`() async throws {
        let house = try await house()
        let tenant = try TenantID("acme")
        let caller = try #require(try await arrival(house))
        #expect(try await house.desk.admission(to: tenant).admits(caller))
        try await house.desk.closeTenant(tenant, for: .machine)
        #expect(try await !house.desk.admission(to: tenant).admits(caller))
        #expect(try await !house.desk.admission(to: TenantID("nobody")).admits(caller))
        #expect(await refusal { try await arrival(house) } == .unauthenticated)
    }

    @Test func `the service ends a call whose party is gone, and says that it was the service`() async throws {
        let scene = try await CallScene.open()
        let call = try await scene.active()
        try await scene.desk.partyGone(UserID("bob"), in: call.key)
        try await scene.desk.partyGone(UserID("bob"), in: call.key)
        let ended = try await scene.desk.call(call.id, for: scene.server)
        #expect(ended.ending?.reason == .partyGone && ended.ending?.by?.text == "bob")
        let rows = try await scene.auditRows().filter { $0.entry.operation == .expireCall }
        #expect(rows.map(\.entry.actor) == [.service], "once")
        #expect(scene.desk.isFreeAtHand(try UserID("bob"), in: call.tenant))
    }

    @Test func `a device gets the token of its own party, and any device where the call names none`() async throws {
        let scene = try await CallScene.open()
        let (alice, bob) = (try scene.user("alice"), try scene.user("bob"))
        let placed = try await scene.desk.placeCall(CallScene.order(nil, "bob", device: "tablet"), .none, for: alice).call
        _ = try await scene.desk.acceptCall(placed.id, as: CallScene.claim("bob"), .none, for: scene.server)
        func mint(_ caller: Caller, _ device: String) async -> Refusal? {
            await refusal { try await scene.desk.mintCallToken(placed.id, on: DeviceID(device), for: caller) }
        }
        #expect(await mint(alice, "tablet") == nil)
        #expect(await mint(alice, "phone") == .call(.answeredElsewhere))
        #expect(await mint(bob, "phone") == nil, "the server accepted for bob, on no device")
        #expect(await mint(try scene.user("carl"), "phone") == .notFound)
    }
}
