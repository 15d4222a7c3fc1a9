import Signing
import Switchboard
import Testing
import Vocabulary

@Suite struct APIKeyTests {
    static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// Made with Python: zlib.crc32 over the first 38 characters, in six digits of the alphabet above.
    static let known = [
        "cg_live_0000000000000000000000000000001zCUSx", "cg_test_0123456789ABCDEFGHIJKLMNOPQRST03AMNp",
        "cg_live_WXYZabcdefghijklmnopqrstuvwxyz497en7",
    ]

    @Test(arguments: APIKey.Environment.allCases) func `a new key has the published shape`(environment: APIKey.Environment) throws {
        let key = APIKey(environment)
        let text = key.secret.text

        #expect(text.hasPrefix("cg_\(environment.rawValue)_"))
        #expect(text.utf8.count == 44)
        #expect(text.utf8.dropFirst(8).allSatisfy { Self.alphabet.contains($0) })
        #expect(key.prefix == String(text.prefix(12)))
        #expect(key.digest == Digest.sha256(Array(text.utf8)))
        #expect(try #require(APIKey(text)).digest == key.digest)
    }

    @Test(arguments: known) func `a key made elsewhere by the published rule is recognised`(text: String) throws {
        let key = try #require(APIKey(text))

        #expect(key.secret.text == text)
        #expect(key.prefix == String(text.prefix(12)))
        #expect(key.digest == Digest.sha256(Array(text.utf8)))
    }

    @Test func `ten thousand keys are all different, and every character turns up as often as another`() {
        let keys = (0..<10_000).map { _ in APIKey(.live).secret.text }
        var counts: [UInt8: Int] = [:]
        for key in keys { for byte in key.utf8.dropFirst(8).prefix(30) { counts[byte, default: 0] += 1 } }

        #expect(Set(keys).count == 10_000)
        #expect(keys.allSatisfy { APIKey($0) != nil })
        #expect(Set(keys.map { $0.prefix(20) }).count == 10_000, "the random part begins right after the prefix")
        // 300,000 characters, 4838.7 of each expected; 10 % is seven standard deviations.
        #expect(counts.count == 62)
        #expect(counts.values.allSatisfy { (4355...5322).contains($0) })
    }

    @Test(arguments: known) func `a key with any single character changed is refused`(text: String) {
        let bytes = Array(text.utf8)
        var taken: [String] = []
        for position in bytes.indices {
            for byte in UInt8(0)...127 where byte != bytes[position] {
                var changed = bytes
                changed[position] = byte
                let other = String(decoding: changed, as: UTF8.self)
                if APIKey(other) != nil { taken.append(other) }
            }
        }
        #expect(taken == [])
    }

    @Test(arguments: known) func `a key with two neighbours swapped is refused`(text: String) {
        let bytes = Array(text.utf8)
        for position in bytes.indices.dropLast() where bytes[position] != bytes[position + 1] {
            var changed = bytes
            changed.swapAt(position, position + 1)
            #expect(APIKey(String(decoding: changed, as: UTF8.self)) == nil)
        }
    }

    @Test func `what is not exactly a key is refused`() {
        let key = Self.known[0]
        for text in [
            "", "cg_live_", key + "0", String(key.dropLast()), " " + key, key + " ", key + "\n", "Bearer " + key, key.uppercased(),
            key + key,
            key.replacing("cg_live_", with: "cg_test_"), key.replacing("cg_live_", with: "cg_prod_"), key.replacing("0", with: "０"),
            String(key.dropLast()) + "é", "\u{0}" + key.dropFirst(), String(repeating: "0", count: 44),
        ] {
            #expect(APIKey(text) == nil, "\(text)")
        }
    }

    @Test func `a key does not show itself`() {
        let key = APIKey(.live)
        var dumped = ""
        dump(key, to: &dumped)

        for text in ["\(key)", String(reflecting: key), dumped] { #expect(!text.contains(key.secret.text.dropFirst(12))) }
    }
}
