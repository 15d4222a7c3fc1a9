internal import Signing
internal import StrictJSON
public import Vocabulary

/// Checks LiveKit tokens made under one API key, as strictly as the newest LiveKit server and a little more.
///
/// Demanded: three parts in strict base64url, JSON without a name twice, `alg` HS256 and nothing else, no critical header, a signature that
/// fits, `iss` equal to the key, an `exp` that is a number and has not passed, `nbf` and `iat` (if there) that have been reached, and known
/// claims of the right type. Older servers are laxer: 1.11.0 takes HS384, HS512 and a token without `exp`.
public struct LiveKitVerifier: Sendable {
    private let apiKey: String
    private let key: HMACKey

    /// How far clocks may differ, as in LiveKit's server. A token is taken until just before `exp` + 60.
    public static let leewaySeconds = 60

    public init(credentials: LiveKitCredentials) {
        self.init(apiKey: credentials.apiKey, key: credentials.key)
    }

    /// For keys that ``LiveKitCredentials`` would refuse: old tokens and test vectors.
    init(apiKey: String, key: HMACKey) {
        self.apiKey = apiKey
        self.key = key
    }

    /// Checks the token at a time and returns what it says.
    /// - Throws: the first ``TokenError`` found, in this order: form, algorithm, signature, claims, issuer, times.
    public func verify(_ token: String, now: UnixTime) throws(TokenError) -> LiveKitClaims {
        let parts = try JWTText(token)
        guard parts.algorithm == "HS256" else { throw .algorithmNotAllowed(parts.algorithm ?? "nothing") }
        guard parts.header["crit"] == nil else { throw .malformed("the header demands an extension") }
        guard parts.isSigned(with: key) else { throw .signatureInvalid }
        let claims = try LiveKitClaims(.object(parts.payload))
        guard claims.issuer == apiKey else { throw .issuerUnknown }
        try checkTimes(claims, now)
        return claims
    }

    private func checkTimes(_ claims: LiveKitClaims, _ now: UnixTime) throws(TokenError) {
        guard let expiresAt = claims.expiresAt else { throw .expiryMissing }
        guard now < expiresAt + Self.leewaySeconds else { throw .expired(expiresAt) }
        for start in [claims.notBefore, claims.issuedAt] {
            if let start, now + Self.leewaySeconds < start { throw .notYetValid(start) }
        }
    }
}
