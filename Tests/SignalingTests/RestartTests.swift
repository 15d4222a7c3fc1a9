import Calls
import SocketIO
import StrictJSON
import Switchboard
import Testing
import Vocabulary

@testable import Signaling

/// What becomes of live calls when the service starts again, and some of the parties do not come back.
@Suite(.timeLimit(.minutes(4))) struct RestartTests {
    /// How long a party without a socket is waited for after a start.
    private static func patience(_ house: SocketHouse) -> Int {
        let (settings, sockets) = (house.signaling.settings, house.signaling.socketSettings)
        let milliseconds = sockets.pingIntervalMilliseconds + sockets.pingTimeoutMilliseconds
        return milliseconds / 1000 + settings.returnSeconds + settings.graceSeconds
    }

    @Test(arguments: Dialect.all) func `a call whose parties do not come back after a restart ends when they were waited for`(
        dialect: Dialect
    )
        async throws
    {
        try await SocketHouse.open { house in
            let ring = try await Ring.accepted(in: house, dialect)
            try await house.restarted(after: 100) { (house: SocketHouse) async throws in
                await house.pass(Self.patience(house) - 1)
                #expect(try await house.call(ring.id).state == .active)
                #expect(try await house.isBusy("alice"))
                await house.pass(1)
                #expect(try await house.call(ring.id).ending?.reason == .partyGone)
                #expect(try await !house.isBusy("alice"))
                #expect(try await !house.isBusy("bob"))
                #expect(house.signaling.graces.count == 0)
            }
        }
    }

    @Test(arguments: Dialect.all) func `one party comes back in time and hears that the other was waited for in vain`(dialect: Dialect)
        async throws
    {
        try await SocketHouse.open { house in
            let ring = try await Ring.accepted(in: house, dialect)
            try await house.restarted { (house: SocketHouse) async throws in
                await house.pass(20)
                let alice = try await house.device("alice", "tablet", in: dialect)
                #expect(await alice.hears(.state)["state"] == "active")
                await house.pass(Self.patience(house) - 20)
                let ended = await alice.hears(.ended)
                #expect(ended["callId"] == ring.id && ended["reason"] == "party_gone" && ended["endedBy"] == "bob")
            }
        }
    }

    @Test func `who comes back in time is in its call again, and is waited for anew when it drops out`() async throws {
        try await SocketHouse.open { house in
            let ring = try await Ring.accepted(in: house, .colon)
            try await house.restarted { (house: SocketHouse) async throws in
                await house.pass(Self.patience(house) - 1)
                let alice = try await house.device("alice", "tablet")
                let phone = try await house.device("bob", "phone")
                #expect(await phone.hears(.state)["callId"] == ring.id)
                await house.pass(1000)
                #expect(try await house.call(ring.id).state == .active)
                #expect(await phone.ask(.token, ["callId": ring.id])["join"]?["identity"] == "bob")
                #expect(await alice.ask(.token, ["callId": ring.id])["join"]?["identity"] == "alice")
                phone.line.drops()
                await house.settled()
                await house.pass(house.signaling.settings.graceSeconds)
                #expect(await alice.hears(.ended)["reason"] == "party_gone")
            }
        }
    }

    @Test func `who comes back too late finds no call, and is free`() async throws {
        try await SocketHouse.open { house in
            let ring = try await Ring.accepted(in: house, .colon)
            try await house.restarted { (house: SocketHouse) async throws in
                let alice = try await house.device("alice", "tablet")
                await house.pass(Self.patience(house))
                #expect(await alice.hears(.ended)["callId"] == ring.id)
                let phone = try await house.device("bob", "phone")
                await house.settled()
                #expect(await phone.unread() == [])
                #expect(await phone.ask(.token, ["callId": ring.id])["code"] == "call_not_active")
                #expect(await alice.ask(.initiate, Dialect.colon.order("bob"))["success"] == true)
            }
        }
    }

    @Test func `another device of a party does not stand in for the one that was in the call`() async throws {
        try await SocketHouse.open { house in
            let ring = try await Ring.accepted(in: house, .colon)
            try await house.restarted { (house: SocketHouse) async throws in
                _ = try await house.device("alice", "tablet")
                _ = try await house.device("bob", "laptop")
                await house.pass(Self.patience(house))
                #expect(try await house.call(ring.id).ending?.by?.text == "bob")
            }
        }
    }

    @Test func `a restart in the middle of a grace begins it anew`() async throws {
        try await SocketHouse.open { house in
            let ring = try await Ring.accepted(in: house, .colon)
            ring.phone.line.drops()
            await house.settled()
            await house.pass(house.signaling.settings.graceSeconds - 1)
            try await house.restarted { (house: SocketHouse) async throws in
                _ = try await house.device("alice", "tablet")
                await house.pass(Self.patience(house) - 1)
                #expect(try await house.call(ring.id).state == .active)
                await house.pass(1)
                #expect(try await house.call(ring.id).ending?.by?.text == "bob")
            }
        }
    }

    @Test func `a second restart begins the wait anew`() async throws {
        try await SocketHouse.open { house in
            let ring = try await Ring.accepted(in: house, .colon)
            try await house.restarted { (house: SocketHouse) async throws in
                await house.pass(Self.patience(house) - 1)
                try await house.restarted { (house: SocketHouse) async throws in
                    await house.pass(Self.patience(house) - 1)
                    #expect(try await house.call(ring.id).state == .active)
                    await house.pass(1)
                    #expect(try await house.call(ring.id).ending?.reason == .partyGone)
                }
            }
        }
    }

    @Test func `a call that rings is taken back where its caller does not come again`() async throws {
        try await SocketHouse.open(.with { ($0.graceSeconds, $0.returnSeconds) = (0, 0) }) { house in
            let ring = try await Ring.rung(in: house, .colon)
            try await house.restarted { (house: SocketHouse) async throws in
                let phone = try await house.device("bob", "phone")
                #expect(await phone.hears(.incoming)["callId"] == ring.id)
                #expect(Self.patience(house) < Limits.ringSeconds)
                await house.pass(Self.patience(house))
                #expect(await phone.hears(.cancelled)["callId"] == ring.id)
                #expect(try await house.call(ring.id).ending?.reason == .cancelled)
            }
        }
    }

    @Test func `two users who called each other are waited for alike`() async throws {
        for gone in ["alice", "bob"] {
            try await SocketHouse.open { house in
                let (alice, bob) = (try await house.device("alice", "tablet"), try await house.device("bob", "phone"))
                let placed = await alice.ask(.initiate, Dialect.colon.order("bob"))
                #expect(await bob.ask(.initiate, Dialect.colon.order("alice"))["callId"] == placed["callId"])
                try await house.restarted { (house: SocketHouse) async throws in
                    _ = try await house.device(gone == "alice" ? "bob" : "alice", gone == "alice" ? "phone" : "tablet")
                    await house.pass(Self.patience(house))
                    #expect(try await house.call(placed["callId"]).ending?.by?.text == gone)
                }
            }
        }
    }

    @Test func `a call that was run over REST goes on without sockets, whatever its devices are called`() async throws {
        try await SocketHouse.open { house in
            let server = try await house.server()
            let order = CallOrder(
                caller: try UserID("alice"), callee: try UserID("bob"), media: .audio, provider: nil, id: nil,
                device: try DeviceID("tablet"), metadata: nil)
            let call = try await house.desk.placeCall(order, .none, for: server).call
            let bob = try await house.desk.authenticate(house.token("bob"))
            _ = try await house.desk.acceptCall(
                call.id, as: PartyClaim(user: nil, device: try DeviceID("phone")), .none, for: bob)
            _ = try await house.device("bob", "laptop")
            try await house.restarted { (house: SocketHouse) async throws in
                #expect(house.signaling.graces.count == 0)
                await house.pass(Self.patience(house) * 2)
                #expect(try await house.call(.string(call.id.text)).state == .active)
            }
        }
    }

    @Test func `a device that accepts over REST while it has a socket is waited for, and its server's caller is not`() async throws {
        try await SocketHouse.open { house in
            let server = try await house.server()
            let order = CallOrder(
                caller: try UserID("alice"), callee: try UserID("bob"), media: .audio, provider: nil, id: nil, device: nil, metadata: nil)
            let call = try await house.desk.placeCall(order, .none, for: server).call
            _ = try await house.device("bob", "phone")
            let bob = try await house.desk.authenticate(house.token("bob"))
            _ = try await house.desk.acceptCall(
                call.id, as: PartyClaim(user: nil, device: try DeviceID("phone")), .none, for: bob)
            try await house.restarted { (house: SocketHouse) async throws in
                await house.pass(Self.patience(house))
                #expect(try await house.call(.string(call.id.text)).ending?.by?.text == "bob")
            }
        }
    }
}

extension SocketHouse {
    /// Whether the user is in a live call.
    fileprivate func isBusy(_ user: String) async throws -> Bool {
        try await desk.liveCall(of: UserID(user), in: TenantID("acme")) != nil
    }
}
