import Signing
import Tokens
import Vocabulary

/// Mints tokens as fast as one thread can.
///
/// Every token is for another identity and has another id; rooms and credentials stay. The ceiling is HMAC-SHA256 over 400 bytes with a
/// kept key, which every token of this kind needs at least once.
struct TokenBench {
    let rounds: Int
    private static let tokensPerRound = 100_000

    func rows() throws -> [BenchRow] {
        let now = UnixTime(1_767_225_600)
        let grants = try Self.grants(at: now)
        let livekit = LiveKitMinter(
            credentials: try LiveKitCredentials(
                apiKey: "APIbenchmark", secret: Secret(bytes: Array(Base64URL.encode(SecureRandom.bytes(32)).utf8))))
        let agora = AgoraMinter(
            credentials: try AgoraCredentials(
                appID: "0123456789abcdef0123456789abcdef", certificate: Secret(utf8: "fedcba9876543210fedcba9876543210")))
        let progress = Progress("measuring", steps: 4)
        defer { progress.end() }
        progress.show(0)
        var bytes = 0
        let livekitRow = BenchRow(
            name: "LiveKit token",
            figures: measure(grants) { grants in
                for grant in grants { bytes &+= livekit.mint(grant).utf8.count }
            })
        let livekitBytes = livekit.mint(grants[0]).utf8.count
        progress.show(1)
        let agoraRow = BenchRow(
            name: "Agora 007 token",
            figures: try measure(grants) { grants in
                for grant in grants { bytes &+= try agora.mint(grant).utf8.count }
            })
        progress.show(2)
        let ceiling = Self.hmac(bytes: 400, rounds: rounds)
        progress.show(3)
        let own = Self.hmac(bytes: livekitBytes, rounds: rounds)
        precondition(bytes > 0)
        return [
            livekitRow, agoraRow, BenchRow(name: "HMAC-SHA256 alone, 400 bytes, kept key", figures: ceiling),
            BenchRow(name: "HMAC-SHA256 alone, \(livekitBytes) bytes (a LiveKit token's length)", figures: own),
        ]
    }

    private static func grants(at now: UnixTime) throws -> [JoinGrant] {
        let room = RoomName(tenant: try TenantID("acme"), kind: .room, random: SecureRandom.uint128())
        return try (0..<1024).map { index in
            try JoinGrant(
                room: room, identity: UserID("user-\(100_000 + index)"), role: .participant, issuedAt: now, tokenID: SecureRandom.uint128())
        }
    }

    /// The rates of the rounds. A batch mints one token of each grant.
    private func measure(
        _ grants: [JoinGrant], _ mintBatch: ([JoinGrant]) throws -> Void
    ) rethrows -> [(name: String, value: Double, unit: String)] {
        let batches = Self.tokensPerRound / grants.count
        var rates: [Double] = []
        for _ in 0..<rounds {
            let start = ContinuousClock.now
            for _ in 0..<batches { try mintBatch(grants) }
            rates.append(Self.rate(batches * grants.count, since: start))
        }
        return Self.rates(of: rates)
    }

    private static func hmac(bytes: Int, rounds: Int) -> [(name: String, value: Double, unit: String)] {
        let key = HMACKey(.sha256, key: SecureRandom.bytes(32))
        let message = SecureRandom.bytes(bytes)
        var tag = [UInt8](repeating: 0, count: 32)
        return message.withUnsafeBytes { message in
            tag.withUnsafeMutableBytes { tag in
                rates(of: (0..<rounds).map { _ in rate(tokensPerRound * 4) { _ in key.authenticate(message, into: tag) } })
            }
        }
    }

    private static func rate(_ count: Int, _ work: (Int) -> Void) -> Double {
        let start = ContinuousClock.now
        for index in 0..<count { work(index) }
        return rate(count, since: start)
    }

    private static func rate(_ count: Int, since start: ContinuousClock.Instant) -> Double {
        Double(count) / ((ContinuousClock.now - start) / .seconds(1))
    }

    private static func rates(of rates: [Double]) -> [(name: String, value: Double, unit: String)] {
        let sorted = rates.sorted()
        return [("median", sorted[sorted.count / 2], "/s"), ("best", sorted[sorted.count - 1], "/s")]
    }
}
