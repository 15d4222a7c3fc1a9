import COpenSSL

/// One-shot digests: SHA-1, SHA-256, SHA-384, SHA-512 (FIPS 180-4).
public enum Digest {
    /// The digest of the bytes: `algorithm.byteCount` bytes.
    public static func of(_ bytes: UnsafeRawBufferPointer, _ algorithm: DigestAlgorithm) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: algorithm.byteCount) { digest, count in
            let done = EVP_Digest(bytes.baseAddress, bytes.count, digest.baseAddress, nil, algorithm.implementation, nil)
            // Only a lack of memory can make it fail: the function is fetched and takes any bytes.
            precondition(done == 1, "OpenSSL could not hash")
            count = algorithm.byteCount
        }
    }

    /// The digest of the bytes: `algorithm.byteCount` bytes.
    public static func of(_ bytes: [UInt8], _ algorithm: DigestAlgorithm) -> [UInt8] {
        bytes.withUnsafeBytes { of($0, algorithm) }
    }

    /// The SHA-256 digest of the bytes: 32 bytes.
    public static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        of(bytes, .sha256)
    }
}
