import Gateway
import SocketIO
import Testing

extension Sockets {
    /// How a connection becomes a WebSocket, whatever came before on it.
    @Suite struct `A connection that becomes a WebSocket` {
        private static let target = "/socket.io/?EIO=4&transport=websocket"

        @Test func `may have carried requests before, hot and cold, with bodies and behind each other`() async throws {
            try await SocketBench.with { gateway, _ in
                let cold = HTTPText.request("GET", "/openapi.json")
                let body = HTTPText.request("POST", "/v1/rooms", body: "{}")
                for (before, count) in [
                    ("", 0), (HTTPText.health, 1), (gateway.hot(), 1), (cold, 1), (body, 1), (cold + body + gateway.hot(), 3),
                ] {
                    for isTogether in [false, true] {
                        let client = try await gateway.client()
                        if !isTogether { try await client.send(before) }
                        if !isTogether { for _ in 0..<count { _ = try await client.answer() } }
                        try await client.send((isTogether ? before : "") + Raw.handshake(Self.target))
                        if isTogether { for _ in 0..<count { _ = try await client.answer() } }
                        #expect(try await client.answer().status == 101)
                        #expect(try await client.message().first == "0")
                        for text in ["4a", "4b"] {
                            try await client.say(text)
                            #expect(try await client.message() == text)
                        }
                        try await client.send(Raw.close(1000))
                        #expect(try await client.frame() == .close(1000))
                        try await client.end()
                        try await client.close()
                    }
                }
                try await gateway.expectOpenConnections(0)
            }
        }

        @Test func `may have sent its first frames with the handshake`() async throws {
            try await SocketBench.with { gateway, _ in
                for isReused in [false, true] {
                    let client = try await gateway.client()
                    if isReused { _ = try await client.ask(HTTPText.request("GET", "/openapi.json")) }
                    let handshake = Array(Raw.handshake(Self.target).utf8)
                    try await client.send(handshake + Raw.text("4a") + Raw.text("4b").prefix(5))
                    #expect(try await client.answer().status == 101)
                    #expect(try await client.message().first == "0")
                    #expect(try await client.message() == "4a")
                    try await client.send(Array(Raw.text("4b").dropFirst(5)))
                    #expect(try await client.message() == "4b")
                    try await client.close()
                }
            }
        }

        @Test func `has asked in the right way`() async throws {
            try await SocketBench.with { gateway, _ in
                let key = ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
                let version = ("Sec-WebSocket-Version", "13")
                let upgrade = [("Connection", "keep-alive, Upgrade"), ("Upgrade", "WebSocket")]
                for (headers, status) in [
                    (upgrade + [key, version], 101), (upgrade + [version], 400), (upgrade + [key], 426),
                    (upgrade + [key, ("Sec-WebSocket-Version", "8")], 426), (upgrade + [("Sec-WebSocket-Key", "YQ=="), version], 400),
                    (upgrade + [key, key, version], 400), ([("Upgrade", "websocket"), key, version], 400),
                    ([("Connection", "Upgrade"), ("Upgrade", "h2c"), key, version], 400),
                ] {
                    let client = try await gateway.client()
                    let answer = try await client.ask(HTTPText.request("GET", Self.target, headers))
                    #expect(answer.status == status, "\(headers)")
                    if status == 426 { #expect(answer["sec-websocket-version"] == ["13"]) }
                    if status != 101 { try await client.end() }
                    try await client.close()
                }
                #expect(
                    try await gateway.only(Raw.handshake("/socket.io/?EIO=3&transport=websocket")).text == "Unsupported protocol version")
                #expect(try await gateway.only(Raw.handshake("/socket.io/?EIO=4&transport=polling")).text == "Bad request")
                #expect(try await gateway.only(Raw.handshake(Self.target + "&sid=x")).text == "Session ID unknown")
                #expect(try await gateway.only(Raw.handshake("/health")).status == 200)
            }
        }

        @Test func `an offer of h2c is answered over HTTP 1.1, also in front of a poll`() async throws {
            try await SocketBench.with { gateway, _ in
                let offer = [("Connection", "Upgrade, HTTP2-Settings"), ("Upgrade", "h2c"), ("HTTP2-Settings", "AAMAAABkAAQAAP__")]
                let answer = try await gateway.only(HTTPText.request("GET", Poller.opening, offer))
                #expect(answer.status == 200)
                #expect(answer.isLast)
            }
        }

