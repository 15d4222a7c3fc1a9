public import Vocabulary

/// A customer of the service, with the media planes that its rooms may be on.
public struct Tenant: Sendable, Equatable {
    private struct Facts: Equatable {
        let id: TenantID
        var displayName: String?
        var providers: ProviderSettings
        var defaultProvider: ProviderKind
        var openRoomsMax: Int
        var userTokens: UserTokenSettings?
        var remoteCheck: RemoteCheckSettings?
        var unknownUsers: UnknownUsers
        var topics: [TopicRule]
        var userRoomRoles: [String]
        let createdAt: UnixTime
        var closedAt: UnixTime?
    }

    private var facts: Shared<Facts>

    public init(
        id: TenantID, displayName: String?, providers: ProviderSettings, defaultProvider: ProviderKind, openRoomsMax: Int,
        userTokens: UserTokenSettings? = nil, remoteCheck: RemoteCheckSettings? = nil, unknownUsers: UnknownUsers = .allowed,
        topics: [TopicRule] = [], userRoomRoles: [String] = [], createdAt: UnixTime, closedAt: UnixTime? = nil
    ) {
        facts = Shared(
            Facts(
                id: id, displayName: displayName, providers: providers, defaultProvider: defaultProvider, openRoomsMax: openRoomsMax,
                userTokens: userTokens, remoteCheck: remoteCheck, unknownUsers: unknownUsers, topics: topics,
                userRoomRoles: userRoomRoles, createdAt: createdAt, closedAt: closedAt))
    }

    /// What tells it from all other tenants.
    public var id: TenantID { facts.value.id }
    /// What people call it.
    public var displayName: String? {
        get { facts.value.displayName }
        set { facts.value.displayName = newValue }
    }
    /// The media planes that its rooms may be on.
    public var providers: ProviderSettings {
        get { facts.value.providers }
        set { facts.value.providers = newValue }
    }
    /// Where a room is made when the request names no provider.
    public var defaultProvider: ProviderKind {
        get { facts.value.defaultProvider }
        set { facts.value.defaultProvider = newValue }
    }
    /// How many rooms may be open at once.
    public var openRoomsMax: Int {
        get { facts.value.openRoomsMax }
        set { facts.value.openRoomsMax = newValue }
    }
    /// How the tokens of its users are checked; nil where only its servers ask.
    public var userTokens: UserTokenSettings? {
        get { facts.value.userTokens }
        set { facts.value.userTokens = newValue }
    }
    /// How its app is asked whose an opaque credential is; nil where there are none.
    public var remoteCheck: RemoteCheckSettings? {
        get { facts.value.remoteCheck }
        set { facts.value.remoteCheck = newValue }
    }
    /// What becomes of users who are not in its directory.
    public var unknownUsers: UnknownUsers {
        get { facts.value.unknownUsers }
        set { facts.value.unknownUsers = newValue }
    }
    /// Which topics its users may join over their sockets. At most `Limits.topicRulesMax`; the first that lets a user in does so.
    public var topics: [TopicRule] {
        get { facts.value.topics }
        set { facts.value.topics = newValue }
    }
    /// The roles whose holders may hear what is sent to other users.
    public var userRoomRoles: [String] {
        get { facts.value.userRoomRoles }
        set { facts.value.userRoomRoles = newValue }
    }
    /// When it was made.
    public var createdAt: UnixTime { facts.value.createdAt }
    /// Set when the tenant was closed, for good: its keys open nothing, and its id is never given again.
    public var closedAt: UnixTime? {
        get { facts.value.closedAt }
        set { facts.value.closedAt = newValue }
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
