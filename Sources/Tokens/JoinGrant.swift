public import Vocabulary

/// What one join token will say: this person, in this room, in this role, from now for so many seconds.
///
/// A grant is checked when it is made, so that a minter can write it without asking again: it never says more than the profile
/// of its role, it always ends, and it names exactly one room and one identity. There is no way to write a server-wide permission
/// in it.
public struct JoinGrant: Sendable {
    /// A name and a value that the provider shows to everyone in the room.
    public struct Attribute: Sendable, Hashable {
        public let name: String
        public let value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    public let room: RoomName
    public let identity: UserID
    public let role: Role
    /// The name shown to others, 1...256 bytes.
    public let displayName: String?
    /// Opaque text shown to others, 1...4096 bytes.
    public let metadata: String?
    /// At most 16, sorted by name, no name twice.
    public let attributes: [Attribute]
    /// When the token was made; it holds from this second on.
    public let issuedAt: UnixTime
    public let lifetimeSeconds: Int
    /// 128 random bits which name this token in the audit log, and nothing else.
    public let tokenID: UInt128
    /// How many may be in the room, for the provider that takes it from a token (LiveKit).
    public let roomMaxParticipants: Int?
    /// The room's own metadata, for the provider that takes it from a token (LiveKit), 1...4096 bytes.
    public let roomMetadata: String?

    let publishSet: PublishSet

    /// What this token allows to publish, in the order of ``PublishSource``.
    public var publish: [PublishSource] { publishSet.sources }
    /// May receive the media of others: as the role says.
    public var subscribe: Bool { role.subscribes }
    /// May send data messages: as the role says.
    public var data: Bool { role.sendsData }
    /// The second at which the token ends.
    public var expiresAt: UnixTime { issuedAt + lifetimeSeconds }

    /// The names and sizes a grant is held to.
    public static let displayNameBytesMax = 256
    public static let metadataBytesMax = 4096
    public static let attributesMax = 16
    public static let attributeNameBytes = 1...64
    public static let attributeValueBytesMax = 256
    public static let roomMaxParticipantsBounds = 1...1000
    /// From 2001-09-09 (a clock before it was never set) to where Agora's 32 bits end.
    public static let issuedAtBounds: ClosedRange<Int64> = 1_000_000_000...4_294_966_000

    /// Checks and makes a grant.
    ///
    /// - Parameters:
    ///   - publish: a part of what the role may publish; nil means all of it.
    ///   - displayName, metadata, roomMetadata: the empty text counts as absent.
    ///   - attributes: in any order.
    /// - Throws: ``TokenError/grantRefused(_:_:)`` with the first field that is wrong.
    public init(
        room: RoomName,
        identity: UserID,
        role: Role,
        publish: [PublishSource]? = nil,
        displayName: String? = nil,
        metadata: String? = nil,
        attributes: [(String, String)] = [],
        issuedAt: UnixTime,
        lifetimeSeconds: Int = TokenProfile.lifetimeSecondsDefault,
        tokenID: UInt128,
        roomMaxParticipants: Int? = nil,
        roomMetadata: String? = nil
    ) throws(TokenError) {
        guard TokenProfile.lifetimeSecondsBounds.contains(lifetimeSeconds) else {
            throw .grantRefused(
                .lifetimeSeconds, "must be between \(TokenProfile.lifetimeSecondsMin) and \(TokenProfile.lifetimeSecondsMax)")
        }
        guard Self.issuedAtBounds.contains(issuedAt.seconds) else {
            throw .grantRefused(.issuedAt, "the clock is not set: \(issuedAt.seconds)")
        }
        if let roomMaxParticipants, !Self.roomMaxParticipantsBounds.contains(roomMaxParticipants) {
            throw .grantRefused(.roomMaxParticipants, "must be between 1 and \(Self.roomMaxParticipantsBounds.upperBound)")
        }
        self.room = room
        self.identity = identity
        self.role = role
        self.issuedAt = issuedAt
        self.lifetimeSeconds = lifetimeSeconds
        self.tokenID = tokenID
        self.roomMaxParticipants = roomMaxParticipants
        self.publishSet = try Self.checked(publish, of: role)
        self.displayName = try Self.checked(displayName, .displayName, bytesMax: Self.displayNameBytesMax)
        self.metadata = try Self.checked(metadata, .metadata, bytesMax: Self.metadataBytesMax)
        self.roomMetadata = try Self.checked(roomMetadata, .roomMetadata, bytesMax: Self.metadataBytesMax)
        self.attributes = try Self.checked(attributes)
    }

    private static func checked(_ publish: [PublishSource]?, of role: Role) throws(TokenError) -> PublishSet {
        guard let publish else { return role.publishSet }
        var set: PublishSet = []
        for source in publish {
            guard role.publishSet.contains(PublishSet(source)) else {
                throw .grantRefused(.publish, "\(source.rawValue) is not within the role \(role.rawValue)")
            }
            guard set.insert(PublishSet(source)).inserted else {
                throw .grantRefused(.publish, "\(source.rawValue) is there twice")
            }
        }
        return set
    }

    private static func checked(_ text: String?, _ field: TokenError.GrantField, bytesMax: Int) throws(TokenError) -> String? {
        guard let text, !text.isEmpty else { return nil }
        guard text.utf8.count <= bytesMax else { throw .grantRefused(field, "must be at most \(bytesMax) bytes") }
        guard !text.utf8.contains(0) else { throw .grantRefused(field, "must not contain NUL") }
        return text
    }

    private static func checked(_ attributes: [(String, String)]) throws(TokenError) -> [Attribute] {
        guard !attributes.isEmpty else { return [] }
        guard attributes.count <= attributesMax else { throw .grantRefused(.attributes, "must be at most \(attributesMax)") }
        var checked: [Attribute] = []
        for (name, value) in attributes {
            guard attributeNameBytes.contains(name.utf8.count) else {
                throw .grantRefused(.attributes, "a name must be 1 to \(attributeNameBytes.upperBound) bytes")
            }
            guard value.utf8.count <= attributeValueBytesMax else {
                throw .grantRefused(.attributes, "a value must be at most \(attributeValueBytesMax) bytes")
            }
            guard !name.utf8.contains(0), !value.utf8.contains(0) else { throw .grantRefused(.attributes, "must not contain NUL") }
            checked.append(Attribute(name: name, value: value))
        }
        // By bytes, as the canonical writer sorts; String's own order and equality go by characters.
        checked.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        for (one, next) in zip(checked, checked.dropFirst()) where one.name.utf8.elementsEqual(next.name.utf8) {
            throw .grantRefused(.attributes, "a name is there twice")
        }
        return checked
    }
}
