import Calls
import Testing
import Vocabulary

@Suite struct CallPlacementTests {
    /// What the store may know of the one who is named. Alice places a call to bob in all of these.
    enum Live: CaseIterable, Sendable {
        case free
        case hasCalledTheOther, isCalledByTheOther, isActiveWithTheOther
        case hasCalledCarol, isCalledByCarol, isActiveWithCarol

        func call(_ user: String, other: String) throws -> Call? {
            switch self {
            case .free: nil
            case .hasCalledTheOther: try Sample.call(.ringing, caller: user, callee: other)
            case .isCalledByTheOther: try Sample.call(.ringing, caller: other, callee: user)
            case .isActiveWithTheOther: try Sample.call(.active(on: nil), caller: other, callee: user)
            case .hasCalledCarol: try Sample.call(.ringing, caller: user, callee: "carol")
            case .isCalledByCarol: try Sample.call(.ringing, caller: "carol", callee: user)
            case .isActiveWithCarol: try Sample.call(.active(on: "phone"), caller: user, callee: "carol")
            }
        }
    }

    /// What the brought id leads to.
    enum Known: CaseIterable, Sendable {
        case nothing, same, sameEnded, turned, otherCaller, otherCallee, otherMedia, otherProvider
        /// Alice brought the id when she crossed bob's call.
        case crossed, crossedOfOtherKind
        /// Bob brought it when he crossed hers.
        case crossedByCallee
        case crossedByOthers

        func call() throws -> Call? {
            let id = "brought-id"
            let other = "id-of-the-other"
            return switch self {
            case .nothing: nil
            case .same: try Sample.call(.active(on: "phone"), id: id)
            case .sameEnded: try Sample.call(.answered(.hungUp), id: id)
            case .turned: try Sample.call(id: id, caller: "bob", callee: "alice")
            case .otherCaller: try Sample.call(id: id, caller: "carol")
            case .otherCallee: try Sample.call(id: id, callee: "carol")
            case .otherMedia: try Sample.call(id: id, media: .audio)
            case .otherProvider: try Sample.call(id: id, provider: .agora)
            case .crossed: try Sample.call(.active(on: "phone"), id: other, caller: "bob", callee: "alice")
            case .crossedOfOtherKind:
                try Sample.call(.active(on: "phone"), id: other, caller: "bob", callee: "alice", media: .audio, provider: .agora)
            case .crossedByCallee: try Sample.call(.active(on: "phone"), id: other)
            case .crossedByOthers: try Sample.call(.active(on: "phone"), id: other, caller: "bob", callee: "carol")
            }
        }

        /// Whether alice is told the call that is there.
        var isRepeated: Bool? {
            switch self {
            case .nothing: nil
            case .same, .sameEnded, .crossed, .crossedOfOtherKind, .crossedByCallee: true
            case .turned, .otherCaller, .otherCallee, .otherMedia, .otherProvider, .crossedByOthers: false
            }
        }
    }

    /// Everything that the store may know at once.
    struct Situation: Sendable, CustomTestStringConvertible {
        let known: Known
        let caller: Live
        let callee: Live
        let areUsersKnown: Bool
        let needsKnownUsers: Bool

        var testDescription: String { "id: \(known), caller \(caller), callee \(callee), known: \(areUsersKnown) of \(needsKnownUsers)" }

        static let all: [Situation] = Known.allCases.flatMap { known in
            Live.allCases.flatMap { caller in
                Live.allCases.flatMap { callee in
                    [(true, true), (true, false), (false, true), (false, false)].map { areKnown, need in
                        Situation(known: known, caller: caller, callee: callee, areUsersKnown: areKnown, needsKnownUsers: need)
                    }
                }
            }
        }

        func facts() throws -> PlacementFacts {
            PlacementFacts(
                sameID: try known.call(), ofCaller: try caller.call("alice", other: "bob"),
                ofCallee: try callee.call("bob", other: "alice"),
                areUsersKnown: areUsersKnown)
        }
    }

