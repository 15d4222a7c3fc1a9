import Calls
import Testing
import Vocabulary

@testable import Switchboard

/// Requests that come again: by their `Idempotency-Key`, by a brought id, or meant for another version.
@Suite struct CallRepeatTests {
    @Test func `a placing that is repeated gives the answer of then, also when the call has gone on`() async throws {
        let scene = try await CallScene.open()
        let terms = CallScene.terms("order-1")
        let first = try await scene.desk.placeCall(CallScene.order(), terms, for: scene.server)
        _ = try await scene.desk.acceptCall(first.call.id, as: CallScene.bob, .none, for: scene.server)
        let again = try await scene.desk.placeCall(CallScene.order(), terms, for: scene.server)

        #expect(again.call == first.call)
        #expect(again.isNew)
        #expect(try await scene.state(of: first.call) == .active)
    }

    @Test func `the same key for another request is refused, and for another sender is another key`() async throws {
        let scene = try await CallScene.open()
        _ = try await scene.desk.placeCall(CallScene.order(), CallScene.terms("order-1"), for: scene.server)
        #expect(
            await refusal { try await scene.desk.placeCall(CallScene.order(), CallScene.terms("order-1", body: "{ }"), for: scene.server) }
                == .call(.idempotencyMismatch))

        let carol = try scene.user("carol")
        let call = try await scene.desk.placeCall(CallScene.order(nil, "dave"), CallScene.terms("order-1"), for: carol).call
        #expect(call.caller?.user.text == "carol")
    }

    @Test func `a refused request may be sent again under its key`() async throws {
        let scene = try await CallScene.open()
        let busy = try await scene.placed("carol", "bob")
        let terms = CallScene.terms("order-1")
        #expect(await refusal { try await scene.desk.placeCall(CallScene.order(), terms, for: scene.server) } == .call(.userBusy))
        _ = try await scene.desk.endCall(busy.id, as: CallScene.claim(nil), note: nil, .none, for: scene.server)
        #expect(try await scene.desk.placeCall(CallScene.order(), terms, for: scene.server).call.state == .ringing)
    }

    @Test func `an acceptance that is repeated under its key mints anew while the call lives, and nothing after`() async throws {
        let scene = try await CallScene.open()
        let call = try await scene.placed()
        let terms = CallScene.terms("accept-1")
        let first = try await scene.desk.acceptCall(call.id, as: CallScene.bob, terms, for: scene.server)
        let again = try await scene.desk.acceptCall(call.id, as: CallScene.bob, terms, for: scene.server)
        #expect(again.call == first.call)
        #expect(again.joins.count == 2)

        _ = try await scene.desk.endCall(call.id, as: CallScene.bob, note: nil, .none, for: scene.server)
        #expect(
            await refusal { try await scene.desk.acceptCall(call.id, as: CallScene.bob, terms, for: scene.server) }
                == .call(.callNotActive))
    }

    @Test func `a brought id makes placing repeatable, and belongs to that call`() async throws {
        let scene = try await CallScene.open()
        let order = try CallScene.order(id: "my-call-1")
        let first = try await scene.desk.placeCall(order, .none, for: scene.server)
        let again = try await scene.desk.placeCall(order, .none, for: scene.server)
        #expect(first.isNew && !again.isNew)
        #expect(again.call == first.call)
        #expect(
            await refusal { try await scene.desk.placeCall(CallScene.order("carol", "dave", id: "my-call-1"), .none, for: scene.server) }
                == .call(.callExists))
    }

    @Test func `C23: a request that is meant for another version changes nothing`() async throws {
        let scene = try await CallScene.open()
        let call = try await scene.placed()
        for versions in [[2], [], [3, 4]] {
            let terms = RequestTerms(repeat: nil, condition: .oneOf(versions))
            #expect(
                await refusal { try await scene.desk.acceptCall(call.id, as: CallScene.bob, terms, for: scene.server) }
                    == .call(.preconditionFailed))
        }
        #expect(try await scene.state(of: call) == .ringing)
        let terms = RequestTerms(repeat: nil, condition: .oneOf([7, 1]))
        #expect(try await scene.desk.acceptCall(call.id, as: CallScene.bob, terms, for: scene.server).call.version == 2)
    }

    @Test func `a request whose twin is being worked on is told so`() async throws {
        let running = RunningRequests()
        let ticket = ChangeTicket(
            tenant: try TenantID("acme"), actor: .machine, at: TestDesk.start,
            idempotency: IdempotencyKey(sender: "server", text: "k", fingerprint: []))
        let other = ChangeTicket(
            tenant: try TenantID("globex"), actor: .machine, at: TestDesk.start, idempotency: ticket.idempotency)

        try await running.alone(ticket) { () async throws(DeskError) in
            let twin = await refusal { try await running.alone(ticket) { () async throws(DeskError) in 1 } }
            #expect(twin == .idempotencyInProgress)
            #expect(try await running.alone(other) { () async throws(DeskError) in 2 } == 2)
        }
        #expect(try await running.alone(ticket) { () async throws(DeskError) in 3 } == 3)
    }
}
