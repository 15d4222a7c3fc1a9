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
}
