import Calls
import Foundation
import GRDB
import Synchronization
import Testing
import Vocabulary

@testable import Storage

/// Changes of many callers in one transaction.
@Suite struct GroupCommitTests {
    private let database: TemporaryDatabase

    init() throws {
        database = try TemporaryDatabase()
    }

    /// Keeps the writer busy until it is let go, so that changes gather behind it.
    private final class Gate: Sendable {
        private let semaphore = DispatchSemaphore(value: 0)

        func close(_ store: SQLiteStore) {
            store.pool.asyncWriteWithoutTransaction { _ in self.semaphore.wait() }
        }

        func open() { semaphore.signal() }
    }

    /// Makes changes that are in one batch together, and returns what came of each.
    private func batch<T: Sendable>(
        _ store: SQLiteStore, _ works: [@Sendable (Writing) throws -> T], remember: @escaping @Sendable (T) -> Void = { _ in }
    ) async -> [Result<T, StoreError>] {
        let gate = Gate()
        gate.close(store)
        let answers = Mutex<[Int: Result<T, StoreError>]>([:])
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            for (number, work) in works.enumerated() {
                store.changes.change(work, remember: remember) { result in
                    let isAll = answers.withLock { answers in
                        answers[number] = result
                        return answers.count == works.count
                    }
                    if isAll { continuation.resume() }
                }
            }
            gate.open()
        }
        return answers.withLock { answers in works.indices.compactMap { answers[$0] } }
    }

    /// A change that appends a row, and then fails if it is told to.
    private func appending(_ subject: String, failing error: StoreError? = nil) -> @Sendable (Writing) throws -> Int64 {
        { writing in
            let seq = try writing.audit(Sample.audit(.createKey, subject, of: nil))
            if let error { throw error }
            return seq
        }
    }

    /// A change that places a call of its own, and then fails if it is told to.
    private static func placing(_ number: Int, isFailing: Bool = false) -> @Sendable (Writing) throws -> Call {
        { writing in
            let call = try writing.place(Sample.newCall(number, "ann-\(number)", "bob-\(number)"), Sample.ticket()).requireChanged()
            if isFailing { throw StoreError.limitReached }
            return call
        }
    }

    @Test func `changes that wait together are one transaction`() async throws {
        let store = try database.open()
        try await store.append([Sample.audit(.createKey, "first", of: nil)])
        let before = try await frames(store)
        let seqs = await batch(store, (1...100).map { appending("\($0)") }).map { $0.value }

        #expect(seqs == (2...101).map { Int64($0) })
        // A hundred transactions would have written the page of the log's end a hundred times.
        #expect(try await frames(store) - before < 40)
    }

    @Test func `a change that fails half-way fails alone, and the chain goes on without it`() async throws {
        let store = try database.open()
        let answers = await batch(
            store,
            [appending("a"), appending("b", failing: .limitReached), appending("c"), appending("d", failing: .tenantGone), appending("e")])

        #expect(answers.map { $0.value } == [1, nil, 2, nil, 3])
        #expect(answers.compactMap(\.refusal) == [.limitReached, .tenantGone])
        #expect(try await store.auditLog(of: nil).map(\.entry.subject) == ["a", "c", "e"])
        try await StoreContract.expectChain(store)
    }

    @Test func `what a change that failed half-way knew or wanted to tell is forgotten with it`() async throws {
        let store = try database.open()
        let courier = Notebook()
        try await store.attach(courier)
        try await store.insert(Sample.tenant())
        let closing: @Sendable (Writing) throws -> Call = { writing in
            _ = try Self.placing(4)(writing)
            try writing.db.run("UPDATE tenants SET closed_at = 1")
            throw StoreError.limitReached
        }
        let works = [Self.placing(1), Self.placing(2, isFailing: true), closing, Self.placing(3)]
        let calls = await batch(store, works).map(\.value)

        #expect(calls.compactMap(\.self).map(\.id) == [try Sample.newCall(1).id, try Sample.newCall(3).id])
        #expect(courier.events == calls.compactMap(\.self).flatMap(CallEvent.all))
        for number in [2, 4] { #expect(try await store.call(Sample.newCall(number).id, of: TenantID("acme")) == nil) }
        #expect(store.knownCalls[CallKey(tenant: try TenantID("acme"), id: try Sample.newCall(2).id)] == nil)
        _ = try await store.placed(Sample.newCall(2, "ann-2", "bob-2"))
        try await StoreContract.expectChain(store)
    }

    @Test func `a change sees those before it in the same transaction`() async throws {
        let store = try database.open()
        try await store.insert(Sample.tenant())
        let call = try await store.placed(Sample.newCall(1))
        let works: [@Sendable (Writing) throws -> CallOutcome] = [
            { writing in try writing.move(Sample.accept(), call.id, Sample.ticket()) },
            { writing in try writing.move(Sample.accept("bob", device: "other"), call.id, Sample.ticket()) },
            { writing in try writing.move(Sample.end(), call.id, Sample.ticket()) },
            { writing in try writing.move(Sample.accept(), call.id, Sample.ticket()) },
            { writing in try writing.place(Sample.newCall(2), Sample.ticket()) },
            { writing in try writing.place(Sample.newCall(3, "carl", "bob"), Sample.ticket()) },
        ]
        let outcomes = await batch(store, works).map(\.value)

        let refusals: [CallRefusal?] = outcomes.map { $0?.refusal }
        #expect(refusals == [nil, .answeredElsewhere, nil, .callEnded, nil, .userBusy])
        #expect(try await store.storedCall(call.id)?.version == 3)
    }

    @Test func `what is remembered is remembered in the order of the changes, and before anybody is answered`() async throws {
        let store = try database.open()
        let memory = Mutex<[Int64]>([])
        let works = (1...50).map { appending("\($0)") }
        let answers = await batch(store, works) { seq in memory.withLock { $0.append(seq) } }

        #expect(answers.count == 50)
        #expect(memory.withLock { $0 } == (1...50).map { Int64($0) })
    }

    @Test func `no more changes are in a transaction than may be`() async throws {
        let store = try SQLiteStore(path: database.path, limits: StoreLimits(changesPerCommitMax: 3))
        let answers = await batch(store, (1...20).map { appending("\($0)", failing: $0 == 5 ? .limitReached : nil) })

        #expect(answers.filter { $0.value == nil }.count == 1)
        try await StoreContract.expectChain(store)
    }

    @Test func `when too many wait the store says that it is not available, and works again when they are done`() async throws {
        let store = try SQLiteStore(path: database.path, limits: StoreLimits(waitingChangesMax: 10))
        let answers = await batch(store, (1...15).map { appending("\($0)") })

        #expect(answers.prefix(10).allSatisfy { $0.value != nil })
        #expect(answers.suffix(5).map(\.refusal) == Array(repeating: .unavailable, count: 5))
        try await store.append([Sample.audit(.createKey, "later", of: nil)])
        #expect(try await store.auditLog(of: nil).count == 11)
    }

    @Test func `closing makes what was accepted, answers it, and takes no more`() async throws {
        let store = try database.open()
        let gate = Gate()
        gate.close(store)
        let answers = Mutex<[Bool]>([])
        for number in 1...600 {
            store.changes.change(appending("\(number)")) { result in
                answers.withLock { $0.append(result.value != nil) }
            }
        }
        gate.open()
        try store.close()

        #expect(answers.withLock { $0 } == Array(repeating: true, count: 600))
        #expect(await StoreContract.refusal { try await store.append([Sample.audit(.createKey, "late", of: nil)]) } == .unavailable)
        let reopened = try database.open()
        #expect(try await reopened.auditLog(of: nil).count == 600)
    }

    @Test func `a change is made although its caller went away before its turn`() async throws {
        let store = try database.open()
        let gate = Gate()
        gate.close(store)
        let task = Task { try await store.append([Sample.audit(.createKey, "x", of: nil)]) }
        task.cancel()
        gate.open()
        try await task.value

        #expect(try await store.auditLog(of: nil).count == 1)
    }

    @Test func `what waits to be told is bounded: without a courier the oldest is given up`() async throws {
        let limits = StoreLimits(untoldMax: 10, untoldAtOnceMax: 3)
        var store = try SQLiteStore(path: database.path, limits: limits)
        try await store.insert(Sample.tenant())
        var calls: [Call] = []
        for number in 1...25 {
            if number == 15 {
                try store.close()
                store = try SQLiteStore(path: database.path, limits: limits)
            }
            calls.append(try await store.placed(Sample.newCall(number, "ann-\(number)", "bob-\(number)")))
        }
        let courier = Notebook()
        try await store.attach(courier)

        #expect(courier.events == calls.suffix(10).flatMap(CallEvent.all))
        let later = try await store.placed(Sample.newCall(30))
        #expect(courier.events.suffix(1) == CallEvent.all(of: later))
    }

    @Test func `after a crash no more is told again than lies behind the mark`() async throws {
        let store = try SQLiteStore(path: database.path, limits: StoreLimits(markedLateMax: 20))
        try await store.attach(Notebook())
        try await store.insert(Sample.tenant())
        var calls: [Call] = []
        for number in 1...100 { calls.append(try await store.placed(Sample.newCall(number, "ann-\(number)", "bob-\(number)"))) }
        let late = try await toldAfterKilling()

        #expect(late.events == calls.suffix(late.events.count).flatMap(CallEvent.all))
        #expect((1...21).contains(late.events.count))
    }

    @Test func `after a crash a change is told whose place in the log a failed one had before`() async throws {
        let store = try SQLiteStore(path: database.path, limits: StoreLimits(markedLateMax: 0))
        try await store.attach(Notebook())
        try await store.insert(Sample.tenant())
        _ = await batch(store, [Self.placing(1), Self.placing(2, isFailing: true)])
        let third = try await store.placed(Sample.newCall(3, "ann-3", "bob-3"))
        #expect(try await toldAfterKilling().events.suffix(1) == CallEvent.all(of: third))
    }

    /// What a courier is told by a store on what a process that was killed now leaves behind.
    private func toldAfterKilling() async throws -> Notebook {
        for name in ["", "-wal"] {
            try FileManager.default.copyItem(atPath: database.path + name, toPath: database.path(of: "killed.sqlite") + name)
        }
        let late = Notebook()
        try await SQLiteStore(path: database.path(of: "killed.sqlite")).attach(late)
        return late
    }

    /// How many pages the write-ahead log holds.
    private func frames(_ store: SQLiteStore) async throws -> Int {
        let size = try FileManager.default.attributesOfItem(atPath: database.path + "-wal")[.size] as? Int
        return try #require(size) / 4096
    }
}

extension Result where Failure == StoreError {
    fileprivate var value: Success? {
        if case .success(let value) = self { value } else { nil }
    }

    fileprivate var refusal: Refusal? {
        if case .failure(let error) = self { Refusal(error) } else { nil }
    }
}
