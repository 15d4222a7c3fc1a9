import Calls
import Testing
import Vocabulary

extension StoreContract {
    static let users: [StoreRule] = [
        StoreRule("a user comes back as it was put in, and keeps the moment of its making") { bench in
            let store = try await tenants(bench)
            let tenant = try TenantID("acme")
            let whole = User(
                tenant: tenant, id: try UserID("ann@example.com"), displayName: "Änn 'O' \\ 👋",
                roles: ["", "\\", "a b", "admin\n", "\n\\n", "\r\n", "\n\u{301}", "\\\u{301}"],
                createdAt: Sample.start, updatedAt: Sample.start)
            let bare = User(
                tenant: tenant, id: try UserID("4294967295"), displayName: nil, roles: [], createdAt: Sample.start, updatedAt: Sample.start)
            for user in [whole, bare] { #expect(try await store.put(user, usersMax: 10, Sample.audit(.putUser, user.id.text, of: tenant))) }
            try await bench.nowAndReopened(store) { (store: any Store) async throws in
                for user in [whole, bare] { #expect(try await store.user(user.id, of: tenant) == user) }
                #expect(try await store.user(whole.id, of: TenantID("other")) == nil)
                #expect(try await store.user(UserID("nobody"), of: tenant) == nil)
            }
        },
        StoreRule("putting a user again replaces everything but the moment of its making") { bench in
            let store = try await tenants(bench)
            let tenant = try TenantID("acme")
            func user(_ name: String?, _ roles: [String], _ second: Int) throws -> User {
                User(
                    tenant: tenant, id: try UserID("ann"), displayName: name, roles: roles, createdAt: Sample.start + second,
                    updatedAt: Sample.start + second)
            }
            let entry = Sample.audit(.putUser, "ann", of: tenant)
            #expect(try await store.put(user("Ann", ["a"], 0), usersMax: 1, entry))
            #expect(try await store.put(user(nil, ["b", "c"], 7), usersMax: 1, entry) == false)
            let kept = try #require(try await store.user(UserID("ann"), of: tenant))
            #expect(kept.displayName == nil && kept.roles == ["b", "c"])
            #expect(kept.createdAt == Sample.start && kept.updatedAt == Sample.start + 7)
        },
        StoreRule("users are taken up to the limit of the tenant, and a deleted one makes room") { bench in
            let store = try await tenants(bench)
            func put(_ name: String, of tenant: String = "acme") async throws -> Bool {
                let tenant = try TenantID(tenant)
                let user = User(
                    tenant: tenant, id: try UserID(name), displayName: nil, roles: [], createdAt: Sample.start, updatedAt: Sample.start)
                return try await store.put(user, usersMax: 2, Sample.audit(.putUser, name, of: tenant))
            }
            for name in ["ann", "bob"] { #expect(try await put(name)) }
            #expect(await refusal { try await put("carl") } == .limitReached)
            #expect(try await put("ann") == false)
            #expect(try await put("carl", of: "other"))
            #expect(try await store.deleteUser(UserID("ann"), Sample.ticket()))
            #expect(try await put("carl"))
            #expect(await refusal { try await put("dora") } == .limitReached)
        },
        StoreRule("of forty users who are put at once at a limit of ten exactly ten are there") { bench in
            let store = try await tenants(bench)
            let refusals = await withTaskGroup(of: Refusal?.self) { group in
                for number in 1...40 {
                    group.addTask {
                        await refusal {
                            let user = User(
                                tenant: try TenantID("acme"), id: try UserID("user-\(number)"), displayName: nil, roles: [],
                                createdAt: Sample.start, updatedAt: Sample.start)
                            return try await store.put(user, usersMax: 10, Sample.audit(.putUser, user.id.text, of: user.tenant))
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(refusals.filter { $0 == nil }.count == 10 && refusals.filter { $0 == .limitReached }.count == 30)
        },
        StoreRule("a user of an unknown or closed tenant is refused as tenantGone") { bench in
            let store = try await tenants(bench)
            _ = try await store.closeTenant(TenantID("acme"), at: Sample.start)
            for name in ["acme:ann", "nobody:ann"] { #expect(await refusal { try await put(store, name) } == .tenantGone) }
        },
        StoreRule("deleting a user ends its live call, and touches nobody else's") { bench in
            let store = try await tenants(bench)
            for name in ["ann", "other:ann"] { try await put(store, name) }
            let call = try await store.accepted(Sample.newCall(1))
            let other = try await store.accepted(Sample.newCall(2, of: "other"))
            let third = try await store.placed(Sample.newCall(3, "carl", "dora"))
            let ticket = try Sample.ticket(at: Sample.start + 9, request: "request-1")

            #expect(try await store.deleteUser(UserID("ann"), ticket))
            let ended = try #require(try await store.storedCall(call.id))
            #expect(ended.ending?.reason == .userRemoved && ended.ending?.at == ticket.at && ended.version == call.version + 1)
            #expect(try await store.storedCall(other.id, of: "other") == other)
            #expect(try await store.storedCall(third.id) == third)
            #expect(try await store.user(UserID("ann"), of: TenantID("acme")) == nil)
            #expect(try await store.user(UserID("ann"), of: TenantID("other")) != nil)
            let rows = try await store.auditLog().suffix(2).map(\.entry)
            #expect(rows.map(\.operation) == [.deleteUser, .expireCall] && rows.map(\.actor) == [ticket.actor, .service])
            #expect(rows.map(\.subject) == ["ann", call.id.text] && rows.map(\.requestID) == ["request-1", "request-1"])
            _ = try await store.placed(Sample.newCall(4, "bob", "ann"))
        },
        StoreRule("deleting a user who is not there is false, ends nothing, and keeps a row that says so") { bench in
            let store = try await tenants(bench)
            let call = try await store.placed(Sample.newCall(1))
            for _ in 1...2 { #expect(try await store.deleteUser(UserID("ann"), Sample.ticket()) == false) }
            #expect(try await store.storedCall(call.id) == call)
            let rows = try await store.auditLog().filter { $0.entry.operation == .deleteUser }
            #expect(rows.map(\.entry.outcome) == ["not_found", "not_found"])
        },
    ]
}
