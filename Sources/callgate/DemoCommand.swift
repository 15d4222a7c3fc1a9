import ArgumentParser
import Foundation
import Gateway
import Signing
import Switchboard
import Vocabulary

/// `callgate demo`: the whole service on a throw-away store, through its own HTTP port.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Start the service on a throw-away store, use it once through its port, and print every step.")

    @Flag(help: "Go on serving afterwards, and print curl lines to try.") var keep = false
    @Option(help: "The port to listen on; 0 lets the system choose.") var port = 0

    func run() async throws {
        guard (0...65_535).contains(port) else { throw Refusal.misuse("--port is a number from 0 to 65535") }
        var settings = Settings()
        settings.port = port
        settings.logLevel = "warning"
        let secrets = DemoSecrets()
        try await ThrowAwayService.run(settings, secrets: secrets, keepsServing: keep) { gateway, listening, _ in
            guard let operatorKey = try await gateway.prepare() else { throw Refusal.no("the throw-away store has an operator already") }
            let demo = Demo(port: listening.port, operatorKey: operatorKey.text, secrets: secrets)
            try await demo.play()
            if keep { try demo.showCurl() }
        }
    }
}

/// Credentials of media planes that do not exist, made anew for each demo.
struct DemoSecrets: Sendable {
    let livekitKey = "APIdemo"
    let livekitSecret = Base64URL.encode(SecureRandom.bytes(32))
    let agoraAppID = hexadecimal(SecureRandom.bytes(16))
    let agoraCertificate = hexadecimal(SecureRandom.bytes(16))

    /// The environment in which the demo's service finds its secrets.
    var environment: [String: String] { ["DEMO_LIVEKIT_SECRET": livekitSecret, "DEMO_AGORA_CERTIFICATE": agoraCertificate] }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
