import Gateway
import Testing

/// What a connection is good for, how it ends, and that nothing is left of it.
@Suite struct `A connection` {
    @Test func `X06 the cap holds, and those who wait are served when others leave`() async throws {
        try await RunningGateway.with {
            $0.connectionsMax = 8
        } _: { gateway in
            var inside: [Client] = []
            for _ in 0..<8 {
                let client = try await gateway.client()
                #expect(try await client.ask(HTTPText.health).status == 200)
                inside.append(client)
            }
            var waiting: [Client] = []
            for _ in 0..<4 {
                let client = try await gateway.client()
                try await client.send(HTTPText.health)
                waiting.append(client)
            }
            #expect(try await inside[0].ask(HTTPText.health).status == 200)
            let open = try gateway.openConnections()
            #expect(open == 8)
            for client in inside[..<4] { try await client.close() }
            for client in waiting { #expect(try await client.answer().status == 200) }
            try await gateway.expectOpenConnections(8)
            for client in inside[4...] + waiting { try await client.close() }
            try await gateway.expectOpenConnections(0)
        }
    }

    @Test func `X07 1000 requests in a row, hot and cold, are answered in order`() async throws {
        try await RunningGateway.with { gateway in
            let client = try await gateway.client()
            let requests = (0..<1000).map { number -> (id: String, status: Int, text: String) in
                let id = "pipe-\(10_000 + number)"
                // Runs of hot ones, runs of cold ones, and single ones between.
                switch number % 10 {
                case 0, 4: return (id, 200, HTTPText.request("GET", "/health", [("X-Request-Id", id)]))
                case 5: return (id, 404, HTTPText.request("GET", "/nothing", [("X-Request-Id", id)]))
                case 6: return (id, 400, gateway.hot([("X-Request-Id", id)], body: "{"))
                default: return (id, 201, gateway.hot([("X-Request-Id", id)]))
                }
            }
            client.push(requests.map(\.text).joined())
            for request in requests {
                let answer = try await client.answer()
                #expect(answer.requestID == request.id)
                #expect(answer.status == request.status)
            }
            #expect(try await client.ask(HTTPText.health).status == 200)
            try await client.close()
        }
    }

    @Test func `X07 a hot request behind a cold one waits its turn`() async throws {
        try await RunningGateway.with { gateway in
            let client = try await gateway.client()
            for round in 0..<50 {
                let ids = (0..<4).map { "order-\(round)-\($0)" }
                try await client.send(
                    HTTPText.request("GET", "/openapi.json", [("X-Request-Id", ids[0])]) + gateway.hot([("X-Request-Id", ids[1])])
                        + HTTPText.request("GET", "/v1/rooms", [("X-Request-Id", ids[2])]) + gateway.hot([("X-Request-Id", ids[3])]))
                for (id, status) in zip(ids, [200, 201, 401, 201]) {
                    let answer = try await client.answer()
                    #expect(answer.requestID == id)
                    #expect(answer.status == status)
                }
            }
            try await client.close()
        }
    }

    @Test func `a request that comes byte by byte is a request`() async throws {
        try await RunningGateway.with { gateway in
            let client = try await gateway.client()
            for request in [gateway.hot(), HTTPText.health] {
                for byte in Array(request.utf8) { try await client.send([byte]) }
                #expect([200, 201].contains(try await client.answer().status))
            }
            try await client.close()
        }
    }

    @Test func `empty lines before a request are skipped`() async throws {
        try await RunningGateway.with { gateway in
            let client = try await gateway.client()
            #expect(try await client.ask("\r\n" + HTTPText.health).status == 200)
            #expect(try await client.ask("\r\n" + gateway.hot()).status == 201)
            try await client.close()
        }
    }

    @Test func `200 clients that end their side after the request are answered, and nothing is left of them`() async throws {
        try await RunningGateway.with { gateway in
            for round in 0..<100 {
                for (request, status) in [(gateway.hot(), 201), (HTTPText.health, 200)] {
                    let client = try await gateway.client()
                    try await client.send(request)
                    try await client.endSending()
                    let (answers, end) = try await client.rest()
                    #expect(answers.map(\.status) == [status], "round \(round)")
                    #expect(end == .closed)
                    try await client.close()
                }
            }
            try await gateway.expectOpenConnections(0)
        }
    }

    @Test func `a client that ends its side behind many requests is given every answer whole, however late it reads`() async throws {
        try await RunningGateway.with { gateway in
            let cold = HTTPText.request("GET", "/openapi.yaml")
            for text in [String(repeating: gateway.hot(), count: 400), String(repeating: gateway.hot() + cold, count: 40)] {
                let client = try await gateway.client(isReading: false, receiveBufferBytes: 4096)
                client.push(text)
                try await client.endSending()
                try await client.readOnce()
                try await client.startReading()
                let (answers, end) = try await client.rest()
                #expect(answers.count == text.matches(of: #/ HTTP\/1\.1/#).count)
                #expect(answers.allSatisfy { [200, 201].contains($0.status) })
                #expect(end == .closed)
                try await client.close()
            }
        }
    }

    @Test(arguments: ["GET /health HTTP/1.1\r\nHost: a\r\nX-A", "POST /v1/rooms HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{"])
    func `a client that ends its side within a request is told that it is malformed`(text: String) async throws {
        try await RunningGateway.with { gateway in
            let client = try await gateway.client()
            try await client.send(text)
            try await client.endSending()
            let (answers, end) = try await client.rest()
            #expect(answers.map(\.status) == [400])
            #expect(end == .closed)
            try await client.close()
            try await gateway.expectOpenConnections(0)
        }
    }

    @Test func `clients that go away at any moment leave nothing behind`() async throws {
        try await RunningGateway.with { gateway in
            let hot = gateway.hot()
            let cold = HTTPText.request("GET", "/openapi.json")
            for text in [
                "", "G", "\r\n", String(hot.prefix(60)), String(hot.dropLast(5)), hot, cold, hot + cold + hot + cold.prefix(20),
                "GARBAGE\r\n",
            ] {
                for isRude in [false, true] {
                    let client = try await gateway.client()
                    try await client.send(text)
                    if isRude { try await client.reset() } else { try await client.close() }
                }
            }
            try await gateway.expectOpenConnections(0)
            let client = try await gateway.client()
            #expect(try await client.ask(HTTPText.health).status == 200)
            try await client.close()
        }
    }

    @Test(arguments: [
        "Connection: close", "connection: Close", "Connection: close, foo", "Connection: foo, close", "Connection: keep-alive, close",
        "Connection: keep-alive\r\nConnection: close", "Connection: upgrade\r\nUpgrade: h2c", "Upgrade: h2c",
        "Connection: close, upgrade\r\nUpgrade: websocket",
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__",
    ])
    func `the last request of a connection is answered, and the connection ended`(headers: String) async throws {
        try await RunningGateway.with { gateway in
            let header = [("X-A", "b\r\n\(headers)")]
            for (text, status) in [
                (HTTPText.request("GET", "/health", header), 200), (gateway.hot(header), 201),
                (HTTPText.request("POST", "/v1/rooms", header, body: "{}"), 401), (HTTPText.request("GET", "/openapi.json", header), 200),
            ] {
                // Alone, with another behind it, and on a connection that has been used.
                for before in ["", HTTPText.health, gateway.hot()] {
                    for behind in ["", HTTPText.health, gateway.hot(), "garbage"] {
                        let client = try await gateway.client()
                        if !before.isEmpty { #expect([200, 201].contains(try await client.ask(before).status)) }
                        try await client.send(text + behind)
                        let (answers, end) = try await client.rest()
                        #expect(answers.map(\.status) == [status])
                        #expect(answers.map(\.isLast) == [true])
                        #expect(end == .closed)
                        try await client.close()
                    }
                }
            }
            try await gateway.expectOpenConnections(0)
        }
    }

    @Test(arguments: ["", "Connection: keep-alive\r\n", "Connection: close\r\n"])
    func `a request of HTTP 1.0 is answered and its connection ended`(header: String) async throws {
        try await RunningGateway.with { gateway in
            for host in ["", "Host: a\r\n"] {
                let answer = try await gateway.only("GET /health HTTP/1.0\r\n\(host)\(header)\r\n" + HTTPText.health)
                #expect(answer.status == 200)
                #expect(answer.isLast)
            }
        }
    }

    @Test func `both lanes give the same answer, byte for byte`() async throws {
        try await RunningGateway.with { gateway in
            let id = ("X-Request-Id", "the-same-1")
            let json = ("Content-Type", "application/json")
            let key = ("Authorization", "Bearer \(gateway.key)")
            let good = #"{"role":"viewer","user_id":"user-1"}"#
            let target = "/v1/rooms/\(gateway.room)/tokens"
            let cases: [(target: String, headers: [(String, String)], body: String, status: Int)] = [
                (target, [key, json], good, 201), (target, [json], good, 401), (target, [("Authorization", "Bearer x"), json], good, 401),
                (target, [key, key, json], good, 401), (target, [key], good, 415), (target, [key, json, json], good, 415),
                (target, [key, json], "", 400), (target, [key, json], #"{"a":1,"a":2}"#, 400),
                (target, [key, json], #"{"role":"boss","user_id":"","x":"é"}"#, 422),
                (target, [key, json, ("Content-Encoding", "gzip")], good, 415), ("/v1/rooms/acme-room-1/tokens", [key, json], good, 404),
                ("/v1/rooms/acme-room-\(String(repeating: "0", count: 25))/tokens", [key, json], good, 404),
                (target + "?a=b", [key, json], good, 400), (target + "?", [key, json], good, 201),
            ]
            for (target, headers, body, status) in cases {
                let short = try await gateway.only(HTTPText.request("POST", target, headers + [id, ("Connection", "close")], body: body))
                let long = try await gateway.only(HTTPText.request("POST", target, headers + [id], body: body, version: "HTTP/1.0"))
                #expect(short.status == status)
                let isToken = status == 201
                #expect(try Self.masked(short, isToken) == Self.masked(long, isToken))
            }
        }
    }

    /// A token is another one each time, and may be made in another second.
    private static func masked(_ answer: Answer, _ isToken: Bool) throws -> String {
        guard isToken else { return answer.masked() }
        let token = try #require(answer.text.firstMatch(of: #/"token":"([^"]+)"/#)).1
        var masks = [String(token): "<token>"]
        for time in answer.text.matches(of: #/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/#) { masks[String(time.0)] = "<time>" }
        return answer.masked(masks)
    }
}
