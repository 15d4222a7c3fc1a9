import StrictJSON
import Testing
import Vocabulary

@testable import API

/// `Idempotency-Key`: a request may be sent again, and is done once.
struct IdempotencyTests {
    private static let order: JSONValue = ["caller": "alice", "callee": "bob", "media": "audio"]

    @Test func `a repeated request gets the answer of then, also when the call has moved on`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let first = try await service.send("POST", "/v1/calls", Self.order, key: key, idempotencyKey: "a")
        #expect(first.status == 201)
        let call = "/v1/calls/\(try first.text("id"))"
        let end: JSONValue = ["reason": "bye"]
        func repeated() async throws {
            let again = try await service.send("POST", "/v1/calls", Self.order, key: key, idempotencyKey: "a")
            #expect(again.status == 201)
            #expect(again.bytes == first.bytes)
            #expect(again.header("etag") == "\"1\"")
            #expect(again.header("location") == call)
        }
        try await repeated()
        #expect(try await service.send("POST", call + "/accept", ["user": "bob"], key: key).status == 200)
        try await repeated()
        let ended = try await service.send("POST", call + "/end", end, key: key, idempotencyKey: "b")
        service.clock.advance(10)
        try await repeated()
        #expect(try await service.send("POST", call + "/end", end, key: key, idempotencyKey: "b").bytes == ended.bytes)
        #expect(try await service.send("GET", "/v1/calls", key: key)["calls"]?.arrayValue?.count == 1)
    }

    @Test func `C09 accepting again with the same key is one acceptance, with new tokens for the same parties`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let call = try await service.ringingCall(key: key)
        let first = try await service.send("POST", call + "/accept", ["user": "bob"], key: key, idempotencyKey: "a")
        let again = try await service.send("POST", call + "/accept", ["user": "bob"], key: key, idempotencyKey: "a")
        #expect(again.status == 200)
        #expect(again.call == first.call)
        #expect(again.header("etag") == first.header("etag"))
        #expect(again["joins"]?.objectValue?.members.map(\.name) == ["alice", "bob"])
        let rows = try await service.auditRows(key: key).filter { $0["operation"] == "call.accept" }
        #expect(rows.map { $0["outcome"] } == ["done", "repeated"])
        try await service.send("POST", call + "/end", [:], key: key)
        let late = try await service.send("POST", call + "/accept", ["user": "bob"], key: key, idempotencyKey: "a")
        #expect(late.status == 409)
        #expect(late["joins"] == nil)
    }

    @Test func `the same key with another request is refused and changes nothing`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let first = try await service.send("POST", "/v1/calls", Self.order, key: key, idempotencyKey: "a")
        let call = "/v1/calls/\(try first.text("id"))"
        let other: JSONValue = ["caller": "alice", "callee": "bob", "media": "video"]
        #expect(try await service.send("POST", "/v1/calls", other, key: key, idempotencyKey: "a").code == "idempotency_mismatch")
        for move in ["reject", "cancel", "end"] {
            let answer = try await service.send("POST", "\(call)/\(move)", [:], key: key, idempotencyKey: "a")
            #expect(answer.status == 422)
            #expect(answer.code == "idempotency_mismatch", "\(move)")
        }
        #expect(try await service.send("GET", call, key: key).bytes == first.bytes)
    }

    @Test func `while the first request is being worked on, the second one is told so`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)
        let (releases, release) = AsyncStream.makeStream(of: Void.self)
        service.store.beforeChange {
            arrived.yield()
            for await _ in releases { break }
        }
        async let first = service.send("POST", "/v1/calls", Self.order, key: key, idempotencyKey: "a")
        for await _ in arrivals { break }
        let second = try await service.send("POST", "/v1/calls", Self.order, key: key, idempotencyKey: "a")
        #expect(second.status == 409)
        #expect(second.code == "idempotency_in_progress")
        service.store.beforeChange(nil)
        release.yield()
        let answered = try await first
        #expect(answered.status == 201)
        #expect(try await service.send("POST", "/v1/calls", Self.order, key: key, idempotencyKey: "a").bytes == answered.bytes)
    }

    @Test func `a refusal is not kept: the same request may be tried again`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let call = try await service.ringingCall("carol", "bob", key: key)
        let busy = try await service.send("POST", "/v1/calls", Self.order, key: key, idempotencyKey: "a")
        #expect(busy.code == "user_busy")
        try await service.send("POST", call + "/cancel", [:], key: key)
        #expect(try await service.send("POST", "/v1/calls", Self.order, key: key, idempotencyKey: "a").status == 201)
    }

    @Test func `N09 keys of other tenants, of other users and of servers have nothing to do with each other`() async throws {
        let service = try await Service()
        let acme = try await service.tenant("acme")
        let globex = try await service.tenant("globex")
        var ids: Set<String> = []
        for key in [acme, globex] {
            ids.insert(try await service.send("POST", "/v1/calls", Self.order, key: key, idempotencyKey: "a").text("id"))
        }
        for (caller, callee) in [("carol", "dave"), ("erin", "frank")] {
            let order: JSONValue = ["callee": .string(callee), "media": "audio"]
            let placed = try await service.send("POST", "/v1/calls", order, key: try service.token(caller), idempotencyKey: "a")
            #expect(placed["caller"] == .string(caller))
            ids.insert(try placed.text("id"))
        }
        #expect(ids.count == 4)
        let second = try await service.key(of: "acme", scopes: [.callsWrite])
        #expect(ids.contains(try await service.send("POST", "/v1/calls", Self.order, key: second, idempotencyKey: "a").text("id")))
    }

    @Test(arguments: ["", "a b", " a", "a\t", "ä", "a\u{7F}", "a\u{0}", String(repeating: "x", count: 129)])
    func `a key that is none is refused, and nothing is done`(text: String) async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        #expect(try await service.send("POST", "/v1/calls", Self.order, key: key, idempotencyKey: text).code == "malformed_request")
        #expect(try await service.send("GET", "/v1/calls", key: key)["calls"] == [])
        let call = try await service.ringingCall(key: key)
        for move in ["accept", "reject", "cancel", "end"] {
            let body: JSONValue = move == "accept" ? ["user": "bob"] : [:]
            let answer = try await service.send("POST", "\(call)/\(move)", body, key: key, idempotencyKey: text)
            #expect(answer.code == "malformed_request", "\(move)")
        }
        #expect(try await service.send("GET", call, key: key)["state"] == "ringing")
    }

    @Test func `a key that is there twice is refused, one of all visible characters is taken`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let twice = APIRequest(
            method: "POST", target: "/v1/calls", authorization: .of(key), contentType: "application/json", idempotencyKey: .several,
            requestID: Service.requestID, body: Self.order.canonicalBytes)
        #expect(try await service.send(twice).code == "malformed_request")
        let visible = String(decoding: 0x21...0x7E, as: UTF8.self)
        let long = visible + String(repeating: "~", count: 128 - visible.utf8.count)
        #expect(try await service.send("POST", "/v1/calls", Self.order, key: key, idempotencyKey: long).status == 201)
    }

    @Test func `where the contract lists no such header, nobody reads it`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        for _ in 0..<2 { #expect(try await service.send("POST", "/v1/rooms", [:], key: key, idempotencyKey: " ").status == 201) }
        #expect(try await service.send("GET", "/v1/rooms", key: key)["rooms"]?.arrayValue?.count == 2)
    }
}
