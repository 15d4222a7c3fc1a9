import Calls
import Signing
import Testing
import Vocabulary

@testable import Storage

/// Whoever guesses the ids of calls.
@Suite(.timeLimit(.minutes(10))) struct CallGuessTests {
    private static let guesses = 1_000_000

    /// The guesser has a tenant of its own, so it has seen as many ids as it likes, and asks as the other tenant's server would.
    @Test func `N13: a million guesses find none of the calls, however they are made`() async throws {
        let directory = try TemporaryDatabase()
        let store = try directory.open()
        for id in ["acme", "other"] { try await store.insert(Sample.tenant(id)) }
        let calls = try await Self.place(1000, of: "acme", in: store)
        let seen = try await Self.place(200, of: "other", in: store)

        let hits = try await store.read { db in
            var (hits, count) = (0, 0)
            let tenant = try TenantID("acme")
            for guess in Guesses(seen: seen) {
                let key = CallKey(tenant: tenant, id: CallID(random: guess))
                if try db.call(key, liveAt: store.liveCalls.seq(of: key)) != nil { hits += 1 }
                count += 1
                if count == Self.guesses { break }
            }
            #expect(count == Self.guesses)
            return hits
        }

        #expect(hits == 0)
        // The same question finds what is there.
        for number in calls {
            let key = CallKey(tenant: try TenantID("acme"), id: CallID(random: number))
            #expect(try await store.read { db in try db.call(key, liveAt: store.liveCalls.seq(of: key))?.call.key } == key)
        }
        try store.close()
    }

    /// Calls between as many pairs, with ids as the desk makes them.
    /// - Returns: the numbers in their ids.
    private static func place(_ count: Int, of tenant: String, in store: SQLiteStore) async throws -> [UInt128] {
        let numbers = (0..<count).map { _ in SecureRandom.uint128() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (place, number) in numbers.enumerated() {
                group.addTask {
                    let id = CallID(random: number).text
                    _ = try await store.placed(Sample.newCall(place + 1, "ann-\(place)", "bob-\(place)", of: tenant, id: id))
                }
            }
            try await group.waitForAll()
        }
        return numbers
    }
}

/// What somebody tries who has seen the ids of other calls: numbers around them, one bit away from them, sums and differences of two,
/// halves of one with halves of another, small numbers, and then any.
private struct Guesses: Sequence {
    let seen: [UInt128]

    func makeIterator() -> some IteratorProtocol<UInt128> {
        let near = seen.lazy.flatMap { id in (1...250).lazy.flatMap { [id &+ $0, id &- $0] } }
        let flipped = seen.lazy.flatMap { id in (0..<128).lazy.map { id ^ (UInt128(1) << $0) } }
        let half = UInt128(UInt64.max)
        let mixed = seen.lazy.flatMap { first in
            seen.lazy.flatMap { second in
                [first &+ second, first &- second, first ^ second, first & half | second & ~half, 2 &* first &- second]
            }
        }
        let small = (0..<100_000).lazy.flatMap { [UInt128($0), UInt128($0) << 64] }
        let any = sequence(first: SecureRandom.uint128()) { _ in SecureRandom.uint128() }
        return [AnySequence(near), AnySequence(flipped), AnySequence(mixed), AnySequence(small), AnySequence(any)].lazy
            .flatMap { $0 }.makeIterator()
    }
}
