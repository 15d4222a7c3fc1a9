import Calls
import Testing
import Vocabulary

@Suite struct CallEventTests {
    /// What is told, to alice and to bob, and which device of theirs is left out.
    struct Told: Equatable {
        let kind: CallEvent.Kind
        let to: String
        let except: String?

        init(_ kind: CallEvent.Kind, _ to: String, except: String? = nil) {
            self.kind = kind
            self.to = to
            self.except = except
        }
    }

    static func told(_ stage: Stage) -> [Told] {
        switch stage {
        case .ringing: [Told(.incoming, "bob")]
        case .active(let device): [Told(.accepted, "alice"), Told(.answeredElsewhere, "bob", except: device)]
        case .unanswered(.rejected): [Told(.rejected, "alice"), Told(.rejectedElsewhere, "bob", except: "phone")]
        case .unanswered(.cancelled): [Told(.cancelled, "alice"), Told(.cancelled, "bob")]
        case .unanswered(.missed): [Told(.missed, "alice"), Told(.missed, "bob")]
        case .unanswered, .answered: [Told(.ended, "alice"), Told(.ended, "bob")]
        }
    }

    static func check(_ call: Call, _ expected: [Told]) {
        let events = CallEvent.all(of: call)
        #expect(events.map { Told($0.kind, $0.to.text, except: $0.except?.text) } == expected)
        #expect(events.allSatisfy { $0.call == call }, "each carries the call as it was then")
    }

    @Test(arguments: Stage.all) func `every version of a call is told to those whom it concerns`(stage: Stage) throws {
        Self.check(try Sample.call(stage), Self.told(stage))
    }

    @Test(arguments: Stage.endings) func `what was told on the way is told the same from the last version`(stage: Stage) throws {
        let call = try Sample.call(stage)

        Self.check(call.asOf(1), Self.told(.ringing))
        if case .answered = stage { Self.check(call.asOf(2), Self.told(.active(on: "phone"))) }
    }

    @Test func `a device that rejects without a name hears of it too`() throws {
        guard case .moved(let call) = CallTransition.apply(.reject(by: nil, device: nil, note: nil), to: try Sample.call(), at: Sample.now)
        else { throw CallTransitionTests.Unexpected() }

        Self.check(call, [Told(.rejected, "alice"), Told(.rejectedElsewhere, "bob")])
    }

    @Test(arguments: ["phone", nil]) func `C05 the one who crosses a call hears of it on the other devices only`(device: String?) throws {
        let move = CallMove.cross(by: try UserID("bob"), device: try Sample.device(device))
        guard case .moved(let call) = CallTransition.apply(move, to: try Sample.call(), at: Sample.now) else {
            throw CallTransitionTests.Unexpected()
        }

        Self.check(call, [Told(.accepted, "alice"), Told(.answeredElsewhere, "bob", except: device)])
    }
}