    static func order(
        callee: String = "bob", device: String? = "watch", needsKnownUsers: Bool = false, hasCallerSocket: Bool = false
    ) throws -> NewCall {
        NewCall(
            id: try CallID("brought-id"), isIDBrought: true, room: RoomName(tenant: try TenantID("acme"), kind: .call, random: 99),
            caller: try UserID("alice"), callerDevice: try Sample.device(device), callee: try UserID(callee), media: .video,
            provider: .livekit, metadata: "about tomorrow", ringSeconds: 30, needsKnownUsers: needsKnownUsers,
            hasCallerSocket: hasCallerSocket)
    }

    /// The new call, field by field.
    static func placed() throws -> Call {
        Call(
            id: try CallID("brought-id"), room: RoomName(tenant: try TenantID("acme"), kind: .call, random: 99), provider: .livekit,
            media: .video, metadata: "about tomorrow",
            parties: [
                Party(user: try UserID("alice"), side: .caller, device: try DeviceID("watch"), joinedAt: Sample.now),
                Party(user: try UserID("bob"), side: .callee, device: nil, joinedAt: nil),
            ],
            placedAt: Sample.now, ringDeadline: Sample.now + 30, acceptedAt: nil, ending: nil, version: 1)
    }

    /// Bob's call to alice, accepted by her placing one to him.
    static func crossed() throws -> Call {
        let ringing = try Sample.call(.ringing, caller: "bob", callee: "alice")
        let alice = Party(user: try UserID("alice"), side: .callee, device: try DeviceID("watch"), joinedAt: Sample.now)
        return Sample.copy(ringing, parties: [ringing.parties[0], alice], acceptedAt: Sample.now, version: 2)
    }

    /// In the order in which the questions are asked.
    static func expected(_ situation: Situation) throws -> PlacementAnswer {
        switch situation.known.isRepeated {
        case true?: return .repeated(try #require(try situation.known.call()))
        case false?: return .refused(.callExists)
        case nil: break
        }
        if situation.needsKnownUsers, !situation.areUsersKnown { return .refused(.calleeUnavailable) }
        switch situation.caller {
        case .isCalledByTheOther: return .crossed(try crossed())
        case .hasCalledTheOther, .isActiveWithTheOther, .hasCalledCarol, .isCalledByCarol, .isActiveWithCarol:
            return .refused(.alreadyInCall)
        case .free: return situation.callee == .free ? .placed(try placed()) : .refused(.userBusy)
        }
    }

    @Test(arguments: Situation.all) func `C11 whatever the store knows, placing a call has one answer`(situation: Situation) throws {
        let order = try Self.order(needsKnownUsers: situation.needsKnownUsers)

        let answer = CallPlacement.answer(to: order, knowing: try situation.facts(), at: Sample.now)

        #expect(answer == (try Self.expected(situation)))
    }

    @Test(arguments: Known.allCases) func `nobody calls oneself, whatever the id leads to`(known: Known) throws {
        let facts = PlacementFacts(sameID: try known.call(), ofCaller: nil, ofCallee: nil, areUsersKnown: false)

        let answer = CallPlacement.answer(to: try Self.order(callee: "alice", needsKnownUsers: true), knowing: facts, at: Sample.now)

        #expect(answer == .refused(.callingOneself))
    }

    @Test func `C05 a crossed call keeps its media and its provider`() throws {
        let ringing = try Sample.call(.ringing, caller: "bob", callee: "alice", media: .audio, provider: .agora)
        let facts = PlacementFacts(sameID: nil, ofCaller: ringing, ofCallee: ringing, areUsersKnown: true)

        guard case .crossed(let call) = CallPlacement.answer(to: try Self.order(), knowing: facts, at: Sample.now) else {
            throw CallTransitionTests.Unexpected()
        }

        #expect(call.media == .audio && call.provider == .agora && call.id == ringing.id && call.room == ringing.room)
        #expect(call.state == .active && call.version == 2)
    }
}
