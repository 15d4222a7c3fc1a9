import CZlib

/// The checksum of zlib and IEEE 802.3 (polynomial 0xEDB88320). It finds slips of the finger; it proves nothing.
public enum CRC32 {
    /// The checksum of these bytes; 0 for none.
    public static func of(_ bytes: [UInt8]) -> UInt32 {
        bytes.withUnsafeBytes { of($0) }
    }

    /// The checksum of these bytes; 0 for none.
    public static func of(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        UInt32(truncatingIfNeeded: crc32(0, bytes.bindMemory(to: UInt8.self).baseAddress, UInt32(bytes.count)))
    }
}
