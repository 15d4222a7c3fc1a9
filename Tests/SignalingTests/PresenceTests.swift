import Calls
import StrictJSON
import Switchboard
import Testing
import Vocabulary

@testable import Signaling

/// Who is there, and who hears what.
@Suite(.timeLimit(.minutes(4))) struct PresenceTests {
    @Test(arguments: Dialect.all) func `others hear of a user once, whatever its devices do`(dialect: Dialect) async throws {
        try await SocketHouse.open { house in
            let alice = try await house.device("alice", in: dialect)
            let foreigner = try await house.device("zoe", of: "other", in: dialect)
            let (phone, laptop) = (try await house.device("bob"), try await house.device("bob", in: .dash))
            #expect(await alice.hears(.userOnline)["userId"] == "bob")
            phone.line.drops()
            await house.settled()
            #expect(await alice.unread() == [])
            laptop.line.drops()
            await house.settled()
            let offline = await alice.hears(.userOffline)
            #expect(offline["userId"] == "bob" && offline[dialect.offlineMomentField] == "2027-01-15T08:00:00Z")
            #expect(await alice.unread() == [])
            #expect(await foreigner.unread() == [])
        }
    }

    @Test func `one connection may be in both namespaces, and is one user with two sockets`() async throws {
        try await SocketHouse.open { house in
            let watcher = try await house.device("watcher")
            let alice = try await house.device("alice")
            #expect(await watcher.hears(.userOnline)["userId"] == "alice")
            alice.leave()
            #expect(await watcher.hears(.userOffline)["userId"] == "alice")
            _ = await alice.connect(["token": .string(house.token("alice"))])
            #expect(await watcher.hears(.userOnline)["userId"] == "alice")
        }
    }

    @Test func `beyond the bound nobody is told who comes and goes`() async throws {
        try await SocketHouse.open(.with { $0.presenceBroadcastUsersMax = 2 }) { house in
            let alice = try await house.device("alice")
            _ = try await house.device("bob")
            #expect(await alice.hears(.userOnline)["userId"] == "bob")
            _ = try await house.device("carl")
            #expect(await alice.unread() == [])
        }
    }

    @Test func `the desk is told who is there, with how many sockets, and who was there when`() async throws {
        try await SocketHouse.open { house in
            let acme = try TenantID("acme")
            let ids = try ["alice", "bob", "carl"].map { try UserID($0) }
            let bob = try await house.device("bob")
            for _ in 1...2 { _ = try await house.device("alice") }
            _ = try await house.device("alice", of: "other")
            #expect(house.signaling.online(in: acme, after: nil, limit: 10).map(\.user.text) == ["alice", "bob"])
            #expect(house.signaling.online(in: acme, after: ids[0], limit: 10).map(\.user.text) == ["bob"])
            #expect(house.signaling.online(in: acme, after: nil, limit: 1).map(\.user.text) == ["alice"])
            #expect(house.signaling.onlineCount(in: acme) == 2 && house.signaling.onlineCount(in: nil) == 3)
            await house.pass(5)
            bob.line.drops()
            await house.settled()
            let left = house.clock.now
            await house.pass(7)
            let presence = house.signaling.presence(of: ids, in: acme)
            #expect(presence.map(\.devices) == [2, 0, 0])
            #expect(presence.map(\.lastSeenAt) == [house.clock.now, left, nil])
            #expect(presence[0].socketID?.count == 20 && presence[1].socketID == nil)
        }
    }

    @Test func `of those who have gone no more are remembered than the bound says`() {
        let seen = LastSeen(max: 10)
        for number in 1...100 {
            guard let user = Self.user(number) else { return }
            seen.note(user, at: UnixTime(Int64(number)))
        }
        let known = (1...100).filter { number in Self.user(number).map { seen[$0] != nil } ?? false }
        #expect(known.count <= 10 && known.contains(100))
    }

    private static func user(_ number: Int) -> UserKey? {
        do {
            return UserKey(tenant: try TenantID("acme"), id: try UserID("user-\(number)"))
        } catch {
            Issue.record("\(error)")
            return nil
        }
    }

    // MARK: Events of the app's own

    @Test(arguments: Dialect.all) func `an app's event reaches every device of its user, and those who may listen`(dialect: Dialect)
        async throws
    {
        try await SocketHouse.open { house in
            try await house.allow(userRoomRoles: ["nurse"])
            let (phone, laptop) = (try await house.device("alice"), try await house.device("alice", in: .dash))
            let nurse = try await house.device("nina", in: dialect, roles: ["nurse"])
            let carl = try await house.device("carl", in: dialect)
            #expect(await phone.ask(.joinUserRoom, ["userId": "alice"])["success"] == true)
            #expect(await nurse.ask(.joinUserRoom, ["userId": "alice"])["success"] == true)
            #expect(await carl.ask(.joinUserRoom, ["userId": "alice"])["code"] == "not_allowed")
            let event = AppEvent(name: try AppEventName("order:shipped"), data: ["id": 7])
            let (alice, acme) = (AppEvent.Recipient.user(try UserID("alice")), try TenantID("acme"))
            #expect(house.signaling.send(event, to: alice, in: acme) == 3)
            for socket in [phone, laptop, nurse] { #expect(await socket.heard(named: "order:shipped").payload == ["id": 7]) }
            #expect(await nurse.ask(.leaveUserRoom, ["userId": "alice"])["success"] == true)
            #expect(house.signaling.send(event, to: alice, in: acme) == 2)
            #expect(house.signaling.send(event, to: alice, in: try TenantID("other")) == 0)
            #expect(await !carl.unread().contains("order:shipped"))
        }
    }

    @Test(arguments: Dialect.all) func `a topic is heard by those who joined it by the tenant's rules`(dialect: Dialect) async throws {
        try await SocketHouse.open(.with { $0.roomsPerSocketMax = 2 }) { house in
            try await house.allow(topics: [
                TopicRule(pattern: TopicPattern("orders.{user}"), join: .owner), TopicRule(pattern: TopicPattern("news.*"), join: .anyone),
            ])
            let alice = try await house.device("alice", in: dialect)
            #expect(await alice.ask(.joinTopic, ["topic": "orders.alice"])["success"] == true)
            #expect(await alice.ask(.joinTopic, ["topic": "orders.bob"])["code"] == "not_allowed")
            #expect(await alice.ask(.joinTopic, ["topic": "a b"])["code"] == "invalid_payload")
            #expect(await alice.ask(.joinTopic, ["topic": "news.1"])["success"] == true)
            #expect(await alice.ask(.joinTopic, ["topic": "news.2"])["code"] == "too_many_rooms")
            let (topic, acme) = (AppEvent.Recipient.topic(try TopicName("orders.alice")), try TenantID("acme"))
            let event = AppEvent(name: try AppEventName("changed"), data: "x")
            #expect(house.signaling.send(event, to: topic, in: acme) == 1)
            #expect(await alice.heard(named: "changed").payload == "x")
            #expect(await alice.ask(.leaveTopic, ["topic": "orders.alice"])["success"] == true)
            #expect(house.signaling.send(event, to: topic, in: acme) == 0)
            #expect(await alice.ask(.joinTopic, ["topic": "orders.alice"])["success"] == true)
            alice.line.drops()
            await house.settled()
            #expect(house.signaling.send(event, to: topic, in: acme) == 0)
        }
    }
}
