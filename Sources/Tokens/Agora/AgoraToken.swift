import Signing
public import Vocabulary

/// An Agora token that was read but not believed: everything it says, and the means to check its signature.
///
/// Reads 006 and 007. The signature is checked over the bytes that were signed and never over a new packing of what was read, so parts
/// that are not known here, such as a future service, stay under the signature. Reading is bounded: text 128 KiB, inflated 64 KiB.
public struct AgoraToken: Sendable {
    /// The living formats. The raw values are what the token's text begins with, and what configuration calls them.
    public enum Version: String, Sendable, CaseIterable {
        case accessToken2 = "007"
        case accessToken = "006"
    }

    /// What the token says, by version.
    public enum Content: Sendable, Hashable {
        case accessToken2(AgoraContent)
        case accessToken(AgoraAccessToken)
    }

    /// What a check of the signature came to.
    public enum SignatureVerdict: String, Sendable, CaseIterable {
        case valid
        /// The signature was not made with this certificate over this content.
        case invalid
        /// The token is for another app id than the credentials.
        case otherApp
        /// The token is for another channel than the one given (006: by checksum).
        case otherChannel
        /// The token is for another account than the one given (006: by checksum).
        case otherAccount
        /// A 006 token does not hold its channel and account; without both it cannot be checked.
        case channelAndAccountNeeded
    }

    public let content: Content
    public let signature: [UInt8]
    /// What is odd about the token, in the order in which it was met.
    public let irregularities: [AgoraIrregularity]

    /// The signed part of a 007 token, the message of a 006 token.
    private let signed: [UInt8]

    /// Which format the token has.
    public var version: Version {
        switch content {
        case .accessToken2: .accessToken2
        case .accessToken: .accessToken
        }
    }

    /// The app id in the token.
    public var appID: String {
        switch content {
        case .accessToken2(let content): content.appID
        case .accessToken(let content): content.appID
        }
    }

    /// When the token as a whole ends. Single privileges may end earlier, or later.
    public var expiresAt: UnixTime {
        switch content {
        case .accessToken2(let content): content.expiresAt
        case .accessToken(let content): content.expiresAt
        }
    }

    /// Reads a token of any origin. Says nothing about its signature.
    /// - Throws: ``TokenError/malformed(_:)`` with what is wrong, in plain words; ``AgoraDamage`` has the same for machines, see
    ///   ``read(_:)``.
    public static func decode(_ text: String) throws(TokenError) -> AgoraToken {
        do {
            return try read(text)
        } catch {
            throw .malformed(error.message)
        }
    }

    /// Reads a token of any origin, and tells exactly what is damaged where it cannot.
    public static func read(_ text: String) throws(AgoraDamage) -> AgoraToken {
        let text = try AgoraTokenText(text)
        switch text.version {
        case .accessToken2: return try AgoraToken(packed: text.bytes, text.irregularities)
        case .accessToken: return try AgoraToken(legacy: text.bytes, appID: text.appID ?? "", text.irregularities)
        }
    }

    private init(packed: [UInt8], _ seen: [AgoraIrregularity]) throws(AgoraDamage) {
        let inflated = try AgoraInflate.inflate(packed)
        var reader = AgoraReader(inflated.bytes)
        signature = try reader.block("the signature")
        signed = reader.remaining
        content = .accessToken2(try reader.content())
        var irregularities = seen
        if inflated.bytesAfterStream > 0 { irregularities.append(.bytesAfterStream(inflated.bytesAfterStream)) }
        if signature.count != AgoraSigner.signatureBytes { irregularities.append(.signatureLength(signature.count)) }
        self.irregularities = irregularities + reader.irregularities
    }

    private init(legacy bytes: [UInt8], appID: String, _ seen: [AgoraIrregularity]) throws(AgoraDamage) {
        let parts = try AgoraAccessToken.Parts(bytes, appID: appID)
        signature = parts.signature
        signed = parts.message
        content = .accessToken(parts.token)
        var irregularities = seen
        if !AgoraCredentials.isHexadecimal(appID.utf8) { irregularities.append(.appIDMalformed) }
        if signature.count != AgoraSigner.signatureBytes { irregularities.append(.signatureLength(signature.count)) }
        self.irregularities = irregularities + parts.irregularities
    }
}

extension AgoraToken {
    /// Whether the signature holds, for this app, and for this channel and account where they are given. 006 needs both.
    public func signatureIsValid(with credentials: AgoraCredentials, channel: String? = nil, account: String? = nil) -> Bool {
        check(with: credentials, channel: channel, account: account) == .valid
    }

    /// Checks the signature and says what it came to. Compares in constant time.
    ///
    /// For 007 the channel and account given must be those of an RTC service in the token; for 006 both are required, since its
    /// signature covers them and the token does not hold them, and both checksums must fit as well.
    public func check(with credentials: AgoraCredentials, channel: String? = nil, account: String? = nil) -> SignatureVerdict {
        guard appID == credentials.appID else { return .otherApp }
        switch content {
        case .accessToken2(let content):
            guard matches(signatureOf(content, credentials)) else { return .invalid }
            var services = content.services.compactMap(\.channelAndAccount)
            if let channel { services.removeAll { !$0.channel.utf8.elementsEqual(channel.utf8) } }
            if channel != nil, services.isEmpty { return .otherChannel }
            if let account { services.removeAll { !$0.account.utf8.elementsEqual(account.utf8) } }
            return account != nil && services.isEmpty ? .otherAccount : .valid
        case .accessToken(let content):
            guard let channel, let account else { return .channelAndAccountNeeded }
            guard AgoraAccessToken.checksum(channel) == content.channelChecksum else { return .otherChannel }
            guard AgoraAccessToken.checksum(account) == content.accountChecksum else { return .otherAccount }
            return matches(signatureOf(message: signed, channel, account, credentials)) ? .valid : .invalid
        }
    }

    private func matches(_ expected: [UInt8]) -> Bool {
        ConstantTime.equal(signature, expected)
    }

    private func signatureOf(_ content: AgoraContent, _ credentials: AgoraCredentials) -> [UInt8] {
        Self.signature { signature in
            signed.withUnsafeBytes { signed in
                AgoraSigner().sign(
                    signed, issuedAtSeconds: content.issuedAtSeconds, salt: content.salt, certificate: credentials.certificate,
                    into: signature)
            }
        }
    }

    private func signatureOf(message: [UInt8], _ channel: String, _ account: String, _ credentials: AgoraCredentials) -> [UInt8] {
        let signed = Array(credentials.appID.utf8) + Array(channel.utf8) + Array(account.utf8) + message
        return Self.signature { signature in
            signed.withUnsafeBytes { AgoraSigner().sign($0, certificate: credentials.certificate, into: signature) }
        }
    }

    private static func signature(_ write: (UnsafeMutableRawBufferPointer) -> Void) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: AgoraSigner.signatureBytes) { target, count in
            write(UnsafeMutableRawBufferPointer(target))
            count = AgoraSigner.signatureBytes
        }
    }
}

extension AgoraService {
    /// The channel and account of an RTC service, nil for the other kinds.
    var channelAndAccount: (channel: String, account: String)? {
        if case .rtc(let channel, let account) = fields { return (channel, account) }
        return nil
    }
}
