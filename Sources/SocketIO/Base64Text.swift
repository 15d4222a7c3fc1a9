/// Base64 of the standard alphabet for binary packets in a polling body, where Engine.IO has no other way to write bytes.
///
/// Reading is as lenient as the clients need: padding may be missing, and line breaks are skipped, which some Java encoders put after every
/// 76 characters. Any other foreign character is refused.
enum Base64Text {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let invalid: UInt8 = 0xFF
    private static let skipped: UInt8 = 0xFE
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: invalid, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        values[Int(UInt8(ascii: "\r"))] = skipped
        values[Int(UInt8(ascii: "\n"))] = skipped
        return values
    }()

    /// How many characters that many bytes take.
    static func encodedCount(_ byteCount: Int) -> Int {
        (byteCount + 2) / 3 * 4
    }

    /// Appends the text of the bytes, with padding.
    static func append(_ bytes: [UInt8], to text: inout [UInt8]) {
        text.reserveCapacity(text.count + encodedCount(bytes.count))
        var index = 0
        while index < bytes.count {
            let count = min(3, bytes.count - index)
            var word = UInt32(bytes[index]) << 16
            if count > 1 { word |= UInt32(bytes[index + 1]) << 8 }
            if count > 2 { word |= UInt32(bytes[index + 2]) }
            text.append(alphabet[Int(word >> 18)])
            text.append(alphabet[Int(word >> 12 & 63)])
            text.append(count > 1 ? alphabet[Int(word >> 6 & 63)] : UInt8(ascii: "="))
            text.append(count > 2 ? alphabet[Int(word & 63)] : UInt8(ascii: "="))
            index += 3
        }
    }

    /// The bytes of a text.
    static func decode(_ text: ArraySlice<UInt8>) throws(SocketIOError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3 + 3)
        var word: UInt32 = 0
        var characters = 0
        var padding = 0
        for character in text {
            if character == UInt8(ascii: "=") {
                padding += 1
                continue
            }
            let value = values[Int(character)]
            if value == skipped { continue }
            guard value != invalid, padding == 0 else { throw .base64Malformed }
            word = word << 6 | UInt32(value)
            characters += 1
            if characters % 4 == 0 {
                bytes.append(UInt8(truncatingIfNeeded: word >> 16))
                bytes.append(UInt8(truncatingIfNeeded: word >> 8))
                bytes.append(UInt8(truncatingIfNeeded: word))
                word = 0
            }
        }
        let rest = characters % 4
        guard rest != 1, padding == 0 || (rest > 0 && rest + padding == 4) else { throw .base64Malformed }
        if rest == 2 { bytes.append(UInt8(truncatingIfNeeded: word >> 4)) }
        if rest == 3 {
            bytes.append(UInt8(truncatingIfNeeded: word >> 10))
            bytes.append(UInt8(truncatingIfNeeded: word >> 2))
        }
        return bytes
    }
}
