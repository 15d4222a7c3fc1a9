import Calls
import StrictJSON
import Switchboard
import Testing
import Vocabulary

@testable import Signaling

/// Users whose app vouches for them, while they stay connected.
@Suite struct RemoteUserTests {
    /// A house whose tenant `acme` has an app, which knows `7|sanctum`.
    private static func open(recheckSeconds: Int = 100, _ work: (SocketHouse) async throws -> Void) async throws {
        try await SocketHouse.open { house in
            try await house.change(remoteCheck: settings(recheckSeconds: recheckSeconds))
            house.app.know(["7|sanctum": #"{"id":7,"name":"Ada","roles":["nurse"]}"#])
            try await work(house)
        }
    }

    static func settings(
        _ url: String = "https://app.example.com/users/me", user: String = "/id", recheckSeconds: Int = 100
    ) throws -> RemoteCheckSettings {
        RemoteCheckSettings(
            address: try WebAddress(url), secret: .environment("INTERNAL_SECRET"),
            fields: .init(user: user, name: "/name", roles: "/roles"), recheckSeconds: recheckSeconds)
    }

    /// A device of the user, let in by its app.
    private static func device(_ house: SocketHouse, _ bearer: String = "7|sanctum", is user: String = "7") async throws -> TestSocket {
        let socket = house.socket()
        let answer = await socket.connect(["token": .string("acme:\(bearer)")])
        try #require(answer["userId"] == .string(user), "\(answer)")
        return socket
    }

    @Test func `a user is let in by its app, is called what the app says, and calls others`() async throws {
        try await Self.open { house in
            let ada = try await Self.device(house)
            let bob = try await house.device("bob")
            let placed = await ada.ask(.initiate, ["receiverId": "bob", "callType": "audio"])
            #expect(placed["success"] == true)
            let ring = await bob.hears(.incoming)
            #expect(ring["callerId"] == "7")
            #expect(ring["callerName"] == "Ada")
            let accepted = await bob.ask(.accept, ["callId": ring["callId"] ?? .null])
            #expect(accepted["join"]?["identity"] == "bob")
            #expect(await ada.hears(.accepted)["join"]?["identity"] == "7")
        }
    }

    @Test func `what the app does not know, or does not say, lets nobody in`() async throws {
        try await Self.open { house in
            func refusal(_ auth: JSONObject) async -> JSONValue? { await house.socket().connect(auth)["data"]?["code"] }
            #expect(await refusal(["token": "acme:8|sanctum"]) == "unauthenticated")
            #expect(await refusal(["token": "7|sanctum"]) == "unauthenticated")
            #expect(await refusal(["token": "other:7|sanctum"]) == "unauthenticated")
            #expect(house.app.questionsCount == 1)
            #expect(await refusal(["token": "acme:7|sanctum", "userId": "8"]) == "user_mismatch")
            house.app.know(nil)
            #expect(await refusal(["token": "acme:9|sanctum"]) == "unavailable")
        }
    }

    @Test func `who stays is asked about again and again, and stays`() async throws {
        try await Self.open { house in
            let ada = try await Self.device(house)
            for _ in 0..<40 { await house.pass(60) }
            #expect(!ada.isDisconnected)
            // 2400 s, once in 80 to 100 s, which is looked at every 60.
            #expect((20...41).contains(house.app.questionsCount))
        }
    }

    @Test func `A04 who is not known to its app any more is put out when the app was asked again`() async throws {
        try await Self.open { house in
            let ada = try await Self.device(house)
            let bob = try await house.device("bob")
            house.app.know([:])
            await house.pass(79)
            #expect(!ada.isDisconnected)
            await house.pass(21)
            #expect(await ada.hears(.error)["code"] == "unauthenticated")
            await ada.line.settled()
            #expect(ada.isDisconnected && !bob.isDisconnected)
        }
    }

    @Test func `a credential that is somebody else's now keeps nobody in`() async throws {
        try await Self.open { house in
            let ada = try await Self.device(house)
            house.app.know(["7|sanctum": #"{"id":8}"#])
            await house.pass(100)
            #expect(await ada.hears(.error)["code"] == "unauthenticated")
            await ada.line.settled()
            #expect(ada.isDisconnected)
        }
    }

    @Test func `new roles of a user count once the app was asked again`() async throws {
        try await Self.open { house in
            try await house.allow(topics: [TopicRule(pattern: TopicPattern("ward:*"), join: .role, roles: ["doctor"])])
            let ada = try await Self.device(house)
            #expect(await ada.ask(.joinTopic, ["topic": "ward:1"])["code"] == "not_allowed")
            house.app.know(["7|sanctum": #"{"id":7,"roles":["doctor"]}"#])
            await house.pass(100)
            #expect(await ada.ask(.joinTopic, ["topic": "ward:1"])["success"] == true)
        }
    }

    @Test func `A13 while its app is down a user stays for 15 minutes more, and is asked about every half minute`() async throws {
        try await Self.open { house in
            let ada = try await Self.device(house)
            house.app.know(nil)
            var seconds = 0
            while !ada.isDisconnected && seconds < 3000 {
                await house.pass(10)
                seconds += 10
            }
            // 80 to 100 s until the app should have said something, 900 s more, and the leeway of a minute.
            #expect((80 + 900 + 60...100 + 900 + 70).contains(seconds))
            #expect(await ada.hears(.error)["code"] == "token_expired")
            #expect((25...35).contains(house.app.questionsCount))
        }
    }

    @Test func `A13 a user whose app comes back in time stays`() async throws {
        try await Self.open { house in
            let ada = try await Self.device(house)
            house.app.know(nil)
            for _ in 0..<90 { await house.pass(10) }
            house.app.know(["7|sanctum": #"{"id":7}"#])
            for _ in 0..<90 { await house.pass(10) }
            #expect(!ada.isDisconnected)
        }
    }

    @Test func `who showed another token meanwhile is known by that one`() async throws {
        try await Self.open { house in
            let ada = try await Self.device(house)
            #expect(await ada.ask(.refreshToken, ["token": .string(house.token("7"))])["success"] == true)
            house.app.know([:])
            await house.pass(300)
            #expect(!ada.isDisconnected)
            #expect(house.app.questionsCount == 1)
            // And back again.
            house.app.know(["7|new": #"{"id":7}"#])
            #expect(await ada.ask(.refreshToken, ["token": "acme:7|new"])["success"] == true)
            house.app.know([:])
            await house.pass(100)
            #expect(await ada.hears(.error)["code"] == "unauthenticated")
        }
    }

    @Test(
        arguments: [
            ("https://app.example.com/users/me", "/id", true), ("https://new.example.com/me", "/id", false),
            ("https://app.example.com/users/me", "/uid", false), (nil, "/id", false),
        ] as [(String?, String, Bool)])
    func `who came by settings that do not hold any more is put out within 2 s`(url: String?, user: String, isKept: Bool) async throws {
        try await Self.open { house in
            let (ada, bob) = (try await Self.device(house), try await house.device("bob"))
            await house.pass(20)
            try await house.change(remoteCheck: url.map { try Self.settings($0, user: user, recheckSeconds: 3600) })
            await house.pass(2)
            if !isKept { #expect(await ada.hears(.error)["code"] == "unauthenticated") }
            await ada.line.settled()
            #expect(ada.isDisconnected == !isKept)
            #expect(!bob.isDisconnected)
        }
    }
}
