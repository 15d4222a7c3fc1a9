import Calls
import Signing
import Synchronization
import Testing
import Tokens
import Vocabulary

@testable import Switchboard

/// How often whoever asks may ask.
@Suite struct RequestLimitTests {
    private static func limits(_ change: (inout DeskLimits) -> Void) -> DeskLimits {
        var limits = DeskLimits.unlimited
        change(&limits)
        return limits
    }

    private static func network(_ number: UInt32) -> ClientNetwork { ClientNetwork(of: IPAddress(ipv4: number)) }

    @Test func `a key and its tenant are counted, and the tighter of the two is told`() async throws {
        let limits = Self.limits {
            $0.requestsPerKey = Rate(perMinute: 3)
            $0.requestsPerTenant = Rate(perMinute: 5)
        }
        let house = try await TestDesk.open(limits: limits)
        try await house.tenant()
        let (first, second) = (try await house.caller(), try await house.caller())
        let requests = house.desk.requests

        for left in [2, 1, 0] {
            let standing = requests.count(first)
            #expect(standing.counted == .key && standing.tightest == .key && standing.left == left && standing.retryAfterSeconds == nil)
        }
        let refused = requests.count(first)
        #expect(refused.tightest == .key && refused.left == 0 && refused.retryAfterSeconds == 20)
        let other = requests.count(second)
        #expect(other.tightest == .tenant && other.left == 1 && other.retryAfterSeconds == nil, "what was refused cost the tenant nothing")
        #expect(requests.count(second).retryAfterSeconds == nil)
        let exhausted = requests.count(second)
        #expect(exhausted.tightest == .tenant && exhausted.retryAfterSeconds == 12)
        house.clock.pass(12)
        #expect(requests.count(second).retryAfterSeconds == nil, "the key's own token was given back")
    }

    @Test func `users of one tenant are counted apart, and with their tenant; so is nobody of another`() async throws {
        let limits = Self.limits {
            $0.requestsPerUser = Rate(perMinute: 2)
            $0.requestsPerTenant = Rate(perMinute: 3)
        }
        let scene = try await CallScene.open(limits: limits)
        let requests = scene.desk.requests
        let (alice, bob) = (try scene.user("alice"), try scene.user("bob"))
        #expect([alice, alice, alice, bob, bob].map { requests.count($0).retryAfterSeconds == nil } == [true, true, false, true, false])
        #expect(requests.count(try scene.user("alice", of: "globex")).retryAfterSeconds == nil)
    }

