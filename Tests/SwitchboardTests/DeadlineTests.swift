import Calls
import Testing
import Vocabulary

@testable import Switchboard

/// Calls that end by themselves: what rings too long, what lasts too long, and clocks that are put right meanwhile.
@Suite struct DeadlineTests {
    @Test func `C17: a call that nobody accepts ends as missed when its ring is over, not before`() async throws {
        let scene = try await CallScene.open()
        let call = try await scene.placed()
        scene.house.clock.pass(29)
        await scene.desk.endOverdueCalls()
        #expect(try await scene.state(of: call) == .ringing)
        scene.house.clock.pass(1)
        await scene.desk.endOverdueCalls()

        let ended = try await scene.desk.call(call.id, for: scene.server)
        #expect(ended.ending?.reason == .missed)
        #expect(try await scene.audit().last == "call.expire done")
        #expect(scene.desk.deadlines.count == 0)
        #expect(try await scene.placed().state == .ringing, "both may call again")
    }

    @Test(arguments: [-3600, 3600])
    func `S18: a ring lasts as long as it should when somebody sets the clock`(seconds: Int) async throws {
        let scene = try await CallScene.open()
        let clock = scene.house.clock
        let call = try await scene.placed()
        clock.set(clock.now + seconds)
        await scene.desk.endOverdueCalls()
        #expect(try await scene.state(of: call) == .ringing)
        clock.pass(29)
        await scene.desk.endOverdueCalls()
        #expect(try await scene.state(of: call) == .ringing)
        clock.pass(1)
        await scene.desk.endOverdueCalls()
        #expect(try await scene.state(of: call) == .ended)
    }

    @Test func `an accepted call is not ended by its ring deadline, nor by one that is looked at late`() async throws {
        let scene = try await CallScene.open()
        let call = try await scene.active()
        scene.house.clock.pass(31)
        await scene.desk.endOverdueCalls()
        #expect(try await scene.state(of: call) == .active)

        scene.desk.deadlines.watch(call.key, until: scene.house.clock.uptime)
        await scene.desk.endOverdueCalls()
        #expect(try await scene.state(of: call) == .active)
        #expect(scene.desk.deadlines.count == 1, "watched until it has lasted too long")
    }

    @Test func `a call that nobody ends is ended when it has lasted as long as a call may`() async throws {
        let scene = try await CallScene.open()
        let call = try await scene.active()
        scene.house.clock.pass(Limits.callSecondsMax - 1)
        await scene.desk.endOverdueCalls()
        #expect(try await scene.state(of: call) == .active)
        scene.house.clock.pass(1)
        await scene.desk.endOverdueCalls()
        #expect(try await scene.desk.call(call.id, for: scene.server).ending?.reason == .timeLimit)
    }

    @Test func `after a restart calls ring on for what is left, and overdue ones end at once`() async throws {
        let scene = try await CallScene.open()
        let overdue = try await scene.placed("alice", "bob")
        scene.house.clock.pass(20)
        let ringing = try await scene.placed("carol", "dave")
        scene.house.clock.pass(15)

        let next = try await scene.house.restarted()
        let server = try await next.caller("acme")
        try await next.desk.resume()
        await next.desk.endOverdueCalls()
        #expect(try await next.desk.call(overdue.id, for: server).ending?.reason == .missed)
        #expect(try await next.desk.call(ringing.id, for: server).state == .ringing)
        next.clock.pass(15)
        await next.desk.endOverdueCalls()
        #expect(try await next.desk.call(ringing.id, for: server).ending?.reason == .missed)
    }

    @Test func `S18: a clock that was put back while the service was down makes nothing ring for longer than a ring`() async throws {
        let scene = try await CallScene.open()
        let call = try await scene.placed()
        scene.house.clock.set(scene.house.clock.now + -3600)
        let next = try await scene.house.restarted()
        let server = try await next.caller("acme")
        try await next.desk.resume()
        next.clock.pass(30)
        await next.desk.endOverdueCalls()
        #expect(try await next.desk.call(call.id, for: server).state == .ended)
    }

    @Test func `an end that the store could not write is tried again`() async throws {
        let scene = try await CallScene.open()
        let call = try await scene.placed()
        scene.house.clock.pass(30)
        scene.house.store.fail(.unavailable("the disk is full"))
        await scene.desk.endOverdueCalls()
        scene.house.store.fail(nil)
        #expect(try await scene.state(of: call) == .ringing)
        await scene.desk.endOverdueCalls()
        #expect(try await scene.state(of: call) == .ringing, "not at once")
        scene.house.clock.pass(1)
        await scene.desk.endOverdueCalls()
        #expect(try await scene.state(of: call) == .ended)
    }

    @Test func `what is old is forgotten, and what is not stays`() async throws {
        let scene = try await CallScene.open()
        let call = try await scene.active()
        _ = try await scene.desk.endCall(call.id, as: CallScene.bob, note: nil, .none, for: scene.server)
        scene.house.clock.pass(Limits.endedCallSeconds - 1)
        while await scene.desk.forgetOld() {}
        #expect(try await scene.state(of: call) == .ended)
        scene.house.clock.pass(2)
        while await scene.desk.forgetOld() {}
        #expect(await refusal { try await scene.state(of: call) } == .notFound)
    }
}

@Suite struct DeadlineWatchTests {
    private static func key(_ name: String) throws -> CallKey { CallKey(tenant: try TenantID("acme"), id: try CallID("call-\(name)-0")) }

    @Test func `a call is due from its second on, once`() throws {
        let watch = DeadlineWatch()
        watch.watch(try Self.key("one"), until: .milliseconds(10_500))
        #expect(watch.due(at: .milliseconds(10_999)).isEmpty)
        #expect(watch.due(at: .seconds(11)) == [try Self.key("one")])
        #expect(watch.due(at: .seconds(12)).isEmpty)
        #expect(watch.count == 0)
    }

    @Test func `a later word about a call takes the place of the one before`() throws {
        let watch = DeadlineWatch()
        watch.watch(try Self.key("one"), until: .seconds(10))
        watch.watch(try Self.key("one"), until: .seconds(20))
        watch.watch(try Self.key("two"), until: .seconds(10))
        watch.forget(try Self.key("two"))
        #expect(watch.due(at: .seconds(19)).isEmpty)
        #expect(watch.due(at: .seconds(20)) == [try Self.key("one")])
    }

    @Test func `what comes with a deadline in the past is due with the next look`() throws {
        let watch = DeadlineWatch()
        watch.watch(try Self.key("one"), until: .seconds(5))
        #expect(watch.due(at: .seconds(100)).count == 1)
        watch.watch(try Self.key("two"), until: .seconds(50))
        #expect(watch.due(at: .seconds(101)) == [try Self.key("two")])
        #expect(watch.due(at: .seconds(90)).isEmpty)
    }
}
