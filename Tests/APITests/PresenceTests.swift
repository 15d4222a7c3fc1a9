import StrictJSON
import Testing
import Vocabulary

@testable import API

/// Who is on a socket now, as a tenant's server asks for it.
struct PresenceTests {
    private static let nobody: JSONValue = ["devices": 0, "in_call": false, "online": false, "user": "bob"]

    @Test func `a user's presence says whether it is there, with how many devices, and whether it is free`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        try service.sockets.put("alice", devices: 2)
        let there: JSONValue = [
            "user": "alice", "online": true, "devices": 2, "in_call": false, "last_seen_at": .string(Service.start.rfc3339),
        ]
        #expect(try await service.send("GET", "/v1/users/alice/presence", key: key).json == there)
        #expect(try await service.send("GET", "/v1/users/bob/presence", key: key).json == Self.nobody)

        let call = try await service.ringingCall("carol", "alice", key: key)
        #expect(try await service.send("GET", "/v1/users/alice/presence", key: key)["in_call"] == true, "it rings")
        _ = try await service.send("POST", call + "/accept", ["user": "alice"], key: key)
        #expect(try await service.send("GET", "/v1/users/alice/presence", key: key)["in_call"] == true)
        _ = try await service.send("POST", call + "/end", [:], key: key)
        #expect(try await service.send("GET", "/v1/users/alice/presence", key: key).json == there)

