import Calls
import Testing
import Vocabulary

@testable import Switchboard

/// How often users may ring each other.
@Suite struct RingLimitTests {
    /// Rings, and hangs up at once. Nil when it rang.
    private func ring(_ caller: String, _ callee: String, in scene: CallScene, by server: Caller? = nil) async throws -> Refusal? {
        let server = server ?? scene.server
        return await refusal {
            let call = try await scene.desk.placeCall(CallScene.order(caller, callee), .none, for: server).call
            _ = try await scene.desk.endCall(call.id, as: CallScene.claim(nil), note: nil, .none, for: server)
        }
    }

    @Test func `C26: who rings somebody a thousand times a minute gets through no more often than the pair may`() async throws {
        let scene = try await CallScene.open(limits: DeskLimits())
        var rang = 0
        for attempt in 0..<1000 {
            if attempt % 50 == 49 { scene.house.clock.pass(3) }
            switch try await ring("mallory", "bob", in: scene) {
            case nil: rang += 1
            case .rateLimited?: break
            case let other?: Issue.record("\(other)")
            }
        }
        #expect(rang == 10 + 10, "ten at once, and ten within the minute")
        let log = try await scene.allAuditRows().map(\.entry)
        #expect(log.filter { $0.operation == .placeCall && $0.outcome == "rate_limited" }.count == 1000 - rang)
        #expect(log.filter { $0.operation == .placeCall && $0.outcome == "done" }.count == rang)
    }

    @Test func `C26: a user is rung no more often than a callee may, by however many`() async throws {
        let scene = try await CallScene.open(limits: DeskLimits())
        var rang = 0
        for number in 0..<1000 where try await ring("caller-\(number)", "bob", in: scene) == nil { rang += 1 }
        #expect(rang == 30)
        #expect(try await ring("bob", "carol", in: scene) == nil, "bob may still call")
        #expect(try await ring("mallory", "carol", in: scene) == nil, "and others may be called")
    }

    @Test func `who knocks too often keeps nobody else out`() async throws {
        let scene = try await CallScene.open(limits: DeskLimits())
        for _ in 0..<500 { _ = try await ring("mallory", "bob", in: scene) }
        for number in 0..<20 { #expect(try await ring("friend-\(number)", "bob", in: scene) == nil) }
    }

    @Test func `N11: one tenant's rings take nothing from another's`() async throws {
        let scene = try await CallScene.open(limits: DeskLimits())
        try await scene.house.tenant("globex")
        let globex = try await scene.house.caller("globex")
        for _ in 0..<100 { _ = try await ring("alice", "bob", in: scene) }
        for _ in 0..<10 { #expect(try await ring("alice", "bob", in: scene, by: globex) == nil) }
        #expect(try await ring("alice", "bob", in: scene, by: globex) == .rateLimited)
    }

    @Test func `the refusal says when to come again, and that is true`() async throws {
        let scene = try await CallScene.open(limits: DeskLimits(ringsPerPair: Rate(perMinute: 2), ringsPerCallee: nil))
        #expect(try await ring("alice", "bob", in: scene) == nil)
        #expect(try await ring("alice", "bob", in: scene) == nil)
        let error = await deskError { try await scene.placed() }
        guard case .rateLimited(let seconds)? = error else {
            Issue.record("\(error.map { "\($0)" } ?? "it rang")")
            return
        }
        #expect(seconds == 30)
        scene.house.clock.pass(seconds - 1)
        #expect(try await ring("alice", "bob", in: scene) == .rateLimited)
        scene.house.clock.pass(1)
        #expect(try await ring("alice", "bob", in: scene) == nil)
    }

    @Test func `a request that is repeated costs no ring, and is answered when none is left`() async throws {
        let scene = try await CallScene.open(limits: DeskLimits(ringsPerPair: Rate(perMinute: 2), ringsPerCallee: Rate(perMinute: 2)))
        let byKey = try await scene.desk.placeCall(CallScene.order(), CallScene.terms("k"), for: scene.server).call
        for _ in 0..<10 {
            #expect(try await scene.desk.placeCall(CallScene.order(), CallScene.terms("k"), for: scene.server).call == byKey)
        }
        _ = try await scene.desk.endCall(byKey.id, as: CallScene.claim(nil), note: nil, .none, for: scene.server)
        let order = try CallScene.order(id: "my-call-1")
        let byID = try await scene.desk.placeCall(order, .none, for: scene.server).call
        for _ in 0..<10 {
            #expect(try await scene.desk.placeCall(order, .none, for: scene.server).call == byID)
            #expect(try await scene.desk.placeCall(CallScene.order(), CallScene.terms("k"), for: scene.server).call == byKey)
        }
        _ = try await scene.desk.endCall(byID.id, as: CallScene.claim(nil), note: nil, .none, for: scene.server)
        #expect(try await ring("alice", "bob", in: scene) == .rateLimited)
        #expect(
            await refusal { try await scene.desk.placeCall(CallScene.order(), CallScene.terms("new"), for: scene.server) } == .rateLimited)
        #expect(
            await refusal { try await scene.desk.placeCall(CallScene.order(id: "my-call-2"), .none, for: scene.server) } == .rateLimited)
    }

