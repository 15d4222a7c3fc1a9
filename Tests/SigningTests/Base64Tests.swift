import Testing

@testable import Signing

struct Base64Tests {
    @Test(arguments: [
        ("", "", ""), ("f", "Zg", "Zg=="), ("fo", "Zm8", "Zm8="), ("foo", "Zm9v", "Zm9v"), ("foob", "Zm9vYg", "Zm9vYg=="),
        ("fooba", "Zm9vYmE", "Zm9vYmE="), ("foobar", "Zm9vYmFy", "Zm9vYmFy"),
    ])
    func `the examples of RFC 4648 come out both ways`(_ plain: String, _ url: String, _ standard: String) throws {
        #expect(Base64URL.encode(Array(plain.utf8)) == url)
        #expect(Base64.encode(Array(plain.utf8)) == standard)
        #expect(try Base64URL.decode(url) == Array(plain.utf8))
        #expect(try Base64.decode(standard) == Array(plain.utf8))
    }

    @Test func `the last two characters tell the alphabets apart`() throws {
        #expect(Base64URL.encode([0xfb, 0xff, 0xbf]) == "-_-_")
        #expect(Base64.encode([0xfb, 0xff, 0xbf]) == "+/+/")
        #expect(throws: SigningError.base64Malformed) { try Base64URL.decode("+/+/") }
        #expect(throws: SigningError.base64Malformed) { try Base64.decode("-_-_") }
    }

    @Test func `every length comes back as it was`() throws {
        for count in 0...300 {
            let bytes = SecureRandom.bytes(count)
            let url = Base64URL.encode(bytes)
            let standard = Base64.encode(bytes)

            #expect(url.utf8.count == Base64URL.encodedCount(count))
            #expect(standard.utf8.count == Base64.encodedCount(count))
            #expect(url == oneByOne(bytes, last: "-_"))
            #expect(try Base64URL.decode(url) == bytes)
            #expect(try Base64.decode(standard) == bytes)
            #expect(try Base64URL.decode(url.utf8.reversed().reversed() as [UInt8]) == bytes)
        }
    }

    @Test func `each value of three bytes' every six bits is written as its character`() {
        for value in 0..<64 {
            let word = value << 18 | value << 12 | value << 6 | value
            let bytes = [UInt8(word >> 16), UInt8(word >> 8 & 255), UInt8(word & 255)]

            #expect(Base64URL.encode(bytes + bytes + bytes) == oneByOne(bytes + bytes + bytes, last: "-_"))
        }
    }

    @Test(arguments: [
        "Z", "Zg=", "Zg==", "Zm8=", "Zm9vY", " Zm9v", "Zm9v ", "Zm 9v", "Zm9v\n", "Zm9v\r\n", "Zm\t9v", "?m9v", "Zm9v?", "Zm9*", "Zm9v=",
        "====",
        "=", "Zm9\0", "Zm9é", "Zh", "Zm9", "-_-", "-x",
    ])
    func `base64url with padding, space, foreign characters or stray bits is refused`(_ text: String) {
        #expect(throws: SigningError.base64Malformed) { try Base64URL.decode(text) }
    }

    @Test(arguments: [
        "Zg", "Zm8", "Zg=", "Zm8==", "Zm9v=", "Zm9v====", "=", "==", "====", "Z===", "Zg==\n", "Zg= =", " Zg==", "Zh==", "Zm9=", "Zg==Zg==",
        "Z=g=",
        "Zm9v\n", "+_+_",
    ])
    func `base64 without its padding, with space, foreign characters or stray bits is refused`(_ text: String) {
        #expect(throws: SigningError.base64Malformed) { try Base64.decode(text) }
    }

    @Test func `of all last characters only the canonical ones are taken`() {
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

        let ofTwo = alphabet.filter { last in (try? Base64URL.decode("A\(last)")) != nil }
        let ofThree = alphabet.filter { last in (try? Base64URL.decode("AA\(last)")) != nil }

        #expect(ofTwo == "AQgw")
        #expect(ofThree == "AEIMQUYcgkosw048")
    }

    @Test func `of all bytes only the alphabet is taken`() {
        let taken = (0...255).filter { byte in (try? Base64URL.decode([UInt8](repeating: UInt8(byte), count: 4))) != nil }

        #expect(taken.count == 64)
    }

    /// The plainest encoder: bit by bit, to compare with.
    private func oneByOne(_ bytes: [UInt8], last: String) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" + last)
        let bits = bytes.flatMap { byte in (0..<8).map { Int(byte >> (7 - $0) & 1) } }
        return String(
            stride(from: 0, to: bits.count, by: 6).map { start in
                alphabet[(0..<6).reduce(0) { $0 << 1 | (start + $1 < bits.count ? bits[start + $1] : 0) }]
            })
    }
}
