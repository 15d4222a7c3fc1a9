import Calls
import TestSupport
import Testing
import Vocabulary

/// What holds for every call, whatever is done to it in whatever order.
@Suite struct CallWalkTests {
    static func randomMove(_ generator: inout SeededGenerator) throws -> CallMove {
        let user = try Who.allCases.randomElement(using: &generator)?.user()
        let device = try Sample.device(["phone", "tablet", nil].randomElement(using: &generator) ?? nil)
        switch Int.random(in: 0..<20, using: &generator) {
        case 0...4: return .accept(by: user, device: device)
        case 5...6: return .reject(by: user, device: device, note: nil)
        case 7: return .cancel(by: user, note: nil)
        case 8...9: return .end(by: user, note: nil)
        case 10...13: return try .cross(by: user ?? UserID("bob"), device: device)
        case 14: return .ringTimeout
        case 15: return .timeLimit
        case 16: return try .partyGone(user ?? UserID("bob"))
        case 17: return try .userRemoved(user ?? UserID("eve"))
        case 18: return .tenantClosed
        default: return .accept(by: nil, device: device)
        }
    }

    /// All versions of a call, by 12 random moves, each with the move that led to it.
    static func walk(seed: UInt64) throws -> [Call] {
        var generator = SeededGenerator(seed: seed)
        var versions = [try Sample.call()]
        for step in 1...12 {
            let call = versions[versions.count - 1]
            switch CallTransition.apply(try randomMove(&generator), to: call, at: Sample.start + step) {
            case .moved(let next): versions.append(next)
            case .unchanged, .refused: break
            }
        }
        return versions
    }

    @Test func `on 5,000 random walks every call keeps what a call is`() throws {
        var ends: [EndReason: Int] = [:]
        for seed in 0..<5000 as Range<UInt64> {
            let versions = try Self.walk(seed: seed)
            let first = versions[0]
            for (index, call) in versions.enumerated() {
                let isLast = index == versions.count - 1
                #expect(call.version == index + 1, "each move makes it one version older")
                #expect(call.parties.map(\.user) == first.parties.map(\.user) && call.parties.map(\.side) == first.parties.map(\.side))
                #expect(call.parties[0] == first.parties[0], "the caller has joined by placing")
                #expect((call.acceptedAt != nil) == (call.parties[1].joinedAt != nil), "accepted is what a callee did")
                #expect(call.state != .ended || isLast, "ended is the end")
                #expect(call.isLive == (call.state != .ended))
                #expect(call.state != .ringing || call.version == 1)
                #expect(
                    call.id == first.id && call.room == first.room && call.placedAt == first.placedAt
                        && call.ringDeadline == first.ringDeadline && call.media == first.media && call.provider == first.provider
                        && call.metadata == first.metadata)
                #expect(index < 2 || call.acceptedAt == versions[1].acceptedAt, "accepted once")
            }
            if let reason = versions.last?.ending?.reason { ends[reason, default: 0] += 1 }
        }
        #expect(Set(ends.keys) == Set(EndReason.allCases), "the walks lead everywhere")
    }

    @Test func `on 5,000 random walks the last version tells all that were before it`() throws {
        for seed in 5000..<10_000 as Range<UInt64> {
            let versions = try Self.walk(seed: seed)
            for call in versions {
                for earlier in versions.prefix(call.version) { #expect(call.asOf(earlier.version) == earlier) }
                #expect(call.asOf(call.version + 1) == call)
            }
        }
    }
}
