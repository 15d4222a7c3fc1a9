import COpenSSL
import Vocabulary

/// An RSA, P-256 or Ed25519 key in OpenSSL's hands: owns one `EVP_PKEY`, checked when it was read and freed with this object.
///
/// `@unchecked Sendable` is true because the key is never changed after `init`, and OpenSSL allows many threads to use one unchanged key
/// at once (openssl-threads(7)): its reference count is atomic, its caches have locks, and each operation here makes its own context.
final class AsymmetricKey: @unchecked Sendable {
    let algorithm: JWSAlgorithm
    let isPrivate: Bool
    private let key: OpaquePointer

    /// Takes over the key, also when it throws.
    init(adopting key: OpaquePointer?, isPrivate: Bool, malformed reason: String) throws(SigningError) {
        // What OpenSSL had to say stays in a queue of the thread and would be read by the next one who asks, such as a database driver.
        defer { ERR_clear_error() }
        guard let key else { throw .keyMalformed(reason) }
        do {
            algorithm = try KeyChecks.algorithm(of: key, isPrivate: isPrivate)
        } catch {
            EVP_PKEY_free(key)
            throw error
        }
        self.key = key
        self.isPrivate = isPrivate
    }

    deinit {
        EVP_PKEY_free(key)
    }

    /// Reads `BEGIN PUBLIC KEY` (SubjectPublicKeyInfo).
    convenience init(publicPEM text: [UInt8]) throws(SigningError) {
        let key = text.withUnsafeBytes { Self.read($0, isPrivate: false) }
        try self.init(adopting: key, isPrivate: false, malformed: "not a PEM text of a public key")
    }

    /// Reads an unencrypted private key.
    convenience init(privatePEM text: Secret) throws(SigningError) {
        let key = text.withBytes { Self.read($0, isPrivate: true) }
        try self.init(adopting: key, isPrivate: true, malformed: "not a PEM text of an unencrypted private key")
    }

    private static func read(_ text: UnsafeRawBufferPointer, isPrivate: Bool) -> OpaquePointer? {
        guard let count = Int32(exactly: text.count), let bio = BIO_new_mem_buf(text.baseAddress, count) else { return nil }
        defer { BIO_free(bio) }
        // Without an answer of ours OpenSSL would ask for the password of an encrypted key on the terminal.
        let noPassword: @convention(c) (UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?) -> Int32 = { _, _, _, _ in -1
        }
        return isPrivate ? PEM_read_bio_PrivateKey(bio, nil, noPassword, nil) : PEM_read_bio_PUBKEY(bio, nil, noPassword, nil)
    }
}

extension AsymmetricKey {
    /// The signature of the message as JWS writes it: for ES256 r and s of 32 bytes each (RFC 7518 section 3.4).
    func sign(_ message: [UInt8]) throws(SigningError) -> [UInt8] {
        defer { ERR_clear_error() }
        guard isPrivate else { throw .keyNotPrivate }
        guard let signature = signature(message) else { throw .internal("it could not sign") }
        guard algorithm == .ES256 else { return signature }
        guard let raw = ECDSASignature.raw(fromDER: signature) else { throw .internal("it wrote no ECDSA signature") }
        return raw
    }

    /// Whether this is the signature of the message by this key.
    func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
        defer { ERR_clear_error() }
        if algorithm == .ES256 {
            guard let der = ECDSASignature.der(fromRaw: signature) else { return false }
            return isAccepted(der, for: message)
        }
        return isAccepted(signature, for: message)
    }

    /// The public half as a SubjectPublicKeyInfo in DER.
    var publicBytes: [UInt8] {
        defer { ERR_clear_error() }
        let count = Int(i2d_PUBKEY(key, nil))
        guard count > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: count) { der, initializedCount in
            var end = der.baseAddress
            initializedCount = max(0, Int(i2d_PUBKEY(key, &end)))
        }
    }

    /// Ed25519 hashes the message itself; the other two sign its SHA-256.
    private var digest: OpaquePointer? {
        algorithm == .EdDSA ? nil : DigestAlgorithm.sha256.implementation
    }

    private func signature(_ message: [UInt8]) -> [UInt8]? {
        guard let context = EVP_MD_CTX_new() else { return nil }
        defer { EVP_MD_CTX_free(context) }
        guard EVP_DigestSignInit(context, nil, digest, nil, key) == 1 else { return nil }
        var count = 0
        guard EVP_DigestSign(context, nil, &count, message, message.count) == 1 else { return nil }
        var signature = [UInt8](repeating: 0, count: count)
        guard EVP_DigestSign(context, &signature, &count, message, message.count) == 1 else { return nil }
        return Array(signature.prefix(count))
    }

    private func isAccepted(_ signature: [UInt8], for message: [UInt8]) -> Bool {
        guard let context = EVP_MD_CTX_new() else { return false }
        defer { EVP_MD_CTX_free(context) }
        guard EVP_DigestVerifyInit(context, nil, digest, nil, key) == 1 else { return false }
        return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }
}

/// The two ways to write an ECDSA signature on P-256: JWS joins r and s, OpenSSL wants DER.
enum ECDSASignature {
    private static let scalarByteCount = 32

    /// DER from `r || s`, or nil when it is not 64 bytes. Whether r and s are in range the verification tells.
    static func der(fromRaw raw: [UInt8]) -> [UInt8]? {
        guard raw.count == 2 * scalarByteCount, let signature = ECDSA_SIG_new() else { return nil }
        defer { ECDSA_SIG_free(signature) }
        let r = raw.withUnsafeBufferPointer { BN_bin2bn($0.baseAddress, Int32(scalarByteCount), nil) }
        let s = raw[scalarByteCount...].withUnsafeBufferPointer { BN_bin2bn($0.baseAddress, Int32(scalarByteCount), nil) }
        // The signature owns both numbers once it took them, and neither when it did not.
        guard r != nil, s != nil, ECDSA_SIG_set0(signature, r, s) == 1 else {
            BN_free(r)
            BN_free(s)
            return nil
        }
        let count = Int(i2d_ECDSA_SIG(signature, nil))
        guard count > 0 else { return nil }
        return [UInt8](unsafeUninitializedCapacity: count) { der, initializedCount in
            var end = der.baseAddress
            initializedCount = max(0, Int(i2d_ECDSA_SIG(signature, &end)))
        }
    }

    /// `r || s`, 64 bytes, from DER.
    static func raw(fromDER der: [UInt8]) -> [UInt8]? {
        let signature = der.withUnsafeBufferPointer { der in
            var end = der.baseAddress
            return d2i_ECDSA_SIG(nil, &end, der.count)
        }
        guard let signature else { return nil }
        defer { ECDSA_SIG_free(signature) }
        var raw = [UInt8](repeating: 0, count: 2 * scalarByteCount)
        let isWritten = raw.withUnsafeMutableBufferPointer { raw in
            let r = BN_bn2binpad(ECDSA_SIG_get0_r(signature), raw.baseAddress, Int32(scalarByteCount))
            let s = BN_bn2binpad(ECDSA_SIG_get0_s(signature), raw.baseAddress.map { $0 + scalarByteCount }, Int32(scalarByteCount))
            return r >= 0 && s >= 0
        }
        return isWritten ? raw : nil
    }
}
