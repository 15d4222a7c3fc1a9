import Calls
import Testing
import Vocabulary

@Suite struct CallTests {
    @Test(arguments: Stage.all) func `a call tells every version that it ever had`(stage: Stage) throws {
        let call = try Sample.call(stage)
        let before: [Call] =
            switch stage {
            case .ringing: [call]
            case .active: [try Sample.call(.ringing), call]
            case .unanswered: [try Sample.call(.ringing), call]
            case .answered: [try Sample.call(.ringing), try Sample.call(.active(on: "phone")), call]
            }

        #expect(call.version == before.count)
        for (index, version) in before.enumerated() { #expect(call.asOf(index + 1) == version) }
        #expect(call.asOf(call.version + 1) == call && call.asOf(.max) == call)
    }

    @Test(arguments: Stage.all) func `the state is told by the acceptance and the end`(stage: Stage) throws {
        let call = try Sample.call(stage)
        switch stage {
        case .ringing: #expect(call.state == .ringing && call.isLive)
        case .active: #expect(call.state == .active && call.isLive)
        case .unanswered, .answered: #expect(call.state == .ended && !call.isLive)
        }
    }

    @Test func `a call knows of each party whether it came with a socket, and of a callee not before its acceptance`() throws {
        let nothing = PlacementFacts(sameID: nil, ofCaller: nil, ofCallee: nil, areUsersKnown: true)
        for (caller, callee) in [(true, true), (true, false), (false, true), (false, false)] {
            let accept = CallMove.accept(by: nil, device: try DeviceID("phone"), hasSocket: callee)
            let order = try CallPlacementTests.order(hasCallerSocket: caller)
            guard case .placed(let ringing) = CallPlacement.answer(to: order, knowing: nothing, at: Sample.now),
                case .moved(let active) = CallTransition.apply(accept, to: ringing, at: Sample.now)
            else { throw CallTransitionTests.Unexpected() }
            #expect(ringing.parties.map(\.hadSocket) == [caller, false])
            #expect(active.parties.map(\.hadSocket) == [caller, callee])
            #expect(active.asOf(1) == ringing)
        }
    }

    @Test func `a call knows its parties and its tenant`() throws {
        let call = try Sample.call()

        #expect(call.caller?.user.text == "alice" && call.callees.map(\.user.text) == ["bob"])
        #expect(try call.party(UserID("bob"))?.side == .callee)
        #expect(try call.party(UserID("eve")) == nil)
        #expect(try call.key == CallKey(tenant: TenantID("acme"), id: CallID("call-of-alice")))
    }

    @Test func `the words for states, endings and refusals are those of the contract`() {
        #expect(Call.State.allCases.map(\.rawValue) == ["ringing", "active", "ended"])
        #expect(
            EndReason.allCases.map(\.rawValue) == [
                "rejected", "cancelled", "missed", "hung_up", "party_gone", "time_limit", "user_removed", "tenant_closed",
            ])
        #expect(
            CallEvent.Kind.allCases.map(\.rawValue) == [
                "incoming", "accepted", "answered_elsewhere", "rejected", "rejected_elsewhere", "cancelled", "missed", "ended",
            ])
    }
}
