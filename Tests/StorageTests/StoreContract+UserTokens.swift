import Calls
import Testing
import Vocabulary

/// What a tenant says of its users' tokens, and what closing it does to its calls.
extension StoreContract {
    static let userTokens: [StoreRule] = [
        StoreRule("what a tenant says of its users' tokens comes back as it was put in") { bench in
            let store = try await bench.makeStore()
            var tenants: [Tenant] = []
            for algorithm in UserTokenSettings.Algorithm.allCases {
                for claims in [UserTokenSettings.Claims(), .init(user: "uid", tenant: "org", name: "näme", roles: "groups")] {
                    let keys: [UserTokenSettings.Keys] = [
                        .secret(try SecretReference(environment: "IDP_SECRET")), .secret(try SecretReference(file: "/run/secrets/idp")),
                        .secret(try SecretReference(environment: "IDP_NEW"), previous: try SecretReference(file: "/run/secrets/idp")),
                        .keySetFile("/etc/callgate/jwks 1.json"),
                        .keySetAddress(try WebAddress("https://idp.example.com:8443/keys?of=acme")),
                    ]
                    for key in keys {
                        var tenant = try Sample.tenant("t\(tenants.count)")
                        tenant.unknownUsers = tenants.count % 2 == 0 ? .refused : .allowed
                        tenant.userTokens = UserTokenSettings(
                            algorithm: algorithm, keys: key, issuer: "https://idp.example.com/\(tenants.count)",
                            audience: tenants.count % 3 == 0 ? nil : "callgate", claims: claims, lifetimeSecondsMax: 3600 + tenants.count)
                        tenants.append(tenant)
                    }
                }
            }
            try await comeBack(tenants, in: store, bench) { $0.userTokens = nil }
        },
        StoreRule("what a tenant says of its remote check comes back as it was put in") { bench in
            let store = try await bench.makeStore()
            func settings(_ number: Int) throws -> RemoteCheckSettings {
                RemoteCheckSettings(
                    address: try WebAddress("https://app.example.com:8443/users/me?v=\(number)"),
                    secret: number == 1 ? try SecretReference(environment: "INTERNAL") : try SecretReference(file: "/run/secrets/internal"),
                    fields: number == 1 ? .init() : .init(user: "/data/0/a~1b", name: "/näme", roles: "/data/roles"),
                    recheckSeconds: 29 + number)
            }
            var tenants = [try Sample.tenant("t1"), try Sample.tenant("t2")]
            for index in tenants.indices { tenants[index].remoteCheck = try settings(index + 1) }
            try await comeBack(tenants, in: store, bench) { $0.remoteCheck = nil }
        },
        StoreRule("the oldest open tenants are at most two, whatever changes") { bench in
            let store = try await bench.makeStore()
            #expect(try await store.oldestOpenTenants().isEmpty)
            let all = try ["zoo", "acme", "best"].map { try Sample.tenant($0) }
            for (count, tenant) in all.enumerated() {
                try await store.insert(tenant)
                #expect(try await store.oldestOpenTenants() == Array(all[0...min(count, 1)]))
            }
            _ = try await store.closeTenant(all[0].id, at: Sample.start)
            #expect(try await store.oldestOpenTenants() == [all[1], all[2]])
            var changed = all[1]
            changed.displayName = "Acme"
            #expect(try await store.replaceTenant(all[1], with: changed))
            #expect(try await store.oldestOpenTenants() == [changed, all[2]])
            _ = try await store.closeTenant(all[2].id, at: Sample.start)
            try await bench.nowAndReopened(store) { (store: any Store) async throws in
                #expect(try await store.oldestOpenTenants() == [changed])
            }
        },
        StoreRule("what a tenant says of topics and roles comes back as it was put in") { bench in
            let store = try await bench.makeStore()
            var tenant = try Sample.tenant()
            let roles = ["nurse", "a b", "line\nbreak", "back\\slash", "\r\n", "ä", "{}"]
            tenant.topics = [
                try TopicRule(pattern: TopicPattern("news:*"), join: .anyone),
                try TopicRule(pattern: TopicPattern("inbox:{user}:*"), join: .owner),
                try TopicRule(pattern: TopicPattern("ward:*"), join: .role, roles: roles),
            ]
            tenant.userRoomRoles = roles
            try await store.insert(tenant)
            let reopened = try await bench.nowAndReopened(store) { (store: any Store) async throws in
                #expect(try await store.storedTenant(tenant.id) == tenant)
                #expect(try await store.tenant(tenant.id) == tenant)
            }
            var without = tenant
            (without.topics, without.userRoomRoles) = ([], [])
            #expect(try await reopened.replaceTenant(tenant, with: without))
            #expect(try await reopened.storedTenant(tenant.id) == without)
        },
        StoreRule("the tenants of an issuer are the open ones that name exactly it, oldest first") { bench in
            let store = try await bench.makeStore()
            func tenant(_ id: String, _ issuer: String?) throws -> Tenant {
                var tenant = try Sample.tenant(id)
                tenant.userTokens = try issuer.map {
                    UserTokenSettings(
                        algorithm: .hs256, keys: .secret(try SecretReference(environment: "S")), issuer: $0, audience: nil, claims: .init(),
                        lifetimeSecondsMax: 60)
                }
                return tenant
            }
            let shared = [try tenant("zoo", "idp"), try tenant("acme", "idp")]
            for tenant in shared + [try tenant("other", "IDP"), try tenant("none", nil)] { try await store.insert(tenant) }
            #expect(try await store.tenants(issuer: "idp") == shared)
            for issuer in ["idp ", "id", "idp%", ""] { #expect(try await store.tenants(issuer: issuer).isEmpty) }

            // What was asked before is not remembered longer than it is true.
            let changed = try tenant("zoo", "idp-2")
            #expect(try await store.replaceTenant(shared[0], with: changed))
            #expect(try await store.tenants(issuer: "idp") == [shared[1]])
            #expect(try await store.tenants(issuer: "idp-2") == [changed])
            let third = try tenant("third", "idp")
            try await store.insert(third)
            #expect(try await store.tenants(issuer: "idp") == [shared[1], third])
            _ = try await store.closeTenant(shared[1].id, at: Sample.start)
            try await bench.nowAndReopened(store) { (store: any Store) async throws in
                #expect(try await store.tenants(issuer: "idp") == [third])
            }
        },
        StoreRule("of an issuer no more than 64 tenants are named") { bench in
            let store = try await bench.makeStore()
            for number in 1...70 {
                var tenant = try Sample.tenant("t\(number)")
                tenant.userTokens = UserTokenSettings(
                    algorithm: .hs256, keys: .keySetFile("/x"), issuer: "idp", audience: nil, claims: .init(), lifetimeSecondsMax: 60)
                try await store.insert(tenant)
            }
            #expect(try await store.tenants(issuer: "idp").map(\.id.text) == (1...64).map { "t\($0)" })
        },
    ]

    /// Keeps the tenants, and looks whether they come back as they were put in, and whether the first one loses what it loses.
    private static func comeBack(
        _ tenants: [Tenant], in store: any Store, _ bench: StoreBench, _ lose: (inout Tenant) -> Void
    ) async throws {
        for tenant in tenants { try await store.insert(tenant) }
        let reopened = try await bench.nowAndReopened(store) { (store: any Store) async throws in
            for tenant in tenants {
                #expect(try await store.storedTenant(tenant.id) == tenant)
                #expect(try await store.tenant(tenant.id) == tenant)
            }
        }
        var without = tenants[0]
        lose(&without)
        #expect(without != tenants[0])
        #expect(try await reopened.replaceTenant(tenants[0], with: without))
        #expect(try await reopened.storedTenant(without.id) == without)
    }

    static let closings: [StoreRule] = [
        StoreRule("closing a tenant ends its live calls, tells of it, and touches nobody else's (N14)") { bench in
            let store = try await tenants(bench)
            let courier = Notebook()
            try await store.attach(courier)
            let ringing = try await store.placed(Sample.newCall(1, "ann", "bob"))
            let active = try await store.accepted(Sample.newCall(2, "carl", "dora"))
            let ended = try await store.moved(store.placed(Sample.newCall(3, "emil", "fred")), Sample.end("emil"))
            let other = try await store.accepted(Sample.newCall(4, of: "other"))
            let told = courier.events.count
            let later = Sample.start + 10
            let entry = Sample.audit(.closeTenant, "acme", of: nil, at: later, requestID: "request-1")

            #expect(try await store.closeTenant(TenantID("acme"), at: later, entry))
            let reopened = try await bench.nowAndReopened(store) { (store: any Store) async throws in
                for call in [ringing, active] {
                    let now = try #require(try await store.storedCall(call.id))
                    #expect(now.ending == Call.Ending(at: later, reason: .tenantClosed, by: nil, note: nil, device: nil))
                    #expect(now.version == call.version + 1 && now.asOf(call.version) == call)
                    #expect(try await store.call(call.id, of: call.tenant) == now)
                }
                #expect(try await store.storedCall(ended.id) == ended)
                #expect(try await store.storedCall(other.id, of: "other") == other)
                #expect(try await store.recordMints([Sample.mint(active, "carl")], whileActive: active.key) == false)
            }
            #expect(courier.events.dropFirst(told).map(\.kind) == [.ended, .ended, .ended, .ended])
            let rows = try await reopened.auditLog().suffix(2).map(\.entry)
            #expect(rows.map(\.subject) == [ringing.id.text, active.id.text])
            #expect(rows.allSatisfy { $0.actor == .service && $0.operation == .expireCall && $0.requestID == "request-1" })
            #expect(try await reopened.closeTenant(TenantID("acme"), at: later + 1))
            #expect(try await reopened.move(Sample.end("carl"), active.id, Sample.ticket()).repeatedCall?.ending?.at == later)
        },
        StoreRule("a call that is placed while its tenant is closed is refused or ended, never left ringing") { bench in
            for round in 1...10 {
                let store = try await tenants(bench)
                try await withThrowingTaskGroup { group in
                    for number in 1...20 {
                        group.addTask {
                            _ = await refusal { try await store.placed(Sample.newCall(number, "ann-\(number)", "bob-\(number)")) }
                        }
                        if number == round { group.addTask { _ = try await store.closeTenant(TenantID("acme"), at: Sample.start) } }
                    }
                    try await group.waitForAll()
                }
                #expect(try await store.liveCalls(page: PageRequest(after: nil, limit: 100)).items.isEmpty)
            }
        },
    ]
}
