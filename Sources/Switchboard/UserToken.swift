import Signing
import StrictJSON

/// A JWT (RFC 7519) that somebody sent as a user's credential: taken apart, and believed in nothing.
///
/// Its form is checked here, before anybody is asked about it: the size (`JWSLimits`), three parts of strict base64url, header and claims
/// strict JSON objects without duplicate names, an `alg` that a tenant can choose, a `kid` that is text, a `typ` of a user's token, and an
/// issuer. What it claims counts only once `UserTokenKeyring.verify` accepted it.
struct UnverifiedUserToken: Sendable {
    let jws: UnverifiedJWS
    /// What the payload says. Not true before the signature was checked: good for finding whose keys to check it with, and nothing else.
    let claims: JSONObject
    /// The claimed `iss`, 1 to 256 bytes.
    let issuer: String

    static let issuerBytesMax = 256
    private static let limits = JSONLimits(bytesMax: JWSLimits().tokenBytesMax, depthMax: 16)

    init(_ text: some StringProtocol) throws(UserTokenRefusal) {
        guard text.utf8.count <= JWSLimits().tokenBytesMax else { throw .signing(.tokenTooLarge) }
        do throws(SigningError) {
            jws = try UnverifiedJWS(bytes: Array(text.utf8))
        } catch {
            throw .signing(error)
        }
        try Self.checkHeader(jws)
        claims = try Self.claims(jws.payload)
        guard case .string(let issuer)? = claims["iss"], (1...Self.issuerBytesMax).contains(issuer.utf8.count) else { throw .claim("iss") }
        self.issuer = issuer
    }

    /// What every tenant's tokens have in common. `JWSKey.verify` looks at the rest of the header, and at `alg` letter for letter.
    private static func checkHeader(_ jws: UnverifiedJWS) throws(UserTokenRefusal) {
        guard let algorithm = jws.algorithmName, JWSAlgorithm(userToken: algorithm) != nil else { throw .header("alg") }
        // A kid that is no text must not pass for none when the key is looked for.
        if jws.header["kid"] != nil {
            guard let keyID = jws.keyID, (1...JWSLimits.keyIDBytesMax).contains(keyID.utf8.count) else { throw .header("kid") }
        }
        if let type = jws.header["typ"] {
            guard case .string(let type) = type, isTypeOfUserToken(type) else { throw .header("typ") }
        }
    }

    /// A media type without regard to letter case, `application/` left out or not (RFC 7515 section 4.1.9): `JWT`, or `at+jwt`, which
    /// RFC 9068 gives to access tokens. Tokens with another purpose say another type (RFC 8725 section 3.11).
    private static func isTypeOfUserToken(_ type: String) -> Bool {
        var type = type.lowercased()[...]
        if type.hasPrefix("application/") { type = type.dropFirst("application/".count) }
        return type == "jwt" || type == "at+jwt"
    }

    private static func claims(_ payload: [UInt8]) throws(UserTokenRefusal) -> JSONObject {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue.parse(payload, limits: limits)
        } catch {
            throw .claimsMalformed
        }
        guard case .object(let claims) = value else { throw .claimsMalformed }
        // What opens a room on a media server is no credential here, whoever signed it (RFC 8725 section 3.12). LiveKit's say so.
        for name in ["video", "sip"] where claims[name] != nil { throw .claim(name) }
        return claims
    }
}

/// Why a user's token was refused. Callers learn none of it: to them every reason is `unauthenticated`.
enum UserTokenRefusal: Error, Equatable, Sendable {
    /// The form of the token, its key or its signature.
    case signing(SigningError)
    /// The header member of that name.
    case header(String)
    /// The payload is not one strict JSON object.
    case claimsMalformed
    /// The claim of that name is missing, or cannot be so.
    case claim(String)
    case expired
    case notYetValid
    /// It was made to live longer than the tenant's settings allow.
    case livesTooLong
    /// No open tenant has users with such tokens.
    case noTenant
    /// It could be of a user of several tenants.
    case ambiguous
    /// The tenant's keys cannot be read now, and never could since the start. The text is for the log.
    case keysUnavailable(String)
}

extension DeskError {
    init(_ refusal: UserTokenRefusal) {
        switch refusal {
        case .signing, .header, .claimsMalformed, .claim, .expired, .notYetValid, .livesTooLong, .noTenant, .ambiguous:
            self = .unauthenticated
        case .keysUnavailable(let cause): self = .unavailable(cause: cause)
        }
    }
}
