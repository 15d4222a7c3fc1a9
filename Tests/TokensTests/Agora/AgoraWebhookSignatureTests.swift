import Testing
import Vocabulary

@testable import Tokens

@Suite struct AgoraWebhookSignatureTests {
    @Test(arguments: AgoraVectors.webhooks)
    func `both signatures of a known webhook hold, and of a changed one neither`(_ vector: AgoraVector) throws {
        let signature = try AgoraWebhookSignature(secret: Secret(utf8: try vector.text("secret")))
        let body = Array(try vector.text("body").utf8)
        let first = try vector.text("agora_signature")
        let second = try vector.text("agora_signature_v2")

        #expect(signature.isValid(body, signature: first, signatureV2: second))
        #expect(signature.isValid(body, signature: first, signatureV2: nil))
        #expect(signature.isValid(body, signature: nil, signatureV2: second.uppercased()))
        #expect(!signature.isValid(body + [0x20], signature: first, signatureV2: nil))
        #expect(!signature.isValid(body + [0x20], signature: nil, signatureV2: second))
    }

    @Test func `a spoilt newer signature is not made good by the older one`() throws {
        let vector = try #require(AgoraVectors.webhooks.first)
        let signature = try AgoraWebhookSignature(secret: Secret(utf8: try vector.text("secret")))
        let body = Array(try vector.text("body").utf8)
        let first = try vector.text("agora_signature")

        for spoilt in ["", "00", first, String(repeating: "0", count: 64), String(try vector.text("agora_signature_v2").dropLast()), "zz"] {
            #expect(!signature.isValid(body, signature: first, signatureV2: spoilt))
        }
        #expect(!signature.isValid(body, signature: nil, signatureV2: nil))
        #expect(!signature.isValid(body, signature: "", signatureV2: nil))
    }

    @Test func `an empty secret is refused`() {
        #expect(throws: TokenError.self) { try AgoraWebhookSignature(secret: Secret(utf8: "")) }
    }
}
