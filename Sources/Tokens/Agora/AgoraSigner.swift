import Signing
import Vocabulary

/// Makes the signatures of Agora tokens, with one kept HMAC context for all of its short-lived keys.
///
/// 007: `k1 = HMAC(key: LE32(time of issue), certificate)`, `k2 = HMAC(key: LE32(salt), k1)`, `signature = HMAC(key: k2, content)`.
/// Note what is key and what is message: the time signs the certificate. k1 is the same for all tokens of one second and is kept.
/// 006: `signature = HMAC(key: certificate, app id || channel || account || message)`.
/// Not `Sendable`: it belongs to one caller at a time.
final class AgoraSigner {
    /// The length of a signature, HMAC-SHA256.
    static let signatureBytes = 32

    private let scratch = HMACScratch(.sha256)
    private var issueKey = [UInt8](repeating: 0, count: signatureBytes)
    private var issueKeyIsOf: (certificate: Secret, issuedAtSeconds: UInt32)?

    /// Writes the 32 bytes of a 007 signature over `content`.
    func sign(
        _ content: UnsafeRawBufferPointer, issuedAtSeconds: UInt32, salt: UInt32, certificate: Secret,
        into signature: UnsafeMutableRawBufferPointer
    ) {
        prepareIssueKey(certificate, issuedAtSeconds)
        withUnsafeTemporaryAllocation(byteCount: Self.signatureBytes, alignment: 8) { saltKey in
            issueKey.withUnsafeBytes { issueKey in
                withUnsafeBytes(of: salt.littleEndian) { scratch.authenticate(key: $0, issueKey, into: saltKey) }
            }
            scratch.authenticate(key: UnsafeRawBufferPointer(saltKey), content, into: signature)
        }
    }

    /// Writes the 32 bytes of a 006 signature over all that is signed.
    func sign(_ signed: UnsafeRawBufferPointer, certificate: Secret, into signature: UnsafeMutableRawBufferPointer) {
        certificate.withBytes { scratch.authenticate(key: $0, signed, into: signature) }
    }

    private func prepareIssueKey(_ certificate: Secret, _ issuedAtSeconds: UInt32) {
        if let known = issueKeyIsOf, known.issuedAtSeconds == issuedAtSeconds, known.certificate.matches(certificate) { return }
        issueKeyIsOf = (certificate, issuedAtSeconds)
        issueKey.withUnsafeMutableBytes { issueKey in
            certificate.withBytes { certificate in
                withUnsafeBytes(of: issuedAtSeconds.littleEndian) { scratch.authenticate(key: $0, certificate, into: issueKey) }
            }
        }
    }
}
