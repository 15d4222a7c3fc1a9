import Foundation
import Signing
import StrictJSON
import Testing
import Vocabulary

@testable import Tokens

/// Known answers made with the vendor's own libraries and servers, all under throw-away secrets: `livekit-vectors.json` beside this file.
///
/// `access_token` was made by livekit-api 1.2.2 (Python), `go_minted` by livekit/protocol, `node_minted` by livekit-server-sdk, `official`
/// are tokens out of the vendor's own tests, `webhook` are authorisations of webhooks. `negative` are tokens somebody got wrong, with what
/// three verifiers said: livekit-api, livekit/protocol of mid 2026, and a running livekit-server 1.11.0 (HTTP status).
struct LiveKitVector: Sendable, CustomTestStringConvertible {
    let value: JSONValue

    var id: String { text("id") ?? "" }
    var kind: String { text("kind") ?? "" }
    var token: String { text("token") ?? "" }
    var apiKey: String { text("api_key") ?? "" }
    var clock: UnixTime { UnixTime(value["clock"]?.integerValue ?? 0) }
    var request: JSONValue? { value["request"] }
    var testDescription: String { id }

    func text(_ name: String) -> String? { value[name]?.stringValue }

    /// The key as every LiveKit library makes it: the secret's text as bytes, whatever its length.
    var key: HMACKey? { text("api_secret").map { HMACKey(.sha256, key: Array($0.utf8)) } }

    func payload() throws -> JSONValue {
        try JSONValue.parse(text("payload_json") ?? "", limits: JWTText.limits)
    }

    static let all: [LiveKitVector] = {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "livekit-vectors.json")
        do {
            let text = [UInt8](try Data(contentsOf: path))
            let vectors = try JSONValue.parse(text, limits: JSONLimits(bytesMax: 1 << 20)).arrayValue ?? []
            return vectors.map(LiveKitVector.init)
        } catch {
            fatalError("livekit-vectors.json cannot be read: \(error)")
        }
    }()

    static func of(_ kinds: String...) -> [LiveKitVector] {
        all.filter { kinds.contains($0.kind) }
    }
}
