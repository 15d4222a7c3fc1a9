import Signing
import StrictJSON
import Switchboard
import Testing
import Tokens
import Vocabulary

/// Orders for join tokens, and readers of what comes out that know nothing of how it was made.
enum Mint {
    static func order(
        _ user: String = "alice", _ role: Role = .participant, lifetimeSeconds: Int = 300, displayName: String? = nil,
        metadata: String? = nil,
        attributes: [(String, String)] = [], publish: [PublishSource]? = nil
    ) throws -> TokenOrder {
        TokenOrder(
            user: try UserID(user), role: role, lifetimeSeconds: lifetimeSeconds, displayName: displayName, metadata: metadata,
            attributes: attributes, publish: publish)
    }

    /// The payload of a JWT whose signature was checked with this secret.
    static func payload(_ token: String, secret: String = Providers.liveKitSecret) throws -> JSONObject {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        #expect(parts.count == 3)
        let header = try JSONValue.parse(Base64URL.decode(parts[0]), limits: JSONLimits(bytesMax: 1024))
        #expect(header == ["alg": "HS256", "typ": "JWT"])
        let key = HMACKey(.sha256, key: Array(secret.utf8))
        #expect(key.isValid(try Base64URL.decode(parts[2]), for: Array("\(parts[0]).\(parts[1])".utf8)), "signed with the tenant's secret")
        return try #require(JSONValue.parse(Base64URL.decode(parts[1]), limits: JSONLimits(bytesMax: 65_536)).objectValue)
    }

    static func agoraCredentials(_ certificate: String = Providers.certificate) throws -> AgoraCredentials {
        try AgoraCredentials(appID: Providers.appID, certificate: Secret(utf8: certificate))
    }

    /// LiveKit's `video` claim as the profile table of the contract has it, written out by hand.
    static func video(_ role: Role, room: RoomName) -> JSONValue {
        let (publish, data): ([JSONValue], Bool) =
            switch role {
            case .host: (["camera", "microphone", "screen_share", "screen_share_audio"], true)
            case .participant: (["camera", "microphone"], true)
            case .viewer: ([], true)
            case .listener: ([], false)
            }
        return [
            "room": .string(room.text), "roomJoin": true, "canPublish": .bool(!publish.isEmpty), "canPublishSources": .array(publish),
            "canPublishData": .bool(data), "canSubscribe": true, "canSubscribeMetrics": false, "canUpdateOwnMetadata": false,
            "canManageAgentSession": false, "hidden": false, "recorder": false, "agent": false, "roomAdmin": false, "roomCreate": false,
            "roomList": false, "roomRecord": false, "ingressAdmin": false,
        ]
    }

    /// Agora's privileges of a role: join 1, audio 2, video 3, data 4.
    static func privileges(_ role: Role) -> [UInt16] {
        switch role {
        case .host, .participant: [1, 2, 3, 4]
        case .viewer: [1, 4]
        case .listener: [1]
        }
    }
}
