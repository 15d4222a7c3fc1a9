import Calls
import Signing
import Vocabulary

/// The keys that verify the tokens of one tenant's users, parsed. All are of the one algorithm that the tenant's settings name.
struct UserTokenKeys: Sendable {
    let keys: [JWSKey]
    /// The fingerprints of all of them.
    let fingerprints: Set<[UInt8]>
    /// SHA-256 of the key set's text, by which an unchanged file is known; nil for a secret.
    private let digest: [UInt8]?

    /// Why there are no such keys. The reason may be shown to the operator.
    struct Fault: Error, Equatable {
        /// The field of the settings, below `user_tokens`.
        let field: String
        let reason: String

        /// The whole sentence for the log.
        func sentence(about tenant: TenantID) -> String { "tenant \(tenant): user_tokens/\(field): \(reason)" }
    }

    /// Reads the keys that the settings name.
    /// - Parameter known: what was read before; returned as it is where the file did not change.
    static func read(_ settings: UserTokenSettings, from secrets: any SecretSource, known: UserTokenKeys? = nil) throws(Fault)
        -> UserTokenKeys
    {
        switch settings.keys {
        case .secret(let reference, let previous):
            try UserTokenKeys(
                settings, secret: secret(reference, from: secrets),
                previous: previous.map { reference throws(Fault) in try secret(reference, of: "previous_secret", from: secrets) })
        case .keySetFile(let path): try UserTokenKeys(settings, keySet: keySet(path, from: secrets), known: known)
        case .keySetAddress: throw Fault(field: "jwks", reason: "is fetched from its address, and cannot be read")
        }
    }

    /// Reads a secret, whatever it is good for.
    static func secret(_ reference: SecretReference, of field: String = "secret", from secrets: any SecretSource) throws(Fault) -> Secret {
        do throws(SecretUnavailable) {
            return try secrets.secret(reference)
        } catch {
            throw Fault(field: field, reason: error.description)
        }
    }

    /// The keys of a tenant with secrets: the secret's, and the previous one's where there is one.
    init(_ settings: UserTokenSettings, secret: Secret, previous: Secret?) throws(Fault) {
        guard settings.algorithm == .hs256 else { throw Fault(field: "jwks", reason: "is needed with \(settings.algorithm.rawValue)") }
        var keys = [try Self.key(secret, of: "secret")]
        if let previous { keys.append(try Self.key(previous, of: "previous_secret")) }
        self.keys = keys
        digest = nil
        fingerprints = Set(keys.map(\.fingerprint))
    }

    private static func key(_ secret: Secret, of field: String) throws(Fault) -> JWSKey {
        do throws(SigningError) {
            return try JWSKey.hmac(.HS256, secret: secret)
        } catch {
            throw Fault(field: field, reason: error.description)
        }
    }

    private static func keySet(_ path: String, from secrets: any SecretSource) throws(Fault) -> [UInt8] {
        do throws(SecretUnavailable) {
            return try secrets.keySet(file: path)
        } catch {
            throw Fault(field: "jwks", reason: error.description)
        }
    }

    /// The keys of a key set that are of the settings' algorithm.
    /// - Parameter known: what was read before; taken as it is where the text did not change.
    init(_ settings: UserTokenSettings, keySet text: [UInt8], known: UserTokenKeys?) throws(Fault) {
        guard settings.algorithm != .hs256 else { throw Fault(field: "secret", reason: "is needed with HS256") }
        let digest = Digest.sha256(text)
        if let known, known.digest == digest {
            self = known
            return
        }
        do throws(SigningError) {
            let algorithm = JWSAlgorithm(settings.algorithm)
            keys = try JWKS(text: text).keys.filter { $0.algorithm == algorithm }
        } catch {
            throw Fault(field: "jwks", reason: error.description)
        }
        self.digest = digest
        fingerprints = Set(keys.map(\.fingerprint))
    }

    /// The key that the token names; for a token that names none, the only key of a key set, or every secret.
    private func candidates(for token: UnverifiedJWS) -> ArraySlice<JWSKey> {
        guard let keyID = token.keyID else { return digest == nil || keys.count == 1 ? keys[...] : [] }
        guard let index = keys.firstIndex(where: { $0.keyID?.utf8.elementsEqual(keyID.utf8) == true }) else { return [] }
        return keys[index...index]
    }

    /// Whether the key of the token is among these.
    func hasKey(for token: UnverifiedJWS) -> Bool { !candidates(for: token).isEmpty }

    /// Checks the signature with the key that the token names; a token that names none, with the only key there is, or with one secret
    /// after the other. The key of a secret has no name, so a token that names a key is not signed with it.
    /// - Returns: the key that verified it.
    /// - Throws: `keyUnknown` when there is no such key.
    func verify(_ token: UnverifiedJWS) throws(SigningError) -> JWSKey {
        var reason = SigningError.keyUnknown
        for key in candidates(for: token) {
            do throws(SigningError) {
                _ = try key.verify(token)
                return key
            } catch {
                reason = error
            }
        }
        throw reason
    }
}

extension JWSAlgorithm {
    init(_ algorithm: UserTokenSettings.Algorithm) {
        switch algorithm {
        case .hs256: self = .HS256
        case .rs256: self = .RS256
        case .es256: self = .ES256
        case .eddsa: self = .EdDSA
        }
    }

    /// The algorithm of that name, if a tenant can choose it for its users' tokens.
    init?(userToken name: String) {
        guard let algorithm = UserTokenSettings.Algorithm(rawValue: name) else { return nil }
        self.init(algorithm)
    }
}
