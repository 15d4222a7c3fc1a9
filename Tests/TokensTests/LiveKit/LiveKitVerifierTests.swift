import Signing
import StrictJSON
import Testing
import Vocabulary

@testable import Tokens

@Suite struct LiveKitVerifierTests {
    static let now = UnixTime(1_767_225_600)
    static let key = HMACKey(.sha256, key: Array("Zq8mP2vX9kLw4RtY7uBn3CdE6fGh1JsK".utf8))
    static let verifier = LiveKitVerifier(apiKey: "APIverify", key: key)

    private static func token(header: JSONValue = ["alg": "HS256", "typ": "JWT"], _ changes: [(String, JSONValue?)] = []) -> String {
        var claims: JSONObject = [
            "iss": "APIverify", "sub": "alice", "nbf": .integer(now.seconds), "exp": .integer(now.seconds + 300),
            "video": ["roomJoin": true, "room": "acme-room-x"],
        ]
        for (name, value) in changes { claims[name] = value }
        return JWTText.sign(header: header.canonicalBytes, payload: JSONValue.object(claims).canonicalBytes, key: key)
    }

    private static func error(_ token: String) -> TokenError? {
        do {
            _ = try verifier.verify(token, now: now)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a good token says what was signed`() throws {
        let claims = try Self.verifier.verify(Self.token(), now: Self.now)
        #expect(claims.subject == "alice")
        #expect(claims.video?.room == "acme-room-x")
        #expect(claims.expiresAt == Self.now + 300)
    }

    @Test(arguments: [(-59, true), (-60, false), (-61, false), (0, true), (1, true)])
    func `an expiry counts with a minute of leeway`(_ seconds: Int64, _ isTaken: Bool) {
        let expiry = UnixTime(Self.now.seconds + seconds)
        #expect(Self.error(Self.token([("exp", .integer(expiry.seconds))])) == (isTaken ? nil : .expired(expiry)))
    }

    @Test(arguments: ["nbf", "iat"], [(59, true), (60, true), (61, false), (0, true), (-1_000_000, true)])
    func `a beginning counts with a minute of leeway`(_ claim: String, _ edge: (seconds: Int64, isTaken: Bool)) {
        let start = UnixTime(Self.now.seconds + edge.seconds)
        #expect(Self.error(Self.token([(claim, .integer(start.seconds))])) == (edge.isTaken ? nil : .notYetValid(start)))
    }

    @Test func `a token without an expiry is refused`() {
        #expect(Self.error(Self.token([("exp", nil)])) == .expiryMissing)
        #expect(Self.error(Self.token([("exp", .null)])) == .expiryMissing)
    }

    @Test func `a fraction of a second in an expiry is cut off`() throws {
        let claims = try Self.verifier.verify(Self.token([("exp", .real(1_767_225_700.9))]), now: Self.now)
        #expect(claims.expiresAt == UnixTime(1_767_225_700))
    }

    @Test(arguments: [JSONValue.string("1767229200"), .bool(true), .array([]), .real(1e300), .integer(.max), .integer(.min)])
    func `an expiry that is no plain time is malformed`(_ expiry: JSONValue) {
        #expect(Self.error(Self.token([("exp", expiry)])) == .malformed("exp is not a time in seconds"))
    }

    @Test(arguments: ["HS384", "HS512", "RS256", "none", "hs256", "HS256 ", ""])
    func `another algorithm is refused by its name`(_ algorithm: String) {
        #expect(Self.error(Self.token(header: ["alg": .string(algorithm)])) == .algorithmNotAllowed(algorithm))
    }

    @Test func `an algorithm that is no text is refused`() {
        #expect(Self.error(Self.token(header: ["alg": 256])) == .algorithmNotAllowed("nothing"))
        #expect(Self.error(Self.token(header: [:])) == .algorithmNotAllowed("nothing"))
    }

    @Test func `a header that demands an extension is refused`() {
        #expect(Self.error(Self.token(header: ["alg": "HS256", "crit": ["x"]])) == .malformed("the header demands an extension"))
    }

    @Test func `typ and kid do not matter`() {
        #expect(Self.error(Self.token(header: ["alg": "HS256", "typ": "at+jwt", "kid": "k"])) == nil)
        #expect(Self.error(Self.token(header: ["alg": "HS256"])) == nil)
    }

    @Test func `another issuer is refused`() {
        #expect(Self.error(Self.token([("iss", "APIother")])) == .issuerUnknown)
        #expect(Self.error(Self.token([("iss", nil)])) == .issuerUnknown)
    }

    @Test func `every changed character of a token is noticed`() throws {
        let token = Array(Self.token().utf8)
        for position in token.indices where token[position] != UInt8(ascii: ".") {
            var changed = token
            changed[position] = changed[position] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            #expect(Self.error(String(decoding: changed, as: UTF8.self)) != nil, "at \(position)")
        }
    }

    @Test func `every cut of a token is noticed`() {
        let token = Self.token()
        for count in 0..<token.count { #expect(Self.error(String(token.prefix(count))) != nil) }
    }

    @Test(arguments: ["=", " ", "\n", ".", "A"]) func `nothing may follow a token`(_ end: String) {
        #expect(Self.error(Self.token() + end) != nil)
    }

    @Test func `a claim twice is refused although the signature holds`() {
        let payload = "{\"iss\":\"APIverify\",\"exp\":1767229200,\"sub\":\"alice\",\"sub\":\"bob\"}"
        let token = JWTText.sign(header: JWTText.header, payload: Array(payload.utf8), key: Self.key)
        #expect(throws: TokenError.self) { try Self.verifier.verify(token, now: Self.now) }
    }

    @Test func `claims of another type are refused`() {
        #expect(Self.error(Self.token([("sub", 42)])) == .malformed("sub is not text"))
        #expect(Self.error(Self.token([("attributes", ["n": 1])])) == .malformed("an attribute is not text"))
        #expect(Self.error(Self.token([("video", ["canPublish": "true"])])) == .malformed("video.canPublish is not true or false"))
        #expect(Self.error(Self.token([("video", true)])) == .malformed("video is not an object"))
        #expect(Self.error(Self.token([("attributes", ["n": nil])])) == nil)
    }

    @Test func `a text longer than 16 KiB is not looked at`() {
        #expect(Self.error(String(repeating: "a", count: 16 * 1024 + 1)) == .malformed("longer than 16384 bytes"))
    }

    /// Ours follows the newest server, except where it is stricter: these it refuses although the newest server takes them.
    static let stricter: Set<String> = ["lk/neg_crit_header", "lk/neg_exp_string"]

    @Test(arguments: LiveKitVector.of("negative"))
    func `ours refuses at least what the newest LiveKit server refuses`(_ vector: LiveKitVector) throws {
        let verifier = LiveKitVerifier(apiKey: vector.apiKey, key: try #require(vector.key))
        let isTaken: Bool
        do {
            _ = try verifier.verify(vector.token, now: vector.clock)
            isTaken = true
        } catch {
            isTaken = false
        }
        #expect(isTaken == (vector.text("protocol_head") == "accept" && !Self.stricter.contains(vector.id)))
    }
}