    @Test func `answering a call by calling back costs no ring`() async throws {
        let limits = DeskLimits(ringsPerPair: Rate(perMinute: 1), ringsPerCallee: Rate(perMinute: 1))
        let scene = try await CallScene.open(limits: limits)
        let call = try await scene.placed("alice", "bob")
        let crossed = try await scene.placed("bob", "alice")
        #expect(crossed.id == call.id && crossed.state == .active)
        _ = try await scene.desk.endCall(call.id, as: CallScene.bob, note: nil, .none, for: scene.server)
        #expect(try await ring("bob", "alice", in: scene) == nil)
        #expect(try await ring("bob", "alice", in: scene) == .rateLimited)
    }

    @Test func `an attempt that is refused costs the pair and not the callee`() async throws {
        let scene = try await CallScene.open(limits: DeskLimits(ringsPerPair: Rate(perMinute: 3), ringsPerCallee: Rate(perMinute: 3)))
        let busy = try await scene.placed("carol", "bob")
        for _ in 0..<3 { #expect(try await ring("mallory", "bob", in: scene) == .call(.userBusy)) }
        #expect(try await ring("mallory", "bob", in: scene) == .rateLimited)
        _ = try await scene.desk.endCall(busy.id, as: CallScene.claim(nil), note: nil, .none, for: scene.server)
        #expect(try await ring("alice", "bob", in: scene) == nil)
        #expect(try await ring("dave", "bob", in: scene) == nil)
        #expect(try await ring("erin", "bob", in: scene) == .rateLimited)
    }

    @Test func `what the store could not keep costs nothing`() async throws {
        let limits = DeskLimits(ringsPerPair: Rate(perMinute: 1), ringsPerCallee: Rate(perMinute: 1))
        let scene = try await CallScene.open(limits: limits)
        scene.house.store.failPlacing(.unavailable("no disk"))
        for _ in 0..<5 { #expect(try await ring("alice", "bob", in: scene) == .unavailable) }
        scene.house.store.failPlacing(nil)
        #expect(try await ring("alice", "bob", in: scene) == nil)
    }

    @Test func `a token that is put back can be taken again, and a bucket never holds more than its burst`() {
        let buckets = TokenBuckets<String>(Rate(perMinute: 60, burst: 2))
        #expect((0..<2).map { _ in buckets.take("a", at: .zero) } == [nil, nil])
        buckets.giveBack("a")
        #expect(buckets.take("a", at: .zero) == nil)
        #expect(buckets.take("a", at: .zero) == 1)
        for _ in 0..<9 { buckets.giveBack("a") }
        buckets.giveBack("b")
        #expect((0..<3).map { _ in buckets.take("a", at: .zero) } == [nil, nil, 1])
    }
}
