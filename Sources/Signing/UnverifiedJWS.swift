public import StrictJSON

/// A compact JWS (RFC 7515 section 7.1) taken apart, but believed in nothing: what the token says of itself.
///
/// Its form is strict: three parts of strict base64url and a header that is one JSON object without duplicate members. Whether the header
/// may be followed and the signature is genuine, `JWSKey.verify` decides; a token inspector shows this value as "not checked".
public struct UnverifiedJWS: Sendable {
    /// The header, as parsed. Never a reason to do anything before the signature is checked.
    public let header: JSONObject
    /// The payload's bytes. Any bytes: JWS does not say that they are JSON.
    public let payload: [UInt8]
    /// The signature's bytes; empty in an unsigned token, which no key verifies.
    public let signature: [UInt8]
    /// What is signed: the first two parts with the dot between them, as they came.
    let signingInput: [UInt8]

    /// Takes a token apart. Throws `tokenTooLarge`, `tokenMalformed` or `base64Malformed`.
    public init(_ compact: String, limits: JWSLimits = JWSLimits()) throws(SigningError) {
        // Counting the UTF-8 costs nothing for native strings; the copy is made only of what is not too large.
        guard compact.utf8.count <= limits.tokenBytesMax else { throw .tokenTooLarge }
        try self.init(bytes: Array(compact.utf8), limits: limits)
    }

    /// Takes a token apart. Throws `tokenTooLarge`, `tokenMalformed` or `base64Malformed`.
    public init(bytes compact: [UInt8], limits: JWSLimits = JWSLimits()) throws(SigningError) {
        guard compact.count <= limits.tokenBytesMax else { throw .tokenTooLarge }
        let dot = UInt8(ascii: ".")
        guard let first = compact.firstIndex(of: dot), let last = compact.lastIndex(of: dot), first != last,
            !compact[(first + 1)..<last].contains(dot)
        else { throw .tokenMalformed("it does not have three parts") }
        let headerPart = compact[..<first]
        guard !headerPart.isEmpty else { throw .tokenMalformed("the header is empty") }
        guard headerPart.count <= Base64URL.encodedCount(limits.headerBytesMax) else { throw .tokenTooLarge }
        header = try Self.header(try Base64URL.decode(headerPart), limits)
        payload = try Base64URL.decode(compact[(first + 1)..<last])
        signature = try Base64URL.decode(compact[(last + 1)...])
        signingInput = Array(compact[..<last])
    }

    /// The algorithm that the token names, whatever it is.
    public var algorithmName: String? { text("alg") }
    /// The key that the token names.
    public var keyID: String? { text("kid") }
    /// The kind of token that it says it is.
    public var type: String? { text("typ") }

    private func text(_ name: String) -> String? {
        guard case .string(let text)? = header[name] else { return nil }
        return text
    }

    private static func header(_ bytes: [UInt8], _ limits: JWSLimits) throws(SigningError) -> JSONObject {
        let value: JSONValue
        do {
            value = try JSONValue.parse(bytes, limits: JSONLimits(bytesMax: limits.headerBytesMax, depthMax: JWSLimits.depthMax))
        } catch {
            throw .tokenMalformed("the header is not strict JSON")
        }
        guard case .object(let header) = value else { throw .tokenMalformed("the header is not an object") }
        return header
    }

    /// Members that would have us fetch or believe a key that the token brings (RFC 8725 section 3.10), read the payload otherwise
    /// (RFC 7797), inflate it (RFC 8725 section 3.6), or heed an extension that we do not know (RFC 7515 section 4.1.11: we know none).
    private static let refusedMembers = ["crit", "b64", "zip", "jku", "jwk", "x5u", "x5c"]

    /// Refuses a header that this service would not follow, before any key is looked for.
    func checkHeader() throws(SigningError) {
        for name in Self.refusedMembers where header[name] != nil {
            throw .headerRefused(name)
        }
        for name in ["alg", "typ", "cty", "kid"] where header[name] != nil && text(name) == nil {
            throw .tokenMalformed("a header member that must be text is not")
        }
        if let keyID, !(1...JWSLimits.keyIDBytesMax).contains(keyID.utf8.count) {
            throw .tokenMalformed("the kid is empty or too long")
        }
    }
}

/// A token whose signature was checked with a key of ours. Only `verify` makes one.
///
/// The signature tells who wrote the payload, not that it may be used now: `exp`, `aud` and the rest are the caller's to check.
public struct VerifiedJWS: Sendable {
    /// The header, which the signature covers.
    public let header: JSONObject
    /// The payload, which the signature covers.
    public let payload: [UInt8]
    /// The algorithm of the key that verified it.
    public let algorithm: JWSAlgorithm

    init(_ token: UnverifiedJWS, by key: JWSKey) {
        header = token.header
        payload = token.payload
        algorithm = key.algorithm
    }
}
