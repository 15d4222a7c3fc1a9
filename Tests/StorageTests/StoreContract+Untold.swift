import Calls
import Synchronization
import Testing
import Vocabulary

/// What is told to the courier.
extension StoreContract {
    static let untold: [StoreRule] = [
        StoreRule("every version of a call is told once, in the order of the changes") { bench in
            let store = try await tenants(bench)
            let courier = Notebook()
            try await store.attach(courier)
            let first = try await store.placed(Sample.newCall(1))
            let second = try await store.placed(Sample.newCall(2, "carl", "dora"))
            let accepted = try await store.moved(first, Sample.accept())
            #expect(try await store.move(Sample.accept(), first.id, Sample.ticket()) == .repeated(accepted))
            #expect(try await store.move(Sample.accept("eve"), first.id, Sample.ticket()).refusal == .notAParty)
            let rejected = try await store.moved(second, .reject(by: nil, device: DeviceID("tablet"), note: "no"))
            let ended = try await store.moved(first, Sample.end())

            #expect(courier.events == [first, second, accepted, rejected, ended].flatMap(CallEvent.all))
        },
        StoreRule("what could not be told before a restart is told to the next courier, as it was then, and then never again") { bench in
            let store = try await tenants(bench)
            let first = try await store.placed(Sample.newCall(1))
            let accepted = try await store.moved(first, Sample.accept())
            let ended = try await store.moved(first, Sample.end())
            let second = try await store.placed(Sample.newCall(2, "carl", "dora"))
            let rejected = try await store.moved(second, .reject(by: nil, device: DeviceID("tablet"), note: nil))
            let reopened = try await bench.reopen(store)
            let courier = Notebook()
            try await reopened.attach(courier)
            #expect(courier.events == [first, accepted, ended, second, rejected].flatMap(CallEvent.all))
            let third = try await reopened.placed(Sample.newCall(3))
            #expect(courier.events.suffix(1) == CallEvent.all(of: third))

            let late = Notebook()
            try await bench.reopen(reopened).attach(late)
            #expect(late.events.isEmpty)
        },
        StoreRule("after a restart every kind of change is told as a courier who was there heard it") { bench in
            let (attended, alone) = (try await tenants(bench), try await tenants(bench))
            let present = Notebook()
            try await attended.attach(present)
            for store in [attended, alone] {
                let first = try await store.placed(Sample.newCall(1))
                _ = try await store.recordMints([Sample.mint(first, "ann")], whileActive: first.key)
                // The callee's own call accepts it; that asks under another id, which is told nowhere.
                let crossed = try await store.place(Sample.newCall(2, "bob", "ann", id: "from-bob"), Sample.ticket()).requireChanged()
                #expect(try await store.recordMints([Sample.mint(crossed, "ann")], whileActive: crossed.key))
                _ = try await store.moved(crossed, .partyGone(Sample.user("bob")))
                _ = try await store.moved(store.placed(Sample.newCall(3)), .cancel(by: nil, note: "no"))
                _ = try await store.moved(store.placed(Sample.newCall(4)), .ringTimeout)
                _ = try await store.moved(store.accepted(Sample.newCall(5)), .timeLimit)
                try await put(store, "carl")
                _ = try await store.placed(Sample.newCall(6, "carl", "dora"))
                _ = try await store.deleteUser(UserID("carl"), Sample.ticket())
                _ = try await store.placed(Sample.newCall(7, "eve", "frank"))
                _ = try await store.place(Sample.newCall(8, "eve", "gina"), Sample.ticket())
                _ = try await store.closeTenant(TenantID("acme"), at: Sample.start)
            }

            let late = Notebook()
            try await bench.reopen(alone).attach(late)
            #expect(late.events == present.events)
            #expect(Set(late.events.map(\.kind)).count >= 6)
        },
        StoreRule("each call's versions are told one after the other, however many change at once, also while a courier comes") { bench in
            let store = try await tenants(bench)
            let courier = Notebook()
            try await withThrowingTaskGroup { group in
                for number in 1...200 {
                    group.addTask {
                        let call = try await store.accepted(Sample.newCall(number, "ann-\(number)", "bob-\(number)"))
                        _ = try await store.moved(call, Sample.end("ann-\(number)"))
                    }
                    if number == 100 { group.addTask { try await store.attach(courier) } }
                }
                try await group.waitForAll()
            }
            let versions = Dictionary(grouping: courier.events.filter { $0.to.text.hasPrefix("bob") }, by: \.call.id)
                .mapValues { $0.map(\.call.version) }
            #expect(versions.count == 200)
            #expect(versions.values.allSatisfy { $0 == [1, 2, 3] })
        },
        StoreRule("a change is told before it is answered") { bench in
            let store = try await tenants(bench)
            let courier = Notebook()
            try await store.attach(courier)
            for number in 1...50 {
                let call = try await store.placed(Sample.newCall(number, "ann-\(number)", "bob-\(number)"))
                #expect(courier.events.last?.call == call)
            }
        },
        StoreRule("a courier that takes over is told what comes after it, and the one before is told no more") { bench in
            let store = try await tenants(bench)
            let (first, second) = (Notebook(), Notebook())
            try await store.attach(first)
            let call = try await store.placed(Sample.newCall(1))
            try await store.attach(second)
            let accepted = try await store.moved(call, Sample.accept())
            #expect(first.events == CallEvent.all(of: call))
            #expect(second.events == CallEvent.all(of: accepted))
        },
    ]
}

/// A courier that writes down what it carries.
final class Notebook: Courier {
    private let notes = Mutex<[CallEvent]>([])

    var events: [CallEvent] { notes.withLock { $0 } }

    func carry(_ events: [CallEvent]) {
        notes.withLock { $0 += events }
    }
}
