internal import Signing
internal import StrictJSON

/// The three parts of a signed JWT (RFC 7519 in the compact form of RFC 7515 section 7.1), decoded but not believed.
struct JWTText {
    let header: JSONObject
    let payload: JSONObject
    let signature: [UInt8]
    /// Header and payload as they stood in the text, with the dot between them.
    let signed: [UInt8]

    /// The longest token that is looked at.
    static let bytesMax = 16 * 1024
    static let limits = JSONLimits(bytesMax: bytesMax, depthMax: 16)
    /// The header of every token that we write.
    static let header = Array("{\"alg\":\"HS256\",\"typ\":\"JWT\"}".utf8)

    /// - Throws: ``TokenError/malformed(_:)``, naming the part that is wrong.
    init(_ token: String) throws(TokenError) {
        let bytes = Array(token.utf8)
        guard bytes.count <= Self.bytesMax else { throw .malformed("longer than \(Self.bytesMax) bytes") }
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw .malformed("\(parts.count) parts instead of three") }
        header = try Self.object(in: parts[0], "header")
        payload = try Self.object(in: parts[1], "payload")
        signature = try Self.decoded(parts[2], "signature")
        signed = Array(bytes[..<(parts[1].endIndex)])
    }

    /// `alg`, if it is text.
    var algorithm: String? { header["alg"]?.stringValue }

    /// Whether the signature is the HMAC of what was signed, compared in constant time.
    func isSigned(with key: HMACKey) -> Bool {
        key.isValid(signature, for: signed)
    }

    /// Joins and signs the parts.
    static func sign(header: [UInt8], payload: [UInt8], key: HMACKey) -> String {
        let signed = Base64URL.encode(header) + "." + Base64URL.encode(payload)
        return signed + "." + Base64URL.encode(key.authenticationCode(for: Array(signed.utf8)))
    }

    private static func decoded(_ part: ArraySlice<UInt8>, _ name: String) throws(TokenError) -> [UInt8] {
        do {
            return try Base64URL.decode(part)
        } catch {
            throw .malformed("the \(name) is not base64url")
        }
    }

    private static func object(in part: ArraySlice<UInt8>, _ name: String) throws(TokenError) -> JSONObject {
        let text = try decoded(part, name)
        let value: JSONValue
        do {
            value = try JSONValue.parse(text, limits: limits)
        } catch {
            throw .malformed("the \(name): \(error)")
        }
        guard case .object(let object) = value else { throw .malformed("the \(name) is not an object") }
        return object
    }
}
