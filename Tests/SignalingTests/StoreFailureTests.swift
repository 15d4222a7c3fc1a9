import Storage
import StrictJSON
import Testing

@testable import Signaling

/// What sockets hear when nothing can be kept any more: that it cannot be done now, and nothing that was not done.
@Suite(.timeLimit(.minutes(4))) struct StoreFailureTests {
    @Test(arguments: Dialect.all) func `a store that takes nothing places no call, and the sockets stay`(dialect: Dialect) async throws {
        try await SocketHouse.open { house in
            let (alice, bob) = (try await house.device("alice", in: dialect), try await house.device("bob", in: dialect))
            _ = await alice.hears(.userOnline)
            try house.store.close()
            #expect(await alice.ask(.initiate, dialect.order("bob"))["code"] == "unavailable")
            #expect(await bob.unread() == [])
            #expect(await alice.ask(.heartbeat)["success"] == true)
            #expect(alice.isDisconnected == false && bob.isDisconnected == false)
        }
    }

    @Test(arguments: Dialect.all) func `an acceptance that cannot be kept gives nobody a token, and the caller hears nothing`(
        dialect: Dialect
    )
        async throws
    {
        try await SocketHouse.open { house in
            let (alice, bob) = (try await house.device("alice", in: dialect), try await house.device("bob", in: dialect))
            _ = await alice.hears(.userOnline)
            let placed = await alice.ask(.initiate, dialect.order("bob"))
            _ = await bob.heard(.incoming)
            try house.store.close()
            let accepted = await bob.ask(.accept, placed.callOnly)
            #expect(accepted["code"] == "unavailable" && accepted["join"] == nil)
            #expect(await alice.unread() == [])
            for (socket, event) in [(bob, ClientEvent.reject), (alice, .cancel), (alice, .end)] {
                #expect(await socket.ask(event, placed.callOnly)["code"] == "unavailable")
            }
            #expect(await alice.ask(.token, placed.callOnly)["join"] == nil)
        }
    }

    @Test func `a user who cannot be kept is not let in, and one who is known is`() async throws {
        try await SocketHouse.open { house in
            _ = try await house.device("alice")
            try house.store.close()
            let stranger = await house.socket().connect(["token": .string(house.token("carol"))])
            // What cannot even be read is a fault of ours; what cannot be written may be the disk's.
            #expect(["unavailable", "internal"].contains(stranger["data"]?["code"]))
            #expect(house.signaling.onlineCount(in: nil) == 1)
            #expect(await house.socket().connect(["token": .string(house.token("alice"))])["userId"] == "alice")
        }
    }
}
