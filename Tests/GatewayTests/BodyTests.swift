import Testing

/// Bodies are bounded before they are read, and are JSON or nothing.
@Suite struct `A body on the wire` {
    private static let bodyBytesMax = 64 * 1024

    @Test func `X04 a length over the limit is refused before the body is sent`() async throws {
        try await RunningGateway.with { gateway in
            let answer = try await gateway.only(
                "POST /v1/rooms HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: \(Self.bodyBytesMax + 1)\r\n\r\n")
            #expect(answer.status == 413)
            #expect(try answer.code == "body_too_large")
            #expect(answer.isLast)
        }
    }

    @Test func `X04 a body over the limit in chunks is refused and its connection closed`() async throws {
        try await RunningGateway.with { gateway in
            let client = try await gateway.client()
            try await client.send(
                "POST /v1/rooms HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in 0..<Self.bodyBytesMax / 1024 { try await client.send("400\r\n" + String(repeating: " ", count: 1024) + "\r\n") }
            try await client.send("1\r\n \r\n")
            let (answers, end) = try await client.rest()
            #expect(answers.map(\.status) == [413])
            #expect(try answers.first?.code == "body_too_large")
            #expect(end == .closed)
            try await client.close()
        }
    }

    @Test(arguments: [true, false])
    func `X04 a body of exactly the limit is read, whole or in chunks`(isChunked: Bool) async throws {
        try await RunningGateway.with { gateway in
            let body = #"{"role":"viewer","user_id":"user-1"}"#
            let whole = body + String(repeating: " ", count: Self.bodyBytesMax - body.utf8.count)
            let client = try await gateway.client()
            if isChunked {
                try await client.send(
                    """
                    POST /v1/rooms/\(gateway.room)/tokens HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(gateway.key)\r
                    Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n
                    """)
                var rest = Substring(whole)
                while !rest.isEmpty {
                    let piece = rest.prefix(1000)
                    rest = rest.dropFirst(1000)
                    try await client.send(String(piece.utf8.count, radix: 16) + ";name=\"a b\"\r\n" + piece + "\r\n")
                }
                try await client.send("0\r\nX-Trailer: a\r\n\r\n")
            } else {
                try await client.send(gateway.hot(body: whole))
            }
            #expect(try await client.answer().status == 201)
            #expect(try await client.ask(HTTPText.health).status == 200)
            try await client.close()
        }
    }

    @Test func `a refused upload is heard although the client goes on sending`() async throws {
        try await RunningGateway.with { gateway in
            let client = try await gateway.client()
            try await client.send("POST /v1/rooms HTTP/1.1\r\nHost: a\r\nContent-Length: 8000000\r\n\r\n")
            for _ in 0..<8 { client.push(String(repeating: "a", count: 1_000_000)) }
            let (answers, _) = try await client.rest()
            #expect(answers.map(\.status) == [413])
            try await client.close()
        }
    }

    @Test(arguments: [
        "gzip", "br", "deflate", "x", "GZIP", "gzip, identity", "identity\r\nContent-Encoding: gzip", "gzip\r\nContent-Encoding: identity",
    ])
    func `X08 a compressed body is refused`(coding: String) async throws {
        try await RunningGateway.with { gateway in
            let answer = try await gateway.only(gateway.hot([("Content-Encoding", coding)]))
            #expect(answer.status == 415)
            #expect(try answer.code == "unsupported_media_type")
        }
    }

    @Test func `X08 a body that says it is not compressed is read`() async throws {
        try await RunningGateway.with { gateway in
            let client = try await gateway.client()
            #expect(try await client.ask(gateway.hot([("Content-Encoding", "Identity")])).status == 201)
            try await client.close()
        }
    }

    @Test(arguments: [true, false])
    func `X08 a client that asks first is told to go on, on both lanes`(isHot: Bool) async throws {
        try await RunningGateway.with { gateway in
            let client = try await gateway.client()
            let request =
                isHot
                ? gateway.hot([("Expect", "100-Continue")])
                : HTTPText.request(
                    "POST", "/v1/rooms",
                    [("Authorization", "Bearer \(gateway.key)"), ("Content-Type", "application/json"), ("Expect", "100-continue")],
                    body: "{}")
            let end = try #require(request.firstRange(of: "\r\n\r\n")).upperBound
            for _ in 0..<2 {
                #expect(try await client.ask(String(request[..<end])).status == 100)
                #expect(try await client.ask(String(request[end...])).status == 201)
            }
            // Behind another request it is told when its turn comes.
            try await client.send(HTTPText.health + request[..<end])
            #expect(try await client.answer().status == 200)
            #expect(try await client.answer().status == 100)
            #expect(try await client.ask(String(request[end...])).status == 201)
            try await client.close()
        }
    }

    @Test func `X08 a client that asks first for what cannot be is refused at once`() async throws {
        try await RunningGateway.with { gateway in
            let answer = try await gateway.only(
                "POST /v1/rooms HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 70000\r\n\r\n")
            #expect(answer.status == 413)
        }
    }

    @Test func `X08 an old client is never told to go on`() async throws {
        try await RunningGateway.with { gateway in
            let answer = try await gateway.only(
                HTTPText.request(
                    "POST", "/v1/rooms",
                    [("Authorization", "Bearer \(gateway.key)"), ("Content-Type", "application/json"), ("Expect", "100-continue")],
                    body: "{}",
                    version: "HTTP/1.0"))
            #expect(answer.status == 201)
        }
    }

    @Test(arguments: [
        "text/plain", "application/json; charset=utf-16", "application/jsonp", "application/x-www-form-urlencoded", "json", "",
        "application/json\r\nContent-Type: text/plain", "application/json, application/json", "multipart/form-data; boundary=a",
    ])
    func `X11 a body of another type is refused`(type: String) async throws {
        try await RunningGateway.with { gateway in
            let client = try await gateway.client()
            for target in ["/v1/rooms", "/v1/rooms/\(gateway.room)/tokens"] {
                let answer = try await client.ask(
                    HTTPText.request("POST", target, [("Authorization", "Bearer \(gateway.key)"), ("Content-Type", type)], body: "{}"))
                #expect(answer.status == 415, "\(target)")
                #expect(try answer.code == "unsupported_media_type", "\(target)")
            }
            try await client.close()
        }
    }

    @Test(arguments: ["application/json", "Application/JSON", "application/json;charset=utf-8", "application/json; charset=\"UTF-8\""])
    func `X11 the ways to say JSON are one`(type: String) async throws {
        try await RunningGateway.with { gateway in
            let client = try await gateway.client()
            for target in ["/v1/rooms", "/v1/rooms/\(gateway.room)/tokens"] {
                let answer = try await client.ask(
                    HTTPText.request(
                        "POST", target, [("Authorization", "Bearer \(gateway.key)"), ("Content-Type", type)], body: #"{"unknown":1}"#))
                #expect(answer.status == 422, "\(target)")
            }
            try await client.close()
        }
    }

    @Test(arguments: ["\u{feff}{}", "", "{", "[]]", "{\"a\":1,\"a\":2}", "\u{0}"])
    func `X11 a body that is no JSON is refused, a byte order mark too`(body: String) async throws {
        try await RunningGateway.with { gateway in
            let client = try await gateway.client()
            for target in ["/v1/rooms", "/v1/rooms/\(gateway.room)/tokens"] {
                let answer = try await client.ask(
                    HTTPText.request(
                        "POST", target, [("Authorization", "Bearer \(gateway.key)"), ("Content-Type", "application/json")], body: body))
                #expect(answer.status == 400, "\(target)")
                #expect(try answer.code == "malformed_json", "\(target)")
            }
            try await client.close()
        }
    }
}
