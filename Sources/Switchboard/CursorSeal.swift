import Signing
import Vocabulary

/// Turns the position in a list into an opaque text and back, for the one caller and the one list that it was made for.
///
/// Shape: base64url of 8 bytes of position (big-endian) and the first 16 bytes of HMAC-SHA256 over the list's name, its owner and that
/// position. A cursor that was changed, or was made for another tenant or another filter, is refused.
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
        return Base64URL.encode(bytes + tag(of: bytes, list))
    }

    func open(_ cursor: String?, of list: String) throws(DeskError) -> Int64? {
        guard let cursor else { return nil }
        let bytes: [UInt8]
        do {
            bytes = try Base64URL.decode(cursor)
        } catch {
            throw .invalidCursor
        }
        guard bytes.count == 8 + Self.tagByteCount else { throw .invalidCursor }
        let position = Array(bytes.prefix(8))
        guard ConstantTime.equal(Array(bytes.dropFirst(8)), tag(of: position, list)) else { throw .invalidCursor }
        return position.reduce(0) { $0 << 8 | Int64($1) }
    }

    private func tag(of position: [UInt8], _ list: String) -> [UInt8] {
        Array(key.authenticationCode(for: position + Array(list.utf8)).prefix(Self.tagByteCount))
    }
}
