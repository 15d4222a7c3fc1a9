import Signing
import Vocabulary

/// A user's credential that only the app of the user's tenant can read.
///
/// `acme:<credential>` names the tenant; without the first part it does not. The credential is 1 to 4096 visible ASCII characters. A text
/// that is made like a JWT, of three parts with dots between them, is one, and no opaque credential, unless it names a tenant.
struct OpaqueBearer: Sendable {
    static let credentialBytesMax = 4096
    private static let tenantBytesMax = 32

    let tenant: TenantID?
    /// What the app gave to its user.
    let credential: Secret
    /// SHA-256 of the credential, by which answers about it are remembered.
    let digest: [UInt8]

    /// Nil where the text is no such credential.
    init?(_ text: some StringProtocol) {
        guard text.utf8.count <= Self.tenantBytesMax + 1 + Self.credentialBytesMax else { return nil }
        let (tenant, credential) = Self.taken(apart: Array(text.utf8))
        guard (1...Self.credentialBytesMax).contains(credential.count), credential.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
            tenant != nil || credential.count(where: { $0 == UInt8(ascii: ".") }) != 2
        else { return nil }
        self.tenant = tenant
        self.credential = Secret(bytes: credential)
        digest = Digest.sha256(credential)
    }

    /// What stands before the first colon is a tenant only where it can be one.
    private static func taken(apart text: [UInt8]) -> (TenantID?, credential: [UInt8]) {
        guard let colon = text.firstIndex(of: UInt8(ascii: ":")) else { return (nil, text) }
        do throws(VocabularyError) {
            let tenant = try TenantID(String(decoding: text[..<colon], as: UTF8.self))
            return (tenant, Array(text[(colon + 1)...]))
        } catch {
            return (nil, text)
        }
    }

    /// The same credential, of a tenant that is known by now.
    func named(_ tenant: TenantID) -> OpaqueBearer { OpaqueBearer(tenant, credential, digest) }

    private init(_ tenant: TenantID, _ credential: Secret, _ digest: [UInt8]) {
        self.tenant = tenant
        self.credential = credential
        self.digest = digest
    }

    /// What goes to the app as `Authorization`.
    var authorization: Secret { credential.withBytes { Secret(bytes: Array("Bearer ".utf8) + $0) } }
}