    @Test func `the operator's keys are counted by themselves, and the person at the machine is not`() async throws {
        let house = try await TestDesk.open(limits: Self.limits { $0.requestsPerKey = Rate(perMinute: 1) })
        #expect(house.desk.requests.count(house.manager).retryAfterSeconds == nil)
        #expect(house.desk.requests.count(house.manager).retryAfterSeconds == 60)
        for _ in 0..<3 { #expect(house.desk.requests.count(.machine).retryAfterSeconds == nil) }
    }

    @Test func `a count that is taken back was none`() async throws {
        let house = try await TestDesk.open(limits: Self.limits { $0.requestsPerTenant = Rate(perMinute: 1) })
        try await house.tenant()
        let caller = try await house.caller()
        for _ in 0..<3 {
            #expect(!house.desk.requests.isExhausted(caller))
            #expect(house.desk.requests.count(caller).retryAfterSeconds == nil)
            #expect(house.desk.requests.isExhausted(caller))
            house.desk.requests.giveBack(caller)
        }
    }

    // MARK: Bad credentials

    @Test func `A06 a hundred thousand mistyped keys ask the store nothing and leave nothing behind`() async throws {
        let house = try await TestDesk.open(limits: DeskLimits())
        try await house.tenant()
        var bytes = Array(try await house.key().secret.text.utf8)
        bytes[43] = bytes[43] == UInt8(ascii: "a") ? UInt8(ascii: "b") : UInt8(ascii: "a")
        let text = String(decoding: bytes, as: UTF8.self)
        let (before, buckets) = (house.store.questions, house.desk.requests.bucketCount)
        var (refused, limited) = (0, 0)
        for _ in 0..<100_000 {
            do {
                _ = try house.desk.authenticateAtHand(text, from: Self.network(1))
            } catch {
                switch Refusal(error) {
                case .unauthenticated: refused += 1
                case .rateLimited: limited += 1
                case let other: Issue.record("\(other)")
                }
            }
        }
        #expect(refused == Limits.badCredentialsPerAddressPerMinuteDefault)
        #expect(limited == 100_000 - refused)
        #expect(house.store.questions == before)
        #expect(house.desk.requests.bucketCount == buckets + 1)
    }

    @Test func `A07 a key is looked for by its SHA-256 and never compared as text`() async throws {
        let house = try await TestDesk.open()
        try await house.tenant()
        let key = Array(try await house.key().secret.text.utf8)
        let kept = Digest.sha256(key)
        let before = house.store.digests.count
        for position in 8..<38 {
            // One character off, with a checksum that fits: the nearest miss that is looked for at all.
            var near = key
            near[position] = near[position] == UInt8(ascii: "a") ? UInt8(ascii: "b") : UInt8(ascii: "a")
            near.replaceSubrange(38..., with: Base62.sixDigits(of: CRC32.of(Array(near[..<38]))))
            #expect(await refusal { try await house.desk.authenticate(String(decoding: near, as: UTF8.self)) } == .unauthenticated)
            let asked = try #require(house.store.digests.last)
            #expect(asked == Digest.sha256(near))
            #expect(zip(asked, kept).prefix { $0 == $1 }.count < 4, "how near a guess is does not show in what is compared")
        }
        #expect(house.store.digests.count == before + 30)
        // What is compared as bytes is compared in constant time, and cannot be compared otherwise.
        #expect(!(Secret.self is any Equatable.Type))
        let secret = Secret(utf8: "0123456789abcdef")
        #expect(secret.matches(Secret(utf8: "0123456789abcdef")) && !secret.matches(Secret(utf8: "0123456789abcdeF")))
    }

    @Test func `A09 keys are guessed from one address: refused unasked, and a valid tenant elsewhere notices nothing`() async throws {
        let house = try await TestDesk.open(limits: Self.limits { $0.badCredentialsPerAddress = Rate(perMinute: 10) })
        try await house.tenant()
        let key = try await house.key().secret.text
        for _ in 0..<10 {
            let guess = APIKey(.live).secret.text
            #expect(await refusal { try await house.desk.authenticate(guess, from: Self.network(1)) } == .unauthenticated)
        }
        let before = house.store.questions
        for guess in [APIKey(.live).secret.text, "a.b.c", "cg_live_x"] {
            #expect(await refusal { try await house.desk.authenticate(guess, from: Self.network(1)) } == .rateLimited)
            #expect(await refusal { try house.desk.authenticateAtHand(guess, from: Self.network(1)) as Caller? } == .rateLimited)
        }
        #expect(house.store.questions == before, "nobody is asked for whoever guesses")
        #expect(try await house.desk.authenticate(key, from: Self.network(2)).owner == .tenant(TenantID("acme")))
        #expect(await refusal { try await house.desk.authenticate(key, from: Self.network(1)) } == nil, "a key at hand is no guess")
        #expect(try house.desk.authenticateAtHand(key, from: Self.network(1)) != nil)
        house.clock.pass(6)
        #expect(await refusal { try await house.desk.authenticate("a.b.c", from: Self.network(1)) } == .unauthenticated)
    }

    @Test func `A09 guesses that are spread over an IPv6 network count together`() async throws {
        let house = try await TestDesk.open(limits: Self.limits { $0.badCredentialsPerAddress = Rate(perMinute: 10) })
        func guess(_ high: UInt64, _ low: UInt64) async -> Refusal? {
            await refusal { try await house.desk.authenticate("a.b.c", from: ClientNetwork(of: IPAddress(high: high, low: low))) }
        }
        for host in 0..<10 as Range<UInt64> { #expect(await guess(0x2001_0DB8_0000_0001, host) == .unauthenticated) }
        #expect(await guess(0x2001_0DB8_0000_0001, 0xFFFF) == .rateLimited)
        #expect(await guess(0x2001_0DB8_0000_0002, 0) == .unauthenticated)
    }

    @Test func `A09 a store that does not answer is nobody's bad credential`() async throws {
        let house = try await TestDesk.open(limits: Self.limits { $0.badCredentialsPerAddress = Rate(perMinute: 1) })
        house.store.fail(.unavailable("the disk is gone"))
        let key = APIKey(.live).secret.text
        for _ in 0..<3 { #expect(await refusal { try await house.desk.authenticate(key, from: Self.network(1)) } == .unavailable) }
        house.store.fail(nil)
        #expect(await refusal { try await house.desk.authenticate(key, from: Self.network(1)) } == .unauthenticated)
    }

    @Test func `buckets of ever new addresses, keys and users do not pile up`() async throws {
        let house = try await TestDesk.open(limits: DeskLimits())
        let requests = house.desk.requests
        var most = 0
        for number in 0..<250_000 as Range<UInt32> {
            requests.countBadCredential(of: Self.network(number))
            _ = requests.count(Self.network(number))
            if number % 1000 == 0 { most = max(most, requests.bucketCount) }
        }
        #expect(most > Limits.countedMax && most <= 2 * Limits.countedMax + 1, "at most as many as allowed in each of the two tables")
    }

    // MARK: Join tokens

    @Test func `a user gets so many tokens for itself in a minute, by whatever way; the rest is in the audit log`() async throws {
        let scene = try await CallScene.open(limits: Self.limits { $0.mintsPerUser = Rate(perMinute: 3) })
        let call = try await scene.placed()
        let bob = try scene.user("bob")
        _ = try await scene.desk.acceptCall(call.id, as: CallScene.claim(nil), .none, for: bob)
        for _ in 0..<2 { _ = try await scene.desk.mintCallToken(call.id, as: CallScene.claim(nil), for: bob) }
        #expect(await refusal { try await scene.desk.mintCallToken(call.id, as: CallScene.claim(nil), for: bob) } == .rateLimited)
        #expect(
            await refusal { try await scene.desk.acceptCall(call.id, as: CallScene.claim(nil), .none, for: bob) } == .rateLimited)
        #expect(await refusal { try await scene.desk.mintCallToken(call.id, as: CallScene.claim("bob"), for: scene.server) } == nil)
        #expect(await refusal { try await scene.desk.mintCallToken(call.id, as: CallScene.claim(nil), for: scene.user("alice")) } == nil)
        let rows = try await scene.audit()
        #expect(rows.filter { $0.hasSuffix(" rate_limited") }.count == 2)
        scene.house.clock.pass(20)
        #expect(await refusal { try await scene.desk.mintCallToken(call.id, as: CallScene.claim(nil), for: bob) } == nil)
    }

    @Test func `a call is not accepted by whoever has no token left, and can be when there is one`() async throws {
        let scene = try await CallScene.open(limits: Self.limits { $0.mintsPerUser = Rate(perMinute: 1) })
        let first = try await scene.placed()
        let bob = try scene.user("bob")
        _ = try await scene.desk.acceptCall(first.id, as: CallScene.claim(nil), .none, for: bob)
        _ = try await scene.desk.endCall(first.id, as: CallScene.claim(nil), note: nil, .none, for: bob)
        let second = try await scene.placed()
        #expect(
            await refusal { try await scene.desk.acceptCall(second.id, as: CallScene.claim(nil), .none, for: bob) } == .rateLimited)
        #expect(try await scene.state(of: second) == .ringing)
    }

    @Test func `tokens that keys ask for one user are limited where that is set, by both lanes`() async throws {
        let house = try await TestDesk.open(limits: Self.limits { $0.mintsPerIdentity = Rate(perMinute: 2) })
        try await house.tenant()
        let caller = try await house.caller()
        let room = try await house.room(for: caller)
        func order(_ user: String) throws -> TokenOrder {
            TokenOrder(
                user: try UserID(user), role: .viewer, lifetimeSeconds: 60, displayName: nil, metadata: nil, attributes: [], publish: nil)
        }
        func atHand(_ user: String) async throws -> Refusal? {
            let order = try order(user)
            return await refusal {
                try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Join, any Error>) in
                    let isTaken = house.desk.mintTokenAtHand(order, room: room.name, for: caller) { result in
                        continuation.resume(with: result.mapError { $0 })
                    }
                    #expect(isTaken)
                }
            }
        }
        #expect(await refusal { try await house.desk.mintToken(order("alice"), room: room.name, for: caller) } == nil)
        #expect(try await atHand("alice") == nil)
        #expect(try await atHand("alice") == .rateLimited)
        #expect(await refusal { try await house.desk.mintToken(order("alice"), room: room.name, for: caller) } == .rateLimited)
        #expect(try await atHand("bob") == nil)
    }

    // MARK: Ids

    @Test func `N13 ids are 128 random bits`() async throws {
        var numbers: Set<UInt128> = []
        var ones = [Int](repeating: 0, count: 128)
        for _ in 0..<4096 {
            let number = SecureRandom.uint128()
            numbers.insert(number)
            for bit in 0..<128 where number >> UInt128(bit) & 1 == 1 { ones[bit] += 1 }
        }
        #expect(numbers.count == 4096)
        // Ten standard deviations (32 each): a bit that is not random fails, one that is does not in the life of the universe.
        #expect(ones.allSatisfy { (2048 - 320...2048 + 320).contains($0) })
        // And they are what the ids of calls and rooms that the desk makes consist of.
        let scene = try await CallScene.open()
        var calls: [Call] = []
        for number in 0..<256 { calls.append(try await scene.placed("caller-\(number)", "callee-\(number)")) }
        for texts in [calls.map(\.id.text), calls.map(\.room.text)] {
            let made = texts.compactMap { Base36.number(of: $0.utf8.suffix(25)) }
            #expect(made.count == 256 && Set(made).count == 256)
            for bit in 0..<128 { #expect((64...192).contains(made.count { $0 >> UInt128(bit) & 1 == 1 }), "bit \(bit)") }
        }
        // 128 bits need 25 digits of base 36; so none is lost where an id is written.
        #expect(CallID(random: .max).text != CallID(random: .max - 1).text && CallID(random: .max).text != CallID(random: .max >> 1).text)
    }
}
