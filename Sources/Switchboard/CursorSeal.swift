import Signing
import Vocabulary

/// Turns the position in a list into an opaque text and back, for the one caller and the one list that it was made for.
///
/// Shape: base64url of a tag, the first 16 bytes of HMAC-SHA256 over the position and the list's name, and of the position (8 bytes,
/// big-endian) masked with the HMAC of that tag. A cursor that was changed, or was made for another tenant or another filter, is refused.
/// Nobody can read the position out of it: positions count what all tenants do.
struct CursorSeal: Sendable {
    private static let tagByteCount = 16
    private let key: HMACKey

    init(secret: Secret) {
        self.key = HMACKey(.sha256, secret: secret)
    }

    /// - Parameter list: names the list with everything that chooses its rows, for example `rooms of acme, open`.
    func seal(_ position: Int64?, of list: String) -> String? {
        guard let position else { return nil }
        let bytes = withUnsafeBytes(of: position.bigEndian) { Array($0) }
        let tag = tag(of: bytes, list)
        return Base64URL.encode(tag + masked(bytes, by: tag))
    }

    func open(_ cursor: String?, of list: String) throws(DeskError) -> Int64? {
        guard let cursor else { return nil }
        let bytes = try Self.bytes(of: cursor)
        guard bytes.count == Self.tagByteCount + 8 else { throw .invalidCursor }
        let sent = Array(bytes.prefix(Self.tagByteCount))
        let position = masked(Array(bytes.dropFirst(Self.tagByteCount)), by: sent)
        guard ConstantTime.equal(sent, tag(of: position, list)) else { throw .invalidCursor }
        return position.reduce(0) { $0 << 8 | Int64($1) }
    }

    /// The same for a list whose positions are texts of its caller's own, of at most 128 bytes. They are signed and not masked.
    func seal(text: String?, of list: String) -> String? {
        text.map { Base64URL.encode(textTag(of: Array($0.utf8), list) + Array($0.utf8)) }
    }

    func openText(_ cursor: String?, of list: String) throws(DeskError) -> String? {
        guard let cursor else { return nil }
        let bytes = try Self.bytes(of: cursor)
        let text = Array(bytes.dropFirst(Self.tagByteCount))
        guard (1...128).contains(text.count),
            ConstantTime.equal(Array(bytes.prefix(Self.tagByteCount)), textTag(of: text, list))
        else { throw .invalidCursor }
        return String(decoding: text, as: UTF8.self)
    }

    private static func bytes(of cursor: String) throws(DeskError) -> [UInt8] {
        do {
            return try Base64URL.decode(cursor)
        } catch {
            throw .invalidCursor
        }
    }

    private func textTag(of text: [UInt8], _ list: String) -> [UInt8] {
        Array(key.authenticationCode(for: [2, UInt8(truncatingIfNeeded: text.count)] + text + Array(list.utf8)).prefix(Self.tagByteCount))
    }

    private func tag(of position: [UInt8], _ list: String) -> [UInt8] {
        Array(key.authenticationCode(for: [0] + position + Array(list.utf8)).prefix(Self.tagByteCount))
    }

    /// The same bytes again when it is done twice. The first byte of what is hashed keeps masks and tags apart.
    private func masked(_ position: [UInt8], by tag: [UInt8]) -> [UInt8] {
        zip(position, key.authenticationCode(for: [1] + tag)).map { $0 ^ $1 }
    }
}
