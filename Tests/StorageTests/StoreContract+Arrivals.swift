import Calls
import Testing
import Vocabulary

/// What is asked when a user comes with a socket.
extension StoreContract {
    static let arrivals: [StoreRule] = [
        StoreRule("a user who is there is not replaced by one who comes, and no row tells of it") { bench in
            let store = try await tenants(bench)
            let known = try arriving("ann", "Ann", at: 0)
            #expect(try await store.put(known, usersMax: 10, Sample.audit(.putUser, "ann", of: known.tenant)))
            let rows = try await store.auditLog().count
            #expect(try await arrive(store, arriving("ann", "Somebody", at: 7)) == known)
            let reopened = try await bench.nowAndReopened(store) { (store: any Store) async throws in
                #expect(try await store.user(known.id, of: known.tenant) == known)
            }
            #expect(try await reopened.auditLog().count == rows)
        },
        StoreRule("a user who comes for the first time is made, with a row") { bench in
            let store = try await tenants(bench)
            let new = try arriving("ann", "Ann", at: 3)
            #expect(try await arrive(store, new) == new)
            #expect(try await store.auditLog().last?.entry.operation == .putUser)
            try await bench.nowAndReopened(store) { (store: any Store) async throws in
                #expect(try await store.user(new.id, of: new.tenant) == new)
            }
        },
        StoreRule("a full directory takes in nobody who comes, and a closed tenant neither") { bench in
            let store = try await tenants(bench)
            for name in ["ann", "bob"] { _ = try await arrive(store, arriving(name, nil, at: 0), usersMax: 2) }
            #expect(await refusal { try await arrive(store, arriving("carl", nil, at: 0), usersMax: 2) } == .limitReached)
            _ = try await arrive(store, arriving("ann", nil, at: 1), usersMax: 2)
            _ = try await store.closeTenant(TenantID("acme"), at: Sample.start)
            #expect(await refusal { try await arrive(store, arriving("dora", nil, at: 0)) } == .tenantGone)
        },
        StoreRule("of forty who come at once with one id one is made, and all are told the same") { bench in
            let store = try await tenants(bench)
            let users = try await withThrowingTaskGroup(of: User.self) { group in
                for number in 1...40 { group.addTask { try await arrive(store, arriving("ann", "Ann \(number)", at: number)) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(users.map(\.displayName)).count == 1)
            #expect(try await store.auditLog().filter { $0.entry.operation == .putUser }.count == 1)
        },
        StoreRule("what is known of a user is what was written last") { bench in
            let store = try await tenants(bench)
            let (tenant, ann) = (try TenantID("acme"), try UserID("ann"))
            #expect(try await store.user(ann, of: tenant) == nil)
            let made = try await arrive(store, arriving("ann", "Ann", at: 0))
            #expect(try await store.user(ann, of: tenant) == made)
            _ = try await store.put(arriving("ann", "Anna", at: 5), usersMax: 10, Sample.audit(.putUser, "ann", of: tenant))
            let changed = try #require(try await store.user(ann, of: tenant))
            #expect(changed.displayName == "Anna" && changed.createdAt == Sample.start)
            #expect(try await store.user(ann, of: TenantID("other")) == nil)
            _ = try await store.deleteUser(ann, Sample.ticket())
            #expect(try await store.user(ann, of: tenant) == nil)
        },
        StoreRule("nobody who is in a live call is free, and the live call is found, whatever has happened before") { bench in
            let store = try await tenants(bench)
            let tenant = try TenantID("acme")
            func look(_ store: any Store, _ user: String, _ call: Call?) async throws {
                let user = try UserID(user)
                #expect(try await store.liveCall(of: user, in: tenant) == call)
                if call != nil { #expect(!store.isFreeAtHand(user, in: tenant)) }
                #expect(try await store.liveCall(of: user, in: TenantID("other")) == nil)
            }
            try await look(store, "ann", nil)
            let ringing = try await store.placed(Sample.newCall(1))
            for user in ["ann", "bob"] { try await look(store, user, ringing) }
            try await look(store, "carl", nil)
            var opened = try await bench.reopen(store)
            for user in ["ann", "bob"] { try await look(opened, user, ringing) }
            _ = try await opened.move(Sample.end(), ringing.id, Sample.ticket())
            for user in ["ann", "bob"] { try await look(opened, user, nil) }
            let next = try await opened.placed(Sample.newCall(2, "bob", "ann"))
            for user in ["ann", "bob"] { try await look(opened, user, next) }
            _ = try await opened.deleteUser(UserID("nobody"), Sample.ticket())
            _ = try await opened.closeTenant(tenant, at: Sample.start)
            for user in ["ann", "bob"] { try await look(opened, user, nil) }
            opened = try await bench.reopen(opened)
            for user in ["ann", "bob"] { try await look(opened, user, nil) }
        },
    ]

    private static func arriving(_ name: String, _ displayName: String?, at second: Int) throws -> User {
        User(
            tenant: try TenantID("acme"), id: try UserID(name), displayName: displayName, roles: [], createdAt: Sample.start + second,
            updatedAt: Sample.start + second)
    }

    private static func arrive(_ store: any Store, _ user: User, usersMax: Int = 10) async throws -> User {
        try await store.putIfAbsent(user, usersMax: usersMax, Sample.audit(.putUser, user.id.text, of: user.tenant))
    }
}
