import StrictJSON
import Testing

@testable import Signing

/// Google's and C2SP's Wycheproof vectors: extras, since the files are beside the checkout. Each one ends as its file lists it.
@Suite(.enabled(if: SharedData.isThere("wycheproof"), "EXTRA SKIPPED: ../shared/data/wycheproof is not beside this checkout"))
struct WycheproofTests {
    @Test(arguments: [("wycheproof/hmac_sha256_test.json", DigestAlgorithm.sha256), ("wycheproof/hmac_sha512_test.json", .sha512)])
    func `every HMAC tag, whole or truncated, is judged as listed`(_ path: String, _ algorithm: DigestAlgorithm) throws {
        var count = 0
        for (group, vector) in try vectors(path) {
            let tag = bytes(hex: try #require(vector["tag"]?.stringValue))
            let tagByteCount = Int(try #require(group["tagSize"]?.integerValue)) / 8
            let message = bytes(hex: try #require(vector["msg"]?.stringValue))
            let key = HMACKey(algorithm, key: bytes(hex: try #require(vector["key"]?.stringValue)))

            let isAccepted =
                tagByteCount == algorithm.byteCount
                ? key.isValid(tag, for: message) : ConstantTime.equal(Array(key.authenticationCode(for: message).prefix(tagByteCount)), tag)

            #expect(isAccepted == (vector["result"] == "valid"), "test \(vector["tcId"] ?? .null)")
            count += 1
        }
        #expect(count == 174)
    }

    /// The four vectors whose listed result is not ours:
    /// - 367 and 370 are about padding, but the padding was lost in the file: both are, byte for byte, the valid token of 357.
    ///   Whoever takes 357 takes them.
    /// - 372 and 373 have a `?` inserted in the header and in the payload, with the tag of the text without it, and are listed as valid for
    ///   decoders that skip foreign characters. RFC 7515 section 2 allows none; 361 to 371 refuse the same elsewhere; so do we, always.
    private static let exceptions: Set<Int64> = [367, 370, 372, 373]

    @Test func `T04 every JWS is judged as listed, but for four that are explained`() throws {
        let path = "wycheproof/json_web_signature_test.json"
        var tally = Tally()
        for (group, vector) in try vectors(path) {
            let id = try #require(vector["tcId"]?.integerValue)
            let isAccepted = judge(group, vector)
            let isListed = vector["result"] == "valid" && isOurs(group)
            #expect(isAccepted == (Self.exceptions.contains(id) ? !isListed : isListed), "test \(id): \(vector["comment"] ?? .null)")
            tally.count(isAccepted)
        }
        let texts = try vectors(path).reduce(into: [Int64: JSONValue]()) { $0[$1.1["tcId"]?.integerValue ?? 0] = $1.1["jws"] }

        #expect(texts[367] == texts[357] && texts[370] == texts[357])
        #expect(tally.accepted + tally.refused == 401)
        #expect(tally.accepted >= 10)
    }

    @Test func `every key set is judged as listed`() throws {
        var tally = Tally()
        for (group, vector) in try vectors("wycheproof/json_web_key_test.json") {
            let isAccepted = judge(group, vector)
            #expect(isAccepted == (vector["result"] == "valid"), "test \(vector["tcId"] ?? .null): \(vector["comment"] ?? .null)")
            tally.count(isAccepted)
        }
        #expect(tally.accepted + tally.refused == 26)
        #expect(tally.accepted == 5)
    }

    @Test func `every mixed vector is judged as listed, and encrypted tokens are refused`() throws {
        var tally = Tally()
        for (group, vector) in try vectors("wycheproof/json_web_crypto_test.json") {
            let isAccepted = judge(group, vector)
            let isSignature = group["comment"]?.stringValue?.hasPrefix("jws") == true
            #expect(isAccepted == (vector["result"] == "valid" && isSignature), "test \(vector["tcId"] ?? .null)")
            tally.count(isAccepted)
        }
        #expect(tally.accepted + tally.refused == 83)
        #expect(tally.accepted == 4)
    }

    private struct Tally {
        var accepted = 0
        var refused = 0

        mutating func count(_ isAccepted: Bool) {
            if isAccepted { accepted += 1 } else { refused += 1 }
        }
    }

    private func vectors(_ path: String) throws -> [(JSONValue, JSONValue)] {
        let groups = try #require(try SharedData.json(path)["testGroups"]?.arrayValue)
        return groups.flatMap { group in (group["tests"]?.arrayValue ?? []).map { (group, $0) } }
    }

    /// The group's public key or set; its secret where there is no public one.
    private func key(_ group: JSONValue) -> JSONValue {
        group["public"] ?? group["private"] ?? .null
    }

    private func judge(_ group: JSONValue, _ vector: JSONValue) -> Bool {
        let token = vector["jws"]?.stringValue ?? (vector["jws"] ?? vector["jwe"] ?? .null).canonicalText
        let key = key(group)
        return Examples.refusal {
            key["keys"] == nil ? try JWSKey(jwk: key).verify(token) : try JWKS(key).verify(token)
        } == nil
    }

    /// Whether the group's algorithm is one of the service's six. Tokens of the others (RS384, PS256, ES512, ...) must all be refused.
    private func isOurs(_ group: JSONValue) -> Bool {
        guard let name = key(group)["alg"]?.stringValue else { return true }
        return JWSAlgorithm(rawValue: name) != nil
    }
}
