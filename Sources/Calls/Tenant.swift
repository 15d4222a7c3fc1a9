public import Vocabulary

/// A customer of the service, with the media planes that its rooms may be on.
public struct Tenant: Sendable, Equatable {
    public let id: TenantID
    public var displayName: String?
    public var providers: ProviderSettings
    /// Where a room is made when the request names no provider.
    public var defaultProvider: ProviderKind
    /// How many rooms may be open at once.
    public var openRoomsMax: Int
    /// How the tokens of its users are checked; nil where only its servers ask.
    public var userTokens: UserTokenSettings?
    /// How its app is asked whose an opaque credential is; nil where there are none.
    public var remoteCheck: RemoteCheckSettings?
    public var unknownUsers: UnknownUsers
    /// Which topics its users may join over their sockets. At most `Limits.topicRulesMax`; the first that lets a user in does so.
    public var topics: [TopicRule]
    /// The roles whose holders may hear what is sent to other users.
    public var userRoomRoles: [String]
    public let createdAt: UnixTime
    /// Set when the tenant was closed, for good: its keys open nothing, and its id is never given again.
    public var closedAt: UnixTime?

    public init(
        id: TenantID, displayName: String?, providers: ProviderSettings, defaultProvider: ProviderKind, openRoomsMax: Int,
        userTokens: UserTokenSettings? = nil, remoteCheck: RemoteCheckSettings? = nil, unknownUsers: UnknownUsers = .allowed,
        topics: [TopicRule] = [], userRoomRoles: [String] = [], createdAt: UnixTime, closedAt: UnixTime? = nil
    ) {
        self.id = id
        self.displayName = displayName
        self.providers = providers
        self.defaultProvider = defaultProvider
        self.openRoomsMax = openRoomsMax
        self.userTokens = userTokens
        self.remoteCheck = remoteCheck
        self.unknownUsers = unknownUsers
        self.topics = topics
        self.userRoomRoles = userRoomRoles
        self.createdAt = createdAt
        self.closedAt = closedAt
    }
}

/// What is known of each media plane of a tenant. Secrets are references, never the secrets.
public struct ProviderSettings: Sendable, Equatable {
    /// A LiveKit server or LiveKit Cloud project.
    public struct LiveKit: Sendable, Equatable {
        /// Where clients connect, `ws://` or `wss://`.
        public let serverURL: String
        public let apiKey: String
        public let apiSecret: SecretReference
        /// What it was before: tokens that were minted with it are still known. Nothing is minted with it.
        public let previousAPISecret: SecretReference?

        public init(serverURL: String, apiKey: String, apiSecret: SecretReference, previousAPISecret: SecretReference? = nil) {
            self.serverURL = serverURL
            self.apiKey = apiKey
            self.apiSecret = apiSecret
            self.previousAPISecret = previousAPISecret
        }
    }

    /// An Agora project.
    public struct Agora: Sendable, Equatable {
        /// How the project's clients name themselves when they join.
        public enum Identity: String, CaseIterable, Sendable {
            /// By user account: a text.
            case account
            /// By uid: a number from 1 to 4294967295, so user ids must be such numbers.
            case uid
        }

        /// Which token format the project takes.
        public enum TokenVersion: String, CaseIterable, Sendable {
            /// AccessToken2, the current format.
            case current = "007"
            /// AccessToken, for projects that still depend on it.
            case legacy = "006"
        }

        /// 32 hexadecimal digits, letter case kept.
        public let appID: String
        public let appCertificate: SecretReference
        /// What it was before: tokens that were minted with it are still known. Nothing is minted with it.
        public let previousAppCertificate: SecretReference?
        public let identity: Identity
        public let tokenVersion: TokenVersion

        public init(
            appID: String, appCertificate: SecretReference, previousAppCertificate: SecretReference? = nil, identity: Identity,
            tokenVersion: TokenVersion
        ) {
            self.appID = appID
            self.appCertificate = appCertificate
            self.previousAppCertificate = previousAppCertificate
            self.identity = identity
            self.tokenVersion = tokenVersion
        }
    }

    public let livekit: LiveKit?
    public let agora: Agora?

    public init(livekit: LiveKit?, agora: Agora?) {
        self.livekit = livekit
        self.agora = agora
    }

    /// The providers that are set, in the order of their names' declaration.
    public var kinds: [ProviderKind] {
        ProviderKind.allCases.filter { kind in
            switch kind {
            case .livekit: livekit != nil
            case .agora: agora != nil
            }
        }
    }
}
