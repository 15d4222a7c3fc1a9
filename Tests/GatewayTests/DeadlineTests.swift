import Gateway
import Testing

/// Nobody holds a connection for longer than was agreed. The limits are short here, and everybody is given half a minute to be cut.
@Suite struct `Time on a connection` {
    private static func impatient(_ settings: inout Settings) {
        settings.requestDeadlineSeconds = 1
        settings.writeStallSeconds = 1
    }

    @Test func `X05 slow heads, slow bodies and slow readers are cut while others are served`() async throws {
        try await RunningGateway.with(Self.impatient) { gateway in
            let slowHead = try await gateway.client()
            try await slowHead.send("GET /health HTTP/1.1\r\nHost: a\r\nX-A: b")
            let slowBody = try await gateway.client()
            try await slowBody.send(String(gateway.hot().dropLast(3)))
            let slowSecond = try await gateway.client()
            #expect(try await slowSecond.ask(HTTPText.health).status == 200)
            try await slowSecond.send("GET")
            let slowReaders = [
                try await gateway.client(isReading: false, receiveBufferBytes: 4096),
                try await gateway.client(isReading: false, receiveBufferBytes: 4096),
            ]
            slowReaders[0].push(String(repeating: HTTPText.request("GET", "/openapi.json"), count: 300))
            slowReaders[1].push(String(repeating: gateway.hot(), count: 20_000))

            for client in [slowHead, slowBody, slowSecond] {
                let probe = try await gateway.client()
                #expect(try await probe.ask(HTTPText.health).status == 200)
                #expect(try await probe.ask(gateway.hot()).status == 201)
                try await probe.close()
                let (answers, end) = try await client.rest()
                #expect(answers.map(\.status) == [408])
                #expect(try answers.first?.code == "request_timeout")
                #expect(answers.first?.isLast == true)
                #expect(end == .closed)
                try await client.close()
            }
            // The readers are cut too, though they never see it.
            try await gateway.expectOpenConnections(0)
            for client in slowReaders { try await client.close() }
        }
    }

    @Test func `X05 a byte now and then buys no time`() async throws {
        try await RunningGateway.with(Self.impatient) { gateway in
            let client = try await gateway.client()
            let dripping = Task {
                for byte in "GET /health HTTP/1.1\r\nHost: a\r\nX-A: \(String(repeating: "a", count: 500))".utf8 {
                    try await client.send([byte])
                    try await Task.sleep(for: .milliseconds(50))
                }
            }
            let (answers, _) = try await client.rest()
            #expect(answers.map(\.status) == [408])
            dripping.cancel()
            _ = await dripping.result
            try await client.close()
        }
    }

    @Test func `X05 a connection that says nothing is closed after the idle timeout, used or not`() async throws {
        try await RunningGateway.with {
            $0.idleTimeoutSeconds = 2
        } _: { gateway in
            let fresh = try await gateway.client()
            let used = try await gateway.client()
            #expect(try await used.ask(HTTPText.health).status == 200)
            let hot = try await gateway.client()
            #expect(try await hot.ask(gateway.hot()).status == 201)
            for client in [fresh, used, hot] {
                let (answers, end) = try await client.rest()
                #expect(answers.isEmpty)
                #expect(end == .closed)
                try await client.close()
            }
            try await gateway.expectOpenConnections(0)
        }
    }

    @Test func `a client that never ends its side is let go after the last answer`() async throws {
        try await RunningGateway.with { gateway in
            let clients = [try await gateway.client(), try await gateway.client(), try await gateway.client()]
            let last = [("Connection", "close")]
            for (client, text) in zip(clients, [HTTPText.request("GET", "/health", last), gateway.hot(last), "GARBAGE\r\n"]) {
                try await client.send(text)
                #expect(try await client.rest().answers.map(\.isLast) == [true])
            }
            try await gateway.expectOpenConnections(0)
            for client in clients { try await client.close() }
        }
    }
}
