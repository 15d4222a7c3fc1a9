import Calls
import Testing
import Vocabulary

extension StoreContract {
    static let keys: [StoreRule] = [
        StoreRule("a key comes back as it was put in, by its digest and by its id") { bench in
            let store = try await bench.makeStore()
            try await store.insert(Sample.tenant())
            let whole = APIKeyRecord(
                id: APIKeyID(random: .max), tenant: try TenantID("acme"), scopes: Set(Scope.allCases.filter(\.isForTenants)),
                label: "Büro – 'main'",
                prefix: "cg_test_Zz09", digest: [UInt8](repeating: 0xFF, count: 32), createdAt: Sample.start, expiresAt: Sample.start + 60)
            let bare = try Sample.key(2, of: nil)
            for key in [whole, bare] { try await store.insert(key) }

            try await bench.nowAndReopened(store) { (store: any Store) async throws in
                for key in [whole, bare] {
                    #expect(try await store.key(digest: key.digest) == key)
                    #expect(try await store.key(key.id) == key)
                }
                #expect(try await store.key(digest: [UInt8](repeating: 7, count: 32)) == nil)
                #expect(try await store.key(APIKeyID(random: 7)) == nil)
                #expect(store.keyAtHand(digest: [UInt8](repeating: 7, count: 32)) == nil)
            }
        },
        StoreRule("a key's id and digest are taken once, also after revoking") { bench in
            let store = try await bench.makeStore()
            try await store.insert(Sample.tenant())
            let key = try Sample.key(1)
            try await store.insert(key)
            let copies = [try Sample.key(1, digest: 9), try Sample.key(9, digest: 1), try Sample.key(9, of: nil, digest: 1)]

            for copy in copies { #expect(await refusal { try await store.insert(copy) } == .duplicate) }
            #expect(try await store.key(digest: key.digest) == key)
            #expect(try await store.key(key.id) == key)
            _ = try await store.revokeKey(key.id, at: Sample.start)
            for copy in copies { #expect(await refusal { try await store.insert(copy) } == .duplicate) }
            #expect(try await store.key(digest: key.digest) == key.revoked(at: Sample.start))
        },
        StoreRule("a key of an unknown or closed tenant is refused as tenantGone") { bench in
            let store = try await bench.makeStore()
            try await store.insert(Sample.tenant())
            _ = try await store.closeTenant(Sample.tenant().id, at: Sample.start)

            for tenant in ["acme", "nobody"] {
                #expect(await refusal { try await store.insert(Sample.key(1, of: tenant)) } == .tenantGone)
            }
            #expect(try store.keyAtHand(digest: Sample.key(1).digest) == nil)
            #expect(try await store.key(Sample.key(1).id) == nil)
        },
        StoreRule("a tenant's list holds its keys, and everybody's list holds all keys, oldest first") { bench in
            let store = try await bench.makeStore()
            for id in ["acme", "other"] { try await store.insert(Sample.tenant(id)) }
            let owners = ["acme", "other", nil, "acme", "acme", nil, "other"]
            let keys = try owners.enumerated().map { try Sample.key(90 - $0.offset, of: $0.element) }
            for key in keys { try await store.insert(key) }
            _ = try await store.revokeKey(keys[3].id, at: Sample.start)
            let stored = keys.map { $0.id == keys[3].id ? $0.revoked(at: Sample.start) : $0 }

            for id in ["acme", "other", "nobody"] {
                let tenant = try TenantID(id)
                let pages = try await everything(limit: 2) { try await store.keys(of: .tenant(tenant), page: $0) }
                #expect(Array(pages.joined()) == stored.filter { $0.tenant == tenant })
            }
            let pages = try await everything(limit: 3) { try await store.keys(of: .anybody, page: $0) }
            #expect(pages.map(\.count) == [3, 3, 1])
            #expect(Array(pages.joined()) == stored)
        },
        StoreRule("revoking a key again changes nothing and keeps the first moment") { bench in
            let store = try await bench.makeStore()
            try await store.insert(Sample.tenant())
            let key = try Sample.key(1)
            try await store.insert(key)
            let revoked = key.revoked(at: Sample.start + 3)

            #expect(try await store.revokeKey(APIKeyID(random: 7), at: Sample.start) == nil)
            #expect(try await store.revokeKey(key.id, at: Sample.start + 3) == revoked)
            #expect(try await store.revokeKey(key.id, at: Sample.start + 9) == revoked)
            try await bench.nowAndReopened(store) { (store: any Store) async throws in
                #expect(try await store.key(key.id) == revoked)
                #expect(try await store.key(digest: key.digest) == revoked)
            }
        },
        StoreRule("only a key of the operator that was not revoked is an operator key") { bench in
            let store = try await bench.makeStore()
            try await store.insert(Sample.tenant())

            #expect(try await store.hasOperatorKey(at: Sample.start) == false)
            try await store.insert(Sample.key(1))
            #expect(try await store.hasOperatorKey(at: Sample.start) == false)
            try await store.insert(Sample.key(2, of: nil))
            #expect(try await store.hasOperatorKey(at: Sample.start))
            #expect(try await bench.reopen(store).hasOperatorKey(at: Sample.start))
        },
        StoreRule("an operator key whose time is over is none any more") { bench in
            let store = try await bench.makeStore()
            let key = try Sample.key(1, of: nil)
            let ending = APIKeyRecord(
                id: key.id, tenant: nil, scopes: key.scopes, label: nil, prefix: key.prefix, digest: key.digest, createdAt: key.createdAt,
                expiresAt: Sample.start + 60)
            try await store.insert(ending)
            #expect(try await store.hasOperatorKey(at: Sample.start + 59))
            #expect(try await store.hasOperatorKey(at: Sample.start + 60) == false)
        },
        StoreRule("a revoked operator key is none any more") { bench in
            let store = try await bench.makeStore()
            for number in [1, 2] { try await store.insert(Sample.key(number, of: nil)) }

            _ = try await store.revokeKey(Sample.key(1, of: nil).id, at: Sample.start)
            #expect(try await store.hasOperatorKey(at: Sample.start))
            _ = try await store.revokeKey(Sample.key(2, of: nil).id, at: Sample.start)
            #expect(try await store.hasOperatorKey(at: Sample.start) == false)
        },
    ]

    static let service: [StoreRule] = [
        StoreRule("the cursor secret is 32 bytes, made once per store and kept over reopening") { bench in
            let store = try await bench.makeStore()
            let secret = try await store.cursorSecret()

            #expect(secret.count == 32)
            #expect(try await store.cursorSecret().matches(secret))
            #expect(try await bench.reopen(store).cursorSecret().matches(secret))
            #expect(try await bench.makeStore().cursorSecret().matches(secret) == false)
        },
        StoreRule("a store that works says so when it is probed") { bench in
            let store = try await bench.makeStore()

            for _ in 0..<3 { try await store.probe() }
            try await bench.reopen(store).probe()
        },
    ]
}
