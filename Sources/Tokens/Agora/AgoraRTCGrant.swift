import Vocabulary

/// The four privileges of an RTC service as a set. The bit is the privilege's number less one.
struct AgoraRTCPermissions: OptionSet, Sendable, Hashable {
    let rawValue: UInt8

    static let joinChannel = AgoraRTCPermissions(rawValue: 1)
    static let publishAudioStream = AgoraRTCPermissions(rawValue: 2)
    static let publishVideoStream = AgoraRTCPermissions(rawValue: 4)
    static let publishDataStream = AgoraRTCPermissions(rawValue: 8)

    init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// What a set of publish sources and the right to send data come to. Agora grants sound and pictures and asks no further: it cannot
    /// tell a microphone from the sound of a screen, nor a camera from a screen.
    init(publish: PublishSet, data: Bool) {
        var permissions: AgoraRTCPermissions = .joinChannel
        if publish.hasAudio { permissions.insert(.publishAudioStream) }
        if publish.hasVideo { permissions.insert(.publishVideoStream) }
        if data { permissions.insert(.publishDataStream) }
        self = permissions
    }
}

/// A join grant in Agora's terms, looked through for everything that Agora would take for "any" or "for ever".
///
/// The types that come in cannot hold such a thing. They are asked again here, because this is the last place before a signature, and
/// what a wildcard costs is every room of the app.
struct AgoraRTCGrant {
    let channel: String
    let account: String
    let permissions: AgoraRTCPermissions
    let issuedAtSeconds: UInt32
    let lifetimeSeconds: UInt32
    let salt: UInt32

    /// The bounds of a time of issue: 32 bits with room for a day after it. 0 would mean "now" to some builders.
    private static let issuedAtBounds: ClosedRange<Int64> = 1...Int64(UInt32.max) - 86_400

    init(_ grant: JoinGrant, salt: UInt32, identityStyle: AgoraIdentityStyle) throws(TokenError) {
        try self.init(
            channel: grant.room, account: grant.identity, permissions: AgoraRTCPermissions(publish: grant.publishSet, data: grant.data),
            issuedAt: grant.issuedAt, lifetimeSeconds: grant.lifetimeSeconds, salt: salt, identityStyle: identityStyle)
        // No privilege of Agora's withholds the media of others from somebody in the channel.
        guard grant.subscribe else { throw .grantRefused(.provider, "Agora has no way to let somebody in who may not receive") }
    }

    init(
        channel: RoomName, account: UserID, permissions: AgoraRTCPermissions, issuedAt: UnixTime, lifetimeSeconds: Int, salt: UInt32,
        identityStyle: AgoraIdentityStyle
    ) throws(TokenError) {
        try Self.check(channel: channel.text, account: account.text)
        if identityStyle == .uid, account.number == nil {
            throw .grantRefused(.identity, "this Agora app takes numeric uids only: a number from 1 to 4294967295")
        }
        guard Self.issuedAtBounds.contains(issuedAt.seconds) else {
            throw .grantRefused(.issuedAt, "does not fit the 32 bits of an Agora token")
        }
        guard TokenProfile.lifetimeSecondsBounds.contains(lifetimeSeconds) else {
            throw .grantRefused(
                .lifetimeSeconds, "must be between \(TokenProfile.lifetimeSecondsMin) and \(TokenProfile.lifetimeSecondsMax)")
        }
        guard salt != 0 else { throw .internal("an Agora token needs a salt other than 0") }
        self.channel = channel.text
        self.account = account.text
        self.permissions = permissions.union(.joinChannel)
        self.issuedAtSeconds = UInt32(issuedAt.seconds)
        self.lifetimeSeconds = UInt32(lifetimeSeconds)
        self.salt = salt
    }

    /// Refuses the texts that open more than one room or stand for more than one person.
    static func check(channel: String, account: String) throws(TokenError) {
        guard (1...63).contains(channel.utf8.count), channel.utf8.allSatisfy(isPlain) else {
            throw .grantRefused(.room, "Agora takes 1 to 63 letters, digits, '-' and '_', and nothing that means any room")
        }
        guard (1...255).contains(account.utf8.count), account != "0", !account.utf8.contains(where: isWild) else {
            throw .grantRefused(.identity, "Agora takes 1 to 255 characters, and nothing that means anybody")
        }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
    }

    /// The wildcard, and what may not stand in an account at all: control characters, spaces and what is not ASCII.
    private static func isWild(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "*") || byte <= 0x20 || byte >= 0x7F
    }
}
