import Gateway
import SocketIO
import Testing

extension Sockets {
    /// Sessions whose packets travel in polls and posts, on whatever connections.
    @Suite struct `A polling session` {
        @Test func `its requests are checked in the order that clients know`() async throws {
            try await SocketBench.with { gateway, _ in
                let poller = try await Poller(gateway)
                for (method, target, status, text) in [
                    ("GET", "/socket.io/", 400, #"{"code":0,"message":"Transport unknown"}"#),
                    ("GET", "/socket.io/?EIO=4&transport=tube", 400, #"{"code":0,"message":"Transport unknown"}"#),
                    ("GET", "/socket.io/?EIO=4&transport=polling&sid=x", 400, #"{"code":1,"message":"Session ID unknown"}"#),
                    ("POST", "/socket.io/?EIO=4&transport=polling&sid=x", 400, #"{"code":1,"message":"Session ID unknown"}"#),
                    ("POST", Poller.opening, 400, #"{"code":2,"message":"Bad handshake method"}"#),
                    ("GET", "/socket.io/?EIO=4&transport=websocket", 400, #"{"code":3,"message":"Bad request"}"#),
                    ("GET", poller.webSocketTarget, 400, #"{"code":3,"message":"Bad request"}"#),
                    ("GET", "/socket.io/?EIO=3&transport=polling", 400, #"{"code":5,"message":"Unsupported protocol version"}"#),
                    ("GET", "/socket.io/?transport=polling", 400, #"{"code":5,"message":"Unsupported protocol version"}"#),
                    ("PUT", poller.target, 500, ""),
                ] {
                    let answer = try await poller.ask(
                        HTTPText.request(method, target, body: method == "POST" ? "" : nil))
                    #expect(answer.status == status, "\(method) \(target)")
                    #expect(answer.text == text, "\(method) \(target)")
                    #expect(answer["cache-control"] == ["no-store"])
                }
                // Without the slash at the end, or below it, it is no socket path.
                for target in ["/socket.io?EIO=4&transport=polling", "/socket.io/x?EIO=4", "/socket.iox/"] {
                    #expect(try await poller.ask(HTTPText.request("GET", target)).status == 404)
                }
                #expect(try await poller.ask(HTTPText.request("GET", "/socket.io/?EIO=4&transport=polling")).status == 200)
            }
        }

        @Test func `X16 its polls and posts may come on any connection and any loop, one after the other`() async throws {
            try await SocketBench.with(threads: 2) { gateway, _ in
                let poller = try await Poller(gateway)
                for number in 0..<40 {
                    let parked = try await gateway.client()
                    try await parked.send(poller.poll)
                    #expect(try await poller.ask(poller.post("4message \(number)")).text == "ok")
                    #expect(try await parked.answer().text == "4message \(number)")
                    try await parked.close()
                }
                #expect(try await poller.ask(poller.post("4where")).text == "ok")
                #expect(try await poller.ask(poller.poll).text == "4127.0.0.1")
                #expect(try await poller.ask(poller.post("4later")).text == "ok")
                #expect(try await poller.ask(poller.poll).text == "4later")
            }
        }

        @Test func `a burst reaches it whole and in order, at most 16 packets at a time`() async throws {
            try await SocketBench.with { gateway, _ in
                let poller = try await Poller(gateway)
                let client = try await gateway.client()
                try await client.send(poller.poll)
                #expect(try await poller.ask(poller.post("4burst 100")).text == "ok")
                var packets: [String] = []
                while packets.count < 100 {
                    let some = try await client.answer().text.split(separator: "\u{1E}")
                    #expect(some.count <= 16)
                    packets += some.map(String.init)
                    if packets.count < 100 { try await client.send(poller.poll) }
                }
                #expect(packets == (0..<100).map { "4\($0)" })
                try await client.close()
            }
        }

        @Test func `binary messages come back as base64`() async throws {
            try await SocketBench.with { gateway, _ in
                let poller = try await Poller(gateway)
                #expect(try await poller.ask(poller.post("bAQIDBA==")).text == "ok")
                #expect(try await poller.ask(poller.poll).text == "bAQIDBA==")
            }
        }

        @Test func `a second poll at once ends it, and both are answered`() async throws {
            for threads in [1, 2] {
                try await SocketBench.with(threads: threads) { gateway, bench in
                    let poller = try await Poller(gateway)
                    let first = try await poller.park()
                    let second = try await poller.ask(poller.poll)
                    #expect(second.status == 400)
                    #expect(try await first.answer().text == "1")
                    #expect(await bench.nextClosing() == .transportError)
                    #expect(try await poller.ask(poller.poll).text == #"{"code":1,"message":"Session ID unknown"}"#)
                    try await first.close()
                }
            }
        }

        @Test func `a second post while one is being read ends it`() async throws {
            try await SocketBench.with(threads: 2) { gateway, bench in
                let poller = try await Poller(gateway)
                let first = try await gateway.client()
                let post = poller.post("4first")
                try await first.send(String(post.dropLast(3)))
                try await poller.settle()
                #expect(try await poller.ask(poller.post("4second")).status == 400)
                #expect(await bench.nextClosing() == .transportError)
                try await first.send(String(post.suffix(3)))
                #expect(try await first.answer().status == 400)
                try await first.close()
            }
        }

        @Test func `a client that leaves its poll, or ends its side, has left the session`() async throws {
            for way in ["close", "reset", "half"] {
                try await SocketBench.with(threads: 2) { gateway, bench in
                    let poller = try await Poller(gateway)
                    let parked = try await poller.park()
                    switch way {
                    case "close": try await parked.close()
                    case "reset": try await parked.reset()
                    case _: try await parked.endSending()
                    }
                    #expect(await bench.nextClosing() == .transportError)
                    #expect(try await poller.ask(poller.poll).status == 400)
                    if way == "half" { #expect(try await parked.rest().answers.isEmpty) }
                    try await parked.close()
                    try await gateway.expectOpenConnections(0)
                }
            }
        }

        @Test func `a client that leaves within a post has left the session`() async throws {
            try await SocketBench.with { gateway, bench in
                let poller = try await Poller(gateway)
                let client = try await gateway.client()
                try await client.send(String(poller.post("4first").dropLast(3)))
                try await poller.settle()
                try await client.close()
                #expect(await bench.nextClosing() == .transportError)
            }
        }

        @Test func `a post may be as large as the handshake says, and a larger one costs only itself`() async throws {
            try await SocketBench.with(SocketSettings(payloadBytesMax: 200_000)) { gateway, _ in
                let poller = try await Poller(gateway)
                let large = "4" + String(repeating: "a", count: 199_999)
                #expect(try await poller.ask(poller.post(large)).text == "ok")
                #expect(try await poller.ask(poller.poll).text == large)
                let client = try await gateway.client()
                client.push(poller.post(large + "a"))
                #expect(try await client.answer().status == 413)
                try await client.close()
                // And one that does not say how long it is.
                let chunked = try await gateway.client()
                chunked.push(
                    HTTPText.request("POST", poller.target, [("Transfer-Encoding", "chunked")]) + "30D41\r\n\(large + "a")\r\n0\r\n\r\n")
                #expect(try await chunked.answer().status == 413)
                try await chunked.close()
                #expect(try await poller.ask(poller.post("4b")).text == "ok")
                #expect(try await poller.ask(poller.poll).text == "4b")
                // A stranger has no room at all.
                let stranger = try await gateway.client()
                stranger.push(HTTPText.request("POST", Poller.opening + "&sid=nobody", body: large))
                #expect(try await stranger.answer().status == 413)
                try await stranger.close()
            }
        }

        @Test func `a goodbye that overtakes the last poll leaves it its answer`() async throws {
            try await SocketBench.with(threads: 2) { gateway, bench in
                for isParked in [true, false] {
                    let poller = try await Poller(gateway)
                    let parked = isParked ? try await poller.park() : nil
                    #expect(try await poller.ask(poller.post("1")).text == "ok")
                    #expect(await bench.nextClosing() == .transportClose)
                    let last = if let parked { try await parked.answer() } else { try await poller.ask(poller.poll) }
                    #expect(last.text == "6")
                    #expect(try await poller.ask(poller.poll).status == 400)
                    try await parked?.close()
                }
            }
        }

        @Test func `a post with one that is no packet is refused and ends it`() async throws {
            try await SocketBench.with { gateway, bench in
                let poller = try await Poller(gateway)
                #expect(try await poller.ask(poller.post("abc")).status == 400)
                #expect(await bench.nextClosing() == .parseError)
            }
        }

        @Test func `a session that the service closes tells the waiting poll, or the next one`() async throws {
            try await SocketBench.with { gateway, bench in
                for isParked in [true, false] {
                    let poller = try await Poller(gateway)
                    let parked = isParked ? try await poller.park() : nil
                    #expect(try await poller.ask(poller.post("4close")).text == "ok")
                    #expect(await bench.nextClosing() == .forcedClose)
                    let last = if let parked { try await parked.answer() } else { try await poller.ask(poller.poll) }
                    #expect(last.text == "1")
                    try await parked?.close()
                }
            }
        }

        @Test func `requests behind each other on one connection are answered in order, a poll that waits included`() async throws {
            try await SocketBench.with { gateway, _ in
                let poller = try await Poller(gateway)
                let client = try await gateway.client()
                try await client.send(
                    HTTPText.request("GET", "/openapi.json") + poller.post("4a") + poller.poll + gateway.hot() + poller.poll
                        + HTTPText.health)
                #expect(try await client.answer().status == 200)
                #expect(try await client.answer().text == "ok")
                #expect(try await client.answer().text == "4a")
                #expect(try await client.answer().status == 201)
                #expect(try await poller.ask(poller.post("4b")).text == "ok")
                #expect(try await client.answer().text == "4b")
                #expect(try await client.answer().status == 200)
                try await client.close()
            }
        }

        @Test func `X05 a poll that waits is bounded by the session's ping, not by the clocks of requests`() async throws {
            let settings = SocketSettings(pingIntervalMilliseconds: 2500, pingTimeoutMilliseconds: 3000)
            let bench = SocketBench()
            try await RunningGateway.with(sockets: [.engineIO("/socket.io/", bench, settings: settings, origins: .sameOrigin)]) {
                $0.idleTimeoutSeconds = 1
                $0.requestDeadlineSeconds = 1
            } _: { gateway in
                let poller = try await Poller(gateway)
                let client = try await gateway.client()
                #expect(try await client.ask(poller.poll).text == "2")
                #expect(await bench.nextClosing() == .pingTimeout)
                try await client.close()
            }
        }
    }
}
