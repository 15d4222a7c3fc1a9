import Testing

/// A request that can be read in two ways is how one client's request becomes another's. So it is refused, and nothing after it is read.
@Suite struct `A malformed request` {
    /// What every case must lead to: one problem, the end of the connection, and no word about the request that follows.
    private func expectRefused(
        _ text: String, _ status: Int, _ code: String, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await RunningGateway.with { gateway in
            let answer = try await gateway.only(text + HTTPText.health)
            #expect(answer.status == status, "\(answer.text)", sourceLocation: sourceLocation)
            #expect(try answer.code == code, sourceLocation: sourceLocation)
            #expect(answer.isLast, sourceLocation: sourceLocation)
        }
    }

    @Test(arguments: [
        "Content-Length: 4\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 4",
        "Transfer-Encoding: chunked\r\nContent-Length: 0",
    ])
    func `X02 a request with a length and a transfer coding is refused and its connection closed`(headers: String) async throws {
        try await expectRefused(
            "POST /v1/rooms HTTP/1.1\r\nHost: a\r\n\(headers)\r\n\r\n0\r\n\r\n", 400, "malformed_request")
    }

    @Test(arguments: [
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked, chunked",
        "Transfer-Encoding : chunked", "Transfer-Encoding: x", "Transfer-Encoding: chunked, x", "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: \u{0b}chunked", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Transfer-Encoding: identity", "Transfer-Encoding:", "Transfer-Encoding\r\n : chunked",
    ])
    func `X02 a request with any transfer coding but chunked alone is refused and its connection closed`(headers: String) async throws {
        try await expectRefused(
            "POST /v1/rooms HTTP/1.1\r\nHost: a\r\n\(headers)\r\n\r\n0\r\n\r\n", 400, "malformed_request")
    }

