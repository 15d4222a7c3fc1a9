import Testing

/// Methods, paths and headers: what is asked for, and what may be echoed.
@Suite struct `A request's method, path and headers` {
    @Test(arguments: ["HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "PATCH", "PROPFIND", "QUERY"])
    func `X12 a method that a path does not have is refused with those that it has`(method: String) async throws {
        try await RunningGateway.with { gateway in
            let client = try await gateway.client()
            for _ in 0..<2 {
                let answer = try await client.ask(HTTPText.request(method, "/health"), toHead: method == "HEAD")
                #expect(answer.status == 405)
                #expect(answer["allow"] == ["GET"])
                if method != "HEAD" { #expect(try answer.code == "method_not_allowed") }
            }
            // The next answer begins where this one ended: an answer to HEAD has no body.
            #expect(try await client.ask(HTTPText.health).status == 200)
            try await client.close()
        }
    }

    @Test func `X12 a refusal of a request for a head alone has no body`() async throws {
        try await RunningGateway.with { gateway in
            let client = try await gateway.client()
            let answer = try await client.ask("HEAD /health HTTP/1.1\r\n\r\n", toHead: true)
            #expect(answer.status == 400)
            #expect(answer["content-length"] != ["0"])
            #expect(try await client.rest().answers.isEmpty)
            try await client.close()
        }
    }

    @Test(arguments: ["CONNECT callgate.example:443", "OPTIONS *"])
    func `X12 a request for no path is refused`(line: String) async throws {
        try await RunningGateway.with { gateway in
            let client = try await gateway.client()
            let answer = try await client.ask("\(line) HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect([404, 405].contains(answer.status))
            if line.hasPrefix("CONNECT") {
                #expect(answer.isLast)
                #expect(try await client.rest().answers.isEmpty)
            } else {
                #expect(try await client.ask(HTTPText.health).status == 200)
            }
            try await client.close()
        }
    }

    @Test(arguments: [
        "//health", "/./health", "/health/", "/health/.", "/x/../health", "/%68ealth", "/health;x=1", "/health%00", "/health%2F", "/HEALTH",
        "/health#a", "/v1/rooms/%2e%2e/rooms", "/v1//rooms", "/v1/rooms/..%2f..%2fhealth", "/v1/keys/%2F", "/\u{ff0f}health",
        "http://callgate.example//health", "http://callgate.example/x/../health",
    ])
    func `X13 a path is compared byte for byte and never decoded`(path: String) async throws {
        try await RunningGateway.with { gateway in
            let client = try await gateway.client()
            let answer = try await client.ask(HTTPText.request("GET", path, [("Authorization", "Bearer \(gateway.key)")]))
            #expect([400, 404].contains(answer.status), "\(answer.text)")
            try await client.close()
        }
    }

    @Test func `X13 bytes that are no UTF-8 name nothing`() async throws {
        try await RunningGateway.with { gateway in
            for tail: [UInt8] in [[0xC0, 0xAF], [0xFF], [0xE0, 0x80, 0xAF], [0xED, 0xA0, 0x80]] {
                let client = try await gateway.client()
                try await client.send(Array("GET /health".utf8) + tail + Array(" HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
                #expect([400, 404].contains(try await client.answer().status))
                try await client.close()
            }
        }
    }

    @Test func `X13 the whole address in the first line leads to the same place`() async throws {
        try await RunningGateway.with { gateway in
            let client = try await gateway.client()
            #expect(try await client.ask(HTTPText.request("GET", "http://callgate.example/health")).status == 200)
            let hot = gateway.hot().replacing("POST /", with: "POST http://callgate.example/", maxReplacements: 1)
            #expect(try await client.ask(hot).status == 201)
            try await client.close()
        }
    }

    @Test(arguments: [
        "1234567", String(repeating: "a", count: 65), "with blank", "with.dot-1", "evil%0d%0aSet-Cookie:a=b", "\"quoted-1\"", "<script>1",
        "é-é-é-é-é", "",
    ])
    func `X14 a request id of another shape is replaced`(id: String) async throws {
        try await RunningGateway.with { gateway in
            let client = try await gateway.client()
            for request in [HTTPText.request("GET", "/health", [("X-Request-Id", id)]), gateway.hot([("X-Request-Id", id)])] {
                let answer = try await client.ask(request)
                #expect([200, 201].contains(answer.status))
                #expect(answer.requestID != id)
                #expect(answer.requestID.wholeMatch(of: #/[0-9a-f]{16}/#) != nil)
                #expect(answer["set-cookie"].isEmpty)
            }
            try await client.close()
        }
    }

    @Test(arguments: ["12345678", String(repeating: "a", count: 64), "A-z_0-9-AZ"])
    func `a request id of the right shape is echoed`(id: String) async throws {
        try await RunningGateway.with { gateway in
            let client = try await gateway.client()
            for request in [
                HTTPText.request("GET", "/health", [("X-Request-Id", id)]), HTTPText.request("GET", "/nothing", [("x-request-id", id)]),
                gateway.hot([("X-REQUEST-ID", id)]),
                HTTPText.request("GET", "/health", [("X-Request-Id", id), ("Content-Encoding", "br")]),
            ] {
                #expect(try await client.ask(request).requestID == id)
            }
            try await client.close()
        }
    }

    @Test func `X14 line ends in a header or a path lead to no header of their own`() async throws {
        try await RunningGateway.with { gateway in
            for text in [
                "GET /health HTTP/1.1\r\nHost: a\r\nX-Request-Id: 12345678\rSet-Cookie: a=b\r\n\r\n",
                "GET /health HTTP/1.1\r\nHost: a\r\nX-Request-Id: 12345678\nSet-Cookie: a=b\r\n\r\n",
                "GET /health\r\nSet-Cookie: a=b HTTP/1.1\r\nHost: a\r\n\r\n",
                HTTPText.request("GET", "/health%0d%0aSet-Cookie:%20a=b", [("Connection", "close")]),
                HTTPText.request(
                    "GET", "/v1/rooms/a%0d%0aSet-Cookie:%20a=b",
                    [("Connection", "close"), ("Authorization", "Bearer \(gateway.key)")]),
            ] {
                let answer = try await gateway.only(text)
                #expect([400, 404].contains(answer.status))
                #expect(answer["set-cookie"].isEmpty)
                #expect(answer.requestID.wholeMatch(of: #/[0-9a-f]{16}/#) != nil)
            }
        }
    }

    @Test func `every answer carries a date, a request id, a length and the word that its type is meant`() async throws {
        try await RunningGateway.with { gateway in
            let client = try await gateway.client()
            let authorization = ("Authorization", "Bearer \(gateway.key)")
            let requests = [
                HTTPText.health, HTTPText.request("GET", "/nothing"), HTTPText.request("GET", "/v1/rooms"), gateway.hot(),
                gateway.hot(body: "{"), HTTPText.request("GET", "/openapi.json"), HTTPText.request("GET", "/docs"),
                HTTPText.request("DELETE", "/v1/rooms/\(gateway.room)", [authorization]), HTTPText.request("PUT", "/health"),
                HTTPText.request("GET", "/v1/rooms", [authorization]), "GARBAGE\r\n\r\n",
            ]
            var statuses: [Int] = []
            for request in requests {
                let answer = try await client.ask(request)
                statuses.append(answer.status)
                #expect(answer["date"].count == 1)
                #expect(answer["date"].first?.wholeMatch(of: #/[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT/#) != nil)
                #expect(answer.requestID.wholeMatch(of: #/[0-9a-f]{16}/#) != nil)
                #expect(answer["x-content-type-options"] == ["nosniff"])
                #expect(answer["content-length"] == (answer.status == 204 ? [] : [String(answer.body.count)]))
                #expect(answer["transfer-encoding"].isEmpty)
                #expect(answer["server"].isEmpty)
            }
            #expect(statuses == [200, 404, 401, 201, 400, 200, 200, 204, 405, 200, 400])
            try await client.close()
        }
    }
}
