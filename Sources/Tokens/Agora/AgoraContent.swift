public import Vocabulary

/// What a 007 token says: which app, from when, for how long, and for which services.
///
/// On the wire, integers little-endian: string app id, u32 time of issue, u32 lifetime in seconds, u32 salt, u16 count of services, the
/// services by ascending kind (services of one kind in the order in which they were added). A person's token is never made from one
/// of these: see ``AgoraMinter``. This is what reading a token gives, also one that somebody else made.
public struct AgoraContent: Sendable, Hashable {
    public var appID: String
    /// Seconds since 1970.
    public var issuedAtSeconds: UInt32
    /// The token's own lifetime, from the time of issue.
    public var lifetimeSeconds: UInt32
    public var salt: UInt32
    public var services: [AgoraService]

    public init(appID: String, issuedAtSeconds: UInt32, lifetimeSeconds: UInt32, salt: UInt32, services: [AgoraService]) {
        self.appID = appID
        self.issuedAtSeconds = issuedAtSeconds
        self.lifetimeSeconds = lifetimeSeconds
        self.salt = salt
        self.services = services
    }

    /// When the token was made, by the clock of who made it.
    public var issuedAt: UnixTime { UnixTime(Int64(issuedAtSeconds)) }
    /// When the token as a whole ends. The sum does not wrap: an absolute time given as lifetime ends far away.
    public var expiresAt: UnixTime { UnixTime(Int64(issuedAtSeconds) + Int64(lifetimeSeconds)) }

    /// The services of one kind, in their order.
    public func services(of kind: AgoraService.Kind) -> [AgoraService] {
        services.filter { $0.kind == kind }
    }
}

extension AgoraContent {
    /// The text that stands for a numeric uid: its decimal digits, and nothing for 0, which Agora reads as anybody.
    public static func account(ofUID uid: UInt32) -> String {
        uid == 0 ? "" : String(uid)
    }
}
