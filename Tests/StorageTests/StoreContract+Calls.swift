import Calls
import Testing
import Vocabulary

/// Placing calls and moving them.
extension StoreContract {
    static let calls: [StoreRule] = [
        StoreRule("a call comes back as it was placed, and so does every version of it") { bench in
            let store = try await tenants(bench)
            let whole = try Sample.newCall(1, metadata: "{\"a\": \"Grüße 👋 'quoted' \\0\"}")
            let bare = try Sample.newCall(2, "carl", "dora", device: nil, media: .audio)
            for (new, move) in [
                (whole, CallMove.reject(by: whole.callee, device: try DeviceID("tablet"), note: "später – 'ja'")),
                (bare, .accept(by: nil, device: nil)),
            ] {
                let call = try await store.placed(new)
                #expect(call.state == .ringing && call.version == 1)
                #expect(call.room == new.room && call.caller?.user == new.caller && call.caller?.device == new.callerDevice)
                try await expectStored(bench, store, call)
                let moved = try await store.moved(call, move, at: Sample.start + 3)
                #expect(moved.asOf(1) == call)
                try await expectStored(bench, store, moved)
            }
            let ringing = try await store.placed(Sample.newCall(3, "emil", "fred", hasCallerSocket: true))
            let third = try await store.moved(ringing, .accept(by: nil, device: DeviceID("watch"), hasSocket: true), at: Sample.start + 3)
            #expect(third.parties.map(\.hadSocket) == [true, true] && third.asOf(1) == ringing)
            try await expectStored(bench, store, third)
            let ended = try await store.moved(third, .end(by: third.callees[0].user, note: ""), at: Sample.start + 9)
            #expect(ended.version == 3 && ended.asOf(2) == third && ended.ending?.note == "")
            try await expectStored(bench, store, ended)
        },
        StoreRule("who is in a live call can be asked, and how many calls are active") { bench in
            let store = try await tenants(bench)
            let users = try ["ann", "bob", "carl", "dora", "emil", "zoe"].map { try UserID($0) }
            func busy(_ store: any Store, of tenant: String = "acme") async throws -> Set<String> {
                Set(try await store.usersInCalls(among: users, of: TenantID(tenant)).map(\.text))
            }
            _ = try await store.placed(Sample.newCall(1, "ann", "bob"))
            _ = try await store.accepted(Sample.newCall(2, "carl", "dora"))
            _ = try await store.accepted(Sample.newCall(3, "emil", "fred"))
            _ = try await store.accepted(Sample.newCall(4, "ann", "zoe", of: "other"))
            #expect(store.activeCallsCount() == 3)
            try await bench.nowAndReopened(store) { (store: any Store) async throws in
                #expect(try await busy(store) == ["ann", "bob", "carl", "dora", "emil"])
                #expect(try await busy(store, of: "other") == ["ann", "zoe"])
                #expect(try await store.usersInCalls(among: [], of: TenantID("acme")).isEmpty)
                #expect(store.activeCallsCount() == 3)
            }
        },
        StoreRule("active calls are counted until they end, by hanging up or with their tenant") { bench in
            let store = try await tenants(bench)
            let call = try await store.accepted(Sample.newCall(1))
            let crossed = try await store.placed(Sample.newCall(2, "carl", "dora"))
            _ = try await store.accepted(Sample.newCall(3, "emil", "fred", of: "other"))
            #expect(store.activeCallsCount() == 2)
            _ = try await store.place(Sample.newCall(4, "dora", "carl"), Sample.ticket()).requireChanged()
            #expect(store.activeCallsCount() == 3, "\(crossed.id) was accepted by calling back")
            _ = try await store.moved(call, Sample.end())
            #expect(store.activeCallsCount() == 2)
            _ = try await store.closeTenant(TenantID("other"), at: Sample.start)
            #expect(store.activeCallsCount() == 1)
            _ = try await store.closeTenant(TenantID("acme"), at: Sample.start)
            #expect(store.activeCallsCount() == 0)
        },
        StoreRule("a user is in one live call at most, and free again when it is over") { bench in
            let store = try await tenants(bench)
            let call = try await store.placed(Sample.newCall(1))
            for (new, refusal) in [
                (try Sample.newCall(2, "ann", "carl"), CallRefusal.alreadyInCall), (try Sample.newCall(3, "carl", "bob"), .userBusy),
                (try Sample.newCall(4, "carl", "ann"), .userBusy), (try Sample.newCall(5, "bob", "carl"), .alreadyInCall),
            ] {
                #expect(try await store.place(new, Sample.ticket()).refusal == refusal)
                #expect(try await store.call(new.id, of: TenantID("acme")) == nil)
            }
            _ = try await store.moved(call, .cancel(by: nil, note: nil))
            _ = try await store.placed(Sample.newCall(6, "bob", "carl"))
            _ = try await store.placed(Sample.newCall(7, "ann", "dora"))
        },
        StoreRule("a refusal changes nothing and keeps its audit row") { bench in
            let store = try await tenants(bench)
            let call = try await store.accepted(Sample.newCall(1))
            let refused: [(CallMove, CallRefusal)] = [
                (try Sample.accept("ann"), .wrongParty), (try Sample.accept("eve"), .notAParty),
                (try Sample.accept("bob", device: "other"), .answeredElsewhere), (.cancel(by: nil, note: nil), .callNotRinging),
            ]
            for (move, refusal) in refused { #expect(try await store.move(move, call.id, Sample.ticket()).refusal == refusal) }
            #expect(try await store.move(.end(by: nil, note: nil), CallID("not-there"), Sample.ticket()).refusal == .notFound)
            try await expectStored(bench, store, call)
            #expect(
                try await store.callLog() == [
                    "call.place done", "call.accept done", "call.accept wrong_party", "call.accept not_a_party",
                    "call.accept answered_elsewhere", "call.cancel call_not_ringing", "call.end not_found",
                ])
        },
        StoreRule("a condition on the version is asked before the rules, and changes nothing when it does not hold") { bench in
            let store = try await tenants(bench)
            let call = try await store.placed(Sample.newCall(1))
            for condition in [VersionCondition.oneOf([]), .oneOf([2]), .oneOf([0, 2, 3])] {
                let outcome = try await store.move(Sample.accept("eve"), call.id, Sample.ticket(matching: condition))
                #expect(outcome.refusal == .preconditionFailed)
            }
            // Whoever is not in the call learns nothing of its version.
            for condition in [VersionCondition.oneOf([1]), .oneOf([2])] {
                let ticket = try Sample.ticket(by: .user(UserID("eve")), matching: condition)
                #expect(try await store.move(Sample.accept("eve"), call.id, ticket).refusal == .notAParty)
            }
            try await expectStored(bench, store, call)
            _ = try await store.move(Sample.accept(), call.id, Sample.ticket(matching: .oneOf([7, 1]))).requireChanged()
            #expect(try await store.move(Sample.accept(), call.id, Sample.ticket(matching: .oneOf([1]))).refusal == .preconditionFailed)
            #expect(try await store.callLog().filter { $0.hasSuffix("precondition_failed") }.count == 4)
        },
        StoreRule("what is so already is answered again, with one audit row that says so") { bench in
            let store = try await tenants(bench)
            let call = try await store.accepted(Sample.newCall(1))
            #expect(try await store.move(Sample.accept(), call.id, Sample.ticket()) == .repeated(call))
            let ended = try await store.moved(call, Sample.end())
            for user in ["ann", "bob"] { #expect(try await store.move(Sample.end(user), call.id, Sample.ticket()) == .repeated(ended)) }
            #expect(
                try await store.callLog() == [
                    "call.place done", "call.accept done", "call.accept repeated", "call.end done", "call.end repeated",
                    "call.end repeated",
                ])
        },
        StoreRule("a clock of the service that comes late changes nothing and keeps no audit row") { bench in
            let store = try await tenants(bench)
            let call = try await store.accepted(Sample.newCall(1))
            let ticket = try Sample.ticket(by: .service)
            #expect(try await store.move(.ringTimeout, call.id, ticket) == .repeated(call))
            #expect(try await store.callLog() == ["call.place done", "call.accept done"])
            let ended = try await store.move(.timeLimit, call.id, ticket).requireChanged()
            #expect(ended.ending?.reason == .timeLimit)
            #expect(try await store.auditLog().last?.entry.actor == .service)
            #expect(try await store.callLog().last == "call.expire done")
        },
        StoreRule("a call between two who call each other is one call, and both ids lead to it") { bench in
            let store = try await tenants(bench)
            let first = try await store.placed(Sample.newCall(1, "ann", "bob", id: "from-ann-1"))
            let second = try Sample.newCall(2, "bob", "ann", id: "from-bob-1", device: "tablet")
            let crossed = try await store.place(second, Sample.ticket()).requireChanged()

            #expect(crossed.id == first.id && crossed.state == .active && crossed.party(second.caller)?.device == second.callerDevice)
            try await bench.nowAndReopened(store) { (store: any Store) async throws in
                #expect(try await store.call(second.id, of: TenantID("acme")) == crossed)
                #expect(try await store.place(second, Sample.ticket()).repeatedCall == crossed)
                #expect(try await store.place(Sample.newCall(3, "carl", "dora", id: "from-bob-1"), Sample.ticket()).refusal == .callExists)
                #expect(try await store.storedCall(second.id) == nil)
            }
        },
        StoreRule("a call can be moved by the id with which it was crossed") { bench in
            let store = try await tenants(bench)
            let call = try await store.placed(Sample.newCall(1, "ann", "bob"))
            let alias = try Sample.newCall(2, "bob", "ann", id: "from-bob-1")
            _ = try await store.place(alias, Sample.ticket()).requireChanged()
            let ended = try await store.move(Sample.end(), alias.id, Sample.ticket()).requireChanged()
            #expect(ended.id == call.id && ended.state == .ended)
            #expect(try await store.call(alias.id, of: TenantID("acme")) == ended)
        },
        StoreRule("who repeats a brought id gets the call as it is, and another order with it is refused") { bench in
            let store = try await tenants(bench)
            let new = try Sample.newCall(1, id: "my-call-1")
            let call = try await store.placed(new)
            #expect(try await store.place(Sample.newCall(2, id: "my-call-1"), Sample.ticket()) == .repeated(call))
            let ended = try await store.moved(call, .cancel(by: nil, note: nil))
            #expect(try await store.place(Sample.newCall(3, id: "my-call-1"), Sample.ticket()) == .repeated(ended))
            for other in [
                try Sample.newCall(4, "ann", "carl", id: "my-call-1"), try Sample.newCall(5, id: "my-call-1", media: .audio),
            ] {
                #expect(try await store.place(other, Sample.ticket()).refusal == .callExists)
            }
            #expect(try await store.auditLog().filter { $0.entry.operation == .placeCall }.allSatisfy { $0.entry.subject == "my-call-1" })
        },
        StoreRule("where a tenant wants known users, both have to be in its directory") { bench in
            let store = try await tenants(bench)
            let new = try Sample.newCall(1, needsKnownUsers: true)
            #expect(try await store.place(new, Sample.ticket()).refusal == .calleeUnavailable)
            for user in ["ann", "other:bob"] { try await put(store, user) }
            #expect(try await store.place(new, Sample.ticket()).refusal == .calleeUnavailable)
            try await put(store, "bob")
            _ = try await store.placed(new)
        },
        StoreRule("a call of an unknown or closed tenant is refused as tenantGone") { bench in
            let store = try await tenants(bench)
            _ = try await store.closeTenant(TenantID("acme"), at: Sample.start)
            for tenant in ["acme", "nobody"] {
                let new = try Sample.newCall(1, of: tenant)
                #expect(await refusal { try await store.place(new, Sample.ticket(tenant)) } == .tenantGone)
                #expect(try await store.call(new.id, of: new.tenant) == nil)
            }
        },
        StoreRule("tokens are recorded only while the call is active (I4)") { bench in
            let store = try await tenants(bench)
            let call = try await store.placed(Sample.newCall(1))
            let rows = [try Sample.mint(call, "ann", number: 1), try Sample.mint(call, "bob", number: 2)]
            #expect(try await store.recordMints(rows, whileActive: call.key) == false)
            _ = try await store.moved(call, Sample.accept())
            #expect(try await store.recordMints(rows, whileActive: call.key))
            _ = try await store.moved(call, Sample.end())
            #expect(try await store.recordMints(rows, whileActive: call.key) == false)
            #expect(try await store.recordMints(rows, whileActive: CallKey(tenant: call.tenant, id: CallID("not-there"))) == false)
            #expect(try await store.auditLog().map(\.entry).filter { $0.token != nil } == rows)
        },
    ]

