import Calls
import StrictJSON
import Switchboard
import Testing
import Vocabulary

@testable import Signaling

/// How calls come to nothing, or to an end, and who hears what of it.
@Suite(.timeLimit(.minutes(4))) struct CallEndingTests {
    @Test(arguments: Dialect.all) func `a rejected call is told to the caller and to the callee's other devices`(dialect: Dialect)
        async throws
    {
        try await SocketHouse.open { house in
            let ring = try await Ring.rung(in: house, dialect)
            let answer = await ring.phone.ask(.reject, ["callId": ring.id, "reason": "in a meeting"])
            #expect(answer == ["success": true, "callId": ring.id])
            if dialect.serverNames[.rejectConfirmed] != nil {
                #expect(await ring.phone.hears(.rejectConfirmed) == ["callId": ring.id])
                #expect(await ring.phone.hears(.rejectSuccess) == ["callId": ring.id])
            }
            let rejected = await ring.alice.hears(.rejected)
            #expect(rejected["callId"] == ring.id && rejected["reason"] == "in a meeting")
            #expect(await ring.laptop.hears(.cancelled)["reason"] == "rejected_elsewhere")
            try await ring.expectQuiet()
            #expect(await ring.phone.ask(.reject, ["callId": ring.id])["success"] == true, "again: the same answer")
        }
    }

    @Test(arguments: Dialect.all) func `a call that its caller takes back stops ringing everywhere`(dialect: Dialect) async throws {
        try await SocketHouse.open { house in
            let ring = try await Ring.rung(in: house, dialect)
            #expect(await ring.alice.ask(.cancel, ["callId": ring.id])["success"] == true)
            for socket in [ring.phone, ring.laptop] { #expect(await socket.hears(.cancelled)["reason"] == "caller_cancelled") }
            try await ring.expectQuiet()
        }
    }

    @Test(arguments: Dialect.all) func `C06: nobody answers, and all hear that the time is over`(dialect: Dialect) async throws {
        try await SocketHouse.open { house in
            let ring = try await Ring.rung(in: house, dialect)
            await house.pass(Limits.ringSeconds)
            let timeout = await ring.alice.hears(.timeout)
            #expect(timeout["callId"] == ring.id && timeout["reason"] == "No answer")
            for socket in [ring.phone, ring.laptop] { #expect(await socket.hears(.cancelled)["reason"] == "Timeout") }
            #expect(await ring.phone.ask(.accept, ["callId": ring.id])["code"] == "call_ended")
            try await ring.expectQuiet()
        }
    }

    @Test(arguments: Dialect.all) func `C03 C10: the other device hears that it was answered elsewhere and gets no token`(dialect: Dialect)
        async throws
    {
        try await SocketHouse.open { house in
            let ring = try await Ring.rung(in: house, dialect)
            #expect(await ring.phone.ask(.accept, ["callId": ring.id])["join"] != nil)
            #expect(await ring.laptop.hears(.cancelled)["reason"] == "answered_elsewhere")
            for event in [ClientEvent.accept, .token] {
                #expect(await ring.laptop.ask(event, ["callId": ring.id])["code"] == "answered_elsewhere")
            }
            #expect(await ring.laptop.ask(.reject, ["callId": ring.id])["code"] == "answered_elsewhere", "C07")
            #expect(await ring.phone.ask(.accept, ["callId": ring.id])["join"] != nil, "C09: the winner may ask again")
            #expect(await ring.phone.ask(.token, ["callId": ring.id])["join"]?["identity"] == "bob")
            #expect(await ring.alice.hears(.accepted)["join"]?["identity"] == "alice")
            try await ring.expectQuiet()
        }
    }

    @Test(arguments: Dialect.all) func `C08: neither the caller nor a stranger nor another tenant's user can accept`(dialect: Dialect)
        async throws
    {
        try await SocketHouse.open { house in
            let ring = try await Ring.rung(in: house, dialect)
            let (carl, zoe) = (try await house.device("carl", in: dialect), try await house.device("bob", of: "other", in: dialect))
            #expect(await ring.alice.ask(.accept, ["callId": ring.id])["code"] == "wrong_party")
            let answers = [
                await carl.ask(.accept, ["callId": ring.id]), await zoe.ask(.accept, ["callId": ring.id]),
                await zoe.ask(.accept, ["callId": "call_that_never_was"]),
            ]
            for answer in answers { #expect(answer == answers[0]) }
            #expect(answers[0]["code"] == "not_found")
            for event in [ClientEvent.reject, .cancel, .end, .token] {
                for socket in [carl, zoe] { #expect(await socket.ask(event, ["callId": ring.id])["code"] == "not_found") }
            }
            #expect(try await house.call(ring.id).state == .ringing)
        }
    }

    @Test(arguments: Dialect.all) func `C13: both hang up, and the call ends once`(dialect: Dialect) async throws {
        try await SocketHouse.open { house in
            let ring = try await Ring.accepted(in: house, dialect)
            async let first = ring.alice.ask(.end, ["callId": ring.id])
            async let second = ring.phone.ask(.end, ["callId": ring.id])
            #expect(await first["success"] == true)
            #expect(await second["success"] == true)
            #expect(await ring.phone.ask(.end, ["callId": ring.id])["success"] == true)
            #expect(try await house.call(ring.id).version == 3)
            #expect(await ring.laptop.hears(.ended)["callId"] == ring.id)
            #expect(await ring.alice.ask(.token, ["callId": ring.id])["code"] == "call_not_active")
            #expect(await ring.phone.ask(.accept, ["callId": ring.id])["code"] == "call_ended", "C14")
        }
    }

    @Test(arguments: Dialect.all) func `C11: who is in a call is busy, and the caller is told so`(dialect: Dialect) async throws {
        try await SocketHouse.open { house in
            let ring = try await Ring.rung(in: house, dialect)
            let carl = try await house.device("carl", in: dialect)
            let answer = await carl.ask(.initiate, dialect.order("bob", ["callId": "brought-along"]))
            #expect(answer["busy"] == true && answer["code"] == "user_busy" && answer["success"] == false)
            let busy = await carl.hears(.busy)
            #expect(busy["callId"] == "brought-along" && busy["calleeId"] == "bob")
            #expect(await ring.alice.ask(.initiate, dialect.order("carl"))["code"] == "already_in_call")
            for socket in [ring.phone, carl] { #expect(await !socket.unread().contains(dialect.serverNames[.incoming] ?? "")) }
        }
    }

    @Test func `a call that the tenant's server placed, accepted and ended is heard like any other`() async throws {
        try await SocketHouse.open { house in
            let server = try await house.server()
            let (alice, bob) = (try await house.device("alice"), try await house.device("bob"))
            let order = CallOrder(
                caller: try UserID("alice"), callee: try UserID("bob"), media: .audio, provider: nil, id: nil, device: nil, metadata: "m")
            let call = try await house.desk.placeCall(order, .none, for: server).call
            let incoming = await bob.hears(.incoming)
            #expect(incoming["callId"] == .string(call.id.text) && incoming["metadata"] == "m" && incoming["callerName"] == "alice")
            let claim = PartyClaim(user: try UserID("bob"), device: nil)
            _ = try await house.desk.acceptCall(call.id, as: claim, .none, for: server)
            #expect(await alice.hears(.accepted)["join"]?["identity"] == "alice", "the call names no device, so every one is its device")
            #expect(await bob.hears(.cancelled)["reason"] == "answered_elsewhere")
            #expect(await bob.ask(.token, ["callId": .string(call.id.text)])["join"]?["identity"] == "bob")
            _ = try await house.desk.endCall(call.id, as: PartyClaim(user: nil, device: nil), note: "over", .none, for: server)
            for socket in [alice, bob] {
                let ended = await socket.hears(.ended)
                #expect(ended["endedBy"] == .null && ended["note"] == "over")
            }
        }
    }

    @Test func `a caller without a socket is called by its name in the directory`() async throws {
        try await SocketHouse.open { house in
            let server = try await house.server()
            _ = try await house.desk.putUser(UserID("alice"), displayName: "Dr. Alice", roles: [], for: server)
            let bob = try await house.device("bob")
            let order = CallOrder(
                caller: try UserID("alice"), callee: try UserID("bob"), media: .audio, provider: nil, id: nil, device: nil, metadata: nil)
            _ = try await house.desk.placeCall(order, .none, for: server)
            #expect(await bob.hears(.incoming)["callerName"] == "Dr. Alice")
        }
    }
}

/// A call from alice to bob, who has a phone and a laptop.
struct Ring {
    let alice: TestSocket
    let phone: TestSocket
    let laptop: TestSocket
    let id: JSONValue

    static func rung(in house: SocketHouse, _ dialect: Dialect) async throws -> Ring {
        let alice = try await house.device("alice", "tablet", in: dialect)
        let phone = try await house.device("bob", "phone", in: dialect)
        let laptop = try await house.device("bob", "laptop", in: dialect)
        #expect(await alice.hears(.userOnline)["userId"] == "bob")
        let placed = await alice.ask(.initiate, dialect.order("bob", ["callType": "video"]))
        try #require(placed["success"] == true, "\(placed)")
        let id = try #require(placed["callId"])
        for socket in [phone, laptop] { #expect(await socket.hears(.incoming)["callId"] == id) }
        return Ring(alice: alice, phone: phone, laptop: laptop, id: id)
    }

    /// The same, accepted on the phone.
    static func accepted(in house: SocketHouse, _ dialect: Dialect) async throws -> Ring {
        let ring = try await rung(in: house, dialect)
        #expect(await ring.phone.ask(.accept, ["callId": ring.id])["success"] == true)
        #expect(await ring.alice.hears(.accepted)["callId"] == ring.id)
        #expect(await ring.laptop.hears(.cancelled)["callId"] == ring.id)
        return ring
    }

    /// Nothing was heard but what was looked at.
    func expectQuiet() async throws {
        for socket in [alice, phone, laptop] { #expect(await socket.unread() == []) }
    }
}
