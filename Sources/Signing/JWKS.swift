public import StrictJSON

/// A set of keys that verify tokens, as an identity provider publishes it (RFC 7517 section 5).
///
/// A key that is not for signatures of ours (another `kty`, curve or `alg`, `use: enc`, `key_ops` without `verify`) is skipped and named in
/// `skipped`: providers publish such keys beside the others. A key that is weak or wrong refuses the whole set, and so do two keys with one
/// `kid`, and secrets beside public keys: then what was published is not what was meant. A set may hold no usable key;
/// then it verifies nothing.
public struct JWKS: Sendable {
    /// The usable keys, in the set's order.
    public let keys: [JWSKey]
    /// The keys left out, one sentence each with its place in the set and the reason, for the log.
    public let skipped: [String]

    /// Reads a set that is already JSON. Throws what `JWSKey.init(jwk:)` throws but for `keyUnsuitable`.
    public init(_ json: JSONValue) throws(SigningError) {
        guard case .object(let set) = json, case .array(let items)? = set["keys"] else {
            throw .keyMalformed("a key set is an object with a list of keys")
        }
        guard items.count <= JWSLimits.keysMax else { throw .keyMalformed("a key set has at most \(JWSLimits.keysMax) keys") }
        var keys = [JWSKey]()
        var skipped = [String]()
        var keyIDs = Set<String>()
        for (index, item) in items.enumerated() {
            do throws(SigningError) {
                let key = try JWSKey(jwk: item)
                if let keyID = key.keyID, !keyIDs.insert(keyID).inserted { throw .keyMalformed("two keys of the set have one kid") }
                keys.append(key)
            } catch .keyUnsuitable(let reason) {
                skipped.append("key \(index) of the set was skipped: \(reason)")
            }
        }
        let secretCount = keys.count { $0.algorithm.hmacDigest != nil }
        guard secretCount == 0 || secretCount == keys.count else {
            throw .keyMalformed("a key set holds secrets or public keys, never both")
        }
        self.keys = keys
        self.skipped = skipped
    }

    /// Reads a set from its text: strict JSON of at most 256 KiB.
    public init(text: [UInt8]) throws(SigningError) {
        let json: JSONValue
        do {
            json = try JSONValue.parse(text, limits: JSONLimits(bytesMax: JWSLimits.keySetBytesMax, depthMax: JWSLimits.depthMax))
        } catch {
            throw .keyMalformed("a key set is strict JSON")
        }
        try self.init(json)
    }

    /// The key with this `kid`; without a `kid`, the only key of the set. Throws `keyUnknown`.
    /// A lookup in memory: the text of a `kid` never names a file or an address.
    public func key(for keyID: String?) throws(SigningError) -> JWSKey {
        if let keyID {
            guard let key = keys.first(where: { $0.keyID?.utf8.elementsEqual(keyID.utf8) == true }) else { throw .keyUnknown }
            return key
        }
        guard keys.count == 1 else { throw .keyUnknown }
        return keys[0]
    }

    /// Checks a compact token with the key that its `kid` names; the rules are those of `JWSKey.verify`.
    public func verify(_ compact: String, limits: JWSLimits = JWSLimits()) throws(SigningError) -> VerifiedJWS {
        let token = try UnverifiedJWS(compact, limits: limits)
        // Before the lookup: a kid of the wrong type must not pass for none.
        try token.checkHeader()
        return try key(for: token.keyID).verify(token)
    }
}
