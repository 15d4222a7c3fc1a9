import Calls
import Signing
import Vocabulary

/// The keys that verify the tokens of one tenant's users, parsed. All are of the one algorithm that the tenant's settings name.
struct UserTokenKeys: Sendable {
    let keys: [JWSKey]
    /// SHA-256 of the key set's text, by which an unchanged file is known; nil for a secret.
    private let digest: [UInt8]?

    /// Why there are no such keys. The reason may be shown to the operator.
    struct Fault: Error, Equatable {
        /// The field of the settings, below `user_tokens`.
        let field: String
        let reason: String
    }

    /// Reads the keys that the settings name.
    /// - Parameter known: what was read before; returned as it is where the file did not change.
    static func read(_ settings: UserTokenSettings, from secrets: any SecretSource, known: UserTokenKeys? = nil) throws(Fault)
        -> UserTokenKeys
    {
        switch settings.keys {
        case .secret(let reference): try UserTokenKeys(settings, secret: secret(reference, from: secrets))
        case .keySetFile(let path): try keySet(settings, path, from: secrets, known)
        }
    }

    /// Reads a secret, whatever it is good for.
    static func secret(_ reference: SecretReference, from secrets: any SecretSource) throws(Fault) -> Secret {
        do throws(SecretUnavailable) {
            return try secrets.secret(reference)
        } catch {
            throw Fault(field: "secret", reason: error.description)
        }
    }

    init(_ settings: UserTokenSettings, secret: Secret) throws(Fault) {
        guard settings.algorithm == .hs256 else { throw Fault(field: "jwks", reason: "is needed with \(settings.algorithm.rawValue)") }
        do throws(SigningError) {
            keys = [try JWSKey.hmac(.HS256, secret: secret)]
        } catch {
            throw Fault(field: "secret", reason: error.description)
        }
        digest = nil
    }

    private static func keySet(
        _ settings: UserTokenSettings, _ path: String, from secrets: any SecretSource, _ known: UserTokenKeys?
    ) throws(Fault) -> UserTokenKeys {
        guard settings.algorithm != .hs256 else { throw Fault(field: "secret", reason: "is needed with HS256") }
        let text: [UInt8]
        do throws(SecretUnavailable) {
            text = try secrets.keySet(file: path)
        } catch {
            throw Fault(field: "jwks", reason: error.description)
        }
        let digest = Digest.sha256(text)
        if let known, known.digest == digest { return known }
        do throws(SigningError) {
            let algorithm = JWSAlgorithm(settings.algorithm)
            return UserTokenKeys(keys: try JWKS(text: text).keys.filter { $0.algorithm == algorithm }, digest: digest)
        } catch {
            throw Fault(field: "jwks", reason: error.description)
        }
    }

    private init(keys: [JWSKey], digest: [UInt8]) {
        self.keys = keys
        self.digest = digest
    }

    /// Checks the signature with the key that the token names; a token that names none, with the only key there is. The key of a secret
    /// has no name, so a token that names a key is not signed with it.
    /// - Throws: `keyUnknown` when there is no such key.
    func verify(_ token: UnverifiedJWS) throws(SigningError) {
        if let keyID = token.keyID {
            guard let key = keys.first(where: { $0.keyID?.utf8.elementsEqual(keyID.utf8) == true }) else { throw .keyUnknown }
            _ = try key.verify(token)
        } else {
            guard let key = keys.first, keys.count == 1 else { throw .keyUnknown }
            _ = try key.verify(token)
        }
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
