import Gateway
import Testing

/// What was begun is answered, and then everybody leaves.
@Suite struct `A service that stops` {
    @Test func `every request that was begun is answered, and idle connections do not hold it up`() async throws {
        try await RunningGateway.with { gateway in
            var idle: [Client] = []
            for _ in 0..<5 {
                let client = try await gateway.client()
                #expect(try await client.ask(HTTPText.health).status == 200)
                idle.append(client)
            }
            idle.append(try await gateway.client())
            let begun = [
                gateway.hot(),
                HTTPText.request(
                    "POST", "/v1/rooms", [("Authorization", "Bearer \(gateway.key)"), ("Content-Type", "application/json")], body: "{}"),
            ]
            var busy: [(client: Client, rest: [UInt8])] = []
            for request in begun {
                for sent in [5, request.utf8.count - 5] {
                    let bytes = Array(request.utf8)
                    let client = try await gateway.client()
                    // The first answer shows that the service has seen this client.
                    #expect(try await client.ask(HTTPText.health).status == 200)
                    try await client.send(Array(bytes[..<sent]))
                    busy.append((client, Array(bytes[sent...])))
                }
            }
            // Once these are answered, all that was sent before has been read: one thread serves all.
            #expect(try await idle[0].ask(HTTPText.health).status == 200)
            #expect(try await idle[1].ask(HTTPText.health).status == 200)

            await gateway.listening.stop()
            for client in idle {
                #expect(try await client.rest().answers.isEmpty)
            }
            for (client, rest) in busy {
                try await client.send(rest)
                let (answers, end) = try await client.rest()
                #expect(answers.map(\.status) == [201])
                #expect(answers.map(\.isLast) == [true])
                #expect(end == .closed)
            }
            // Nobody has closed a connection on this side, and still it stops.
            try await gateway.serving.end(withinSeconds: 10, "the service stopped")
            await #expect(throws: (any Error).self) { _ = try await gateway.client() }
            for client in idle + busy.map(\.client) { try await client.close() }
        }
    }

    @Test func `answers that are given while it stops are whole and in order`() async throws {
        try await RunningGateway.with { gateway in
            var clients: [Client] = []
            for _ in 0..<4 {
                let client = try await gateway.client()
                #expect(try await client.ask(HTTPText.health).status == 200)
                client.push(
                    (0..<200).map { number in
                        number % 2 == 0
                            ? gateway.hot([("X-Request-Id", "stop-\(1000 + number)")])
                            : HTTPText.request("GET", "/health", [("X-Request-Id", "stop-\(1000 + number)")])
                    }.joined())
                clients.append(client)
            }
            await gateway.listening.stop()
            for client in clients {
                let answers = try await client.rest().answers
                #expect(answers.map(\.requestID) == answers.indices.map { "stop-\(1000 + $0)" })
                try await client.close()
            }
            try await gateway.serving.end(withinSeconds: 10, "the service stopped")
        }
    }

    @Test func `one that begins a request and never ends it holds it up no longer than the deadline`() async throws {
        try await RunningGateway.with {
            $0.requestDeadlineSeconds = 1
        } _: { gateway in
            let client = try await gateway.client()
            #expect(try await client.ask(HTTPText.health + "GET").status == 200)
            try await client.send(" /health HTTP/1.1\r\n")
            await gateway.listening.stop()
            let answers = try await client.rest().answers
            #expect(answers.map(\.status) == [408] || answers.isEmpty)
            try await gateway.serving.end(withinSeconds: 10, "the service stopped")
            try await client.close()
        }
    }
}
