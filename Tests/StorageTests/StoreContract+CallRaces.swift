import Calls
import Testing
import Vocabulary

/// Many at once: each call has one order of changes, and no user is ever in two live calls.
extension StoreContract {
    static let callRaces: [StoreRule] = [
        StoreRule("of forty who call the same user at once one gets through (C12)") { bench in
            let store = try await tenants(bench)
            let outcomes = try await outcomes(of: 40) { number in
                try await store.place(Sample.newCall(number, "caller-\(number)", "bob"), Sample.ticket())
            }
            #expect(outcomes.compactMap(\.refusal) == Array(repeating: .userBusy, count: 39))
            #expect(try await store.liveCalls(page: PageRequest(after: nil, limit: 100)).items.count == 1)
        },
        StoreRule("of many placings among few users no user is in two live calls (C12)") { bench in
            let store = try await tenants(bench)
            _ = try await outcomes(of: 200) { number in
                try await store.place(
                    Sample.newCall(number, "user-\(number % 7)", "user-\((number * 3 + 1) % 7)"), Sample.ticket())
            }
            let live = try await store.liveCalls(page: PageRequest(after: nil, limit: 100)).items
            let users = live.flatMap { $0.parties.map(\.user) }
            #expect(Set(users).count == users.count)
            #expect(!live.isEmpty)
            for call in live { try await expectStored(bench, store, call) }
        },
        StoreRule("of many accepts on different devices at once one wins (C03)") { bench in
            let store = try await tenants(bench)
            for round in 1...20 {
                let call = try await store.placed(Sample.newCall(round, "ann-\(round)", "bob-\(round)"))
                let outcomes = try await outcomes(of: 10) { number in
                    try await store.move(Sample.accept("bob-\(round)", device: "device-\(number)"), call.id, Sample.ticket())
                }
                let changed = outcomes.compactMap { if case .changed(let call) = $0 { call } else { nil } }
                #expect(changed.count == 1)
                #expect(outcomes.compactMap(\.refusal) == Array(repeating: .answeredElsewhere, count: 9))
                #expect(try await store.storedCall(call.id) == changed.first)
            }
        },
        StoreRule("accept, cancel and the ring deadline at once have one winner, and tokens only after an accept (C04, C06)") { bench in
            let store = try await tenants(bench)
            for round in 1...50 {
                let call = try await store.placed(Sample.newCall(round, "ann-\(round)", "bob-\(round)"))
                let moves: [CallMove] = [try Sample.accept("bob-\(round)"), .cancel(by: nil, note: nil), .ringTimeout]
                _ = try await outcomes(of: 3) { number in
                    try await store.move(moves[(number + round) % 3], call.id, Sample.ticket(by: .service))
                }
                let stored = try #require(try await store.storedCall(call.id))
                #expect(stored.version == 2)
                let row = [try Sample.mint(call, "ann-\(round)")]
                #expect(try await store.recordMints(row, whileActive: call.key) == (stored.state == .active))
            }
        },
        StoreRule("two who call each other at once land in one call (C05)") { bench in
            let store = try await tenants(bench)
            for round in 1...50 {
                let users = ["ann-\(round)", "bob-\(round)"]
                let outcomes = try await outcomes(of: 2) { number in
                    try await store.place(
                        Sample.newCall(round * 2 + number, users[number % 2], users[(number + 1) % 2], id: "from-\(number)-\(round)"),
                        Sample.ticket())
                }
                let calls = try outcomes.map { try $0.requireChanged() }
                #expect(Set(calls.map(\.id)).count == 1)
                let id = calls[0].id
                let stored = try #require(try await store.storedCall(id))
                #expect(stored.state == .active)
                for number in [1, 2] { #expect(try await store.call(CallID("from-\(number)-\(round)"), of: stored.tenant) == stored) }
            }
        },
        StoreRule("a call that was read as ended is never read as live again") { bench in
            let store = try await tenants(bench)
            let call = try await store.accepted(Sample.newCall(1))
            let reopened = try await bench.reopen(store)
            try await withThrowingTaskGroup { group in
                for turn in 0..<200 {
                    group.addTask {
                        if turn == 100 { _ = try await reopened.moved(call, Sample.end()) }
                        let before = try await reopened.call(call.id, of: call.tenant)
                        let after = try await reopened.call(call.id, of: call.tenant)
                        if before?.isLive == false { #expect(after?.isLive == false) }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await reopened.call(call.id, of: call.tenant)?.isLive == false)
        },
        callRace("a call that is being read while it is ended is not left live at hand") { store in
            _ = try await store.call(Sample.newCall(1).id, of: TenantID("acme"))
        } meanwhile: { store in
            _ = try await store.move(Sample.end(), Sample.newCall(1).id, Sample.ticket())
        },
        callRace("a call that is being accepted while its tenant is closed is not left live at hand") { store in
            _ = try await store.move(Sample.accept(), Sample.newCall(1).id, Sample.ticket())
        } meanwhile: { store in
            _ = try await store.closeTenant(TenantID("acme"), at: Sample.start)
        },
        callRace("a call that is being accepted while its caller is taken out of the directory is not left live at hand") { store in
            _ = try await store.move(Sample.accept(), Sample.newCall(1).id, Sample.ticket())
        } meanwhile: { store in
            _ = try await store.deleteUser(UserID("ann"), Sample.ticket())
        },
        StoreRule("a call that is moved by a caller who went away is moved all the same") { bench in
            let store = try await tenants(bench)
            for round in 1...20 {
                let call = try await store.placed(Sample.newCall(round, "ann-\(round)", "bob-\(round)"))
                let task = Task { try await store.moved(call, Sample.accept("bob-\(round)")) }
                task.cancel()
                let moved = try await task.value
                #expect(try await store.storedCall(call.id) == moved)
            }
        },
    ]

    /// One question or change is halted at each of its steps while another change is made and answered. Wherever that was: what the store
    /// says of the call afterwards is what it holds, and it is over.
    private static func callRace(
        _ promise: String, _ first: @escaping @Sendable (any Store) async throws -> Void,
        meanwhile: @escaping @Sendable (any Store) async throws -> Void
    ) -> StoreRule {
        StoreRule(promise) { bench in
            let halts = try await SteppingExecutor.atEveryHalt { store in
                _ = await refusal { try await first(store) }
            } scene: {
                let store = try await tenants(bench)
                try await put(store, "ann")
                _ = try await store.placed(Sample.newCall(1))
                return try await bench.reopen(store)
            } meanwhile: { store, _ in
                try await meanwhile(store)
            } expect: { store, halt in
                let stored = try #require(try await store.storedCall(Sample.newCall(1).id))
                #expect(stored.state == .ended, "halted at step \(halt)")
                #expect(try await store.call(stored.id, of: stored.tenant) == stored, "halted at step \(halt)")
                #expect(try await store.recordMints([Sample.mint(stored, "ann")], whileActive: stored.key) == false)
            }
            #expect(halts > 1, "it could be halted half-way")
        }
    }

    /// What comes of asking so many times at once.
    static func outcomes(
        of count: Int, _ ask: @escaping @Sendable (Int) async throws -> CallOutcome
    ) async throws -> [CallOutcome] {
        try await withThrowingTaskGroup(of: CallOutcome.self) { group in
            for number in 1...count { group.addTask { try await ask(number) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }
}
