import Calls
import SocketIO
import StrictJSON
import Testing
import Vocabulary

@testable import Signaling

/// What becomes of calls when connections are lost, and of those who come back.
@Suite(.timeLimit(.minutes(4))) struct DropTests {
    @Test(arguments: Dialect.all) func `C17: when a ringing caller's last socket goes the call is taken back at once`(dialect: Dialect)
        async throws
    {
        try await SocketHouse.open { house in
            let ring = try await Ring.rung(in: house, dialect)
            ring.alice.line.drops()
            for socket in [ring.phone, ring.laptop] { #expect(await socket.hears(.cancelled)["reason"] == "caller_cancelled") }
            #expect(try await house.call(ring.id).ending?.reason == .cancelled)
        }
    }

    @Test func `a ringing caller who has another socket is waited for, and so is its device`() async throws {
        try await SocketHouse.open { house in
            let ring = try await Ring.rung(in: house, .colon)
            let other = try await house.device("alice", "phone")
            _ = await other.hears(.state)
            ring.alice.line.drops()
            await house.settled()
            #expect(try await house.call(ring.id).state == .ringing)
            await house.pass(house.signaling.settings.graceSeconds)
            #expect(await other.hears(.cancelled)["callId"] == ring.id)
        }
    }

    @Test(arguments: Dialect.all) func `a party that drops out of an active call is waited for, and then the call ends`(dialect: Dialect)
        async throws
    {
        try await SocketHouse.open { house in
            let ring = try await Ring.accepted(in: house, dialect)
            ring.phone.line.drops(.pingTimeout)
            await house.settled()
            await house.pass(house.signaling.settings.graceSeconds - 1)
            #expect(try await house.call(ring.id).state == .active)
            await house.pass(1)
            let ended = await ring.alice.hears(.ended)
            #expect(ended["callId"] == ring.id && ended["reason"] == "party_gone" && ended["endedBy"] == "bob")
            #expect(house.signaling.graces.count == 0)
        }
    }

    @Test(arguments: Dialect.all) func `C16 C27: a device that comes back in time is in its call again, and fetches its token`(
        dialect: Dialect
    )
        async throws
    {
        try await SocketHouse.open { house in
            let ring = try await Ring.accepted(in: house, dialect)
            ring.phone.line.drops()
            await house.settled()
            await house.pass(10)
            let again = try await house.device("bob", "phone", in: dialect)
            let state = await again.hears(.state)
            #expect(state["callId"] == ring.id && state["state"] == "active" && state["callerId"] == "alice" && state["calleeId"] == "bob")
            await house.pass(100)
            #expect(try await house.call(ring.id).state == .active)
            #expect(await again.ask(.token, ["callId": ring.id])["join"]?["identity"] == "bob")
            #expect(await ring.laptop.ask(.token, ["callId": ring.id])["code"] == "answered_elsewhere")
        }
    }

    @Test func `who drops out again is waited for anew`() async throws {
        try await SocketHouse.open { house in
            let ring = try await Ring.accepted(in: house, .colon)
            ring.phone.line.drops()
            await house.settled()
            await house.pass(10)
            let again = try await house.device("bob", "phone")
            again.line.drops()
            await house.settled()
            await house.pass(10)
            #expect(try await house.call(ring.id).state == .active)
            await house.pass(5)
            #expect(try await house.call(ring.id).ending?.reason == .partyGone)
        }
    }

    @Test func `a device that is not in the call may come and go`() async throws {
        try await SocketHouse.open { house in
            let ring = try await Ring.accepted(in: house, .colon)
            ring.laptop.line.drops()
            await house.settled()
            await house.pass(100)
            #expect(try await house.call(ring.id).state == .active)
        }
    }

    @Test func `a second socket of the same device keeps it in the call`() async throws {
        try await SocketHouse.open { house in
            let ring = try await Ring.accepted(in: house, .colon)
            _ = try await house.device("bob", "phone")
            ring.phone.line.drops()
            await house.settled()
            await house.pass(100)
            #expect(try await house.call(ring.id).state == .active)
        }
    }

    @Test func `a service that stops ends no calls and tells nobody that somebody went`() async throws {
        try await SocketHouse.open { house in
            let ring = try await Ring.accepted(in: house, .colon)
            let watcher = try await house.device("watcher")
            house.signaling.stop()
            for socket in [ring.alice, ring.phone, ring.laptop] { socket.line.drops(.serverShuttingDown) }
            await house.settled()
            await house.pass(1000)
            #expect(try await house.call(ring.id).state == .active)
            #expect(await watcher.unread() == [])
        }
    }

    @Test(arguments: Dialect.all) func `a callee who comes while it rings hears it ring, once`(dialect: Dialect) async throws {
        try await SocketHouse.open { house in
            let ring = try await Ring.rung(in: house, dialect)
            let late = try await house.device("bob", "watch", in: dialect)
            #expect(await late.hears(.incoming)["callId"] == ring.id)
            let caller = try await house.device("alice", "phone", in: dialect)
            let state = await caller.hears(.state)
            #expect(state["state"] == "ringing" && state["expiresAt"] == "2027-01-15T08:00:30Z")
            #expect(await ring.phone.ask(.accept, ["callId": ring.id])["success"] == true)
            #expect(await late.hears(.cancelled)["reason"] == "answered_elsewhere")
            #expect(await caller.hears(.accepted)["join"] == nil, "the token is for the device that placed the call")
            #expect(await late.unread() == [])
        }
    }

    @Test(arguments: Dialect.all) func `the caller hears that it rings once, whoever of the callee's devices says so`(dialect: Dialect)
        async throws
    {
        try await SocketHouse.open { house in
            let (alice, phone) = (try await house.device("alice", in: dialect), try await house.device("bob", in: dialect))
            let laptop = try await house.device("bob", in: dialect)
            let placed = await alice.ask(.initiate, dialect.order("bob"))
            for socket in [phone, laptop] { socket.acknowledge(await socket.heard(.incoming)) }
            #expect(await alice.hears(.ringing)["callId"] == placed["callId"])
            await house.settled()
            #expect(await !alice.unread().contains(dialect.serverNames[.ringing] ?? ""))
        }
    }

    @Test func `what a device says of a ring that is over is no news`() async throws {
        try await SocketHouse.open { house in
            let (alice, bob) = (try await house.device("alice"), try await house.device("bob"))
            let placed = await alice.ask(.initiate, Dialect.colon.order("bob"))
            let incoming = await bob.heard(.incoming)
            #expect(await alice.ask(.cancel, placed.callOnly)["success"] == true)
            #expect(await bob.hears(.cancelled)["callId"] == placed["callId"])
            bob.acknowledge(incoming)
            await house.settled()
            #expect(await alice.unread() == ["user:online"])
        }
    }
}
