import Calls
import StrictJSON
import Vocabulary

// How a tenant's own users are known: the settings of their tokens, and whether the directory decides who may call.

extension TenantReader {
    static let userTokenLifetimeSeconds = 60...2_592_000
    static let userTokenLifetimeSecondsDefault = 86_400
    static let recheckSeconds = 30...3600
    static let recheckSecondsDefault = 300
    private static let pointerBytes = 1...128

    /// What a change says about something that can be taken away: nil to leave it, `.some(nil)` (JSON null) to take it away.
    static func removable<Value>(_ name: String, _ body: inout FieldReader, _ read: (inout FieldReader) -> Value?) -> Value?? {
        guard let value = body.value(name) else { return nil }
        if value.isNull { return .some(nil) }
        return body.object(name, read).map { .some($0) }
    }

    /// `users`: what the tenant wants of users whom its directory does not know.
    static func users(_ reader: inout FieldReader) -> UnknownUsers? {
        reader.oneOf("unknown", UnknownUsers.self)
    }

    static func userTokens(_ reader: inout FieldReader) -> UserTokenSettings? {
        let algorithm = reader.requiredOneOf("alg", UserTokenSettings.Algorithm.self)
        let issuer = reader.requiredString("issuer", bytes: 1...256)
        let audience = reader.string("audience", bytes: 1...256)
        let keys = keys(&reader, for: algorithm)
        let claims = reader.object("claims", claims)
        let lifetime = reader.integer("lifetime_seconds_max", in: userTokenLifetimeSeconds.asInt64)
        guard let algorithm, let issuer, let keys else { return nil }
        return UserTokenSettings(
            algorithm: algorithm, keys: keys, issuer: issuer, audience: audience, claims: claims ?? UserTokenSettings.Claims(),
            lifetimeSecondsMax: lifetime.map(Int.init) ?? userTokenLifetimeSecondsDefault)
    }

    /// The secret or the key set, whichever the algorithm needs; the other one is a fault.
    private static func keys(_ reader: inout FieldReader, for algorithm: UserTokenSettings.Algorithm?) -> UserTokenSettings.Keys? {
        switch algorithm {
        case .hs256:
            if reader.value("jwks") != nil { reader.fault("jwks", .notAllowed, "is for algorithms with public keys; HS256 has a secret") }
            let previous = reader.object("previous_secret", secret)
            return reader.requiredObject("secret", secret).map { .secret($0, previous: previous) }
        case .rs256, .es256, .eddsa:
            for name in ["secret", "previous_secret"] where reader.value(name) != nil {
                reader.fault(name, .notAllowed, "is for HS256; this algorithm has a key set (jwks)")
            }
            return reader.requiredObject("jwks", keySet)
        case nil:
            _ = reader.object("secret", secret)
            _ = reader.object("previous_secret", secret)
            _ = reader.object("jwks", keySet)
            return nil
        }
    }

    private static func keySet(_ reader: inout FieldReader) -> UserTokenSettings.Keys? {
        let file = reader.parsed("file") { text in
            _ = try SecretReference(file: text)
            return text
        }
        let address = reader.parsed("url") { text in try WebAddress(text) }
        if file != nil, address != nil { reader.fault(nil, .invalid, "names a file or an address (url), not both") }
        if file == nil, address == nil, !reader.hasFaults { reader.fault(nil, .missing, "names a file or an address (url)") }
        return address.map { .keySetAddress($0) } ?? file.map { .keySetFile($0) }
    }

    private static func claims(_ reader: inout FieldReader) -> UserTokenSettings.Claims? {
        let name = 1...64
        return UserTokenSettings.Claims(
            user: reader.string("user", bytes: name) ?? "sub", tenant: reader.string("tenant", bytes: name),
            name: reader.string("name", bytes: name), roles: reader.string("roles", bytes: name))
    }

    static func remoteCheck(_ reader: inout FieldReader) -> RemoteCheckSettings? {
        let address = reader.requiredParsed("url") { text in try WebAddress(text) }
        let secret = reader.requiredObject("secret", secret)
        let fields = reader.object("fields", fields)
        let recheck = reader.integer("recheck_seconds", in: recheckSeconds.asInt64)
        guard let address, let secret else { return nil }
        return RemoteCheckSettings(
            address: address, secret: secret, fields: fields ?? RemoteCheckSettings.Fields(),
            recheckSeconds: recheck.map(Int.init) ?? recheckSecondsDefault)
    }

    private static func fields(_ reader: inout FieldReader) -> RemoteCheckSettings.Fields? {
        RemoteCheckSettings.Fields(
            user: pointer("user", &reader) ?? "/id", name: pointer("name", &reader), roles: pointer("roles", &reader))
    }

    private static func pointer(_ name: String, _ reader: inout FieldReader) -> String? {
        guard let text = reader.string(name, bytes: pointerBytes) else { return nil }
        do throws(JSONPointer.Malformed) {
            return try JSONPointer(text).text
        } catch {
            reader.fault(name, .invalid, error.description)
            return nil
        }
    }
}
