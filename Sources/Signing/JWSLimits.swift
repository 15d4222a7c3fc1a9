/// How large a token may be before anybody looks into it.
public struct JWSLimits: Sendable, Hashable {
    /// The whole compact token, in bytes.
    public var tokenBytesMax: Int
    /// The decoded header, in bytes.
    public var headerBytesMax: Int

    /// 16 KiB for a token, 4 KiB for its header, unless told otherwise.
    public init(tokenBytesMax: Int = 16 * 1024, headerBytesMax: Int = 4 * 1024) {
        self.tokenBytesMax = tokenBytesMax
        self.headerBytesMax = headerBytesMax
    }

    /// The longest `kid` that a key or a token may have, in bytes.
    public static let keyIDBytesMax = 256
    /// The most keys in a JWKS, skipped ones included.
    public static let keysMax = 100
    /// The longest JWKS text, in bytes.
    public static let keySetBytesMax = 256 * 1024
    /// How deep a header or a JWKS may nest: `x5c` and `oth` are the deepest in use.
    static let depthMax = 8
    /// RSA keys: shorter ones are weak (RFC 7518 section 3.3), longer ones a way to keep us busy.
    static let rsaBits = 2048...8192
}
