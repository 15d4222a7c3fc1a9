import Calls
import Testing
import Vocabulary

/// Requests that come twice.
extension StoreContract {
    static let callIdempotency: [StoreRule] = [
        StoreRule("a repeated request gets the call as it was then, whatever happened since, also after reopening") { bench in
            let store = try await tenants(bench)
            let new = try Sample.newCall(1)
            let placing = try Sample.ticket(key: Sample.repeatKey("place"))
            let accepting = try Sample.ticket(key: Sample.repeatKey("accept"))
            let ending = try Sample.ticket(key: Sample.repeatKey("end"))
            let placed = try await store.place(new, placing).requireChanged()
            let accepted = try await store.move(Sample.accept(), new.id, accepting).requireChanged()
            let ended = try await store.move(Sample.end(), new.id, ending).requireChanged()

            let reopened = try await bench.nowAndReopened(store) { (store: any Store) async throws in
                // A request that is repeated brings along a new random id and a new room, which are of no use.
                #expect(try await store.place(Sample.newCall(9), placing) == .repeated(placed))
                #expect(try await store.move(Sample.accept(), new.id, accepting) == .repeated(accepted))
                #expect(try await store.move(Sample.end(), new.id, ending) == .repeated(ended))
            }
            #expect(try await reopened.call(Sample.newCall(9).id, of: new.tenant) == nil)
        },
        StoreRule("whether a request was answered can be asked, for its tenant and its sender") { bench in
            let store = try await tenants(bench)
            let key = Sample.repeatKey()
            let tenant = try TenantID("acme")
            #expect(try await store.isAnswered(key, of: tenant) == false)
            _ = try await store.placed(Sample.newCall(1), Sample.ticket(key: key))
            try await bench.nowAndReopened(store) { (store: any Store) async throws in
                #expect(try await store.isAnswered(key, of: tenant))
                #expect(try await store.isAnswered(Sample.repeatKey(request: 2), of: tenant), "whatever the request was")
                #expect(try await store.isAnswered(key, of: TenantID("other")) == false)
                #expect(try await store.isAnswered(Sample.repeatKey(sender: "user:carl"), of: tenant) == false)
                #expect(try await store.isAnswered(Sample.repeatKey("another"), of: tenant) == false)
            }
        },
        StoreRule("a repeated request is recognised before its version or the rules are asked") { bench in
            let store = try await tenants(bench)
            let call = try await store.placed(Sample.newCall(1))
            let ticket = try Sample.ticket(key: Sample.repeatKey(), matching: .oneOf([1]))
            let rejected = try await store.move(.reject(by: nil, device: nil, note: nil), call.id, ticket).requireChanged()
            #expect(try await store.move(.reject(by: nil, device: nil, note: nil), call.id, ticket) == .repeated(rejected))
            #expect(try await store.callLog() == ["call.place done", "call.reject done", "call.reject repeated"])
        },
        StoreRule("the same key with another request is refused") { bench in
            let store = try await tenants(bench)
            let call = try await store.placed(Sample.newCall(1), Sample.ticket(key: Sample.repeatKey()))
            let other = try Sample.ticket(key: Sample.repeatKey(request: 2))
            #expect(try await store.place(Sample.newCall(2, "carl", "dora"), other).refusal == .idempotencyMismatch)
            #expect(try await store.move(Sample.accept(), call.id, other).refusal == .idempotencyMismatch)
            #expect(try await store.storedCall(call.id) == call)
            #expect(try await store.callLog().filter { $0.hasSuffix("idempotency_mismatch") }.count == 2)
        },
        StoreRule("keys of other senders and of other tenants have nothing to do with each other (N09)") { bench in
            let store = try await tenants(bench)
            let first = try await store.placed(Sample.newCall(1), Sample.ticket(key: Sample.repeatKey()))
            let second = try await store.placed(
                Sample.newCall(2, "carl", "dora"), Sample.ticket(key: Sample.repeatKey(sender: "user:carl", request: 2)))
            let third = try await store.placed(
                Sample.newCall(3, of: "other"), Sample.ticket("other", key: Sample.repeatKey(request: 3)))
            #expect(Set([first.room, second.room, third.room]).count == 3)
            #expect(try await store.place(Sample.newCall(4), Sample.ticket(key: Sample.repeatKey())) == .repeated(first))
            #expect(
                try await store.place(Sample.newCall(5, of: "other"), Sample.ticket("other", key: Sample.repeatKey(request: 3)))
                    == .repeated(third))
        },
        StoreRule("a refusal is not kept under the key: the request may come again and succeed") { bench in
            let store = try await tenants(bench)
            let busy = try await store.placed(Sample.newCall(1, "bob", "carl"))
            let ticket = try Sample.ticket(key: Sample.repeatKey())
            #expect(try await store.place(Sample.newCall(2), ticket).refusal == .userBusy)
            _ = try await store.moved(busy, Sample.end("bob"))
            let placed = try await store.place(Sample.newCall(3), ticket).requireChanged()
            #expect(try await store.place(Sample.newCall(4), ticket) == .repeated(placed))
        },
        StoreRule("what was so already is kept under the key too, as it was then") { bench in
            let store = try await tenants(bench)
            let call = try await store.accepted(Sample.newCall(1))
            let ticket = try Sample.ticket(key: Sample.repeatKey())
            #expect(try await store.move(Sample.accept(), call.id, ticket) == .repeated(call))
            _ = try await store.moved(call, Sample.end())
            #expect(try await store.move(Sample.accept(), call.id, ticket) == .repeated(call))
            let brought = try Sample.newCall(2, "carl", "dora", id: "my-call-1")
            let placed = try await store.placed(brought)
            let again = try Sample.ticket(key: Sample.repeatKey("again"))
            #expect(try await store.place(brought, again) == .repeated(placed))
            _ = try await store.moved(placed, Sample.end("carl"))
            #expect(try await store.place(brought, again) == .repeated(placed))
        },
        StoreRule("of fifty requests with one key at once one is done and all get the same call") { bench in
            let store = try await tenants(bench)
            let outcomes = try await withThrowingTaskGroup(of: CallOutcome.self) { group in
                for number in 1...50 {
                    group.addTask { try await store.place(Sample.newCall(number), Sample.ticket(key: Sample.repeatKey())) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let changed = outcomes.compactMap { if case .changed(let call) = $0 { call } else { nil } }
            #expect(changed.count == 1)
            #expect(outcomes.compactMap(\.repeatedCall) == Array(repeating: changed[0], count: 49))
            #expect(try await store.callLog().count == 50)
        },
    ]
}
