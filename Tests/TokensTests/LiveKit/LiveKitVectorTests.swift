import Signing
import StrictJSON
import Testing
import Vocabulary

@testable import Tokens

@Suite struct LiveKitVectorTests {
    /// A metadata text with NUL in it: legal JSON, and refused by StrictJSON on purpose.
    static let withNUL = "lk/metadata_control_chars"

    static let signed = LiveKitVector.all.filter { $0.kind != "negative" && !$0.token.isEmpty && $0.key != nil }
    static let readable = signed.filter { $0.id != withNUL }

    @Test func `the file holds every known answer`() {
        #expect(LiveKitVector.all.count == 84)
        #expect(Self.signed.count == 61)
    }

    @Test(arguments: signed) func `the vendor's header and payload sign to the vendor's bytes`(_ vector: LiveKitVector) throws {
        let key = try #require(vector.key)
        let header = Array((vector.text("header_json") ?? "").utf8)
        let payload = Array((vector.text("payload_json") ?? "").utf8)
        #expect(JWTText.sign(header: header, payload: payload, key: key) == vector.token)
    }

    @Test(arguments: readable) func `a payload is read and written again without loss`(_ vector: LiveKitVector) throws {
        // The one official token of 2020 has claims that are long gone: unknown ones are ignored.
        let isOld = vector.id == "lk/official_go_verifier_test"
        var payload = try vector.payload()
        if isOld, case .object(var object) = payload {
            object["room_join"] = nil
            object["room_sid"] = nil
            payload = .object(object)
        }
        #expect(try LiveKitClaims(payload).jsonValue == payload)
    }

    @Test(arguments: readable) func `a token verifies at its own time`(_ vector: LiveKitVector) throws {
        let verifier = LiveKitVerifier(apiKey: vector.apiKey, key: try #require(vector.key))
        let claims = try verifier.verify(vector.token, now: vector.clock)
        #expect(claims.issuer == vector.apiKey)
    }

    @Test(arguments: readable) func `a token does not verify under another secret`(_ vector: LiveKitVector) throws {
        let verifier = LiveKitVerifier(apiKey: vector.apiKey, key: HMACKey(.sha256, key: Array("another secret of some length...".utf8)))
        #expect(throws: TokenError.signatureInvalid) { try verifier.verify(vector.token, now: vector.clock) }
    }

    @Test func `a payload with NUL in it is refused`() throws {
        let vector = try #require(Self.signed.first { $0.id == Self.withNUL })
        let verifier = LiveKitVerifier(apiKey: vector.apiKey, key: try #require(vector.key))
        #expect(throws: TokenError.self) { try verifier.verify(vector.token, now: vector.clock) }
    }

    @Test(arguments: LiveKitVector.of("access_token", "go_minted", "node_minted").filter { $0.request != nil })
    func `the same request gives the same claims as the vendor's library`(_ vector: LiveKitVector) throws {
        let request = try #require(vector.request)
        let claims =
            switch vector.kind {
            case "access_token": try Self.pythonClaims(request)
            case "go_minted": try Self.goClaims(request, clock: vector.clock)
            case _: try Self.nodeClaims(request, clock: vector.clock)
            }
        var minted = claims
        minted.issuer = vector.apiKey
        #expect(minted.jsonValue == (try vector.payload()))
    }

    @Test func `the hash of a webhook's body is standard base64 with padding`() throws {
        for vector in LiveKitVector.of("webhook", "webhook_real") where vector.text("expect") == "accept" {
            let body = Array(try #require(vector.text("body")).utf8)
            let claims = try LiveKitClaims(vector.payload())
            #expect(claims.sha256 == Base64.encode(Digest.sha256(body)), "\(vector.id)")
        }
    }
}

/// What each library adds to a request by itself.
extension LiveKitVectorTests {
    /// Python: three permissions are true unless set to None; an absent identity is written as the empty text.
    private static func pythonClaims(_ request: JSONValue) throws -> LiveKitClaims {
        var claims = try LiveKitClaims(request)
        claims.issuedAt = nil
        claims.identity = nil
        claims.subject = request["identity"]?.stringValue ?? ""
        let clock = UnixTime(try #require(request["issued_at"]?.integerValue))
        claims.notBefore = clock
        claims.expiresAt = clock + Int(try #require(request["ttl_seconds"]?.integerValue))
        if let video = request["video"] {
            if video["canPublish"] == nil { claims.video?.canPublish = true }
            if video["canSubscribe"] == nil { claims.video?.canSubscribe = true }
            if video["canPublishData"] == nil { claims.video?.canPublishData = true }
        }
        return claims
    }

    /// Go: `iat` and a copy of the identity.
    private static func goClaims(_ request: JSONValue, clock: UnixTime) throws -> LiveKitClaims {
        var claims = try LiveKitClaims(try #require(request["claims"]))
        claims.subject = claims.identity
        claims.notBefore = clock
        claims.issuedAt = clock
        claims.expiresAt = clock + Int(try #require(request["ttl_seconds"]?.integerValue))
        return claims
    }

    /// Node: six hours unless told, also in words.
    private static func nodeClaims(_ request: JSONValue, clock: UnixTime) throws -> LiveKitClaims {
        var claims = LiveKitClaims()
        claims.video = try LiveKitVideoGrant(try #require(request["video"]), named: "video")
        claims.subject = request["options"]?["identity"]?.stringValue
        claims.notBefore = clock
        let lifetime = request["options"]?["ttl"]
        claims.expiresAt = clock + Int(lifetime?.integerValue ?? (lifetime == "10m" ? 600 : 21_600))
        return claims
    }
}
