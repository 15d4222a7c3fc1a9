import Foundation
import TestSupport
import Testing

/// Secrets that must never be seen on a stream. Every run of the command is searched for them.
enum Canary {
    static let livekitSecret = "canary-livekit-7f3b0c9e5d1a48b6a2c4e8f0"
    static let agoraCertificate = "cafe0123456789abcdef0123456789ab"
    static let weakSecret = "canary-that-is-too-short"
    static let all = [livekitSecret, agoraCertificate, weakSecret, operatorKey]
    /// An operator's key, checksum included.
    static let operatorKey = "cg_test_CanaryOperatorKey00000000000002RSm1j"

    /// What the tools of both vendors call them.
    static let livekit = ["LIVEKIT_API_KEY": "APIcommand", "LIVEKIT_API_SECRET": livekitSecret]
    static let agora = ["AGORA_APP_ID": "0123456789abcdef0123456789abcdef", "AGORA_APP_CERTIFICATE": agoraCertificate]
}

/// A folder of its own for one test: the command works in it.
typealias Home = TemporaryFolder

extension Home {
    func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

    func bytes(of name: String) throws -> Data { try Data(contentsOf: url.appending(path: name)) }

    /// What the command left behind of its own temporary files, which are made in the same folder.
    func leftovers() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: url.path) }

    /// What the command reads as its standard input: a text, or nothing.
    func input(_ text: String?) throws -> FileHandle {
        guard let text else { return .nullDevice }
        let name = "input-\(UUID().uuidString)"
        try write(text, to: name)
        return try FileHandle(forReadingFrom: url.appending(path: name))
    }

    /// A configuration file with a tenant on both providers, whose secrets are ``tenantSecrets``.
    /// - Returns: its path.
    func configuration(_ more: String = "") throws -> String {
        try write(
            """
            \(more)
            tenants:
              acme:
                providers:
                  livekit: {server_url: "wss://livekit.example", api_key: APIacme, api_secret: {env: ACME_LIVEKIT_SECRET}}
                  agora: {app_id: "0123456789abcdef0123456789abcdef", app_certificate: {env: ACME_AGORA_CERTIFICATE}}
                default_provider: livekit

            """, to: "callgate.yaml", rights: 0o644)
    }

    static let tenantSecrets = ["ACME_LIVEKIT_SECRET": Canary.livekitSecret, "ACME_AGORA_CERTIFICATE": Canary.agoraCertificate]
}
