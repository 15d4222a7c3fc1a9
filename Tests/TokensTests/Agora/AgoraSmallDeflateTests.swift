import TestSupport
import Testing
import Vocabulary

@testable import Tokens

@Suite struct AgoraSmallDeflateTests {
    /// Bodies of every length, from all zeros to noise.
    static func bodies(seed: UInt64) -> [[UInt8]] {
        var random = SeededGenerator(seed: seed)
        var bodies: [[UInt8]] = []
        for length in 1...AgoraSmallDeflate.sourceBytesMax {
            for spread in [1, 2, 4, 20, 256] {
                bodies.append((0..<length).map { _ in UInt8(truncatingIfNeeded: Int(truncatingIfNeeded: random.next() >> 33) % spread) })
            }
            let period = 1 + Int(random.next() >> 33) % length
            let noise = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next() >> 40) }
            bodies.append((0..<length).map { noise[$0 % period] })
        }
        return bodies
    }

    static func packed(_ body: [UInt8], with deflate: borrowing AgoraSmallDeflate) -> [UInt8] {
        withUnsafeTemporaryAllocation(byteCount: AgoraSmallDeflate.targetBytesMax, alignment: 8) { target in
            guard let start = target.baseAddress else { return [] }
            let count = body.withUnsafeBufferPointer { deflate.compress($0, into: start) }
            return Array(target[..<count])
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `zlib inflates every stream to the body it was made of`(_ seed: UInt64) throws {
        let deflate = AgoraSmallDeflate()
        for body in Self.bodies(seed: seed) {
            let packed = Self.packed(body, with: deflate)
            let inflated = try AgoraInflate.inflate(packed)
            #expect(inflated.bytes == body)
            #expect(inflated.bytesAfterStream == 0)
            #expect(packed.count <= AgoraSmallDeflate.targetBytesMax - 4)
        }
    }

    @Test func `where zlib takes the fixed codes too the stream is zlib's, byte for byte`() {
        let deflate = AgoraSmallDeflate()
        var compared = 0
        for seed in 4...9 as ClosedRange<UInt64> {
            for body in Self.bodies(seed: seed) {
                let reference = AgoraBodies.deflated(body)
                // The three bits behind the header: last block, and which codes.
                guard reference[2] & 7 == 0b011 else { continue }
                #expect(Self.packed(body, with: deflate) == reference, "\(body)")
                compared += 1
            }
        }
        #expect(compared > 3000)
    }

    @Test func `person tokens have the text that zlib at level 6 gives`() throws {
        let credentials = try AgoraSample.credentials()
        let fast = AgoraTokenEngine()
        let reference = AgoraTokenEngine(deflate: AgoraDeflate(memoryLevel: 8))
        var random = SeededGenerator(seed: 10)
        for round in 0..<3000 {
            let identity = round % 2 == 0 ? String(random.next() % 4_000_000_000 + 1) : "user-\(random.next() % 100_000)"
            let grant = try AgoraRTCGrant(
                try AgoraSample.grant(
                    identity, room: try AgoraSample.room(UInt128(random.next()) << 64 | UInt128(random.next())),
                    role: Role.allCases[round % Role.allCases.count], issuedAt: UnixTime(1_700_000_000 + Int64(random.next() % 100_000_000))
                ),
                salt: AgoraMinter.salt(of: UInt128(random.next())), identityStyle: .account)
            #expect(try fast.token(of: grant, credentials: credentials) == reference.token(of: grant, credentials: credentials))
        }
    }

    @Test func `a smaller hash table changes nothing in what zlib writes`() {
        for body in Self.bodies(seed: 11) {
            #expect(AgoraBodies.deflated(body, memoryLevel: AgoraDeflate.memoryLevel) == AgoraBodies.deflated(body))
        }
    }
}
