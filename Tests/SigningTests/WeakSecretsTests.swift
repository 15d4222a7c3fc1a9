import Testing
import Vocabulary

@testable import Signing

struct WeakSecretsTests {
    private static let list = "jwt-secrets/jwt.secrets.list"

    @Test(arguments: [
        "reallyreallyreallyreallyverysafe", "<random_string_at_least_32_characters_long>",
        "$2b$10$Gg91pyMdkpIwT2MRMl7xxObPSOAQpS2Gnt29indH8Q4jxpiSfPup2",
    ])
    func `a published secret is known`(_ secret: String) {
        #expect(WeakSecrets.isKnownWeak(Secret(utf8: secret)))
    }

    @Test func `a random secret is not known, nor a published one with a byte more`() {
        #expect(!WeakSecrets.isKnownWeak(Secret(bytes: SecureRandom.bytes(32))))
        #expect(!WeakSecrets.isKnownWeak(Secret(utf8: "reallyreallyreallyreallyverysafe!")))
        #expect(!WeakSecrets.isKnownWeak(Secret(bytes: [])))
    }

    @Test func `the table is sorted, so that it can be searched`() {
        let table = WeakSecretTable.digests

        #expect(table.count == 1830)
        #expect(zip(table, table.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test(.enabled(if: SharedData.isThere(list), "EXTRA SKIPPED: ../shared/data/jwt-secrets is not beside this checkout"))
    func `the table is what the list gives, and every long secret of the list is refused`() throws {
        let lines = try SharedData.bytes(Self.list).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let secrets = Set(lines.map { $0.last == UInt8(ascii: "\r") ? Array($0.dropLast()) : Array($0) }.filter { $0.count >= 32 })

        let digests = secrets.map { secret in Digest.sha256(secret).prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }

        #expect(digests.sorted() == WeakSecretTable.digests)
        for secret in secrets {
            #expect(Examples.refusal { try JWSKey.hmac(.HS256, secret: Secret(bytes: secret)) } == .keyKnownWeak)
        }
    }
}
