internal import Signing
public import StrictJSON
public import Vocabulary

/// A join token that was just made, with everything its receiver and the audit log need to know about it.
///
/// The token itself opens the room: it goes to the one who asked, over one connection, and nowhere else. It prints as `<token>`.
public struct MintedToken: Sendable {
    public let provider: ProviderKind
    /// The text to hand over. Never stored, never logged.
    public let token: String
    public let identity: UserID
    public let room: RoomName
    public let role: Role
    public let issuedAt: UnixTime
    public let expiresAt: UnixTime
    /// Names the token in the audit log.
    public let tokenID: UInt128
    private let publish: PublishSet

    init(_ provider: ProviderKind, token: String, of grant: JoinGrant) {
        self.provider = provider
        self.token = token
        self.identity = grant.identity
        self.room = grant.room
        self.role = grant.role
        self.issuedAt = grant.issuedAt
        self.expiresAt = grant.expiresAt
        self.tokenID = grant.tokenID
        self.publish = grant.publishSet
    }

    /// Exactly what the token allows, in the provider's words: LiveKit's `video` object, or Agora's privileges of the RTC service.
    public var grants: JSONValue {
        switch provider {
        case .livekit: role.liveKitGrant(publish, room: room.text).jsonValue
        case .agora: role.agoraGrant(publish)
        }
    }

    /// ``grants`` as JSON text, for the answer that is written for every token.
    public var grantsText: [UInt8] {
        switch provider {
        case .livekit: LiveKitGrantTexts.shared.text(publish, of: role, room: room)
        case .agora: role.agoraGrant(publish).canonicalBytes
        }
    }

    /// The SHA-256 of the token's text, which the audit log keeps instead of the token. Computed when asked for.
    public var sha256: [UInt8] { Digest.sha256(Array(token.utf8)) }
}

extension MintedToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "<token>" }
    public var debugDescription: String { "<token>" }
    public var customMirror: Mirror { Mirror(self, children: [(label: String?, value: Any)]()) }
}
