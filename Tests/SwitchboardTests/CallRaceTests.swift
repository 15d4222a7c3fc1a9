import Calls
import Testing
import Tokens
import Vocabulary

@testable import Switchboard

/// Two requests at once, a thousand times each: one of them is first, and everybody is told so.
@Suite struct CallRaceTests {
    static let rounds = 1000

    @Test func `C03 C10: of two devices that accept at once one wins, and the other one never gets a token`() async throws {
        let race = try await CallRace.open()
        let wins = try await race.rounds(Self.rounds) { round in
            let call = try await race.placed(round)
            let (phone, tablet) = (race.accept(round, call, on: "phone"), race.accept(round, call, on: "tablet"))
            let (first, second) = try await race.atOnce(phone, tablet, round)

            let isFirst = first.refusal == nil
            let (winner, winning, losing) = isFirst ? (first, phone, tablet) : (second, tablet, phone)
            #expect((isFirst ? second : first).refusal == .call(.answeredElsewhere))
            #expect(winner.call?.callees.first?.device?.text == winning.device)
            #expect(winner.joins.map(\.minted.identity.text) == [race.bob(round)])
            #expect(try await race.deliver(losing).refusal == .call(.answeredElsewhere), "also when it tries again")
            #expect(
                try await race.deliver(race.token(round, call, of: race.bob(round), on: losing.device)).refusal == .call(.answeredElsewhere)
            )
            #expect(try await race.deliver(winning).call == winner.call, "the winner may ask again")
            return isFirst
        }
        let log = try await race.log()
        for (_, rows) in log.rows {
            #expect(rows.filter { $0 == "call.accept done" }.count == 1)
            #expect(rows.filter { $0 == "call.accept answered_elsewhere" }.count == 2)
            #expect(rows.filter { $0 == "call.token done" }.count == 2, "the winner's, once again for its second request")
        }
        #expect(log.rows.count == Self.rounds)
        for (_, told) in race.notebook.told {
            #expect(told.map { $0[0] } == ["incoming", "accepted", "answered_elsewhere"])
        }
        #expect(Set(wins).count == 2, "both devices win sometimes")
    }

    @Test func `C04: a call is accepted with both tokens or cancelled with none, never half`() async throws {
        let race = try await CallRace.open()
        let accepted = try await race.rounds(Self.rounds) { round in
            let call = try await race.placed(round)
            let (accept, cancel) = try await race.atOnce(
                race.accept(round, call, isByServer: true), race.ask(.cancel, call, race.alice(round)), round)

            if accept.refusal == nil {
                #expect(accept.joins.map(\.minted.identity.text) == [race.alice(round), race.bob(round)])
                #expect(cancel.refusal == .call(.callNotRinging))
            } else {
                #expect(accept.refusal == .call(.callEnded))
                #expect(cancel.call?.ending?.reason == .cancelled)
            }
            return accept.refusal == nil
        }
        let log = try await race.log()
        for (call, rows) in log.rows {
            let isActive = try #require(log.calls[call]).state == .active
            #expect(rows.filter { $0 == "call.token done" }.count == (isActive ? 2 : 0))
            let told = race.notebook.told[call]?.map { $0[0] }
            #expect(told == ["incoming"] + (isActive ? ["accepted", "answered_elsewhere"] : ["cancelled", "cancelled"]))
        }
        #expect(log.calls.count == Self.rounds && Set(accepted).count == 2, "both happen")
    }

    @Test func `C04 C14: when the caller hangs up meanwhile, both tokens are handed out before that or none`() async throws {
        let race = try await CallRace.open()
        _ = try await race.rounds(Self.rounds) { round in
            let call = try await race.placed(round)
            let (accept, end) = try await race.atOnce(
                race.accept(round, call, isByServer: true), race.ask(.end, call, race.alice(round)), round)

            let reason = try #require(end.call?.ending?.reason)
            switch accept.refusal {
            case nil: #expect(reason == .hungUp && accept.joins.count == 2)
            case .call(.callNotActive)?: #expect(reason == .hungUp, "accepted, and over before there were tokens")
            case .call(.callEnded)?: #expect(reason == .cancelled, "the late accept")
            default: Issue.record("\(accept)")
            }
            #expect(try await race.deliver(race.accept(round, call, isByServer: true)).refusal == .call(.callEnded))
            #expect(try await race.deliver(race.token(round, call, of: race.bob(round))).refusal == .call(.callNotActive))
            return accept.joins.count
        }
        let log = try await race.log()
        #expect(log.calls.values.allSatisfy { $0.state == .ended })
        for (_, rows) in log.rows {
            let tokens = rows.filter { $0 == "call.token done" }.count
            #expect(tokens == 0 || tokens == 2 && rows.contains("call.accept done"))
            if let last = rows.lastIndex(of: "call.token done"), let end = rows.firstIndex(of: "call.end done") {
                #expect(last < end, "no token was made after the end")
            }
        }
    }

    @Test func `C05: two who call each other at once land in one call, the one that came first`() async throws {
        let race = try await CallRace.open()
        let firsts = try await race.rounds(Self.rounds) { round in
            let (alice, bob) = (race.alice(round), race.bob(round))
            let bringsIDs = round.isMultiple(of: 2)
            let (hers, his) = (
                race.place(round, alice, bob, on: "laptop", id: bringsIDs ? "from-a-\(round)" : nil),
                race.place(round, bob, alice, on: "phone", id: bringsIDs ? "from-b-\(round)" : nil)
            )
            let replies = try await race.atOnce(hers, his, round)

            let (first, second) = try (#require(replies.0.call), #require(replies.1.call))
            let isHers = first.version == 1
            #expect(Set([first.version, second.version]) == [1, 2] && first.id == second.id)
            let call = isHers ? second : first
            #expect(call.state == .active && call.caller?.user.text == (isHers ? alice : bob))
            for (user, device) in [(alice, "laptop"), (bob, "phone")] {
                let join = try #require(try await race.deliver(race.token(round, call, of: user, on: device)).joins.first)
                #expect(join.minted.identity.text == user && join.minted.room == call.room)
                #expect(try await race.deliver(race.token(round, call, of: user, on: "other")).refusal == .call(.answeredElsewhere))
            }
            if bringsIDs {
                for request in [hers, his] { #expect(try await race.deliver(request).call == call, "both ids lead to it") }
            }
            return isHers
        }
        #expect(try await race.scene.allCalls().count == Self.rounds)
        #expect(Set(firsts).count == 2, "each of them is the first sometimes")
    }

    @Test func `C06: a call is accepted in time or missed, and all are told the same`() async throws {
        let race = try await CallRace.open()
        let clock = race.scene.house.clock
        var answers: [CallID: CallReply] = [:]
        for batch in 0..<20 {
            let calls = try await race.rounds(Self.rounds / 20) { try await race.placed(batch * 100 + $0) }
            clock.pass(Limits.ringSeconds)
            let requests = calls.enumerated().map { race.accept(batch * 100 + $0, $1, isByServer: true) }
            async let expiry: Void = race.expire(afterYields: batch * 10)
            let replies = try await race.rounds(requests.count) { try await race.deliver(requests[$0]) }
            await expiry
            for (call, reply) in zip(calls, replies) { answers[call.id] = reply }
        }

        let log = try await race.log()
        #expect(log.calls.count == Self.rounds)
        for (id, call) in log.calls {
            let reply = try #require(answers[call.id])
            let told = race.notebook.told[id]?.map { $0[0] }
            let rows = log.rows[id] ?? []
            if call.state == .active {
                #expect(reply.call == call && reply.joins.count == 2 && !rows.contains("call.expire done"))
                #expect(told == ["incoming", "accepted", "answered_elsewhere"])
            } else {
                #expect(call.ending?.reason == .missed && reply.refusal == .call(.callEnded))
                #expect(!rows.contains("call.token done") && rows.filter { $0 == "call.expire done" }.count == 1)
                #expect(told == ["incoming", "missed", "missed"])
            }
        }
    }

    @Test func `C09: an acceptance that is sent twice at once is one acceptance`() async throws {
        let race = try await CallRace.open()
        let handedOut = try await race.rounds(Self.rounds) { round in
            let call = try await race.placed(round)
            let accept = race.accept(round, call, on: "phone", key: "accept-\(round)")
            let (first, second) = try await race.atOnce(accept, accept, round)
            let again = try await race.deliver(accept)

            let accepted = try #require(again.call)
            for reply in [first, second] { #expect(reply.refusal == .idempotencyInProgress || reply.call == accepted) }
            #expect(first.call != nil || second.call != nil)
            return (first.joins + second.joins + again.joins).map(\.minted.sha256)
        }
        let log = try await race.log()
        for (_, rows) in log.rows { #expect(rows.filter { $0 == "call.accept done" }.count == 1) }
        #expect(Set(handedOut.joined()).count == handedOut.joined().count, "each token is a new one")
        #expect(Set(log.tokens) == Set(handedOut.joined()) && log.tokens.count == handedOut.joined().count)
    }

    @Test func `C07: when one device rejects and another accepts, the first one decides`() async throws {
        let race = try await CallRace.open()
        let accepted = try await race.rounds(Self.rounds) { round in
            let call = try await race.placed(round)
            let (accept, reject) = try await race.atOnce(
                race.accept(round, call, on: "phone"), race.ask(.reject, call, race.bob(round), on: "tablet"), round)

            if accept.refusal == nil {
                #expect(accept.joins.count == 1 && reject.refusal == .call(.answeredElsewhere))
            } else {
                #expect(accept.refusal == .call(.callEnded) && reject.call?.ending?.reason == .rejected)
            }
            return accept.refusal == nil
        }
        for (_, told) in race.notebook.told where told.count == 3 && told[1][0] == "rejected" {
            #expect(told[2] == ["rejected_elsewhere", told[2][1], "tablet"])
        }
        #expect(Set(accepted).count == 2, "both happen")
    }

    @Test func `C11 C12: nobody gets into two live calls, whoever calls whom at once`() async throws {
        let race = try await CallRace.open()
        _ = try await race.rounds(Self.rounds) { round in
            let (alice, bob, carol) = (race.alice(round), race.bob(round), "carol.\(round)")
            let toBob = race.place(round, alice, bob)
            let other = round.isMultiple(of: 2) ? race.place(round, carol, bob) : race.place(round, bob, carol)
            let (first, second) = try await race.atOnce(toBob, other, round)

            #expect([first, second].filter { $0.call != nil }.count == 1)
            if first.refusal != nil { #expect(first.refusal == .call(.userBusy)) }
            if second.refusal != nil { #expect(second.refusal == .call(round.isMultiple(of: 2) ? .userBusy : .alreadyInCall)) }
            return true
        }
        let calls = try await race.scene.allCalls()
        let users = calls.flatMap { $0.parties.map(\.user) }
        #expect(calls.count == Self.rounds && Set(users).count == users.count)
    }

    @Test func `C13: both hang up at once, both are answered the same, and it is one change`() async throws {
        let race = try await CallRace.open()
        _ = try await race.rounds(Self.rounds) { round in
            let call = try await race.placed(round)
            _ = try await race.deliver(race.accept(round, call))
            let (hers, his) = try await race.atOnce(
                race.ask(.end, call, race.alice(round)), race.ask(.end, call, race.bob(round)), round)

            let ended = try #require(hers.call)
            #expect(ended == his.call && ended.version == 3 && ended.ending?.reason == .hungUp)
            #expect(try await race.deliver(race.ask(.end, call, race.alice(round))).call == ended)
            return true
        }
        for (_, rows) in try await race.log().rows {
            #expect(rows.filter { $0.hasPrefix("call.end") }.sorted() == ["call.end done", "call.end repeated", "call.end repeated"])
        }
        for (_, told) in race.notebook.told { #expect(told.filter { $0[0] == "ended" }.count == 2) }
    }
}
