import Calls
import StrictJSON
import Testing
import Tokens
import Vocabulary

@testable import Signaling

/// What the parties of a call hear, in both dialects alike.
@Suite(.timeLimit(.minutes(4))) struct CallStoryTests {
    @Test(arguments: Dialect.all) func `C01 C02: it rings, is accepted, and each party gets its own token and nobody before`(
        dialect: Dialect
    )
        async throws
    {
        try await SocketHouse.open { house in
            let alice = try await house.device("alice", in: dialect, name: "Alice A.")
            let bob = try await house.device("bob", in: dialect)
            #expect(await alice.hears(.userOnline)["userId"] == "bob")

            let placed = await alice.ask(.initiate, dialect.order("bob", ["callType": "video", "agoraToken": "x", "channelName": "y"]))
            #expect(placed["success"] == true && placed["join"] == nil)
            let incoming = await bob.heard(.incoming)
            #expect(incoming.payload["callId"] == placed["callId"] && incoming.payload["callerId"] == "alice")
            #expect(incoming.payload["callerName"] == "Alice A." && incoming.payload["callType"] == "video")
            #expect(incoming.payload["channelName"] == placed["channelName"] && incoming.payload["join"] == nil)
            for (socket, event) in [(alice, ClientEvent.token), (bob, .token)] {
                #expect(await socket.ask(event, placed.callOnly)["code"] == "call_not_active")
            }
            bob.acknowledge(incoming)
            #expect(await alice.hears(.ringing)["callId"] == placed["callId"])

            let accepted = await bob.ask(.accept, placed.callOnly)
            let told = await alice.hears(.accepted)
            #expect(accepted["join"]?["identity"] == "bob" && told["join"]?["identity"] == "alice")
            #expect(accepted["join"]?["room"] == placed["channelName"] && told["join"]?["room"] == placed["channelName"])
            #expect(accepted["agoraToken"] == nil)
            #expect(try await house.audit().filter { $0 == "call.token done" }.count == 2)

            #expect(await alice.ask(.end, placed.callOnly)["success"] == true)
            let ended = await bob.hears(.ended)
            #expect(ended["endedBy"] == "alice" && ended["reason"] == "hung_up")
            #expect(await alice.unread() == [])
            #expect(await bob.unread() == [])
        }
    }

    @Test(arguments: Dialect.all) func `C28: whatever a device's own clock says, it accepts, and its token counts from the service's`(
        dialect: Dialect
    )
        async throws
    {
        try await SocketHouse.open { house in
            let (alice, bob) = (try await house.device("alice", in: dialect), try await house.device("bob", in: dialect))
            for hours in [-1, 1] as [Int64] {
                let own = JSONValue.integer((house.clock.now.seconds + hours * 3600) * 1000)
                #expect(await bob.ask(.heartbeat, ["timestamp": own])["timestamp"] == .string(house.clock.now.rfc3339))
                let placed = await alice.ask(.initiate, dialect.order("bob", ["timestamp": own]))
                #expect(placed["expiresAt"] == .string((house.clock.now + Limits.ringSeconds).rfc3339))
                _ = await bob.heard(.incoming)
                await house.pass(Limits.ringSeconds - 1)
                let id = placed["callId"] ?? .null
                let accepted = await bob.ask(.accept, ["callId": id, "timestamp": own, "expiresAt": own])
                #expect(accepted["join"]?["issued_at"] == .string(house.clock.now.rfc3339))
                #expect(await alice.hears(.accepted)["join"]?["identity"] == "alice")
                #expect(await alice.ask(.end, placed.callOnly)["success"] == true)
                _ = await bob.heard(.ended)
            }
        }
    }
}

extension Dialect {
    /// The payload of a request for a call.
    func order(_ callee: String, _ more: JSONObject = [:]) -> JSONValue {
        var payload = more
        payload[receiverField] = .string(callee)
        return .object(payload)
    }
}

extension JSONValue {
    /// The payload of a request about the call that this one names.
    var callOnly: JSONValue { ["callId": self["callId"] ?? .null] }
}
