import COpenSSL

/// Comparison whose time does not tell where two values differ.
public enum ConstantTime {
    /// Whether both have the same bytes. Only the lengths may show in the time: they are no secret.
    public static func equal(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        a.withUnsafeBytes { a in b.withUnsafeBytes { b in equal(a, b) } }
    }

    /// Whether both have the same bytes. Only the lengths may show in the time: they are no secret.
    public static func equal(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
        guard a.count == b.count else { return false }
        guard let aBytes = a.baseAddress, let bBytes = b.baseAddress else { return true }
        return CRYPTO_memcmp(aBytes, bBytes, a.count) == 0
    }
}
