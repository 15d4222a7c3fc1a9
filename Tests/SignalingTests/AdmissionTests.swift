import Calls
import SocketIO
import StrictJSON
import Switchboard
import Testing
import Vocabulary

@testable import Signaling

/// Who is let in, and as whom.
@Suite(.timeLimit(.minutes(4))) struct AdmissionTests {
    @Test(arguments: Dialect.all) func `who has a good token is told who it is`(dialect: Dialect) async throws {
        try await SocketHouse.open { house in
            let socket = house.socket(dialect)
            let token = house.token("alice", name: "Alice", roles: ["doctor"])
            let connected = await socket.connect(["token": .string(token), "userId": "alice", "deviceId": "phone"])
            #expect(
                connected == [
                    "userId": "alice", "userType": "doctor", "message": "Connected", "deviceId": "phone",
                    "timestamp": "2027-01-15T08:00:00Z", "tokenExpiresAt": "2027-01-15T09:00:00Z",
                ])
            let user = try await house.desk.user(UserID("alice"), for: house.server())
            #expect(user.displayName == "Alice")
            #expect(try await house.audit().contains("user.put done"))
        }
    }

    @Test func `a client that names no device is a device of its own`() async throws {
        try await SocketHouse.open { house in
            let first = await house.socket().connect(["token": .string(house.token("alice"))])
            let second = await house.socket().connect(["token": .string(house.token("alice"))])
            let devices = [first, second].compactMap { $0["deviceId"]?.stringValue }
            #expect(devices.count == 2 && Set(devices).count == 2 && devices.allSatisfy { $0.hasPrefix("socket-") })
        }
    }

    /// What a CONNECT said, and what it was refused with.
    static let refused: [(auth: JSONObject?, code: String)] = [
        (nil, "unauthenticated"), ([:], "unauthenticated"), (["token": ""], "unauthenticated"), (["token": nil], "unauthenticated"),
        (["token": 7], "unauthenticated"), (["token": ["a"]], "unauthenticated"), (["token": "a.b.c"], "unauthenticated"),
        (["token": "{key}"], "unauthenticated"), (["token": "{expired}"], "unauthenticated"), (["token": "{foreign}"], "unauthenticated"),
        (["token": "{good}", "userId": "bob"], "user_mismatch"), (["token": "{good}", "userId": true], "invalid_payload"),
        (["token": "{good}", "userId": "*"], "invalid_payload"), (["token": "{good}", "deviceId": 1], "invalid_payload"),
        (["token": "{good}", "deviceId": "a b"], "invalid_payload"),
    ]

    @Test(arguments: refused.indices) func `X16: without a good token nobody is let in, and an API key is no user`(index: Int) async throws
    {
        try await SocketHouse.open { house in
            var auth = Self.refused[index].auth
            let key = try await house.key()
            let foreign = house.token("alice").dropLast(4) + "AAAA"
            for (name, text) in [
                "{key}": key, "{expired}": house.token("alice", seconds: -60), "{foreign}": String(foreign), "{good}": house.token("alice"),
            ] where auth?["token"] == .string(name) {
                auth?["token"] = .string(text)
            }
            let socket = house.socket()
            let answer = await socket.connect(auth)
            #expect(answer["data"]?["code"] == .string(Self.refused[index].code))
            #expect(answer["message"]?.stringValue?.isEmpty == false)
            #expect(house.signaling.onlineCount(in: nil) == 0)
            #expect(await house.socket().connect(["token": .string(house.token("alice"))])["userId"] == "alice", "nothing is left behind")
        }
    }

    @Test func `X16: a token that stands in the query of the namespace is not looked at`() async throws {
        try await SocketHouse.open { house in
            let socket = house.socket()
            socket.line.arrives("0/?token=abc,")
            let texts = await house.texts(of: socket)
            #expect(texts.count == 1 && texts[0].contains("Invalid namespace"))
        }
    }

    @Test func `a tenant that takes only users of its directory lets no other in`() async throws {
        try await SocketHouse.open(unknownUsers: .refused) { house in
            let server = try await house.server()
            _ = try await house.desk.putUser(UserID("alice"), displayName: "Dr. Alice", roles: ["doctor"], for: server)
            #expect(await house.socket().connect(["token": .string(house.token("bob"))])["data"]?["code"] == "user_not_known")
            let alice = await house.socket().connect(["token": .string(house.token("alice", name: "A"))])
            #expect(alice["userType"] == "doctor")
            #expect(house.signaling.registry.known(try TenantID("acme"))?.name(of: try UserID("alice"))?.text == "Dr. Alice")
        }
    }

    @Test func `a user has no more sockets than it may, and the next one is let in when one has gone`() async throws {
        try await SocketHouse.open(.with { $0.socketsPerUserMax = 2 }) { house in
            let first = try await house.device("alice")
            _ = try await house.device("alice")
            let auth: JSONObject = ["token": .string(house.token("alice"))]
            #expect(await house.socket().connect(auth)["data"]?["code"] == "too_many_sockets")
            first.line.drops()
            await house.settled()
            #expect(await house.socket().connect(auth)["userId"] == "alice")
        }
    }

    @Test func `connects are limited for each user and each address, and say when to come back`() async throws {
        let settings = SignalingSettings.with {
            $0.connectsPerUser = Rate(perMinute: 2)
            $0.connectsPerAddress = Rate(perMinute: 4)
        }
        try await SocketHouse.open(settings) { house in
            func connect(_ user: String, _ address: String) async -> JSONValue {
                await house.socket(address: address).connect(["token": .string(house.token(user))])
            }
            for _ in 1...2 { #expect(await connect("alice", "192.0.2.1")["userId"] == "alice") }
            let refused = await connect("alice", "192.0.2.2")
            #expect(refused["data"] == ["code": "rate_limited", "retryAfter": 30])
            for user in ["bob", "carl"] { #expect(await connect(user, "192.0.2.1")["userId"] == .string(user)) }
            #expect(await connect("dora", "192.0.2.1")["data"] == ["code": "rate_limited", "retryAfter": 15])
            #expect(await connect("dora", "192.0.2.2")["userId"] == "dora")
            await house.pass(30)
            #expect(await connect("alice", "192.0.2.2")["userId"] == "alice")
        }
    }

    @Test func `X18: two thousand clients that come back at once are all let in`() async throws {
        try await SocketHouse.open { house in
            let answers = await withTaskGroup(of: JSONValue.self) { group in
                for number in 0..<2000 {
                    group.addTask {
                        let socket = house.socket(address: "192.0.2.\(number % 200)")
                        return await socket.connect(["token": .string(house.token("user-\(number)"))])
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count { $0["userId"] != nil } == 2000)
            let acme = try TenantID("acme")
            #expect(house.signaling.onlineCount(in: acme) == 2000)
        }
    }

    @Test func `a service that stops lets nobody in`() async throws {
        try await SocketHouse.open { house in
            house.signaling.stop()
            let answer = await house.socket().connect(["token": .string(house.token("alice"))])
            #expect(answer["data"]?["code"] == "unavailable")
        }
    }

    // MARK: Tokens that end

    @Test func `a socket whose token has expired is told so and put out, its leeway after it`() async throws {
        try await SocketHouse.open { house in
            let alice = try await house.device("alice", seconds: 100)
            await house.pass(159)
            #expect(!alice.isDisconnected)
            await house.pass(1)
            #expect(await alice.hears(.error)["code"] == "token_expired")
            #expect(alice.isDisconnected)
            #expect(house.signaling.onlineCount(in: nil) == 0)
        }
    }

    @Test(arguments: Dialect.all) func `a fresh token of the same user lets a socket live on, and nobody else's does`(dialect: Dialect)
        async throws
    {
        try await SocketHouse.open { house in
            let alice = try await house.device("alice", in: dialect, seconds: 100)
            await house.pass(50)
            for (token, code) in [
                (house.token("bob"), "user_mismatch"), (house.token("alice", of: "other"), "user_mismatch"), ("x", "unauthenticated"),
                (try await house.key(), "unauthenticated"),
            ] { #expect(await alice.ask(.refreshToken, ["token": .string(token)])["code"] == .string(code)) }
            let answer = await alice.ask(.refreshToken, ["token": .string(house.token("alice", seconds: 1000))])
            #expect(answer == ["success": true, "expiresAt": .string((house.clock.now + 1000).rfc3339)])
            await house.pass(900)
            #expect(!alice.isDisconnected)
            await house.pass(200)
            #expect(alice.isDisconnected)
        }
    }

    @Test func `A04 a user who is deleted is put out at once, and nobody else`() async throws {
        try await SocketHouse.open { house in
            let phones = [try await house.device("alice", "phone"), try await house.device("alice", "tablet", in: .dash)]
            let (bob, zoe) = (try await house.device("bob"), try await house.device("alice", of: "other"))
            try await house.desk.deleteUser(UserID("alice"), for: house.server())
            for phone in phones {
                #expect(await phone.hears(.error)["code"] == "unauthenticated")
                await phone.line.settled()
                #expect(phone.isDisconnected)
            }
            await house.pass(2)
            #expect(!bob.isDisconnected && !zoe.isDisconnected)
        }
    }

    @Test func `A04 who was asked about before the user was deleted is asked about again, and nobody else is`() async throws {
        try await SocketHouse.open { house in
            _ = (try await house.device("alice"), try await house.device("bob"))
            let tenant = try #require(house.signaling.registry.known(TenantID("acme")))
            let (alice, bob) = (try #require(try tenant.members(of: UserID("alice")).first), try UserID("bob"))
            func entry(_ member: Membership, askedAfter removals: Int) -> TenantRegistry.Entry {
                tenant.add(member, named: nil, socketsMax: 3000, removalCount: removals, at: house.clock.now)
            }
            try await house.desk.deleteUser(UserID("alice"), for: house.server())
            #expect(entry(alice, askedAfter: 0) == .outdated)
            #expect(entry(alice, askedAfter: 1) == .taken)
            #expect(entry(try #require(tenant.members(of: bob).first), askedAfter: 0) == .taken)

            // Of a thousand later ones the first are forgotten, and then nobody from before them is believed.
            for _ in 0..<1001 { _ = tenant.membersToPutOut(of: try UserID("user-\(house.signaling.registry.removals.count)")) }
            #expect(entry(alice, askedAfter: 1) == .outdated)
            #expect(entry(alice, askedAfter: house.signaling.registry.removals.count) == .taken)
        }
    }

    /// Changed settings, and whether a token that was accepted before is accepted still.
    static let changes: [(settings: UserTokenSettings?, isKept: Bool)] = [
        (SocketHouse.userTokens("acme"), true), (SocketHouse.userTokens("acme", lifetimeSecondsMax: 60), true),
        (SocketHouse.userTokens("acme", claims: .init(name: "nick")), true), (nil, false), (SocketHouse.userTokens("new"), false),
        (SocketHouse.userTokens("acme", audience: "calls"), false), (SocketHouse.userTokens("acme", claims: .init(user: "uid")), false),
        (SocketHouse.userTokens("acme", secret: "USER_SECRET_COPY"), true), (SocketHouse.userTokens("acme", secret: "NEW_SECRET"), false),
    ]

    @Test(arguments: changes)
    func `A04 who came with a token that is not accepted any more is put out within 2 s`(
        settings: UserTokenSettings?, isKept: Bool
    ) async throws {
        try await SocketHouse.open { house in
            let (alice, zoe) = (try await house.device("alice"), try await house.device("zoe", of: "other"))
            await house.pass(20)
            let change = TenantChange(
                displayName: nil, providers: nil, defaultProvider: nil, openRoomsMax: nil, userTokens: .some(settings))
            _ = try await house.desk.changeTenant(TenantID("acme"), change, for: .machine)
            await house.pass(2)
            if !isKept { #expect(await alice.hears(.error)["code"] == "unauthenticated") }
            await alice.line.settled()
            #expect(alice.isDisconnected == !isKept)
            #expect(!zoe.isDisconnected)
        }
    }

    @Test func `A04 a secret that was replaced in its place puts out who came with the old one, within a minute`() async throws {
        try await SocketHouse.open { house in
            let alice = try await house.device("alice")
            await house.pass(2)
            house.secrets.replaceUserSecret()
            await house.pass(61)
            #expect(await alice.hears(.error)["code"] == "unauthenticated")
            await alice.line.settled()
            #expect(alice.isDisconnected)
        }
    }

    @Test func `A11 who came with the previous secret stays while it is named, and is put out when it is taken away`() async throws {
        try await SocketHouse.open { house in
            func change(to settings: UserTokenSettings) async throws {
                let change = TenantChange(
                    displayName: nil, providers: nil, defaultProvider: nil, openRoomsMax: nil, userTokens: .some(settings))
                _ = try await house.desk.changeTenant(TenantID("acme"), change, for: .machine)
                await house.pass(2)
            }
            let alice = try await house.device("alice")
            try await change(to: SocketHouse.userTokens("acme", secret: "NEW_SECRET", previous: "USER_SECRET"))
            let bob = try await house.device("bob")
            await alice.line.settled()
            #expect(!alice.isDisconnected && !bob.isDisconnected)

            try await change(to: SocketHouse.userTokens("acme", secret: "NEW_SECRET"))
            for device in [alice, bob] {
                #expect(await device.hears(.error)["code"] == "unauthenticated")
                await device.line.settled()
                #expect(device.isDisconnected)
            }
        }
    }

    @Test func `when a tenant is closed its sockets are put out, and nobody else's`() async throws {
        try await SocketHouse.open { house in
            let (alice, zoe) = (try await house.device("alice"), try await house.device("zoe", of: "other"))
            try await house.desk.closeTenant(TenantID("acme"), for: .machine)
            await house.pass(2)
            #expect(await alice.hears(.error)["code"] == "unauthenticated")
            #expect(alice.isDisconnected && !zoe.isDisconnected)
            #expect(await house.socket().connect(["token": .string(house.token("alice"))])["data"]?["code"] == "unauthenticated")
        }
    }
}

extension SocketHouse {
    /// What a socket got, when its line has nothing to do any more.
    func texts(of socket: TestSocket) async -> [String] {
        await socket.line.settled()
        return socket.texts
    }
}
