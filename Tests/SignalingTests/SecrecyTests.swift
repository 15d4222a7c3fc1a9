import Calls
import StrictJSON
import Switchboard
import Testing
import Vocabulary

@testable import Signaling

/// Who never hears what.
@Suite(.timeLimit(.minutes(4))) struct SecrecyTests {
    @Test(arguments: Dialect.all) func `C24: no token ever reaches anybody but the device it is for`(dialect: Dialect) async throws {
        try await SocketHouse.open(provider: .agora) { house in
            let ring = try await Ring.rung(in: house, dialect)
            let others = [
                try await house.device("alice", "other", in: dialect), try await house.device("carl", in: dialect),
                try await house.device("alice", of: "other", in: dialect), try await house.device("bob", of: "other", in: dialect),
            ]
            let accepted = await ring.phone.ask(.accept, ["callId": ring.id])
            let told = await ring.alice.hears(.accepted)
            let again = await ring.phone.ask(.token, ["callId": ring.id])
            #expect(accepted["agoraToken"] == accepted["join"]?["token"] && told["agoraToken"] == told["join"]?["token"])
            #expect(await ring.alice.ask(.end, ["callId": ring.id])["success"] == true)
            await house.settled()

            let callee = [accepted, again].compactMap { $0["join"]?["token"]?.stringValue }
            let caller = [told].compactMap { $0["join"]?["token"]?.stringValue }
            #expect(callee.count == 2 && caller.count == 1)
            for socket in house.all {
                let text = socket.texts.joined(separator: "\n")
                for token in callee { #expect(text.contains(token) == (socket === ring.phone)) }
                for token in caller { #expect(text.contains(token) == (socket === ring.alice)) }
                if socket !== ring.phone && socket !== ring.alice { #expect(!text.contains("join\":{")) }
            }
            #expect(others.count == 4)
        }
    }

    @Test(arguments: Dialect.all) func `N12: another tenant's sockets hear nothing of a call, and can do nothing to it`(dialect: Dialect)
        async throws
    {
        try await SocketHouse.open { house in
            let foreigners = [
                try await house.device("bob", "phone", of: "other", in: dialect),
                try await house.device("alice", "tablet", of: "other", in: dialect),
            ]
            // They have heard of each other.
            await house.settled()
            for socket in foreigners { socket.forgetUnread() }
            let before = foreigners.map(\.texts.count)
            let ring = try await Ring.accepted(in: house, dialect)
            #expect(await ring.alice.ask(.end, ["callId": ring.id])["success"] == true)
            await house.pass(100)
            #expect(foreigners.map(\.texts.count) == before)
            let event = AppEvent(name: try AppEventName("hello"), data: 1)
            #expect(house.signaling.send(event, to: .user(try UserID("bob")), in: try TenantID("acme")) == 2)
            await house.settled()
            for socket in foreigners { #expect(!socket.texts.joined().contains("hello")) }
            let own = foreigners[0]
            for event in [ClientEvent.accept, .reject, .cancel, .end, .token] {
                #expect(await own.ask(event, ["callId": ring.id]) == own.ask(event, ["callId": "call_that_never_was"]))
            }
        }
    }

    @Test func `C02: no token is on its way to the caller before the acceptance is committed, and none after the call has ended`()
        async throws
    {
        try await SocketHouse.open { house in
            let ring = try await Ring.rung(in: house, .colon)
            #expect(await ring.phone.ask(.accept, ["callId": ring.id])["success"] == true)
            #expect(await ring.alice.hears(.accepted)["join"] != nil)
            let accepted = try await house.call(ring.id)
            #expect(await ring.phone.ask(.end, ["callId": ring.id])["success"] == true)
            let late = try await house.device("alice", "tablet")
            // The acceptance is told when the call is over, as it may be after a restart.
            house.signaling.carry([CallEvent(kind: .accepted, to: try UserID("alice"), except: nil, call: accepted)])
            await house.settled()
            #expect(await late.unread() == [])
        }
    }

    @Test func `events that come twice or late are told once, in their order`() async throws {
        try await SocketHouse.open { house in
            let ring = try await Ring.accepted(in: house, .colon)
            let active = try await house.call(ring.id)
            for version in [1, 2, 1, 2] { house.signaling.carry(CallEvent.all(of: active.asOf(version))) }
            await house.settled()
            try await ring.expectQuiet()
        }
    }

    @Test(arguments: Dialect.all) func `no event of the service's own can be forged by an app`(dialect: Dialect) {
        for name in dialect.serverNames.values {
            #expect(throws: VocabularyError.self) { try AppEventName(name) }
        }
    }

    @Test func `both dialects have a name for everything that clients may ask, and no name twice`() {
        for dialect in Dialect.all {
            #expect(Set(dialect.clientNames.keys) == Set(ClientEvent.allCases))
            #expect(Set(dialect.serverNames.values).count == dialect.serverNames.count)
        }
        #expect(Set(Dialect.colon.serverNames.keys) == Set(ServerEvent.allCases))
        #expect(
            Set(ServerEvent.allCases).subtracting(Dialect.dash.serverNames.keys) == [.rejectConfirmed, .rejectSuccess])
    }
}
