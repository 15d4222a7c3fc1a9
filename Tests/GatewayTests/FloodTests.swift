import NIOWebSocket
import SocketIO
import Testing

extension Sockets {
    /// Clients that send too much, or take too little.
    @Suite struct `A client that asks too much` {
        @Test func `X19 a million pings end the connection with 1008`() async throws {
            try await SocketBench.with { gateway, _ in
                for target in ["/websocket-echo", "/socket.io/?EIO=4&transport=websocket"] {
                    let client = try await gateway.client()
                    try await client.becomeWebSocket(target)
                    let pings = [[UInt8]](repeating: Raw.frame(9), count: 1000).flatMap { $0 }
                    for _ in 0..<1000 { client.push(bytes: pings) }
                    var frame = try await client.frame()
                    while frame.opcode != .connectionClose { frame = try await client.frame() }
                    #expect(frame == .close(1008))
                    try await client.end()
                    try await client.close()
                }
                try await gateway.expectOpenConnections(0)
            }
        }

        @Test func `X19 a message of a million fragments ends the connection with 1008`() async throws {
            try await SocketBench.with { gateway, bench in
                let client = try await gateway.client()
                try await client.becomeWebSocket("/socket.io/?EIO=4&transport=websocket")
                #expect(try await client.message().first == "0")
                client.push(bytes: Raw.text("4", fin: false))
                let fragments = [[UInt8]](repeating: Raw.frame(0, [0x61], fin: false), count: 1000).flatMap { $0 }
                for _ in 0..<1000 { client.push(bytes: fragments) }
                #expect(try await client.frame() == .close(1008))
                try await client.close()
                #expect(await bench.nextClosing() == .transportClose)
            }
        }

        @Test func `X19 a frame that announces 64 MB is refused before it comes`() async throws {
            try await SocketBench.with { gateway, bench in
                let client = try await gateway.client()
                try await client.becomeWebSocket("/socket.io/?EIO=4&transport=websocket")
                #expect(try await client.message().first == "0")
                try await client.send(Raw.frame(2, length: 64 << 20))
                #expect(try await client.frame() == .close(1009))
                try await client.end()
                try await client.close()
                #expect(await bench.nextClosing() == .transportClose)
            }
        }

        @Test func `a message larger than the handshake allows ends the connection with 1009`() async throws {
            try await SocketBench.with { gateway, _ in
                let client = try await gateway.client()
                try await client.becomeWebSocket("/socket.io/?EIO=4&transport=websocket")
                #expect(try await client.message().contains(#""maxPayload":100000"#))
                try await client.send(Raw.frame(1, Array("4".utf8) + [UInt8](repeating: 0x61, count: 99_999)))
                #expect(try await client.message().utf8.count == 100_000)
                try await client.send(Raw.frame(1, Array("4".utf8) + [UInt8](repeating: 0x61, count: 100_000)))
                try await client.expectClose(1009)
                try await client.close()
            }
        }

        @Test func `more messages in a second than anybody needs end the session, over either transport`() async throws {
            try await SocketBench.with { gateway, bench in
                let client = try await gateway.client()
                try await client.becomeWebSocket("/socket.io/?EIO=4&transport=websocket")
                #expect(try await client.message().first == "0")
                let hundreds = [[UInt8]](repeating: Raw.text("4a"), count: 700).flatMap { $0 }
                try await client.send(hundreds)
                for _ in 0..<700 { #expect(try await client.message() == "4a") }
                for _ in 0..<30 { client.push(bytes: hundreds) }
                var frame = try await client.frame()
                while frame.opcode != .connectionClose { frame = try await client.frame() }
                #expect(frame == .close(1008))
                try await client.close()
                #expect(await bench.nextClosing() == .transportClose)

                let poller = try await Poller(gateway)
                let post = Array(repeating: "4a", count: 300).joined(separator: "\u{1E}")
                #expect(try await poller.ask(poller.post(post)).text == "ok")
                let flood = Array(repeating: "4", count: 40_000).joined(separator: "\u{1E}")
                _ = try await poller.ask(poller.post(flood))
                #expect(await bench.nextClosing() == .tooManyRequests)
            }
        }

        @Test func `X17 a client that does not read is dropped, and the others notice nothing`() async throws {
            try await SocketBench.with { gateway, bench in
                let slow = try await gateway.client(receiveBufferBytes: 4096)
                let other = try await gateway.client()
                for client in [slow, other] {
                    try await client.becomeWebSocket("/socket.io/?EIO=4&transport=websocket")
                    #expect(try await client.message().first == "0")
                }
                try await slow.stopReading()
                // In one piece: the service reads no more from a client while it can send it nothing.
                slow.push(bytes: (0..<100).flatMap { _ in Raw.text("4big 99000") })
                #expect(await bench.nextClosing() == .slowReader)
                try await other.say("4burst 10000")
                for number in 0..<10_000 { #expect(try await other.message() == "4\(number)") }
                try await slow.close()
                try await other.close()
                try await gateway.expectOpenConnections(0)
            }
        }

        @Test func `a client that takes no answers of an echo is cut in the end`() async throws {
            try await SocketBench.with { gateway, _ in
                let client = try await gateway.client(receiveBufferBytes: 4096)
                try await client.becomeWebSocket("/websocket-echo")
                try await client.stopReading()
                let message = Raw.frame(2, [UInt8](repeating: 1, count: 1 << 20))
                for _ in 0..<100 { client.push(bytes: message) }
                // Its answers are bounded, so it is not read from any more; an idle connection beside it is served.
                #expect(try await gateway.only(HTTPText.request("GET", "/health", [("Connection", "close")])).status == 200)
                try await client.close()
                try await gateway.expectOpenConnections(0)
            }
        }
    }
}
