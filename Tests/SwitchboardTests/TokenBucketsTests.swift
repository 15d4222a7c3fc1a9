import Testing

@testable import Switchboard

@Suite struct TokenBucketsTests {
    @Test func `as many as the burst go at once, and the next one is told when to come`() {
        let buckets = TokenBuckets<String>(Rate(perMinute: 60, burst: 3))
        #expect((0..<3).map { _ in buckets.take("a", at: .seconds(10)) } == [nil, nil, nil])
        #expect(buckets.take("a", at: .seconds(10)) == 1)
        #expect(buckets.take("a", at: .milliseconds(10_999)) == 1)
        #expect(buckets.take("a", at: .seconds(11)) == nil)
        #expect(buckets.take("a", at: .seconds(11)) == 1)
    }

    @Test func `over time no more than the rate goes through`() {
        let buckets = TokenBuckets<String>(Rate(perMinute: 6, burst: 2))
        let taken = (0..<600).filter { buckets.take("a", at: .seconds($0)) == nil }.count
        #expect(taken == 2 + 59)
    }

    @Test func `a slow rate says how long it is`() {
        let buckets = TokenBuckets<String>(Rate(perMinute: 1))
        #expect(buckets.take("a", at: .zero) == nil)
        #expect(buckets.take("a", at: .zero) == 60)
        #expect(buckets.take("a", at: .milliseconds(59_500)) == 1)
        #expect(buckets.take("a", at: .seconds(60)) == nil)
    }

    @Test func `keys do not share`() {
        let buckets = TokenBuckets<String>(Rate(perMinute: 1))
        #expect(buckets.take("a", at: .zero) == nil)
        #expect(buckets.take("b", at: .zero) == nil)
        #expect(buckets.take("a", at: .zero) != nil)
    }

    @Test func `full buckets are forgotten, and there are never more than allowed`() {
        let buckets = TokenBuckets<Int>(Rate(perMinute: 60, burst: 2), keysMax: 100)
        for key in 0..<1000 { _ = buckets.take(key, at: .zero) }
        #expect(buckets.count <= 100)
        _ = buckets.take(5000, at: .seconds(61))
        #expect(buckets.count == 1)
    }

    @Test func `a full table is looked through once for many keys, not for each`() {
        let buckets = TokenBuckets<Int>(Rate(perMinute: 60), keysMax: 100)
        for key in 0..<100 { _ = buckets.take(key, at: .zero) }
        _ = buckets.take(100, at: .zero)
        #expect(buckets.count == 1, "more than half of them were in use: all are forgotten")
        for key in 0..<99 { _ = buckets.take(key, at: .milliseconds(key < 60 ? 0 : 900)) }
        _ = buckets.take(200, at: .milliseconds(1500))
        #expect(buckets.count == 40, "those that are full again are forgotten, the others are kept")
    }

    @Test func `what is left and when it is whole again is told`() {
        var table = BucketTable<String>(Rate(perMinute: 60, burst: 3))
        func at(_ milliseconds: Int64) -> Int64 { milliseconds * 1_000_000 }
        var level = table.level("a", at: at(0))
        #expect((level.left, level.fullInSeconds, level.waitSeconds) == (3, 0, nil))
        for (left, seconds) in [(2, 1), (1, 2), (0, 3)] {
            level = table.take("a", at: at(0))
            #expect((level.left, level.fullInSeconds, level.waitSeconds) == (left, seconds, nil))
        }
        level = table.take("a", at: at(500))
        #expect((level.left, level.fullInSeconds, level.waitSeconds) == (0, 3, 1))
        level = table.level("a", at: at(1000))
        #expect((level.left, level.fullInSeconds, level.waitSeconds) == (1, 2, nil))
        level = table.level("a", at: at(60_000))
        #expect((level.left, level.fullInSeconds, level.waitSeconds) == (3, 0, nil))
    }
}

private func == (left: (Int, Int, Int?), right: (Int, Int, Int?)) -> Bool {
    left.0 == right.0 && left.1 == right.1 && left.2 == right.2
}
