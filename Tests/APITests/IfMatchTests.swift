import Calls
import StrictJSON
import Testing
import Vocabulary

@testable import API

/// `ETag` and `If-Match`: a change hits the version that its sender has seen, or nothing.
struct IfMatchTests {
    @Test(
        arguments: [
            (["\"1\""], [1]), (["\"1\",\"2\""], [1, 2]), (["\"1\" ,\t\"2\" "], [1, 2]), (["\"1\"", "\"2\""], [1, 2]),
            ([",\"1\",,"], [1]), ([String(repeating: "\"1\",", count: 1024)], Array(repeating: 1, count: 1024)), (["W/\"1\""], []),
            (["W/\"1\", \"2\""], [2]), (["\"\""], []), (["\"x\""], []), (["\"01\""], []),
            (["\"-1\""], []), (["\"a,b\", \"3\""], [3]), (["\"9999999999999999999999\""], []), (["\"ü\""], []),
        ] as [([String], [Int])])
    func `a list of tags fits the versions that it names`(values: [String], versions: [Int]) throws {
        #expect(try IfMatch.condition(values) == .oneOf(versions))
    }

    @Test(arguments: [[], ["*"], [" * "], ["\t*"]])
    func `without the header, and with a star, every version fits`(values: [String]) throws {
        #expect(try IfMatch.condition(values) == .none)
    }

    @Test(arguments: [
        [""], [","], [" "], ["1"], ["\"1"], ["1\""], ["\"1\" \"2\""], ["\"1\"x"], ["w/\"1\""], ["W/ \"1\""], ["W/1"], ["*, \"1\""],
        ["\"1\", *"],
        ["*", "*"], ["**"], ["* *"], ["\"\u{7F}\""], ["\"1\u{0}\""], ["\"1 \""], ["'1'"],
        [String(repeating: "\"1\",", count: 1025)],
        [String(repeating: "\"1\",", count: 512), String(repeating: "\"1\",", count: 513)],
    ])
    func `a header that is not well formed is refused`(values: [String]) {
        #expect(throws: Problem.self) { try IfMatch.condition(values) }
    }

    @Test(arguments: ["accept", "reject", "cancel", "end"])
    func `C23 a change that is meant for another version is refused and changes nothing`(move: String) async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let call = try await service.ringingCall(key: key)
        let seen = try await service.send("GET", call, key: key)
        let body: JSONValue = move == "accept" ? ["user": "bob"] : [:]
        for stale in ["\"2\"", "\"0\"", "W/\"1\"", "\"x\"", "\"2\", \"3\""] {
            let refused = try await service.send("POST", "\(call)/\(move)", body, key: key, ifMatch: stale)
            #expect(refused.status == 412, "\(stale)")
            #expect(refused.code == "precondition_failed", "\(stale)")
        }
        #expect(try await service.send("POST", "\(call)/\(move)", body, key: key, ifMatch: "1").code == "malformed_request")
        #expect(try await service.send("GET", call, key: key).bytes == seen.bytes)
        let tag = try #require(seen.header("etag"))
        let done = try await service.send("POST", "\(call)/\(move)", body, key: key, ifMatch: tag)
        #expect(done.status == 200)
        #expect(done.header("etag") == "\"2\"")
        #expect(try await service.send("POST", "\(call)/\(move)", body, key: key, ifMatch: tag).code == "precondition_failed")
        #expect(try await service.send("POST", call + "/end", [:], key: key, ifMatch: "*").status == 200)
    }

    @Test func `a repeated request is recognised before its version is looked at`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let call = try await service.ringingCall(key: key)
        let first = try await service.send("POST", call + "/end", [:], key: key, idempotencyKey: "a", ifMatch: "\"1\"")
        let again = try await service.send("POST", call + "/end", [:], key: key, idempotencyKey: "a", ifMatch: "\"1\"")
        #expect(first.status == 200)
        #expect(again.bytes == first.bytes)
    }

    @Test func `the tag names the version of the call, at every operation that answers with one`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let placed = try await service.placedCall(key: key)
        let call = "/v1/calls/\(try placed.text("id"))"
        #expect(placed.header("etag") == "\"1\"")
        #expect(try await service.send("GET", call, key: key).header("etag") == "\"1\"")
        #expect(try await service.send("POST", call + "/accept", ["user": "bob"], key: key).header("etag") == "\"2\"")
        #expect(try await service.send("POST", call + "/token", ["user": "bob"], key: key).header("etag") == nil)
        #expect(try await service.send("POST", call + "/end", [:], key: key).header("etag") == "\"3\"")
    }

    @Test func `where the contract lists no such header, nobody reads it`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let order: JSONValue = ["caller": "alice", "callee": "bob", "media": "audio"]
        #expect(try await service.send("POST", "/v1/calls", order, key: key, ifMatch: "\"7\"").status == 201)
        let id = try await service.send("GET", "/v1/calls", key: key, ifMatch: "nonsense")["calls"]?[0]?["id"]?.stringValue
        #expect(try await service.send("GET", "/v1/calls/\(try #require(id))", key: key, ifMatch: "\"7\"").status == 200)
    }
}
