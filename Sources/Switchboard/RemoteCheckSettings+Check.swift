import Calls
import Vocabulary

extension RemoteCheckSettings {
    /// A secret of fewer bytes can be guessed.
    static let secretBytesMin = 16
    static let secretBytesMax = 512

    /// The secret that the app knows the service by: 16 to 512 visible ASCII characters, because it goes into a header.
    func readSecret(from secrets: any SecretSource) throws(SecretUnavailable) -> Secret {
        let secret = try secrets.secret(self.secret)
        let isFit = secret.withBytes { bytes in
            (Self.secretBytesMin...Self.secretBytesMax).contains(bytes.count) && bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        }
        guard isFit else {
            throw SecretUnavailable("is not \(Self.secretBytesMin) to \(Self.secretBytesMax) visible ASCII characters")
        }
        return secret
    }

    /// Looks whether the app may be asked, and whether the secret can be read and is none of the tenant's others: the app gets to see it.
    /// The app is not asked here: that it is down is no reason to refuse a tenant.
    /// - Throws: `invalid` naming the field and the reason.
    func check(
        beside providers: ProviderSettings, _ userTokens: UserTokenSettings?, secrets: any SecretSource, outside: any OutsideLine
    ) throws(DeskError) {
        if let objection = outside.objection(to: address) { throw .invalid(field: "remote_check/url", reason: objection) }
        do throws(SecretUnavailable) {
            let secret = try readSecret(from: secrets)
            var others = providers.secrets
            if case .secret(let current, let previous)? = userTokens?.keys {
                others.append(("user_tokens/secret", current))
                if let previous { others.append(("user_tokens/previous_secret", previous)) }
            }
            try secrets.compare(secret, with: others)
        } catch {
            throw .invalid(field: "remote_check/secret", reason: error.description)
        }
    }
}

extension ProviderSettings {
    /// Every secret that media tokens are or were signed with, by its field in the tenant's settings.
    var secrets: [(field: String, SecretReference)] {
        [
            ("providers/livekit/api_secret", livekit?.apiSecret), ("providers/livekit/previous_api_secret", livekit?.previousAPISecret),
            ("providers/agora/app_certificate", agora?.appCertificate),
            ("providers/agora/previous_app_certificate", agora?.previousAppCertificate),
        ].compactMap { field, reference in reference.map { (field, $0) } }
    }
}

extension SecretSource {
    /// One secret for two things gives whoever may use it for the one the other as well.
    /// - Throws: when it is one of the others, or one of those cannot be read.
    func compare(_ secret: Secret, with others: [(field: String, SecretReference)]) throws(SecretUnavailable) {
        for (field, reference) in others {
            let other: Secret
            do throws(SecretUnavailable) {
                other = try self.secret(reference)
            } catch {
                throw SecretUnavailable("cannot be compared with \(field): \(error.description)")
            }
            guard !secret.matches(other) else { throw SecretUnavailable("is the same as \(field): use one of its own") }
        }
    }
}
