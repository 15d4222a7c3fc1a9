import StrictJSON
import Switchboard
import Testing
import Vocabulary

@testable import API

/// How often users may ring each other, over HTTP.
struct RingLimitTests {
    private static func order(_ callee: String = "bob", id: String? = nil) -> JSONValue {
        var order: JSONObject = ["caller": "alice", "callee": .string(callee), "media": "audio"]
        if let id { order["call_id"] = .string(id) }
        return .object(order)
    }

    @Test func `C26: one ring too many is 429 with the time to wait, for a key and for a user alike`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let alice = try service.token("alice")
        for number in 0..<Limits.ringsPerPairPerMinuteDefault {
            let byUser: JSONValue = ["callee": "bob", "media": "audio"]
            let isUser = number % 2 == 0
            let placed = try await service.send("POST", "/v1/calls", isUser ? byUser : Self.order(), key: isUser ? alice : key)
            #expect(placed.status == 201)
            #expect(try await service.send("POST", "/v1/calls/\(placed.text("id"))/end", [:], key: key).status == 200)
        }
        let byAlice: JSONValue = ["callee": "bob", "media": "audio"]
        for (body, credential) in [(Self.order(), key), (byAlice, alice)] {
            let refused = try await service.send("POST", "/v1/calls", body, key: credential)
            #expect(refused.status == 429)
            #expect(refused.code == "rate_limited")
            #expect(refused.header("retry-after") == "6")
        }
        #expect(try await service.send("GET", "/v1/calls?state=ringing", key: key)["calls"] == [])
        let rows = try await service.send("GET", "/v1/audit?limit=100", key: key)["rows"]?.arrayValue ?? []
        #expect(rows.filter { $0["operation"] == "call.place" && $0["outcome"] == "rate_limited" }.count == 2)
        service.clock.advance(6)
        #expect(try await service.send("POST", "/v1/calls", Self.order(), key: key).status == 201)
    }

    @Test func `N11: what one tenant rings takes nothing from another`() async throws {
        let service = try await Service()
        let (acme, globex) = (try await service.tenant("acme"), try await service.tenant("globex"))
        for _ in 0..<40 { _ = try await service.send("POST", "/v1/calls", Self.order("flood"), key: acme) }
        #expect(try await service.send("POST", "/v1/calls", Self.order("flood"), key: acme).status == 429)
        #expect(try await service.send("POST", "/v1/calls", Self.order("flood"), key: globex).status == 201)
    }

    @Test func `a repeated request is answered as before when no ring is left`() async throws {
        let service = try await Service(limits: DeskLimits(ringsPerPair: Rate(perMinute: 1)))
        let key = try await service.tenant("acme")
        let first = try await service.send("POST", "/v1/calls", Self.order(id: "my-call-1"), key: key, idempotencyKey: "k")
        #expect(first.status == 201)
        let byKey = try await service.send("POST", "/v1/calls", Self.order(id: "my-call-1"), key: key, idempotencyKey: "k")
        #expect(byKey.status == 201 && byKey.bytes == first.bytes)
        let byID = try await service.send("POST", "/v1/calls", Self.order(id: "my-call-1"), key: key)
        #expect(byID.status == 200 && byID.bytes == first.bytes)
        #expect(try await service.send("POST", "/v1/calls", Self.order(id: "my-call-2"), key: key).status == 429)
    }

    @Test func `the contract says how often, and where it is refused`() throws {
        let contract = try Contract.current.get()
        let place = try #require(contract.operation("placeCall"))
        #expect(place.answers(429, "rate_limited"))
        let source = contract.document["paths"]?[place.path]?["post"]
        #expect(source?["description"]?.stringValue?.contains("how often a user may be rung, is limited (429)") == true)
    }
}
