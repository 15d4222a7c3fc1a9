import StrictJSON
import Testing
import Vocabulary

@testable import API

/// Lists of calls, and what a party is shown of a call.
struct CallListTests {
    private static func ids(_ page: Service.Answer) -> [String] {
        (page["calls"]?.arrayValue ?? []).compactMap { $0["id"]?.stringValue }
    }

    /// A call of each state between alice and others, and one that alice has nothing to do with.
    private static func calls(_ service: Service, key: String) async throws -> [String] {
        var calls = [
            try await service.endedCall("alice", "bob", key: key), try await service.endedCall("carol", "alice", key: key),
            try await service.activeCall("dave", "erin", key: key), try await service.ringingCall("alice", "frank", key: key),
        ]
        for index in calls.indices { calls[index].removeFirst("/v1/calls/".count) }
        return calls
    }

    @Test func `a server sees all calls of its tenant, oldest first, by state and by user`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let calls = try await Self.calls(service, key: key)
        let cases = [
            ("", calls), ("?state=ended", [calls[0], calls[1]]), ("?state=active", [calls[2]]), ("?state=ringing", [calls[3]]),
            ("?user=alice", [calls[0], calls[1], calls[3]]), ("?user=erin&state=active", [calls[2]]), ("?user=erin&state=ended", []),
            ("?user=nobody", []),
        ]
        for (query, expected) in cases {
            #expect(Self.ids(try await service.send("GET", "/v1/calls" + query, key: key)) == expected, "\(query)")
        }
        let one = try await service.send("GET", "/v1/calls/\(calls[2])", key: key)
        #expect(try await service.send("GET", "/v1/calls?state=active", key: key)["calls"] == [one.json])
    }

    @Test func `a user sees its own calls and nobody else's`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let calls = try await Self.calls(service, key: key)
        let alice = try service.token("alice")
        #expect(Self.ids(try await service.send("GET", "/v1/calls", key: alice)) == [calls[0], calls[1], calls[3]])
        #expect(Self.ids(try await service.send("GET", "/v1/calls?user=alice&state=ended", key: alice)) == [calls[0], calls[1]])
        #expect(try await service.send("GET", "/v1/calls?user=bob", key: alice).code == "malformed_request")
        #expect(Self.ids(try await service.send("GET", "/v1/calls", key: try service.token("zoe"))).isEmpty)
        #expect(try await service.send("GET", "/v1/calls/\(calls[2])", key: alice).status == 404)
    }

    @Test func `a list is walked page by page`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        var placed: [String] = []
        for index in 0..<7 {
            placed.append(try await service.placedCall("caller-\(index)", "callee-\(index)", key: key).text("id"))
        }
        var seen: [String] = []
        var target = "/v1/calls?limit=3"
        while true {
            let page = try await service.send("GET", target, key: key)
            seen += Self.ids(page)
            guard let cursor = page["next_cursor"]?.stringValue else { break }
            target = "/v1/calls?limit=3&cursor=\(cursor)"
        }
        #expect(seen == placed)
    }

    @Test func `N02 N03 a cursor is good for its own list alone`() async throws {
        let service = try await Service()
        let acme = try await service.tenant("acme")
        let globex = try await service.tenant("globex")
        for key in [acme, globex] {
            for callee in ["bob", "carol", "dave"] {
                let call = try await service.ringingCall("alice", callee, key: key)
                try await service.send("POST", call + "/cancel", [:], key: key)
            }
        }
        let cursor = try await service.send("GET", "/v1/calls?limit=1", key: acme).text("next_cursor")
        let alice = try service.token("alice")
        let ofAlice = try await service.send("GET", "/v1/calls?limit=1", key: alice).text("next_cursor")
        #expect(try await service.send("GET", "/v1/calls?cursor=\(cursor)", key: acme).status == 200)
        #expect(try await service.send("GET", "/v1/calls?cursor=\(ofAlice)", key: alice).status == 200)
        let foreign: [(cursor: String, target: String, key: String)] = [
            (cursor, "/v1/calls?", globex), (cursor, "/v1/calls?", alice), (cursor, "/v1/calls?user=alice&", acme),
            (cursor, "/v1/calls?state=ended&", acme), (cursor, "/v1/audit?", acme), (cursor, "/v1/rooms?", acme),
            (ofAlice, "/v1/calls?", acme), (ofAlice, "/v1/calls?", try service.token("bob")), (ofAlice, "/v1/calls?state=ended&", alice),
            (ofAlice, "/v1/calls?", try service.token("alice", of: "globex")),
        ]
        for (cursor, target, key) in foreign {
            #expect(try await service.send("GET", "\(target)cursor=\(cursor)", key: key).code == "invalid_cursor", "\(target)")
        }
        for index in cursor.indices {
            var changed = cursor
            changed.replaceSubrange(index...index, with: cursor[index] == "A" ? "B" : "A")
            #expect(try await service.send("GET", "/v1/calls?cursor=\(changed)", key: acme).code == "invalid_cursor")
        }
    }

    @Test(arguments: [
        "state=gone", "state=", "user=", "user=*", "user=a%20b", "user=a+b", "user=%61lice", "user=a%", "user=a%4", "user=a%zz",
        "user=%2F", "user=a&user=a", "user=%00", "user=%C3%A4", "limit=0", "limit=101", "caller=alice", "tenant=globex",
    ])
    func `a query that is not as the contract says is refused`(query: String) async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        #expect(try await service.send("GET", "/v1/calls?\(query)", key: key).code == "malformed_request")
    }

    @Test(arguments: [
        ("auth0|5f7c", "auth0%7C5f7c"), ("auth0|5f7c", "auth0%7c5f7c"), ("a@b.example", "a%40b.example"), ("a@b.example", "a@b.example"),
        ("x+y", "x%2By"), ("x=y", "x=y"), ("x=y", "x%3Dy"), ("ns:7", "ns%3A7"), ("~z", "~z"), ("~z", "%7Ez"),
    ])
    func `a user's id in a query may be encoded where senders must`(user: String, encoded: String) async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let placed = try await service.placedCall(user, key: key)
        #expect(Self.ids(try await service.send("GET", "/v1/calls?user=\(encoded)", key: key)) == [try placed.text("id")])
    }

    @Test func `C24 nothing that a party is shown holds the other party's token`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let alice = try service.token("alice")
        let bob = try service.token("bob")
        let placed = try await service.send(
            "POST", "/v1/calls", ["callee": "bob", "media": "video"], key: alice, idempotencyKey: "a")
        let call = "/v1/calls/\(try placed.text("id"))"
        var shown: [String: [Service.Answer]] = ["alice": [placed], "bob": []]
        let accepted = try await service.send("POST", call + "/accept", [:], key: bob, idempotencyKey: "a")
        shown["bob"]?.append(accepted)
        var tokens = ["bob": [try #require(accepted["join"]?["token"]?.stringValue)], "alice": []]
        for (user, bearer) in [("alice", alice), ("bob", bob)] {
            let minted = try await service.send("POST", call + "/token", [:], key: bearer)
            tokens[user]?.append(try minted.text("token"))
            shown[user]?.append(minted)
            for target in [call, "/v1/calls", "/v1/calls?state=active"] {
                shown[user]?.append(try await service.send("GET", target, key: bearer))
            }
        }
        shown["bob"]?.append(try await service.send("POST", call + "/accept", [:], key: bob, idempotencyKey: "a"))
        shown["alice"]?.append(
            try await service.send("POST", "/v1/calls", ["callee": "bob", "media": "video"], key: alice, idempotencyKey: "a"))
        for (user, bearer) in [("alice", alice), ("bob", bob)] {
            shown[user]?.append(try await service.send("POST", call + "/end", [:], key: bearer))
        }
        #expect(tokens["alice"]?.count == 1 && tokens["bob"]?.count == 2)
        for (user, other) in [("alice", "bob"), ("bob", "alice")] {
            for answer in shown[user] ?? [] {
                let text = String(decoding: answer.bytes, as: UTF8.self)
                for token in tokens[other] ?? [] {
                    for part in token.split(separator: ".").dropFirst() { #expect(!text.contains(part)) }
                }
                // No token but the one's own: each begins with the same header.
                let header = try #require(tokens[other]?.first?.split(separator: ".").first)
                let count = text.ranges(of: header).count
                #expect(count == (answer["token"] != nil || answer["join"] != nil ? 1 : 0))
            }
        }
        let log = try await service.auditRows(key: key)
        let text = JSONValue.array(log).canonicalText
        for token in tokens.values.joined() {
            for part in token.split(separator: ".") { #expect(!text.contains(part)) }
        }
    }
}
