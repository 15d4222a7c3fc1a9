public import Vocabulary

/// The one door to join tokens: takes a checked grant, gives back a token of the tenant's provider.
///
/// An enum and not a protocol: the providers are a closed list, and a new one shall make every switch over them fail to compile until
/// somebody has said what its tokens allow. Minting opens nothing and waits for nothing; whoever calls has already asked the store.
public enum MediaTokenMinter: Sendable {
    case livekit(LiveKitMinter)
    /// Agora's format of today, 007.
    case agora(AgoraMinter)
    /// Agora's format 006, for apps that cannot read 007 yet.
    case agoraLegacy(AgoraLegacyMinter)

    /// Whose tokens these are.
    public var provider: ProviderKind {
        switch self {
        case .livekit: .livekit
        case .agora, .agoraLegacy: .agora
        }
    }

    /// Mints the token of a grant.
    /// - Throws: ``TokenError/grantRefused(_:_:)`` where the provider cannot say what the grant says; LiveKit can say all of it.
    public func mint(_ grant: JoinGrant) throws(TokenError) -> MintedToken {
        switch self {
        case .livekit(let minter): MintedToken(.livekit, token: minter.mint(grant), of: grant)
        case .agora(let minter): MintedToken(.agora, token: try minter.mint(grant), of: grant)
        case .agoraLegacy(let minter): MintedToken(.agora, token: try minter.mint(grant), of: grant)
        }
    }
}
