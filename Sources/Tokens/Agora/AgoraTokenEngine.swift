import Signing
import Vocabulary

/// Packs and signs 007 tokens: one deflate state, one HMAC context and the buffers of the last token, kept for the next.
///
/// Not `Sendable`: an engine belongs to one thread or one call at a time. ``AgoraMinter`` is the door for everybody else. An engine knows
/// no credentials of its own, so a few of them serve any number of tenants; it remembers the key schedule of the last second and
/// certificate it signed for.
public final class AgoraTokenEngine {
    private let signer = AgoraSigner()
    private let deflate: AgoraDeflate
    private let smallDeflate = AgoraSmallDeflate()
    /// Whether short bodies go the fast way.
    private let isFast: Bool
    private var writer = AgoraWriter()
    private var packed: [UInt8] = []
    /// The longest body that `packed` has room for.
    private var bodyBytesMax = 0

    /// Where the content begins in a body: behind the signature and its length.
    private static let contentStart = 2 + AgoraSigner.signatureBytes

    /// An engine that writes the text that Agora's reference builders write.
    public init() {
        deflate = AgoraDeflate()
        isFast = true
    }

    /// An engine that packs everything with this deflate state, for measurements and tests.
    init(deflate: consuming AgoraDeflate) {
        self.deflate = deflate
        isFast = false
    }

    /// Mints the token of a grant, for a caller that keeps an engine of its own for its thread. All that ``AgoraMinter`` promises holds.
    /// - Parameter salt: any number but 0.
    /// - Throws: ``TokenError/grantRefused(_:_:)`` where the grant says something that Agora cannot, or would take for more.
    public func mint(
        _ grant: JoinGrant, salt: UInt32, credentials: AgoraCredentials, identityStyle: AgoraIdentityStyle = .account
    ) throws(TokenError) -> String {
        try token(of: try AgoraRTCGrant(grant, salt: salt, identityStyle: identityStyle), credentials: credentials)
    }

    /// Writes the token of a grant that was looked through: one RTC service, every privilege with the token's own expiry.
    func token(of grant: AgoraRTCGrant, credentials: AgoraCredentials) throws(TokenError) -> String {
        writer.restart()
        writer.reserveSignature()
        try writer.write(credentials.appID)
        writer.write(grant.issuedAtSeconds)
        writer.write(grant.lifetimeSeconds)
        writer.write(grant.salt)
        writer.write(UInt16(1))
        writer.write(AgoraService.Kind.rtc.rawValue)
        writer.write(grant.permissions, expiry: grant.lifetimeSeconds)
        try writer.write(grant.channel)
        try writer.write(grant.account)
        sign(issuedAtSeconds: grant.issuedAtSeconds, salt: grant.salt, credentials)
        return try pack()
    }

    /// Writes the token of any content, with wildcards and all: what the known answers are checked with. Not for people's tokens, and
    /// so not public.
    func token(of content: AgoraContent, certificate credentials: AgoraCredentials) throws(TokenError) -> String {
        writer.restart()
        writer.reserveSignature()
        try writer.write(content)
        sign(issuedAtSeconds: content.issuedAtSeconds, salt: content.salt, credentials)
        return try pack()
    }

    private func sign(issuedAtSeconds: UInt32, salt: UInt32, _ credentials: AgoraCredentials) {
        writer.withMutableBytes { body in
            let content = UnsafeRawBufferPointer(rebasing: body[Self.contentStart...])
            let signature = UnsafeMutableRawBufferPointer(rebasing: body[2..<Self.contentStart])
            signer.sign(content, issuedAtSeconds: issuedAtSeconds, salt: salt, certificate: credentials.certificate, into: signature)
        }
    }

    /// Packs the body and writes the version and base64.
    private func pack() throws(TokenError) -> String {
        guard isFast, writer.bytes.count <= AgoraSmallDeflate.sourceBytesMax else { return try packWithZlib() }
        return withUnsafeTemporaryAllocation(byteCount: AgoraSmallDeflate.targetBytesMax, alignment: 8) { packed in
            guard let start = packed.baseAddress else { return "" }
            let count = writer.bytes.withUnsafeBufferPointer { smallDeflate.compress($0, into: start) }
            return Self.text(of: UnsafeRawBufferPointer(start: start, count: count))
        }
    }

    private func packWithZlib() throws(TokenError) -> String {
        if writer.bytes.count > bodyBytesMax {
            bodyBytesMax = writer.bytes.count
            packed = [UInt8](repeating: 0, count: deflate.bytesMax(for: bodyBytesMax))
        }
        let packedCount = writer.bytes.withUnsafeBytes { body in
            packed.withUnsafeMutableBytes { deflate.compress(body, into: $0) }
        }
        guard let count = packedCount else { throw .internal("zlib did not pack a token") }
        return packed.withUnsafeBytes { Self.text(of: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }

    private static func text(of packed: UnsafeRawBufferPointer) -> String {
        String(unsafeUninitializedCapacity: 3 + Base64.encodedCount(packed.count)) { text in
            guard let start = text.baseAddress else { return 0 }
            start[0] = UInt8(ascii: "0")
            start[1] = UInt8(ascii: "0")
            start[2] = UInt8(ascii: "7")
            return 3 + Base64.encode(packed, into: start + 3)
        }
    }
}

extension AgoraWriter {
    /// Writes the privileges of the RTC service, all with one expiry, numbers ascending.
    mutating func write(_ permissions: AgoraRTCPermissions, expiry: UInt32) {
        write(UInt16(permissions.rawValue.nonzeroBitCount))
        for number in UInt16(1)...4 where permissions.rawValue & (1 << (number - 1)) != 0 {
            write(number)
            write(expiry)
        }
    }
}
