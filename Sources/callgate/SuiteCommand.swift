import ArgumentParser
import Foundation
import Gateway
import SocketIO

/// `callgate suite`: what the official conformance suites of Engine.IO 4 and Socket.IO 5 and the checks of WebSocket (RFC 6455) talk to.
///
/// Hidden, and never part of `serve`: these paths answer everybody, with times so short that no person's network would keep up.
struct SuiteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suite", abstract: "Serve the echoes that conformance suites expect, until a signal comes.",
        discussion: "Engine.IO at /engine.io/, Socket.IO at /socket.io/ with the namespaces / and /custom, WebSocket at /websocket-echo.",
        shouldDisplay: false)

    @Option(help: "The address to listen on.") var host = "127.0.0.1"
    @Option(help: "The port to listen on; 0 lets the system choose.") var port = 0
    @Option(help: "How many threads serve connections.") var threads = 2
    @Flag(help: "Ping as seldom as a service does, and take as long to give up.") var patient = false

    func run() async throws {
        guard (0...65_535).contains(port) else { throw Refusal.misuse("--port is a number from 0 to 65535") }
        guard (1...64).contains(threads) else { throw Refusal.misuse("--threads is a number from 1 to 64") }
        var settings = Settings()
        settings.host = host
        settings.port = port
        settings.threads = threads
        settings.logLevel = "warning"
        let sockets = patient ? SocketSettings(namespaces: SuiteEcho.namespaces) : Self.impatient
        let routes: [SocketRoute] = [
            .engineIO("/engine.io/", PacketEcho(), settings: sockets, origins: OriginPolicy(allowed: ["*"])),
            .engineIO("/socket.io/", SuiteEcho(settings: sockets), settings: sockets, origins: OriginPolicy(allowed: ["*"])),
            .webSocketEcho("/websocket-echo", bytesMax: 16 << 20),
        ]
        let host = host
        try await ThrowAwayService.run(settings, secrets: DemoSecrets(), keepsServing: true, sockets: routes) { _, listening, _ in
            try Terminal.show("callgate suite listens on http://\(host):\(listening.port)")
        }
    }

    /// What the suites are written for.
    private static let impatient = SocketSettings(
        namespaces: SuiteEcho.namespaces, pingIntervalMilliseconds: 300, pingTimeoutMilliseconds: 200, connectTimeoutMilliseconds: 1000,
        payloadBytesMax: 1_000_000)
}

/// Sends every Engine.IO message back.
struct PacketEcho: EngineIOApplication {
    func opened(_ line: any EngineIOLine) -> any EngineIOClient { Client(line) }

    private final class Client: EngineIOClient {
        private let line: any EngineIOLine

        init(_ line: any EngineIOLine) {
            self.line = line
        }

        func received(_ message: EngineIOMessage) {
            switch message {
            case .text(let text): line.send(EngineIOPacket.message(text).frame)
            case .binary(let bytes): line.send(.binary(bytes))
            }
        }

        func closed(_ reason: CloseReason) {}
        var nextDeadline: Moment? { nil }
        func tick(at now: Moment) {}
    }
}