    /// A store with the tenants `acme` and `other`.
    static func tenants(_ bench: StoreBench) async throws -> any Store {
        let store = try await bench.makeStore()
        for id in ["acme", "other"] { try await store.insert(Sample.tenant(id)) }
        return store
    }

    /// Puts a user into the directory of a tenant: `acme`, or the one before the colon.
    static func put(_ store: any Store, _ name: String) async throws {
        let parts = name.split(separator: ":").map(String.init)
        let tenant = try TenantID(parts.count == 2 ? parts[0] : "acme")
        let user = User(
            tenant: tenant, id: try UserID(parts[parts.count - 1]), displayName: nil, roles: [], createdAt: Sample.start,
            updatedAt: Sample.start)
        _ = try await store.put(user, usersMax: 100, Sample.audit(.putUser, user.id.text, of: tenant))
    }

    /// The call is what every question about it answers, at once and after reopening.
    static func expectStored(_ bench: StoreBench, _ store: any Store, _ call: Call) async throws {
        #expect(try await store.call(call.id, of: call.tenant) == call)
        #expect(try await store.storedCall(call.id, of: call.tenant.text) == call)
        for party in call.parties {
            let live = try await store.liveCall(of: party.user, in: call.tenant)
            #expect(call.isLive ? live == call : live?.id != call.id)
        }
    }
}
