import Calls
import Switchboard
import Testing
import Tokens
import Vocabulary

@Suite struct TenantDeskTests {
    static func order(_ providers: ProviderSettings, default defaultProvider: ProviderKind? = nil, id: String = "acme") throws
        -> TenantOrder
    {
        TenantOrder(id: try TenantID(id), displayName: "Acme", providers: providers, defaultProvider: defaultProvider, openRoomsMax: 9)
    }

    static func change(
        displayName: String? = nil, _ providers: ProviderSettings? = nil, default defaultProvider: ProviderKind? = nil,
        openRoomsMax: Int? = nil
    ) -> TenantChange {
        TenantChange(displayName: displayName, providers: providers, defaultProvider: defaultProvider, openRoomsMax: openRoomsMax)
    }

    @Test func `a tenant is kept as it was ordered`() async throws {
        let house = try await TestDesk.open()
        let tenant = try await house.desk.createTenant(Self.order(Providers.both(), default: .agora), for: house.manager)

        #expect(tenant.id.text == "acme" && tenant.displayName == "Acme" && tenant.openRoomsMax == 9)
        #expect(tenant.defaultProvider == .agora && tenant.createdAt == TestDesk.start && tenant.closedAt == nil)
        #expect(tenant.providers == (try Providers.both()))
        #expect(try await house.desk.tenant(tenant.id, for: house.manager) == tenant)
        #expect(try await house.restarted().desk.tenants(cursor: nil, limit: 10, for: house.manager).items == [tenant])
    }

    @Test func `a tenant id is given once, also after closing`() async throws {
        let house = try await TestDesk.open()
        _ = try await house.desk.createTenant(Self.order(Providers.livekit()), for: house.manager)

        #expect(await refusal { try await house.desk.createTenant(Self.order(Providers.agora()), for: house.manager) } == .tenantExists)
        try await house.desk.closeTenant(TenantID("acme"), for: house.manager)
        #expect(await refusal { try await house.desk.createTenant(Self.order(Providers.agora()), for: house.manager) } == .tenantExists)
    }

