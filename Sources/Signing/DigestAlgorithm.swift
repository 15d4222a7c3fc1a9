import COpenSSL

/// The hash functions of this service. SHA-1 is for protocols that demand it (the WebSocket handshake), never for signatures.
public enum DigestAlgorithm: Sendable, Hashable, CaseIterable {
    case sha1, sha256, sha384, sha512

    /// The length of a digest, and of an untruncated HMAC.
    public var byteCount: Int {
        switch self {
        case .sha1: 20
        case .sha256: 32
        case .sha384: 48
        case .sha512: 64
        }
    }

    /// OpenSSL's name of the function.
    var name: String {
        switch self {
        case .sha1: "SHA1"
        case .sha256: "SHA256"
        case .sha384: "SHA384"
        case .sha512: "SHA512"
        }
    }

    /// The fetched implementation, looked up once a process: a lookup by name costs more than hashing a short message.
    var implementation: OpaquePointer {
        switch self {
        case .sha1: Fetched.sha1.pointer
        case .sha256: Fetched.sha256.pointer
        case .sha384: Fetched.sha384.pointer
        case .sha512: Fetched.sha512.pointer
        }
    }
}

/// OpenSSL objects that are fetched once and live as long as the process.
///
/// `@unchecked Sendable` is true because a fetched `EVP_MD` or `EVP_MAC` is never written after the fetch and its reference count is atomic
/// (provider(7), "fetched algorithms"); and nobody here frees one.
struct Fetched: @unchecked Sendable {
    let pointer: OpaquePointer

    private init(_ pointer: OpaquePointer?, _ name: String) {
        guard let pointer else { fatalError("OpenSSL has no \(name)") }
        self.pointer = pointer
    }

    private static func digest(_ algorithm: DigestAlgorithm) -> Fetched {
        Fetched(EVP_MD_fetch(nil, algorithm.name, nil), algorithm.name)
    }

    static let sha1 = digest(.sha1)
    static let sha256 = digest(.sha256)
    static let sha384 = digest(.sha384)
    static let sha512 = digest(.sha512)
    static let hmac = Fetched(EVP_MAC_fetch(nil, "HMAC", nil), "HMAC")
}