        @Test func `replaces polling while a poll waits, and keeps the order of everything`() async throws {
            for threads in [1, 2] {
                try await SocketBench.with(threads: threads) { gateway, bench in
                    for round in 0..<4 {
                        let poller = try await Poller(gateway)
                        let parked = try await poller.park()
                        let client = try await gateway.client()
                        try await client.becomeWebSocket(poller.webSocketTarget)
                        try await client.say("2probe")
                        #expect(try await client.message() == "3probe")
                        #expect(try await parked.answer().text == "6")
                        #expect(try await poller.ask(poller.post("4burst 20")).text == "ok")
                        try await client.say("5")
                        for number in 0..<20 { #expect(try await client.message() == "4\(number)", "round \(round)") }
                        try await client.say("4here")
                        #expect(try await client.message() == "4here")
                        #expect(try await poller.ask(poller.poll).text == #"{"code":3,"message":"Bad request"}"#)
                        let second = try await gateway.client()
                        try await second.becomeWebSocket(poller.webSocketTarget)
                        try await second.expectClose(nil)
                        try await second.close()
                        try await client.close()
                        #expect(await bench.nextClosing() == .transportClose)
                        try await parked.close()
                    }
                    try await gateway.expectOpenConnections(0)
                }
            }
        }

        @Test func `a WebSocket that does not probe costs only itself`() async throws {
            try await SocketBench.with { gateway, _ in
                let poller = try await Poller(gateway)
                for text in ["4hi", "2other", "x"] {
                    let client = try await gateway.client()
                    try await client.becomeWebSocket(poller.webSocketTarget)
                    try await client.say(text)
                    try await client.expectClose(nil)
                    try await client.close()
                }
                #expect(try await poller.ask(poller.post("4a")).text == "ok")
                #expect(try await poller.ask(poller.poll).text == "4a")
            }
        }

        @Test func `a client that ends its side, or goes away, has left the session`() async throws {
            try await SocketBench.with { gateway, bench in
                for way in ["half", "close", "reset"] {
                    let client = try await gateway.client()
                    try await client.becomeWebSocket(Self.target)
                    #expect(try await client.message().first == "0")
                    switch way {
                    case "half": try await client.endSending()
                    case "close": try await client.close()
                    case _: try await client.reset()
                    }
                    #expect(await bench.nextClosing() == .transportClose)
                    if way == "half" { try await client.end() }
                    try await client.close()
                }
                try await gateway.expectOpenConnections(0)
            }
        }

        @Test func `a client that does not answer pings is dropped`() async throws {
            try await SocketBench.with(SocketSettings(pingIntervalMilliseconds: 100, pingTimeoutMilliseconds: 3000)) { gateway, bench in
                let client = try await gateway.client()
                try await client.becomeWebSocket(Self.target)
                #expect(try await client.message().first == "0")
                #expect(try await client.message() == "2")
                try await client.say("3")
                #expect(try await client.message() == "2")
                #expect(await bench.nextClosing() == .pingTimeout)
                try await client.end()
                try await client.close()
            }
        }

        @Test func `a service that stops closes sockets with 1001 and answers the polls that wait`() async throws {
            try await SocketBench.with(threads: 2) { gateway, bench in
                let webSocket = try await gateway.client()
                try await webSocket.becomeWebSocket(Self.target)
                #expect(try await webSocket.message().first == "0")
                let silent = try await gateway.client()
                try await silent.becomeWebSocket(Self.target)
                #expect(try await silent.message().first == "0")
                let echo = try await gateway.client()
                try await echo.becomeWebSocket("/websocket-echo")
                let poller = try await Poller(gateway)
                let parked = try await poller.park()
                _ = try await Poller(gateway)

                await gateway.listening.stop()
                try await webSocket.expectClose(1001)
                #expect(try await silent.frame() == .close(1001))
                try await echo.expectClose(1001)
                let last = try await parked.answer()
                #expect(last.text == "1")
                for _ in 0..<4 { #expect(await bench.nextClosing() == .serverShuttingDown) }
                // The silent one never answers the close frame, and does not hold it up.
                try await gateway.serving.end(withinSeconds: 10, "the service stopped")
                for client in [webSocket, silent, echo, parked] { try await client.close() }
            }
        }
    }
}
