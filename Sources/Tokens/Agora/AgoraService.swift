/// One service of a 007 token: which product of Agora it opens, what may be done there, and for whom.
public struct AgoraService: Sendable, Hashable {
    /// The products that tokens are made for. The raw values are those on the wire.
    public enum Kind: UInt16, Sendable, CaseIterable {
        case rtc = 1
        case rtm = 2
        case streaming = 3
        case fpa = 4
        case chat = 5
        case fcdn = 6
        case apaas = 7
        case rtm2 = 8
    }

    /// What stands after the privileges, by kind. Texts are u16 length and bytes on the wire.
    public enum Fields: Sendable, Hashable {
        /// Calls and live video. An empty channel opens every channel, an empty account is anybody.
        case rtc(channel: String, account: String)
        /// Signaling, first generation.
        case rtm(user: String)
        /// Server-side streaming.
        case streaming(channel: String, account: String)
        /// Network acceleration. It has no fields.
        case fpa
        /// Chat; the user is empty in a token for an app's server.
        case chat(user: String)
        /// Delivery network.
        case fcdn(channel: String, account: String)
        /// Application platform (classrooms); the role is -1 where none is meant.
        case apaas(room: String, user: String, role: Int16)
        /// Signaling with permissions on single resources.
        case rtm2(user: String, permissions: AgoraRTM2Permissions)
    }

    public var privileges: AgoraPrivileges
    public var fields: Fields

    public init(_ fields: Fields, privileges: AgoraPrivileges) {
        self.fields = fields
        self.privileges = privileges
    }

    /// Which product this service is of.
    public var kind: Kind {
        switch fields {
        case .rtc: .rtc
        case .rtm: .rtm
        case .streaming: .streaming
        case .fpa: .fpa
        case .chat: .chat
        case .fcdn: .fcdn
        case .apaas: .apaas
        case .rtm2: .rtm2
        }
    }
}

extension AgoraService.Kind {
    /// The names of the privileges of this kind, in the order of their numbers, which begin at 1.
    public var privilegeNames: [String] {
        switch self {
        case .rtc: ["joinChannel", "publishAudioStream", "publishVideoStream", "publishDataStream"]
        case .rtm, .fpa, .rtm2: ["login"]
        case .streaming: ["publishMixStream", "publishRawStream"]
        case .chat: ["user", "app"]
        case .fcdn: ["publish", "play"]
        case .apaas: ["roomUser", "user", "app"]
        }
    }

    /// The name of a privilege of this kind, or its number where it has no name.
    public func privilegeName(_ number: UInt16) -> String {
        let names = privilegeNames
        return (1...names.count).contains(Int(number)) ? names[Int(number) - 1] : String(number)
    }

    /// The name of the product, for people.
    public var title: String {
        switch self {
        case .rtc: "RTC"
        case .rtm: "RTM (Signaling)"
        case .streaming: "Streaming"
        case .fpa: "FPA"
        case .chat: "Chat"
        case .fcdn: "FCDN"
        case .apaas: "APaaS"
        case .rtm2: "RTM2 (Signaling)"
        }
    }
}

/// The names that a user of RTM2 may read or write, by kind of resource.
///
/// On the wire: u16 count of resources, each u16 resource and u16 count of permissions, each u16 permission and u16 count of names.
/// Resources and permissions ascend; names keep their order.
public struct AgoraRTM2Permissions: Sendable, Hashable {
    /// The names under one pair of resource (0 message channels, 1 stream channels, 2 group channels, 3 server groups, 4 users) and
    /// permission (0 read, 1 write).
    public struct Entry: Sendable, Hashable {
        public let resource: UInt16
        public let permission: UInt16
        public let names: [String]

        public init(resource: UInt16, permission: UInt16, names: [String]) {
            self.resource = resource
            self.permission = permission
            self.names = names
        }

        fileprivate var order: UInt32 { UInt32(resource) << 16 | UInt32(permission) }
    }

    /// By resource and permission, both ascending, no pair twice.
    public let entries: [Entry]

    /// The entries in any order; of a pair that is there twice the last one counts.
    public init(_ entries: [Entry] = []) {
        let table = Dictionary(entries.map { ($0.order, $0) }, uniquingKeysWith: { $1 })
        self.entries = table.values.sorted { $0.order < $1.order }
    }
}
