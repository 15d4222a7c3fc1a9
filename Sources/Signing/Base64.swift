/// Base64 in the standard alphabet (RFC 4648 section 4), with padding.
///
/// Strict on the way in: padding where it belongs and only there, no whitespace, no foreign character, and the last character
/// has no bit set that carries nothing.
public enum Base64 {
    /// How many characters `n` bytes become.
    public static func encodedCount(_ n: Int) -> Int {
        (n + 2) / 3 * 4
    }

    /// Writes the text of the bytes to `target`, which has room for `encodedCount(source.count)` characters; answers how many were written.
    @discardableResult
    public static func encode(_ source: UnsafeRawBufferPointer, into target: UnsafeMutablePointer<UInt8>) -> Int {
        var written = Base64Alphabet.standard.encode(source, into: target)
        while written % 4 != 0 {
            target[written] = UInt8(ascii: "=")
            written += 1
        }
        return written
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

    /// The bytes of the text. Throws `base64Malformed`.
    public static func decode(_ text: UnsafeRawBufferPointer) throws(SigningError) -> [UInt8] {
        guard let bytes = Base64Alphabet.standard.decodePadded(text) else { throw .base64Malformed }
        return bytes
    }

    /// The bytes of the text. Throws `base64Malformed`.
    public static func decode(_ text: some Collection<UInt8>) throws(SigningError) -> [UInt8] {
        let decoded =
            text.withContiguousStorageIfAvailable { Base64Alphabet.standard.decodePadded(UnsafeRawBufferPointer($0)) }
            ?? Array(text).withUnsafeBytes { Base64Alphabet.standard.decodePadded($0) }
        guard let decoded else { throw .base64Malformed }
        return decoded
    }

    /// The bytes of the text. Throws `base64Malformed`.
    public static func decode(_ text: String) throws(SigningError) -> [UInt8] {
        try decode(text.utf8)
    }
}
