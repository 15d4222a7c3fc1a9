import StrictJSON
import Switchboard
import Testing
import Vocabulary

@testable import API

/// How often whoever asks may ask, over HTTP. Every answer is compared with the contract, which has the two headers on all of them.
struct RequestLimitTests {
    private static func limits(_ change: (inout DeskLimits) -> Void) -> DeskLimits {
        var limits = DeskLimits.unlimited
        change(&limits)
        return limits
    }

    private static let mint: JSONValue = ["user_id": "alice", "role": "viewer"]

    /// A request from an address.
    private func send(
        _ method: String, _ target: String, key: String?, from address: UInt32, in service: Service
    ) async throws -> Service.Answer {
        try await service.send(
            APIRequest(
                method: method, target: target, authorization: .of(key), contentType: nil, requestID: Service.requestID,
                client: ClientNetwork(of: IPAddress(ipv4: address)), body: []))
    }

    @Test func `every answer says what counted and what is left of the tightest`() async throws {
        let limits = Self.limits {
            $0.requestsPerKey = Rate(perMinute: 100)
            $0.requestsPerTenant = Rate(perMinute: 60)
            $0.requestsPerUser = Rate(perMinute: 30)
            $0.requestsPerAddress = Rate(perMinute: 20)
            $0.badCredentialsPerAddress = Rate(perMinute: 10)
        }
        let service = try await Service(limits: limits)
        let key = try await service.tenant("acme")
        func fields(_ target: String, _ key: String?) async throws -> [String?] {
            let answer = try await service.send("GET", target, key: key)
            return [answer.header("ratelimit-policy"), answer.header("ratelimit")]
        }
        let (byKey, byUser) = (#""key";q=100;w=60, "tenant";q=60;w=60"#, #""user";q=30;w=60, "tenant";q=60;w=60"#)
        #expect(try await fields("/v1/rooms", key) == [byKey, #""tenant";r=59;t=1"#])
        #expect(try await fields("/v1/rooms/nothing", key) == [byKey, #""tenant";r=58;t=2"#])
        #expect(try await fields("/v1/calls", try service.token("alice")) == [byUser, #""tenant";r=57;t=3"#])
        #expect(try await fields("/v1/rooms", service.operatorKey) == [#""key";q=100;w=60"#, #""key";r=97;t=2"#])
        let byAddress = #""address";q=20;w=60"#
        #expect(try await fields("/health", nil) == [byAddress, #""address";r=19;t=3"#])
        #expect(try await fields("/v1/rooms", nil) == [byAddress, #""address";r=18;t=6"#])
        #expect(try await fields("/nowhere", key) == [byAddress, #""address";r=17;t=9"#])
        #expect(try await fields("/v1/rooms", "bad") == [#""credentials";q=10;w=60"#, #""credentials";r=9;t=6"#])
    }

    @Test func `one request too many is 429 before anything is looked at, and says when to come again`() async throws {
        let service = try await Service(limits: Self.limits { $0.requestsPerTenant = Rate(perMinute: 4) })
        let key = try await service.tenant("acme")
        let room = try await service.room(key: key)
        for _ in 0..<3 { #expect(try await service.send("GET", "/v1/rooms/\(room)", key: key).status == 200) }
        let target = "/v1/rooms/\(room)/tokens"
        for answer in [
            try await service.send("POST", "/v1/rooms", bytes: Array("{".utf8), contentType: "text/plain", key: key),
            try await service.send("GET", "/v1/rooms/\(room)", key: key),
            try #require(try await service.sendAtHand("POST", target, [:], key: key)),
        ] {
            #expect(answer.status == 429)
            #expect(answer.code == "rate_limited")
            #expect(answer.header("retry-after") == "15")
            #expect(answer.header("ratelimit") == #""tenant";r=0;t=60"#)
            #expect(answer.header("cache-control") == "no-store")
        }
        service.clock.advance(15)
        #expect(try await service.sendAtHand("POST", target, Self.mint, key: key)?.status == 201)
        #expect(try await service.send("POST", target, Self.mint, key: key).status == 429)
        service.clock.advance(60)
        #expect(try await service.auditRows(key: key).filter { $0["outcome"] == "rate_limited" }.isEmpty, "a flood must not fill the disk")
    }

    @Test func `a request over the limit is refused at hand, whatever it asks for, and counted once where it is not`() async throws {
        let service = try await Service(limits: Self.limits { $0.requestsPerKey = Rate(perMinute: 3) })
        let key = try await service.tenant("acme")
        let request = APIRequest(
            method: "GET", target: "/v1/rooms", authorization: .of(key), contentType: nil, requestID: Service.requestID, body: [])
        for left in [2, 1, 0] {
            #expect(await service.api.respondAtHand(to: request) == nil)
            #expect(try await service.send(request).header("ratelimit")?.hasPrefix(#""key";r=\#(left);"#) == true)
        }
        #expect(await service.api.respondAtHand(to: request)?.status == 429)
        // What the short lane cannot answer is counted where it is answered.
        let other = try await service.key(of: "acme", scopes: [.tokensMint])
        let nowhere = "/v1/rooms/acme-room-0000000000000000000000000/tokens"
        for left in [2, 1, 0] {
            #expect(try await service.sendAtHand("POST", nowhere, Self.mint, key: other) == nil)
            let answer = try await service.send("POST", nowhere, Self.mint, key: other)
            #expect(answer.status == 404 && answer.header("ratelimit")?.hasPrefix(#""key";r=\#(left);"#) == true)
        }
    }

    @Test func `N11 a tenant that floods is refused, and another one never is`() async throws {
        let service = try await Service(limits: Self.limits { $0.requestsPerTenant = Rate(perMinute: 60) })
        let (loud, calm) = (try await service.tenant("loud"), try await service.tenant("calm"))
        let (loudRoom, calmRoom) = (try await service.room(key: loud), try await service.room(key: calm))
        func mint(_ room: String, _ key: String) async throws -> Int {
            let request = APIRequest(
                method: "POST", target: "/v1/rooms/\(room)/tokens", authorization: .of(key), contentType: "application/json",
                requestID: Service.requestID, body: Self.mint.canonicalBytes)
            if let answer = await service.api.respondAtHand(to: request) { return answer.status }
            return await service.api.respond(to: request).status
        }
        try await withThrowingTaskGroup(of: (isLoud: Bool, [Int]).self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var statuses: [Int] = []
                    for _ in 0..<200 { statuses.append(try await mint(loudRoom, loud)) }
                    return (true, statuses)
                }
            }
            group.addTask {
                var statuses: [Int] = []
                for _ in 0..<50 { statuses.append(try await mint(calmRoom, calm)) }
                return (false, statuses)
            }
            var flood: [Int] = []
            for try await (isLoud, statuses) in group {
                if isLoud { flood += statuses } else { #expect(statuses == [Int](repeating: 201, count: 50)) }
            }
            #expect(flood.count { $0 == 201 } == 59, "as many as the limit, less the one for the room")
            #expect(flood.count { $0 == 429 } == 1600 - 59)
        }
    }

    @Test func `A09 keys are guessed from one address: 429 with the time to wait, and others go on`() async throws {
        let service = try await Service(limits: Self.limits { $0.badCredentialsPerAddress = Rate(perMinute: 6) })
        let key = try await service.tenant("acme")
        for number in 0..<6 {
            let answer = try await send("GET", "/v1/rooms", key: number % 2 == 0 ? APIKey(.live).text : "a.b.c", from: 1, in: service)
            #expect(answer.status == 401)
        }
        for guess in [APIKey(.live).text, "a.b.c", try service.token("alice")] {
            let refused = try await send("GET", "/v1/calls", key: guess, from: 1, in: service)
            #expect(refused.status == 429 && refused.code == "rate_limited")
            #expect(refused.header("retry-after") == "10")
            #expect(refused.header("ratelimit") == #""credentials";r=0;t=60"#)
        }
        #expect(try await send("GET", "/v1/rooms", key: key, from: 2, in: service).status == 200)
        #expect(try await send("GET", "/v1/calls", key: service.token("alice"), from: 2, in: service).status == 200)
        #expect(try await send("GET", "/v1/rooms", key: key, from: 1, in: service).status == 200, "a key at hand is no guess")
        #expect(try await send("GET", "/health", key: nil, from: 1, in: service).status == 200)
        service.clock.advance(10)
        #expect(try await send("GET", "/v1/calls", key: service.token("alice"), from: 1, in: service).status == 200)
    }

    @Test func `without a credential an address may ask so often, and no other pays for it`() async throws {
        let service = try await Service(limits: Self.limits { $0.requestsPerAddress = Rate(perMinute: 2) })
        #expect(try await send("GET", "/health", key: nil, from: 1, in: service).status == 200)
        #expect(try await send("GET", "/v1/rooms", key: nil, from: 1, in: service).status == 401)
        for target in ["/health", "/docs", "/v1/rooms"] {
            #expect(try await send("GET", target, key: nil, from: 1, in: service).status == 429)
        }
        #expect(try await send("GET", "/health", key: nil, from: 2, in: service).status == 200)
    }

    @Test func `a device is limited by its user, and by its tokens`() async throws {
        let service = try await Service(limits: Self.limits { $0.mintsPerUser = Rate(perMinute: 2) })
        let key = try await service.tenant("acme")
        let call = try await service.activeCall(key: key)
        let alice = try service.token("alice")
        for _ in 0..<2 { #expect(try await service.send("POST", call + "/token", [:], key: alice).status == 201) }
        let refused = try await service.send("POST", call + "/token", [:], key: alice)
        #expect(refused.status == 429 && refused.header("retry-after") == "30")
        #expect(try await service.send("GET", call, key: alice).status == 200)
        #expect(try await service.auditRows(key: key).filter { $0["outcome"] == "rate_limited" }.count == 1)
    }

    @Test func `X20 no page of another origin reads an answer, and a preflight tells nothing`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        for route in service.api.table.routes {
            let answer = try await service.send("OPTIONS", route.path.replacing("{", with: "").replacing("}", with: ""), key: key)
            #expect(answer.status == 405, "\(route.id)")
            #expect(answer.headers.allSatisfy { !$0.name.hasPrefix("access-control-") })
        }
        let list = try await service.send("GET", "/v1/rooms", key: key)
        #expect(list.headers.allSatisfy { !$0.name.hasPrefix("access-control-") })
    }
}

extension APIKey {
    fileprivate var text: String { secret.withBytes { String(decoding: $0, as: UTF8.self) } }
}
