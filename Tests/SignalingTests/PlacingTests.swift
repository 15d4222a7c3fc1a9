import Calls
import StrictJSON
import Switchboard
import Testing
import Vocabulary

@testable import Signaling

/// Whom one may ring, and how often.
@Suite(.timeLimit(.minutes(4))) struct PlacingTests {
    @Test(arguments: Dialect.all) func `N04 C29: offline, unknown and another tenant's users are all the same to a caller`(dialect: Dialect)
        async throws
    {
        try await SocketHouse.open { house in
            let alice = try await house.device("alice", in: dialect)
            let (offline, zoe) = (try await house.device("bob"), try await house.device("zoe", of: "other", in: dialect))
            offline.line.drops()
            await house.settled()
            let answers = [
                await alice.ask(.initiate, dialect.order("bob")), await alice.ask(.initiate, dialect.order("nobody")),
                await alice.ask(.initiate, dialect.order("zoe")),
                await alice.ask(.initiate, dialect.order("zoe", ["callId": "brought-along"])),
            ]
            for answer in answers {
                #expect(
                    answer == [
                        "success": false, "code": "user_unavailable", "error": "The user cannot be reached.", "useFcmFallback": true,
                    ])
            }
            #expect(await zoe.unread() == [])
            #expect(try await !house.audit().contains { $0.hasPrefix("call.place") }, "nothing was placed")
        }
    }

    @Test(arguments: Dialect.all) func `who is offline rings for push where the client wants that, and hears of it on coming`(
        dialect: Dialect
    )
        async throws
    {
        try await SocketHouse.open { house in
            let alice = try await house.device("alice", in: dialect)
            let placed = await alice.ask(.initiate, dialect.order("bob", ["allowOffline": true]))
            #expect(placed["success"] == true && placed["useFcmFallback"] == true)
            let bob = try await house.device("bob", in: dialect)
            let incoming = await bob.heard(.incoming)
            #expect(incoming.payload["callId"] == placed["callId"] && incoming.payload["expiresAt"] == placed["expiresAt"])
            bob.acknowledge(incoming)
            #expect(await alice.hears(.ringing)["callId"] == placed["callId"])
            #expect(await bob.ask(.accept, placed.callOnly)["join"] != nil)
        }
    }

    @Test func `a tenant that refuses unknown users answers for them as for those who are offline`() async throws {
        try await SocketHouse.open(unknownUsers: .refused) { house in
            _ = try await house.desk.putUser(UserID("alice"), displayName: nil, roles: [], for: house.server())
            let alice = try await house.device("alice")
            let plain = await alice.ask(.initiate, Dialect.colon.order("nobody"))
            #expect(await alice.ask(.initiate, Dialect.colon.order("nobody", ["allowOffline": true])) == plain)
        }
    }

    @Test(arguments: Dialect.all) func `a repeated request with the same call id is the same call`(dialect: Dialect) async throws {
        try await SocketHouse.open { house in
            let (alice, bob) = (try await house.device("alice", "phone", in: dialect), try await house.device("bob", in: dialect))
            let order = dialect.order("bob", ["callId": "brought-along"])
            let placed = await alice.ask(.initiate, order)
            #expect(placed["callId"] == "brought-along")
            #expect(await bob.hears(.incoming)["callId"] == "brought-along")
            #expect(await alice.ask(.initiate, order) == placed)
            #expect(await bob.ask(.accept, placed.callOnly)["success"] == true)
            #expect(await alice.hears(.accepted)["join"] != nil)
            let again = await alice.ask(.initiate, order)
            #expect(again["accepted"] == true && again["join"]?["identity"] == "alice")
            bob.line.drops()
            await house.settled()
            #expect(await alice.ask(.initiate, order)["accepted"] == true, "also when the other one has dropped out")
            #expect(await alice.ask(.end, placed.callOnly)["success"] == true)
            #expect(await alice.ask(.initiate, order)["code"] == "call_ended")
            let carl = try await house.device("carl", in: dialect)
            _ = try await house.device("bob")
            #expect(await carl.ask(.initiate, order)["code"] == "call_exists")
        }
    }

    @Test(arguments: Dialect.all) func `what a client could not send when it wanted to is not rung long after`(dialect: Dialect)
        async throws
    {
        try await SocketHouse.open { house in
            let (alice, bob) = (try await house.device("alice", in: dialect), try await house.device("bob", in: dialect))
            let now = house.clock.now.seconds * 1000
            let stale = await alice.ask(.initiate, dialect.order("bob", ["sentAt": .integer(now - 30_001)]))
            #expect(stale["code"] == "stale_request")
            #expect(await bob.unread() == [])
            #expect(await alice.ask(.initiate, dialect.order("bob", ["sentAt": .integer(now - 30_000)]))["success"] == true)
        }
    }

    static let malformed: [(ClientEvent, JSONValue)] = [
        (.initiate, [:]), (.initiate, "x"), (.initiate, ["receiverId": true]), (.initiate, ["receiverId": "a b"]),
        (.initiate, ["receiverId": "bob", "callType": "hologram"]), (.initiate, ["receiverId": "bob", "callType": 1]),
        (.initiate, ["receiverId": "bob", "callId": "short"]), (.initiate, ["receiverId": "bob", "allowOffline": "yes"]),
        (.initiate, ["receiverId": "bob", "sentAt": "now"]), (.initiate, ["receiverId": "bob", "metadata": [:]]),
        (.initiate, ["receiverId": "bob", "metadata": .string(String(repeating: "m", count: 4097))]), (.initiate, ["receiverId": "alice"]),
        (.accept, [:]), (.accept, ["callId": 7]), (.token, ["callId": "?"]), (.reject, ["callId": "call_12345", "reason": 1]),
        (.end, ["callId": "call_12345", "reason": .string(String(repeating: "r", count: 129))]), (.cancel, [[]]),
        (.joinUserRoom, [:]), (.joinTopic, ["topic": 1]), (.leaveTopic, [:]), (.refreshToken, [:]), (.refreshToken, ["token": ""]),
    ]

    @Test(arguments: malformed.indices) func `a field of another shape is refused, with and without an acknowledgement`(index: Int)
        async throws
    {
        try await SocketHouse.open { house in
            let (event, payload) = Self.malformed[index]
            let alice = try await house.device("alice")
            _ = try await house.device("bob")
            #expect(await alice.ask(event, payload)["code"] == "invalid_payload")
            alice.tell(event, payload)
            #expect(await alice.hears(.error)["code"] == "invalid_payload")
        }
    }

    @Test(arguments: Dialect.all) func `users whose ids are numbers may be named by numbers`(dialect: Dialect) async throws {
        try await SocketHouse.open { house in
            let (seven, eight) = (try await house.device("7", in: dialect), try await house.device("8", in: dialect))
            let placed = await seven.ask(.initiate, .object([dialect.receiverField: 8, "callType": "voice"]))
            #expect(placed["success"] == true)
            #expect(await eight.hears(.incoming)["callType"] == "audio")
            let other = house.socket(dialect)
            #expect(await other.connect(["token": .string(house.token("7")), "userId": 7])["userId"] == "7")
        }
    }

    @Test(arguments: Dialect.all) func `a heartbeat is answered with the time, and an unknown event with a refusal or not at all`(
        dialect: Dialect
    )
        async throws
    {
        try await SocketHouse.open { house in
            let alice = try await house.device("alice", in: dialect)
            #expect(await alice.ask(.heartbeat) == ["success": true, "timestamp": "2027-01-15T08:00:00Z"])
            #expect(await alice.ask(named: "call:fly", [:])["code"] == "unknown_event")
            alice.emit("call:fly", [:], id: nil)
            #expect(await alice.unread() == [])
        }
    }

    // MARK: Limits

    @Test(arguments: Dialect.all) func `events are limited for each user and each connection, and say when to try again`(dialect: Dialect)
        async throws
    {
        let settings = SignalingSettings.with {
            $0.eventsPerUser = Rate(perMinute: 3)
            $0.eventsPerConnection = Rate(perMinute: 2)
        }
        try await SocketHouse.open(settings) { house in
            let (phone, laptop) = (try await house.device("alice", in: dialect), try await house.device("alice", in: dialect))
            let bob = try await house.device("bob", in: dialect)
            for _ in 1...2 { #expect(await phone.ask(.heartbeat)["success"] == true) }
            #expect(await phone.ask(.heartbeat)["retryAfter"] == 30, "the connection's")
            #expect(await laptop.ask(.heartbeat)["success"] == true)
            let refused = await laptop.ask(.heartbeat)
            #expect(refused["code"] == "rate_limited" && refused["retryAfter"] == 20, "the user's")
            laptop.tell(.heartbeat)
            #expect(await laptop.hears(.error)["code"] == "rate_limited")
            #expect(await bob.ask(.heartbeat)["success"] == true)
            await house.pass(30)
            #expect(await phone.ask(.heartbeat)["success"] == true)
        }
    }

    @Test(arguments: Dialect.all) func `C26: a user is rung no more often by another one than the limit says`(dialect: Dialect) async throws
    {
        try await SocketHouse.open(limits: DeskLimits()) { house in
            let (alice, bob) = (try await house.device("alice", in: dialect), try await house.device("bob", in: dialect))
            var refusals: [JSONValue] = []
            for _ in 1...30 {
                let placed = await alice.ask(.initiate, dialect.order("bob"))
                if placed["success"] == true {
                    _ = await alice.ask(.cancel, placed.callOnly)
                } else {
                    refusals.append(placed)
                }
            }
            #expect(refusals.count == 20 && refusals.allSatisfy { $0["code"] == "rate_limited" })
            #expect(refusals.allSatisfy { ($0["retryAfter"]?.integerValue ?? 0) > 0 })
            #expect(await bob.unread().filter { $0 == dialect.serverNames[.incoming] }.count == 10)
        }
    }

    @Test func `more events than may wait for their turn are refused, and the others are answered in their order`() async throws {
        try await SocketHouse.open(.with { $0.waitingEventsMax = 2 }) { house in
            let alice = try await house.device("alice")
            let answers = await house.burst(of: 6, .joinTopic, ["topic": "a"], from: alice)
            #expect(answers.filter { $0["code"] == "rate_limited" }.count == 3)
            #expect(answers.filter { $0["code"] == "not_allowed" }.count == 3)
        }
    }
}

extension SocketHouse {
    /// Sends that many events before any of them can be answered by the desk.
    func burst(of count: Int, _ event: ClientEvent, _ payload: JSONValue, from socket: TestSocket) async -> [JSONValue] {
        socket.line.gather(count)
        return await withTaskGroup(of: JSONValue.self) { group in
            for _ in 0..<count { group.addTask { await socket.ask(event, payload) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }
}
