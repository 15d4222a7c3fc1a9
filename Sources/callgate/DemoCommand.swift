import ArgumentParser
import Foundation
import Gateway
import Signing
import Vocabulary

/// `callgate demo`: the whole service on a throw-away store, through its own HTTP port.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Start the service on a throw-away store, use it once through its port, and print every step.")

    @Flag(help: "Go on serving afterwards, and print curl lines to try.") var keep = false
    @Option(help: "The port to listen on; 0 lets the system choose.") var port = 0

    func run() async throws {
        guard (0...65_535).contains(port) else { throw Refusal.misuse("--port is a number from 0 to 65535") }
        // The demo asks this machine only, and no proxy can reach it.
        for name in ["http_proxy", "all_proxy", "ALL_PROXY"] { unsetenv(name) }
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "callgate-demo-\(UInt64(truncatingIfNeeded: SecureRandom.uint128()))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer {
            do {
                try FileManager.default.removeItem(at: folder)
            } catch {
                Terminal.say("\(folder.path) could not be removed: \(error)")
            }
        }
        var settings = Settings()
        settings.port = port
        settings.logLevel = "warning"
        settings.database = folder.appending(path: "demo.sqlite").path
        let secrets = DemoSecrets()
        let gateway = try await Self.gateway(settings, secrets)
        guard let operatorKey = try await gateway.prepare() else { throw Refusal.no("the throw-away store has an operator already") }

        let (listeners, listener) = AsyncStream.makeStream(of: Listening.self)
        let keep = self.keep
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { listener.finish() }
                try await gateway.serve { listener.yield($0) }
            }
            for await listening in listeners {
                do {
                    let demo = Demo(port: listening.port, operatorKey: operatorKey.text, secrets: secrets)
                    try await demo.play()
                    if keep { try demo.showCurl() } else { await listening.stop() }
                } catch {
                    await listening.stop()
                    throw error
                }
            }
            try await group.waitForAll()
        }
    }

    private static func gateway(_ settings: Settings, _ secrets: DemoSecrets) async throws -> Gateway {
        do {
            return try await Gateway(settings, environment: secrets.environment, logger: settings.logger)
        } catch {
            throw Refusal.no(error.description)
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