        try service.sockets.put("alice", devices: 0)
        let gone = try await service.send("GET", "/v1/users/alice/presence", key: key)
        #expect(gone["online"] == false && gone["last_seen_at"] == .string(Service.start.rfc3339))
    }

    @Test func `N01: a user of another tenant is answered like one that nobody knows, also when it is there and in a call`() async throws {
        let service = try await Service()
        let acme = try await service.tenant("acme")
        let globex = try await service.tenant("globex")
        try service.sockets.put("bob", of: "acme", devices: 3)
        _ = try await service.ringingCall("alice", "bob", key: acme)
        for path in ["/v1/users/bob/presence", "/v1/presence?users=bob", "/api/users/bob/online"] {
            let foreign = try await service.send("GET", path, key: globex)
            let absent = try await service.send("GET", path.replacing("bob", with: "abc"), key: globex)
            #expect(foreign.status == 200)
            #expect(
                String(decoding: foreign.bytes, as: UTF8.self).replacing("bob", with: "abc")
                    == String(decoding: absent.bytes, as: UTF8.self))
            #expect(foreign.fields == absent.fields)
        }
        #expect(try await service.send("GET", "/v1/users/bob/presence", key: globex).json == Self.nobody)
        #expect(try await service.send("GET", "/v1/presence?online=true", key: globex)["users"] == [])
        #expect(try await service.send("GET", "/api/connected-users", key: globex).json == ["count": 0, "users": []])
    }

    @Test func `named users are answered in their order, a hundred at most`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        try service.sockets.put("b")
        try service.sockets.put("a@x.example")
        let answer = try await service.send("GET", "/v1/presence?users=c%2Cb,a%40x.example%2ca%2Bb", key: key)
        let users = try #require(answer["users"]?.arrayValue)
        #expect(users.map { $0["user"] } == ["c", "b", "a@x.example", "a+b"])
        #expect(users.map { $0["online"] } == [false, true, true, false])
        #expect(answer["next_cursor"] == nil)
        let hundred = (1...100).map { "u\($0)" }
        let full = try await service.send("GET", "/v1/presence?users=\(hundred.joined(separator: ","))", key: key)
        #expect(full["users"]?.arrayValue?.count == 100)
        #expect(try await service.send("GET", "/v1/presence?users=\((hundred + ["v"]).joined(separator: ","))", key: key).status == 400)
    }

    @Test(arguments: [
        "", "?", "?users=", "?users=a,", "?users=,a", "?users=a,,b", "?users=a,a", "?users=a+b", "?users=a%2Ca", "?users=a%2C",
        "?users=a%252Cb", "?users=a%20b",
        "?users=%61",
        "?users=0", "?users=a;b", "?users=a&online=true", "?online=false", "?online=", "?online=TRUE", "?online=1", "?users=a&limit=5",
        "?users=a&cursor=x", "?users=a&users=b", "?online=true&limit=0", "?online=true&limit=101", "?online=true&limit=x", "?limit=5",
        "?online=true&who=a", "?user=a", "?online=true&cursor=",
    ])
    func `a question that is neither of the two is refused`(query: String) async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let answer = try await service.send("GET", "/v1/presence\(query)", key: key)
        #expect(answer.status == 400)
        #expect(answer.code == "malformed_request")
    }

    @Test func `all who are online are listed page by page, by the bytes of their ids`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let ids = ["B", "Z", "a", "a-b", "a.b", "a:b", "ab", "z", "zz", "~"]
        for id in ids.shuffled() { try service.sockets.put(id) }
        try service.sockets.put("gone", devices: 0)
        try service.sockets.put("other", of: "globex")
        var found: [String] = []
        var cursor = ""
        var pages = 0
        repeat {
            let page = try await service.send("GET", "/v1/presence?online=true&limit=3\(cursor)", key: key)
            found += page["users"]?.arrayValue?.compactMap { $0["user"]?.stringValue } ?? []
            cursor = page["next_cursor"]?.stringValue.map { "&cursor=\($0)" } ?? ""
            pages += 1
        } while !cursor.isEmpty && pages < 10
        #expect(found == ids)
        #expect(pages == 4)
        let exact = try await service.send("GET", "/v1/presence?online=true&limit=10", key: key)
        #expect(exact["next_cursor"] == nil)
    }

    @Test func `N10: a cursor is of its list and its tenant, and nobody else's`() async throws {
        let service = try await Service()
        let acme = try await service.tenant("acme")
        let globex = try await service.tenant("globex")
        for id in ["a", "b", "c"] {
            try service.sockets.put(id)
            try service.sockets.put(id, of: "globex")
            try await service.send("POST", "/v1/rooms", [:], key: acme)
        }
        let cursor = try await service.send("GET", "/v1/presence?online=true&limit=1", key: acme).text("next_cursor")
        let rooms = try await service.send("GET", "/v1/rooms?limit=1", key: acme).text("next_cursor")
        #expect(try await service.send("GET", "/v1/presence?online=true&cursor=\(cursor)", key: acme).status == 200)
        #expect(try await service.send("GET", "/v1/presence?online=true&cursor=\(cursor)", key: globex).code == "invalid_cursor")
        #expect(try await service.send("GET", "/v1/presence?online=true&cursor=\(rooms)", key: acme).code == "invalid_cursor")
        #expect(try await service.send("GET", "/v1/rooms?cursor=\(cursor)", key: acme).code == "invalid_cursor")
        for index in cursor.indices {
            var changed = Array(cursor)
            let place = cursor.distance(from: cursor.startIndex, to: index)
            changed[place] = changed[place] == "A" ? "B" : "A"
            let answer = try await service.send("GET", "/v1/presence?online=true&cursor=\(String(changed))", key: acme)
            #expect(answer.code == "invalid_cursor", "\(String(changed))")
        }
        for text in ["x", "AAAA", String(cursor.dropLast()), cursor + "A"] {
            #expect(try await service.send("GET", "/v1/presence?online=true&cursor=\(text)", key: acme).code == "invalid_cursor")
        }
    }

    @Test func `an app that moves here finds the answers that it knows`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        for id in ["b", "a", "c"] { try service.sockets.put(id) }
        #expect(
            try await service.send("GET", "/api/users/a/online", key: key).json == [
                "userId": "a", "isOnline": true, "socketId": "socket-1",
            ])
        #expect(
            try await service.send("GET", "/api/users/zoe/online", key: key).json
                == ["userId": "zoe", "isOnline": false, "socketId": nil])
        #expect(try await service.send("GET", "/api/connected-users", key: key).json == ["count": 3, "users": ["a", "b", "c"]])
    }

    @Test func `of connected users at most ten thousand are listed, and all are counted`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        for number in 0...Limits.connectedUsersMax { try service.sockets.put("user-\(number)") }
        let answer = try await service.send("GET", "/api/connected-users", key: key)
        #expect(answer["count"] == .integer(Int64(Limits.connectedUsersMax + 1)))
        #expect(answer["users"]?.arrayValue?.count == Limits.connectedUsersMax)
    }

    @Test func `health counts users and active calls of everybody, and tells of nobody`() async throws {
        let service = try await Service()
        let acme = try await service.tenant("acme")
        let globex = try await service.tenant("globex")
        func counts() async throws -> [JSONValue?] {
            let health = try await service.send("GET", "/health")
            return [health["connectedUsers"], health["activeCalls"]]
        }
        #expect(try await counts() == [0, 0])
        try service.sockets.put("a")
        try service.sockets.put("a", of: "globex", devices: 5)
        _ = try await service.ringingCall("x", "y", key: acme)
        #expect(try await counts() == [2, 0], "a call that rings is not active")
        let first = try await service.activeCall(key: acme)
        _ = try await service.activeCall(key: globex)
        #expect(try await counts() == [2, 2])
        _ = try await service.send("POST", first + "/end", [:], key: acme)
        #expect(try await counts() == [2, 1])
        _ = try await service.send("DELETE", "/v1/tenants/globex", key: service.operatorKey)
        #expect(try await counts() == [2, 0], "the calls of a closed tenant have ended")
    }

    @Test func `a text that is no user id names nobody, and a closed tenant's key asks in vain`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        for id in ["a%20b", "0", "%61", String(repeating: "a", count: 65), "a*"] {
            #expect(try await service.send("GET", "/v1/users/\(id)/presence", key: key).status == 404, "\(id)")
            #expect(try await service.send("GET", "/api/users/\(id)/online", key: key).status == 404, "\(id)")
        }
        #expect(try await service.send("GET", "/v1/users/a%40b/presence", key: key)["user"] == "a@b")
        _ = try await service.send("DELETE", "/v1/tenants/acme", key: service.operatorKey)
        #expect(try await service.send("GET", "/v1/users/a/presence", key: key).status == 401)
    }
}
