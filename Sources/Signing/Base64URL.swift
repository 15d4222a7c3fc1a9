/// Base64 in the alphabet for URLs and file names (RFC 4648 section 5), without padding: what JWS is written in.
///
/// Strict on the way in: no padding, no whitespace, no foreign character, and the last character has no bit set that carries nothing.
public enum Base64URL {
    /// How many characters `n` bytes become.
    public static func encodedCount(_ n: Int) -> Int {
        n / 3 * 4 + (n % 3 == 0 ? 0 : n % 3 + 1)
    }

    /// Writes the text of the bytes to `target`, which has room for `encodedCount(source.count)` characters; answers how many were written.
    @discardableResult
    public static func encode(_ source: UnsafeRawBufferPointer, into target: UnsafeMutablePointer<UInt8>) -> Int {
        Base64Alphabet.url.encode(source, into: target)
    }

    /// The text of the bytes.
    public static func encode(_ bytes: UnsafeRawBufferPointer) -> String {
        String(unsafeUninitializedCapacity: encodedCount(bytes.count)) { target in
            guard let start = target.baseAddress else { return 0 }
            return encode(bytes, into: start)
        }
    }

    /// The text of the bytes.
    public static func encode(_ bytes: [UInt8]) -> String {
        bytes.withUnsafeBytes { encode($0) }
    }

    /// Appends the text of the bytes.
    static func append(_ bytes: [UInt8], to text: inout [UInt8]) {
        text += [UInt8](unsafeUninitializedCapacity: encodedCount(bytes.count)) { target, count in
            guard let start = target.baseAddress else { return }
            count = bytes.withUnsafeBytes { encode($0, into: start) }
        }
    }

    /// The bytes of the text. Throws `base64Malformed`.
    public static func decode(_ text: UnsafeRawBufferPointer) throws(SigningError) -> [UInt8] {
        guard let bytes = Base64Alphabet.url.decode(text) else { throw .base64Malformed }
        return bytes
    }

    /// The bytes of the text. Throws `base64Malformed`.
    public static func decode(_ text: some Collection<UInt8>) throws(SigningError) -> [UInt8] {
        let decoded =
            text.withContiguousStorageIfAvailable { Base64Alphabet.url.decode(UnsafeRawBufferPointer($0)) }
            ?? Array(text).withUnsafeBytes { Base64Alphabet.url.decode($0) }
        guard let decoded else { throw .base64Malformed }
        return decoded
    }

    /// The bytes of the text. Throws `base64Malformed`.
    public static func decode(_ text: String) throws(SigningError) -> [UInt8] {
        try decode(text.utf8)
    }
}