    @Test func `X02 a request with chunks in an old protocol version is refused and its connection closed`() async throws {
        try await expectRefused(
            "POST /v1/rooms HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "malformed_request")
    }

    @Test(arguments: [
        "Content-Length: 2\r\nContent-Length: 2", "Content-Length: 2\r\nContent-Length: 3", "Content-Length: 2, 2",
    ])
    func `X02 a request with two lengths is refused and its connection closed`(headers: String) async throws {
        try await expectRefused("POST /v1/rooms HTTP/1.1\r\nHost: a\r\n\(headers)\r\n\r\n{}", 400, "malformed_request")
    }

    @Test(arguments: ["+5", "-1", "0x5", "5 5", "5.0", "1e1", "", "٥", "99999999999999999999999999"])
    func `X02 a request whose length is no number is refused and its connection closed`(length: String) async throws {
        try await expectRefused(
            "POST /v1/rooms HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\n{\"a\":", 400, "malformed_request")
    }

    @Test(arguments: ["9223372036854775808", "18446744073709551615", "0000000000000000000000000099999"])
    func `X02 a length that is a number, and far too large, is refused and its connection closed`(length: String) async throws {
        try await expectRefused(
            "POST /v1/rooms HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\n{\"a\":", 413, "body_too_large")
    }

    @Test(arguments: [
        "X-A: b\r\n c", "X-A: b\r\n\tc", " X-A: b", "X-A : b", "X-A\t: b", "X-A", ": b", "X A: b", "X-\u{00e9}: b", "X-A: b\u{0}c",
    ])
    func `X02 a folded or malformed header is refused and its connection closed`(header: String) async throws {
        try await expectRefused("GET /health HTTP/1.1\r\nHost: a\r\n\(header)\r\n\r\n", 400, "malformed_request")
    }

    @Test(arguments: [
        "GET /health HTTP/1.1\nHost: a\n\n", "GET /health HTTP/1.1\r\nHost: a\nX-A: b\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: a\r\n\n", "GET /health HTTP/1.1\r\nHost: a\rX-A: b\r\n\r\n",
        "POST /v1/rooms HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\n{}\r\n0\r\n\r\n",
        "POST /v1/rooms HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}0\r\n\r\n",
        "POST /v1/rooms HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n",
        "POST /v1/rooms HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n11111111111111111\r\n{}\r\n0\r\n\r\n",
    ])
    func `X02 a request with bare line ends or chunks without measure is refused and its connection closed`(text: String) async throws {
        try await expectRefused(text, 400, "malformed_request")
    }

    @Test(arguments: [
        "GET /health\r\n\r\n", "GET /health HTTP/2.0\r\nHost: a\r\n\r\n", "GET /health HTTP/0.9\r\nHost: a\r\n\r\n",
        "GET /health HTTP/1.2\r\nHost: a\r\n\r\n", "GET /health HTTP/1.1 \r\nHost: a\r\n\r\n",
        "GET /hea lth HTTP/1.1\r\nHost: a\r\n\r\n", "GET health HTTP/1.1\r\nHost: a\r\n\r\n", "get /health HTTP/1.1\r\nHost: a\r\n\r\n",
        "GARBAGE /health HTTP/1.1\r\nHost: a\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ])
    func `X02 a malformed first line is refused and its connection closed`(text: String) async throws {
        try await expectRefused(text, 400, "malformed_request")
    }

    @Test(arguments: [
        "GET /health HTTP/1.1\r\n\r\n", "GET /health HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
        "GET /health HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n",
    ])
    func `a request that names no host, or two, is refused and its connection closed`(text: String) async throws {
        try await expectRefused(text, 400, "malformed_request")
    }

    @Test func `a refusal waits for the answers to the requests before it`() async throws {
        try await RunningGateway.with { gateway in
            let client = try await gateway.client()
            try await client.send(HTTPText.health + gateway.hot() + HTTPText.health + "GARBAGE\r\n\r\n" + HTTPText.health)
            let (answers, end) = try await client.rest()
            #expect(answers.map(\.status) == [200, 201, 200, 400])
            #expect(answers.map(\.isLast) == [false, false, false, true])
            #expect(end == .closed)
            try await client.close()
        }
    }

    @Test func `X03 too many headers are refused and their connection closed`() async throws {
        let headers = (0..<300).map { "X-\($0): a\r\n" }.joined()
        try await expectRefused("GET /health HTTP/1.1\r\nHost: a\r\n\(headers)\r\n", 431, "headers_too_large")
        let most = (0..<63).map { ("X-\($0)", "a") }
        try await RunningGateway.with { gateway in
            let client = try await gateway.client()
            #expect(try await client.ask(HTTPText.request("GET", "/health", most)).status == 200)
            #expect(try await client.ask(HTTPText.request("GET", "/health", most + [("X-More", "a")])).status == 431)
            try await client.close()
        }
    }

    @Test func `X03 100,000 tiny headers are refused and their connection closed`() async throws {
        let headers = String(repeating: "a:b\r\n", count: 100_000)
        try await expectRefused("GET /health HTTP/1.1\r\nHost: a\r\n\(headers)\r\n", 431, "headers_too_large")
    }

    @Test(arguments: [17 * 1024, 81 * 1024])
    func `X03 a header that is too long is refused and its connection closed`(length: Int) async throws {
        let value = String(repeating: "a", count: length)
        try await expectRefused("GET /health HTTP/1.1\r\nHost: a\r\nX-A: \(value)\r\n\r\n", 431, "headers_too_large")
        try await expectRefused("GET /health HTTP/1.1\r\nHost: a\r\n\(value): a\r\n\r\n", 431, "headers_too_large")
    }

    @Test func `X03 a first line of a megabyte is refused and its connection closed`() async throws {
        let path = String(repeating: "a", count: 1 << 20)
        try await expectRefused("GET /\(path) HTTP/1.1\r\nHost: a\r\n\r\n", 431, "headers_too_large")
    }

    @Test func `X03 trailers count as headers`() async throws {
        let trailers = (0..<300).map { "X-\($0): a\r\n" }.joined()
        try await expectRefused(
            "POST /v1/rooms HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\(trailers)\r\n", 431,
            "headers_too_large")
    }
}
