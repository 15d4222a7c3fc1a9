/// What a role may do, in provider-neutral words: the one table that every provider's writer, the contract and its tests read.
///
/// A token never says more than its role's row. It may say less: ``JoinGrant`` accepts a smaller set of publish sources.
public struct TokenProfile: Sendable, Equatable {
    public let role: Role
    /// One sentence for people, published with the table.
    public let description: String
    /// What the role may publish, in the order of ``PublishSource``.
    public let publish: [PublishSource]
    /// May receive the media of others.
    public let subscribe: Bool
    /// May send data messages.
    public let data: Bool

    /// Who holds a token of this profile. Servers have no profile: see ``LiveKitServerGrant``.
    public static let audience = "participant"
    /// The shortest lifetime of a join token. LiveKit's clients refetch every time below it.
    public static let lifetimeSecondsMin = 60
    /// The lifetime when nobody asks for another.
    public static let lifetimeSecondsDefault = 300
    /// The longest lifetime: no longer than what LiveKit's server hands out by itself when it refreshes a token.
    public static let lifetimeSecondsMax = 600
    /// The lifetimes a join token may have.
    public static let lifetimeSecondsBounds: ClosedRange<Int> = lifetimeSecondsMin...lifetimeSecondsMax

    /// Every profile, in the order of ``Role``.
    public static let all: [TokenProfile] = Role.allCases.map(of)

    /// The profile of a role.
    public static func of(_ role: Role) -> TokenProfile {
        TokenProfile(
            role: role, description: description(of: role), publish: role.publishSet.sources, subscribe: role.subscribes,
            data: role.sendsData)
    }

    private static func description(of role: Role) -> String {
        switch role {
        case .host: "Leads the room: publishes camera, microphone and screen, receives everyone, sends data."
        case .participant: "Takes part: publishes camera and microphone, receives everyone, sends data."
        case .viewer: "Watches: publishes no media, receives everyone, sends data."
        case .listener: "Watches and hears only: publishes nothing, sends nothing."
        }
    }
}

/// The table itself, without arrays, for the minters.
extension Role {
    var publishSet: PublishSet {
        switch self {
        case .host: .everything
        case .participant: [.camera, .microphone]
        case .viewer, .listener: []
        }
    }

    var subscribes: Bool {
        switch self {
        case .host, .participant, .viewer, .listener: true
        }
    }

    var sendsData: Bool {
        switch self {
        case .host, .participant, .viewer: true
        case .listener: false
        }
    }
}