    @Test func `the only provider is the default, and of two one is named`() async throws {
        let house = try await TestDesk.open()
        func defaultProvider(_ id: String, _ providers: ProviderSettings, _ wanted: ProviderKind?) async throws -> ProviderKind {
            try await house.desk.createTenant(Self.order(providers, default: wanted, id: id), for: house.manager).defaultProvider
        }

        #expect(try await defaultProvider("a", Providers.livekit(), nil) == .livekit)
        #expect(try await defaultProvider("b", Providers.agora(), nil) == .agora)
        #expect(try await defaultProvider("c", Providers.both(), .livekit) == .livekit)
        #expect(await refusal { try await defaultProvider("d", Providers.both(), nil) } == .invalid("default_provider"))
        #expect(await refusal { try await defaultProvider("e", Providers.livekit(), .agora) } == .invalid("default_provider"))
        #expect(
            await refusal { try await defaultProvider("f", ProviderSettings(livekit: nil, agora: nil), nil) }
                == .invalid("default_provider"))
    }

    struct BadSecret: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let settings: @Sendable () throws -> ProviderSettings
        let field: String
    }

    static let badSecrets = [
        BadSecret(
            testDescription: "a LiveKit secret that is not there", settings: { try Providers.livekit("MISSING") },
            field: "providers/livekit/api_secret"),
        BadSecret(
            testDescription: "a LiveKit secret that is too short", settings: { try Providers.livekit("SHORT") },
            field: "providers/livekit/api_secret"),
        BadSecret(
            testDescription: "a LiveKit secret that is published", settings: { try Providers.livekit("PUBLISHED") },
            field: "providers/livekit/api_secret"),
        BadSecret(
            testDescription: "a certificate that is not there", settings: { try Providers.agora(certificate: "/missing") },
            field: "providers/agora/app_certificate"),
        BadSecret(
            testDescription: "a certificate that everybody can read", settings: { try Providers.agora(certificate: "/run/secrets/open") },
            field: "providers/agora/app_certificate"),
        BadSecret(
            testDescription: "a LiveKit API key with a space", settings: { try Providers.livekit(apiKey: "API key") },
            field: "providers/livekit/api_key"),
        BadSecret(
            testDescription: "an Agora app id that is none", settings: { try Providers.agora(appID: "0123") },
            field: "providers/agora/app_id"),
        BadSecret(
            testDescription: "a certificate that is none", settings: { try Providers.agora(certificate: "/run/secrets/no-certificate") },
            field: "providers/agora/app_certificate"),
    ]

    @Test(arguments: badSecrets) func `a bad secret is refused with the path of its field, and nothing is kept`(bad: BadSecret) async throws
    {
        let house = try await TestDesk.open()
        house.secrets.put("world-readable", "file /run/secrets/open")
        let settings = try bad.settings()

        let error = try #require(await deskError { try await house.desk.createTenant(Self.order(settings), for: house.manager) })
        #expect(Refusal(error) == .invalid(bad.field))
        for secret in ["too-short", "reallyreally", "not hexadecimal"] {
            #expect(!"\(error)".contains(secret), "the refusal shows no secret")
        }
        #expect(try await house.desk.tenants(cursor: nil, limit: 10, for: house.manager).items.isEmpty)

        let tenant = try await house.tenant()
        #expect(
            await refusal { try await house.desk.changeTenant(tenant.id, Self.change(settings), for: house.manager) } == .invalid(bad.field)
        )
        #expect(try await house.desk.tenant(tenant.id, for: house.manager) == tenant)
    }

    @Test func `no secret is read for somebody who may not change tenants`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant()
        let caller = try await house.caller()
        let before = house.secrets.questions
        let change = Self.change(try Providers.livekit("MISSING"))

        #expect(await refusal { try await house.desk.changeTenant(TenantID("acme"), change, for: caller) } == .missingScope(.tenantsAdmin))
        #expect(
            await refusal { try await house.desk.createTenant(Self.order(Providers.livekit("MISSING")), for: caller) }
                == .missingScope(.tenantsAdmin))
        #expect(house.secrets.questions == before)
    }

    @Test func `a change changes what it names and nothing else`() async throws {
        let house = try await TestDesk.open()
        var expected = try await house.desk.createTenant(Self.order(Providers.livekit()), for: house.manager)
        func apply(_ change: TenantChange) async throws {
            #expect(try await house.desk.changeTenant(expected.id, change, for: house.manager) == expected)
        }

        try await apply(Self.change())
        expected.displayName = "New"
        try await apply(Self.change(displayName: "New"))
        expected.openRoomsMax = 3
        try await apply(Self.change(openRoomsMax: 3))
        expected.providers = try Providers.both()
        try await apply(Self.change(Providers.both()))
        expected.defaultProvider = .agora
        try await apply(Self.change(default: .agora))
        expected.providers = try Providers.livekit()
        expected.defaultProvider = .livekit
        try await apply(Self.change(Providers.livekit()))
        #expect(
            await refusal { try await house.desk.changeTenant(expected.id, Self.change(default: .agora), for: house.manager) }
                == .invalid("default_provider"))
        #expect(try await house.desk.tenant(expected.id, for: house.manager) == expected)
    }

    @Test func `changes at the same time are all applied`() async throws {
        let house = try await TestDesk.open()
        let tenant = try await house.tenant()
        let both = try Providers.both()
        try await withThrowingTaskGroup { group in
            for change in [Self.change(displayName: "New"), Self.change(openRoomsMax: 3), Self.change(both)] {
                group.addTask { _ = try await house.desk.changeTenant(tenant.id, change, for: house.manager) }
            }
            try await group.waitForAll()
        }

        let changed = try await house.desk.tenant(tenant.id, for: house.manager)
        #expect(changed.displayName == "New" && changed.openRoomsMax == 3 && changed.providers == both)
    }

    @Test func `a new limit holds for the next room`() async throws {
        let house = try await TestDesk.open()
        let tenant = try await house.tenant(openRoomsMax: 1)
        let caller = try await house.caller()
        try await house.room(for: caller)
        #expect(await refusal { try await house.room(for: caller) } == .limitReached)

        _ = try await house.desk.changeTenant(tenant.id, Self.change(openRoomsMax: 2), for: house.manager)
        #expect(await refusal { try await house.room(for: caller) } == nil)
    }

    @Test func `an unknown tenant is not found`() async throws {
        let house = try await TestDesk.open()
        let id = try TenantID("nobody")

        #expect(await refusal { try await house.desk.tenant(id, for: house.manager) } == .notFound)
        #expect(await refusal { try await house.desk.changeTenant(id, Self.change(displayName: "x"), for: house.manager) } == .notFound)
        #expect(await refusal { try await house.desk.closeTenant(id, for: house.manager) } == .notFound)
    }

    @Test func `a closed tenant stays to be seen, and everything of it is over`() async throws {
        let house = try await TestDesk.open()
        let tenant = try await house.tenant()
        let key = try await house.key()
        let caller = try await house.desk.authenticate(key.secret.text)
        let room = try await house.room(for: caller)
        house.clock.set(TestDesk.start + 5)

        try await house.desk.closeTenant(tenant.id, for: house.manager)
        house.clock.set(TestDesk.start + 6)
        try await house.desk.closeTenant(tenant.id, for: house.manager)
        let later = try await house.restarted()
        #expect(try await later.desk.tenant(tenant.id, for: later.manager).closedAt == TestDesk.start + 5)
        #expect(
            await refusal { try await later.desk.changeTenant(tenant.id, Self.change(displayName: "x"), for: later.manager) } == .notFound)
        #expect(await refusal { try await later.desk.authenticate(key.secret.text) } == .unauthenticated)
        #expect(await refusal { try await later.room(for: caller) } == .unauthenticated)
        let minted = await refusal { try await later.desk.mintToken(Mint.order(), room: room.name, for: caller) }
        #expect(minted == .unauthenticated)
        #expect(try await later.desk.key(key.record.id, for: later.manager).revokedAt == TestDesk.start + 5)
    }
}
