import Calls
import Testing
import Vocabulary

extension StoreContract {
    static let callLists: [StoreRule] = [
        StoreRule("every filter lists exactly the calls that it names, once, oldest first") { bench in
            let store = try await tenants(bench)
            var calls: [Call] = []
            // Every third call rings, every third is active, every third is over; the users take turns.
            for number in 0..<21 {
                let users = (number < 12 ? ["ann-\(number)", "bob-\(number)"] : ["ann", "bob"])
                if number >= 12, let last = calls.last, last.isLive {
                    calls[calls.count - 1] = try await store.moved(last, .end(by: nil, note: nil))
                }
                var call = try await store.placed(Sample.newCall(90 - number, users[0], users[1]))
                if number % 3 > 0 { call = try await store.moved(call, Sample.accept(users[1])) }
                if number % 3 > 1 { call = try await store.moved(call, Sample.end(users[0])) }
                calls.append(call)
                _ = try await store.placed(Sample.newCall(90 - number, "ann-\(number)-other", "bob", of: "other")).endedBy(store)
            }

            try await bench.nowAndReopened(store) { (store: any Store) async throws in
                for state in [nil] + Call.State.allCases {
                    for name in [nil, "ann", "bob", "ann-3", "ann-4", "ann-5", "bob-11", "nobody"] {
                        let user = try name.map { try UserID($0) }
                        let expected = calls.filter { call in
                            (state == nil || call.state == state) && (user == nil || call.party(user!) != nil)
                        }
                        for limit in [1, 4, 100] {
                            let pages = try await everything(limit: limit) { page in
                                try await store.calls(of: TenantID("acme"), CallFilter(state: state, user: user), page: page)
                            }
                            #expect(Array(pages.joined()) == expected, "\(String(describing: state)), \(name ?? "everybody")")
                            #expect(pages.dropLast().allSatisfy { $0.count == limit })
                        }
                    }
                }
            }
        },
        StoreRule("the live calls of all tenants are listed oldest first, in pages") { bench in
            let store = try await tenants(bench)
            var live: [Call] = []
            for number in 1...15 {
                let tenant = number % 2 == 0 ? "acme" : "other"
                let call = try await store.placed(Sample.newCall(100 - number, "ann-\(number)", "bob-\(number)", of: tenant))
                if number % 5 == 0 {
                    _ = try await store.moved(call, .cancel(by: nil, note: nil))
                } else {
                    live.append(number % 3 == 0 ? try await store.moved(call, Sample.accept("bob-\(number)")) : call)
                }
            }
            try await bench.nowAndReopened(store) { (store: any Store) async throws in
                for limit in [1, 5, 12, 100] {
                    let pages = try await everything(limit: limit) { try await store.liveCalls(page: $0) }
                    #expect(Array(pages.joined()) == live)
                }
            }
        },
        StoreRule("the same user ids and call ids in two tenants are different people and different calls (N01, N16)") { bench in
            let store = try await tenants(bench)
            let ours = try await store.placed(Sample.newCall(1, id: "call-one"))
            let theirs = try await store.placed(Sample.newCall(2, of: "other", id: "call-one"))
            let ourEnd = try await store.moved(ours, Sample.end())

            let reopened = try await bench.nowAndReopened(store) { (store: any Store) async throws in
                #expect(try await store.call(ours.id, of: TenantID("acme")) == ourEnd)
                #expect(try await store.call(ours.id, of: TenantID("other")) == theirs)
                #expect(try await store.call(ours.id, of: TenantID("third")) == nil)
                #expect(try await store.liveCall(of: Sample.user("ann"), in: TenantID("acme")) == nil)
                #expect(try await store.liveCall(of: Sample.user("ann"), in: TenantID("other")) == theirs)
                for (tenant, call) in [("acme", ourEnd), ("other", theirs)] {
                    let filters = [CallFilter(state: nil, user: nil), CallFilter(state: call.state, user: try Sample.user("bob"))]
                    for filter in filters {
                        let page = try await store.calls(of: TenantID(tenant), filter, page: PageRequest(after: nil, limit: 9))
                        #expect(page.items == [call])
                    }
                }
            }
            // A call of the other tenant answers like one that is not there.
            let alone = try await reopened.placed(Sample.newCall(3, "carl", "dora", id: "call-two"))
            #expect(try await reopened.move(Sample.end("carl"), alone.id, Sample.ticket("other")).refusal == .notFound)
            #expect(try await reopened.move(Sample.end("carl"), CallID("not-there"), Sample.ticket("other")).refusal == .notFound)
            #expect(try await reopened.storedCall(alone.id) == alone)
        },
        StoreRule("an id that was crossed in one tenant leads nowhere in another") { bench in
            let store = try await tenants(bench)
            _ = try await store.placed(Sample.newCall(1))
            _ = try await store.place(Sample.newCall(2, "bob", "ann", id: "from-bob-1"), Sample.ticket()).requireChanged()
            #expect(try await store.call(CallID("from-bob-1"), of: TenantID("other")) == nil)
            _ = try await store.placed(Sample.newCall(3, "bob", "ann", of: "other", id: "from-bob-1"))
        },
    ]
}

extension Call {
    /// The call after it was ended.
    fileprivate func endedBy(_ store: any Store) async throws -> Call {
        try await store.moved(self, .end(by: nil, note: nil))
    }
}
