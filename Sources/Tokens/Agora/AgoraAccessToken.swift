public import Vocabulary

/// What a 006 token says (Agora's "AccessToken", the format before 007).
///
/// On the wire, little-endian: string signature (32 bytes), u32 CRC-32 of the channel, u32 CRC-32 of the account, string message; the
/// message is u32 salt, u32 ts, and the privileges with absolute times. Channel and account themselves are not in the token: whoever
/// verifies brings them. The signature covers app id, channel, account and message joined without separators, and not the two
/// checksums; see ``AgoraLegacyMinter`` for what follows from that.
public struct AgoraAccessToken: Sendable, Hashable {
    public var appID: String
    public var salt: UInt32
    /// The token's own limit, a Unix time: creation and 86,400 seconds in every builder of Agora's.
    public var ts: UInt32
    /// Absolute Unix times; 0 is never.
    public var privileges: AgoraPrivileges
    /// CRC-32 (IEEE, as in zlib) of the channel's bytes; 0 for the empty text.
    public var channelChecksum: UInt32
    /// CRC-32 of the account's bytes.
    public var accountChecksum: UInt32

    /// The names of the privileges that are in use, by number. 5 to 12 were removed in 2021, 101 was in one builder only.
    public static let privilegeNames: [UInt16: String] = [
        1: "joinChannel", 2: "publishAudioStream", 3: "publishVideoStream", 4: "publishDataStream", 101: "administrateChannel",
        1000: "rtmLogin",
    ]

    /// When the token as a whole ends.
    public var expiresAt: UnixTime { UnixTime(Int64(ts)) }

    /// The checksum that 006 keeps of a channel or an account.
    static func checksum(_ text: String) -> UInt32 {
        CRC32.of(Array(text.utf8))
    }
}

extension AgoraAccessToken {
    /// The message: what is signed after app id, channel and account.
    func writeMessage(_ writer: inout AgoraWriter) throws(TokenError) {
        writer.write(salt)
        writer.write(ts)
        try writer.write(privileges)
    }

    /// Reads the decoded base64 of a 006 token.
    init(reading bytes: [UInt8], appID: String) throws(AgoraDamage) {
        self = try Parts(bytes, appID: appID).token
    }

    /// A 006 token and what is needed to verify it.
    struct Parts {
        let token: AgoraAccessToken
        let signature: [UInt8]
        let message: [UInt8]
        let irregularities: [AgoraIrregularity]

        init(_ bytes: [UInt8], appID: String) throws(AgoraDamage) {
            var outer = AgoraReader(bytes)
            signature = try outer.block("the signature")
            let channelChecksum = try outer.longNumber("the channel's checksum")
            let accountChecksum = try outer.longNumber("the account's checksum")
            message = try outer.block("the message")
            var inner = AgoraReader(message)
            token = AgoraAccessToken(
                appID: appID, salt: try inner.longNumber("the salt"), ts: try inner.longNumber("the time"),
                privileges: try inner.privileges(),
                channelChecksum: channelChecksum, accountChecksum: accountChecksum)
            if outer.rest + inner.rest > 0 { inner.note(.bytesAfterContent(outer.rest + inner.rest)) }
            irregularities = inner.irregularities
        }
    }
}
