import NIOSSL
import TestSupport
import Testing

@testable import Gateway

/// The port with a certificate of its own: what is spoken there, and that all that holds for plain connections holds behind TLS too.
@Suite(.timeLimit(.minutes(2))) struct `TLS on the port` {
    private let files: CertificateFiles
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        files = try folder.write(.one)
    }

    private func impatient(_ settings: inout Settings) {
        settings.certificate = files
        settings.requestDeadlineSeconds = 1
        settings.writeStallSeconds = 1
    }

    // MARK: What is spoken

    @Test(arguments: [TLSVersion.tlsv12, .tlsv13]) func `X21 a whole call by REST`(version: TLSVersion) async throws {
        try await RunningGateway.with {
            $0.certificate = files
        } _: { gateway in
            let client = try await gateway.secureClient(.client(from: version, to: version))
            #expect(try await client.negotiated() == "http/1.1")
            #expect(try await client.tlsVersion == version)
            #expect(try await client.ask(HTTPText.health).status == 200)
            let placed = try await client.ask(gateway.json("POST", "/v1/calls", #"{"caller":"alice","callee":"bob","media":"audio"}"#))
            #expect(placed.status == 201)
            let id = try #require(placed.text.firstMatch(of: #/"id":"(call_[^"]+)"/#)?.1)
            #expect(try await client.ask(gateway.json("POST", "/v1/calls/\(id)/accept", #"{"user":"bob"}"#)).status == 200)
            #expect(try await client.ask(gateway.json("POST", "/v1/calls/\(id)/end", #"{"user":"bob"}"#)).status == 200)
            // What is hot, what Hummingbird answers, and what is much, behind each other.
            client.push(gateway.hot() + HTTPText.request("GET", "/openapi.json") + gateway.hot() + HTTPText.health)
            for status in [201, 200, 201, 200] { #expect(try await client.answer().status == status) }
            try await client.close()
            try await gateway.expectOpenConnections(0)
        }
    }

    @Test func `X21 nothing older than TLS 1.2 is spoken`() async throws {
        try await RunningGateway.with {
            $0.certificate = files
        } _: { gateway in
            for newest in [TLSVersion.tlsv1, .tlsv11] {
                let client = try await gateway.secureClient(.client(from: .tlsv1, to: newest))
                client.push(HTTPText.health)
                #expect(try await client.bytesUntilEnd().isEmpty)
            }
            let client = try await gateway.secureClient(.client(from: .tlsv1, to: .tlsv12))
            #expect(try await client.ask(HTTPText.health).status == 200)
            #expect(try await client.tlsVersion == .tlsv12)
            try await client.close()
            try await gateway.expectOpenConnections(0)
        }
    }

    @Test func `X21 plain HTTP gets no answer, and leaves nothing behind`() async throws {
        try await RunningGateway.with {
            $0.certificate = files
        } _: { gateway in
            for text in [HTTPText.health, gateway.hot(), "\r\n\r\n", String(repeating: "A", count: 100_000)] {
                let client = try await gateway.client()
                client.push(text)
                let bytes = try await client.bytesUntilEnd()
                #expect(bytes.count < 16 && !String(decoding: bytes, as: UTF8.self).contains("HTTP"))
                try await client.close()
            }
            let client = try await gateway.secureClient()
            #expect(try await client.ask(HTTPText.health).status == 200)
            try await client.close()
            try await gateway.expectOpenConnections(0)
        }
    }

    // MARK: Sockets

    @Test func `X21 a WebSocket, also where Hummingbird has answered before and records come in pieces`() async throws {
        try await RunningGateway.with(sockets: [.webSocketEcho("/websocket-echo", bytesMax: 1 << 20)]) {
            $0.certificate = files
        } _: { gateway in
            for before in ["", HTTPText.health, HTTPText.request("GET", "/openapi.json")] {
                for isInPieces in [false, true] {
                    let client = try await gateway.secureClient()
                    if !before.isEmpty { #expect(try await client.ask(before).status == 200) }
                    try await client.becomeWebSocket("/websocket-echo")
                    if isInPieces { try await client.sendInPieces() }
                    for text in ["a", String(repeating: "b", count: 60_000), "c"] {
                        try await client.say(text)
                        #expect(try await client.message() == text)
                    }
                    client.push(bytes: Raw.close(1000))
                    #expect(try await client.frame() == .close(1000))
                    try await client.end()
                    try await client.close()
                }
            }
            try await gateway.expectOpenConnections(0)
        }
    }

    // MARK: The end of a connection

    @Test func `X21 who ends its side is answered all the same, and who only goes leaves nothing behind`() async throws {
        try await RunningGateway.with {
            $0.certificate = files
        } _: { gateway in
            for text in [HTTPText.health, gateway.hot(), HTTPText.request("GET", "/openapi.json")] {
                let client = try await gateway.secureClient()
                try await client.send(text)
                try await client.endSending()
                let (answers, end) = try await client.rest()
                #expect(answers.count == 1 && answers.allSatisfy { (200...201).contains($0.status) })
                #expect(end == .closed)
                try await client.close()
            }
            let last = try await gateway.secureClient()
            let answer = try await last.ask(HTTPText.request("GET", "/health", [("Connection", "close")]))
            #expect(answer.isLast)
            #expect(try await last.end() == .closed)
            let rude = try await gateway.secureClient()
            #expect(try await rude.ask(HTTPText.health).status == 200)
            try await rude.send("GET")
            try await rude.reset()
            try await gateway.expectOpenConnections(0)
        }
    }

    @Test func `X21 a service that stops waits for nobody's handshake`() async throws {
        try await RunningGateway.with {
            $0.certificate = files
            $0.requestDeadlineSeconds = 300
        } _: { gateway in
            let begun = try await gateway.client()
            try await begun.send(Self.beginning)
            let silent = try await gateway.client()
            let idle = try await gateway.secureClient()
            #expect(try await idle.ask(HTTPText.health).status == 200)
            try await gateway.stop()
            for client in [begun, silent, idle] { try await client.end() }
        }
    }

    // MARK: Time

    /// How a handshake begins: the head of a record, and a little of what is in it.
    private static let beginning: [UInt8] = [22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3]

    @Test func `X21 who is slow is cut, in the handshake and behind it`() async throws {
        try await RunningGateway.with(impatient) { gateway in
            let silent = try await gateway.client()
            let begun = try await gateway.client()
            try await begun.send(Self.beginning)
            let slowHead = try await gateway.secureClient()
            #expect(try await slowHead.ask(HTTPText.health).status == 200)
            try await slowHead.send("GET")
            let slowReader = try await gateway.secureClient(receiveBufferBytes: 4096)
            #expect(try await slowReader.ask(HTTPText.health).status == 200)
            try await slowReader.stopReading()
            slowReader.push(String(repeating: HTTPText.request("GET", "/openapi.json"), count: 300))
            let dripping = try await gateway.client()
            let drops = Task {
                for byte in Self.beginning + [UInt8](repeating: 1, count: 500) {
                    dripping.push(bytes: [byte])
                    try await Task.sleep(for: .milliseconds(50))
                }
            }
            for client in [silent, begun, dripping] {
                #expect(try await client.bytesUntilEnd().count < 16)
                try await client.close()
            }
            drops.cancel()
            _ = await drops.result
            #expect(try await slowHead.rest().answers.map(\.status) == [408])
            try await slowHead.close()
            try await gateway.expectOpenConnections(0)
            try await slowReader.close()
        }
    }

    @Test func `X21 whoever holds all connections without a handshake gives them back`() async throws {
        try await RunningGateway.with {
            impatient(&$0)
            $0.connectionsMax = 2
        } _: { gateway in
            let silent = [try await gateway.client(), try await gateway.client()]
            let client = try await gateway.secureClient()
            #expect(try await client.ask(HTTPText.health).status == 200)
            for client in silent + [client] { try await client.close() }
        }
    }
}

extension TemporaryFolder {
    /// Writes a certificate and its key, where those that were there before were.
    func write(_ certificate: TestCertificate) throws -> CertificateFiles {
        CertificateFiles(
            certificate: try write(certificate.certificate, to: "chain.pem"), key: try write(certificate.key, to: "key.pem"))
    }
}
