import Signing
import Vocabulary

/// Mints 006 tokens ("AccessToken"), for clients that cannot take 007. It has to be asked for by name, since the format is weak.
///
/// **What is weak.** The signature is over app id, channel, account and message joined without separators, and the two checksums stand
/// outside it. Whoever holds a token for channel `room1` and uid `23` can move a digit over the border, put two new checksums, and has a
/// valid token for channel `room` and uid `123`, without the certificate.
///
/// **Why it cannot happen between our rooms.** This minter takes a `RoomName` and a `UserID` and no other text. Room names are
/// prefix-free: a name ends in its only run of 25 id digits behind `-room-` or `-call-`, and a tenant id may not itself read as a room
/// name, so no name is another name with text behind it. Both the old and the new channel would be beginnings of one and the same signed
/// text, hence one a beginning of the other, hence the same name, and with it the same account. What is left is a channel that is no
/// room of ours; an app id that other software uses as well should not be given 006 tokens.
///
/// **The other border**, between account and message, is closed by the salt, with which the message begins. Its first byte is no ASCII,
/// so no byte of it can become part of an account. The other way, `alice-` out of `alice-phone1`, six bytes would move into the message
/// and the old salt's upper half would be read as the count of privileges; as each byte of a salt is 16 or more, every count that reaches
/// into the salt or the account is larger than what follows, and those that reach into `ts` leave no join privilege that has not expired.
/// A salt that is not of that kind is refused; ``salt(of:)`` makes one.
///
/// `ts` is the time of issue and 86,400 seconds, as in every builder of Agora's: what its servers make of another value could not be
/// tried. What ends the token on time is that every privilege carries its expiry, join included.
public final class AgoraLegacyMinter: Sendable {
    /// The credentials that tokens are signed with.
    public let credentials: AgoraCredentials
    /// How the app addresses its users.
    public let identityStyle: AgoraIdentityStyle
    private let key: HMACKey

    /// How far `ts` lies behind the time of issue.
    static let tsOffsetSeconds: UInt32 = 86_400

    public init(credentials: AgoraCredentials, identityStyle: AgoraIdentityStyle = .account) {
        self.credentials = credentials
        self.identityStyle = identityStyle
        key = HMACKey(.sha256, secret: credentials.certificate)
    }

    /// Mints the token of a grant, salted from the grant's token id.
    /// - Throws: ``TokenError/grantRefused(_:_:)`` where the grant says something that Agora cannot, or would take for more.
    public func mint(_ grant: JoinGrant) throws(TokenError) -> String {
        try mint(grant, salt: Self.salt(of: grant.tokenID))
    }

    /// Mints the token of a grant with a salt of the caller's, of the kind that ``isSafe(salt:)`` asks for.
    public func mint(_ grant: JoinGrant, salt: UInt32) throws(TokenError) -> String {
        guard Self.isSafe(salt: salt) else {
            throw .internal("a salt of a 006 token needs a first byte of 128 or more and no byte below 16")
        }
        let grant = try AgoraRTCGrant(grant, salt: salt, identityStyle: identityStyle)
        let expiry = grant.issuedAtSeconds + grant.lifetimeSeconds
        var privileges = AgoraPrivileges()
        for number in UInt16(1)...4 where grant.permissions.rawValue & (1 << (number - 1)) != 0 { privileges[number] = expiry }
        let token = AgoraAccessToken(
            appID: credentials.appID, salt: salt, ts: grant.issuedAtSeconds + Self.tsOffsetSeconds, privileges: privileges,
            channelChecksum: AgoraAccessToken.checksum(grant.channel), accountChecksum: AgoraAccessToken.checksum(grant.account))
        return try token.text(channel: grant.channel, account: grant.account, key: key)
    }

    /// Whether a salt keeps the border between account and message: its first byte on the wire, which is its lowest, is no ASCII,
    /// and no byte is below 16.
    public static func isSafe(salt: UInt32) -> Bool {
        salt & 0x80 != 0 && (0..<4).allSatisfy { salt >> ($0 * 8) & 0xFF >= 16 }
    }

    /// A safe salt from a random token id.
    public static func salt(of tokenID: UInt128) -> UInt32 {
        UInt32(truncatingIfNeeded: tokenID) | 0x1010_1080
    }
}

extension AgoraAccessToken {
    /// The text of the token for this channel and account, signed with the certificate's key. The checksums are written as they are.
    func text(channel: String, account: String, key: HMACKey) throws(TokenError) -> String {
        var message = AgoraWriter()
        try writeMessage(&message)
        var signed = AgoraWriter()
        signed.write(raw: appID.utf8)
        signed.write(raw: channel.utf8)
        signed.write(raw: account.utf8)
        signed.write(raw: message.bytes)
        let signature = key.authenticationCode(for: signed.bytes)
        var content = AgoraWriter()
        try content.write(count: signature.count)
        content.write(raw: signature)
        content.write(channelChecksum)
        content.write(accountChecksum)
        try content.write(count: message.bytes.count)
        content.write(raw: message.bytes)
        return AgoraToken.Version.accessToken.rawValue + appID + Base64.encode(content.bytes)
    }
}
