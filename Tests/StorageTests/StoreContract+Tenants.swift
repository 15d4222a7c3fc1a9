import Calls
import Testing
import Vocabulary

extension StoreContract {
    static let tenants: [StoreRule] = [
        StoreRule("a tenant comes back as it was put in") { bench in
            let store = try await bench.makeStore()
            var tenants: [Tenant] = []
            for identity in ProviderSettings.Agora.Identity.allCases {
                for version in ProviderSettings.Agora.TokenVersion.allCases {
                    for livekit in [nil, try Sample.livekit().livekit] {
                        let settings = ProviderSettings(livekit: livekit, agora: try Sample.agora(identity, version))
                        var tenant = try Sample.tenant("t\(tenants.count)", providers: settings, openRoomsMax: 1 + tenants.count)
                        tenant.defaultProvider = .agora
                        tenant.displayName = tenants.isEmpty ? nil : "Ünïcode & Söhne '\(tenants.count)'"
                        tenants.append(tenant)
                    }
                }
            }
            tenants.append(try Sample.tenant("livekit-only"))
            let changed = ProviderSettings(
                livekit: .init(
                    serverURL: "wss://media.example.com", apiKey: "APIsample", apiSecret: try SecretReference(environment: "NEW"),
                    previousAPISecret: try SecretReference(environment: "OLD")),
                agora: .init(
                    appID: "0123456789ABCDEF0123456789abcdef", appCertificate: try SecretReference(file: "/run/secrets/new"),
                    previousAppCertificate: try SecretReference(file: "/run/secrets/old"), identity: .account, tokenVersion: .current))
            tenants.append(try Sample.tenant("changed-secrets", providers: changed))
            for tenant in tenants { try await store.insert(tenant) }

            try await bench.nowAndReopened(store) { (store: any Store) async throws in
                for tenant in tenants { #expect(try await store.tenant(tenant.id) == tenant) }
                let pages = try await everything(limit: 4) { try await store.tenants(page: $0) }
                #expect(pages.map(\.count) == [4, 4, 2])
                #expect(Array(pages.joined()) == tenants)
            }
        },
        StoreRule("a tenant that is not there is nil") { bench in
            let store = try await bench.makeStore()

            #expect(try await store.tenant(TenantID("nobody")) == nil)
            #expect(try store.tenantAtHand(TenantID("nobody")) == nil)
        },
        StoreRule("a tenant id is given once, also after closing") { bench in
            let store = try await bench.makeStore()
            let tenant = try Sample.tenant()
            try await store.insert(tenant)

            #expect(await refusal { try await store.insert(Sample.tenant(openRoomsMax: 5)) } == .duplicate)
            #expect(try await store.storedTenant(tenant.id) == tenant)
            #expect(try await store.tenant(tenant.id) == tenant)
            _ = try await store.closeTenant(tenant.id, at: Sample.start)
            #expect(await refusal { try await store.insert(Sample.tenant(openRoomsMax: 5)) } == .duplicate)
            #expect(try await store.tenant(tenant.id)?.closedAt == Sample.start)
        },
        StoreRule("a tenant is replaced only while it is as the caller knows it") { bench in
            let store = try await bench.makeStore()
            let old = try Sample.tenant()
            try await store.insert(old)
            var new = try Sample.tenant(providers: ProviderSettings(livekit: nil, agora: Sample.agora()), openRoomsMax: 7)
            new.defaultProvider = .agora
            new.displayName = "Acme"

            #expect(try await store.replaceTenant(Sample.tenant("nobody"), with: Sample.tenant("nobody")) == false)
            #expect(try await store.replaceTenant(new, with: old) == false)
            #expect(try await store.tenant(old.id) == old)
            #expect(try await store.replaceTenant(old, with: new))
            #expect(try await store.tenant(old.id) == new)
            #expect(try await store.replaceTenant(old, with: old) == false)
            try await bench.nowAndReopened(store) { (store: any Store) async throws in
                #expect(try await store.storedTenant(old.id) == new)
                #expect(try await store.tenant(old.id) == new)
            }
        },
        StoreRule("of twenty replacements of the same tenant exactly one is made") { bench in
            let store = try await bench.makeStore()
            let old = try Sample.tenant(openRoomsMax: 1000)
            try await store.insert(old)
            let replaced = try await withThrowingTaskGroup(of: Int?.self) { group in
                for limit in 1...20 {
                    group.addTask { try await store.replaceTenant(old, with: Sample.tenant(openRoomsMax: limit)) ? limit : nil }
                }
                return try await group.reduce(into: []) { $0 += $1.map { [$0] } ?? [] }
            }

            #expect(replaced.count == 1)
            #expect(try await store.storedTenant(old.id)?.openRoomsMax == replaced.first)
            #expect(try await store.tenant(old.id)?.openRoomsMax == replaced.first)
        },
        StoreRule("closing a tenant closes its rooms and revokes its keys, and touches nobody else's") { bench in
            let store = try await bench.makeStore()
            for id in ["acme", "other"] { try await store.insert(Sample.tenant(id)) }
            let open = try Sample.room(1)
            let closed = try Sample.room(2)
            let others = try Sample.room(3, of: "other")
            for room in [open, closed, others] { try await store.insert(room, openRoomsMax: 10) }
            _ = try await store.closeRoom(closed.name, at: Sample.start + 1)
            let active = try Sample.key(1)
            let revoked = try Sample.key(2)
            let untouched = [try Sample.key(3, of: "other"), try Sample.key(4, of: nil)]
            for key in [active, revoked] + untouched { try await store.insert(key) }
            _ = try await store.revokeKey(revoked.id, at: Sample.start + 1)
            let later = Sample.start + 10

            #expect(try await store.closeTenant(Sample.tenant().id, at: later))
            try await bench.nowAndReopened(store) { (store: any Store) async throws in
                #expect(try await store.tenant(Sample.tenant().id)?.closedAt == later)
                #expect(try await store.room(open.name) == open.closed(at: later))
                #expect(try await store.room(closed.name) == closed.closed(at: Sample.start + 1))
                #expect(try await store.key(digest: active.digest) == active.revoked(at: later))
                #expect(try await store.key(digest: revoked.digest) == revoked.revoked(at: Sample.start + 1))
                #expect(try await store.room(others.name) == others)
                #expect(try await store.tenant(TenantID("other")) == Sample.tenant("other"))
                for key in untouched { #expect(try await store.key(digest: key.digest) == key) }
            }
        },
        StoreRule("closing a tenant again is answered the same way and keeps the first moment") { bench in
            let store = try await bench.makeStore()
            try await store.insert(Sample.tenant())
            let id = try Sample.tenant().id

            #expect(try await store.closeTenant(id, at: Sample.start + 1))
            #expect(try await store.closeTenant(id, at: Sample.start + 2))
            #expect(try await store.tenant(id)?.closedAt == Sample.start + 1)
            #expect(try await store.storedTenant(id)?.closedAt == Sample.start + 1)
            #expect(try await store.closeTenant(TenantID("nobody"), at: Sample.start) == false)
        },
    ]
}
