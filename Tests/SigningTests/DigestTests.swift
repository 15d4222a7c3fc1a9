import Testing

@testable import Signing

struct DigestTests {
    @Test(arguments: [
        (DigestAlgorithm.sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (.sha384, "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"),
        (
            .sha512,
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
    ])
    func `the digests of abc are those of FIPS 180`(_ algorithm: DigestAlgorithm, _ digest: String) {
        #expect(hex(Digest.of(Array("abc".utf8), algorithm)) == digest)
        #expect(digest.count == 2 * algorithm.byteCount)
    }

    @Test func `the digest of nothing is the known one`() {
        #expect(hex(Digest.sha256([])) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }

    @Test func `the accept key of the WebSocket handshake comes out`() {
        let digest = Digest.of(Array("dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8), .sha1)

        #expect(Base64.encode(digest) == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }
}

struct ConstantTimeTests {
    @Test func `equal means same length and same bytes`() {
        #expect(ConstantTime.equal([], []))
        #expect(ConstantTime.equal([1, 2, 3], [1, 2, 3]))
        #expect(!ConstantTime.equal([1, 2, 3], [1, 2, 4]))
        #expect(!ConstantTime.equal([1, 2, 3], [0, 2, 3]))
        #expect(!ConstantTime.equal([1, 2, 3], [1, 2]))
        #expect(!ConstantTime.equal([], [0]))
    }
}

struct SecureRandomTests {
    @Test func `draws of every size are filled to the last byte`() {
        for count in [0, 1, 2, 15, 16, 17, 255, 256, 257, 4095, 4096, 4097, 10_000] {
            // Sixteen draws: that one place stays zero in all of them by chance happens once in 10^38.
            var union = [UInt8](repeating: 0, count: count)
            for _ in 0..<16 {
                let bytes = SecureRandom.bytes(count)
                #expect(bytes.count == count)
                for index in bytes.indices { union[index] |= bytes[index] }
            }
            #expect(!union.contains(0))
        }
    }

    @Test func `no number comes twice, also over the block's end and from many threads`() async {
        let numbers = await withTaskGroup(of: [UInt128].self) { group in
            for _ in 0..<4 {
                group.addTask { (0..<5_000).map { _ in SecureRandom.uint128() } }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }

        #expect(Set(numbers).count == 20_000)
    }

    @Test func `every bit is one about half of the time`() {
        var ones = [Int](repeating: 0, count: 32)
        for _ in 0..<10_000 {
            let number = SecureRandom.uint32()
            for bit in 0..<32 where number >> bit & 1 == 1 { ones[bit] += 1 }
        }

        // Nine standard deviations of 50 each.
        #expect(ones.allSatisfy { (4_550...5_450).contains($0) })
    }
}

/// Lower-case hexadecimal.
func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
}

/// The bytes of hexadecimal digits, which the tests write themselves.
func bytes(hex text: String) -> [UInt8] {
    let digits = text.compactMap { $0.hexDigitValue }
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}
