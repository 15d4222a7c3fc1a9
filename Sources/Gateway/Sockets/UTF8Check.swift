/// Checks text piece by piece: says no at the first byte with which no UTF-8 text goes on (RFC 3629), wherever the pieces are cut.
struct UTF8Check: Sendable, Equatable {
    /// How many bytes the current character still needs.
    private var missing: UInt8 = 0
    /// Between what the next of them has to be.
    private var lower: UInt8 = 0x80
    private var upper: UInt8 = 0xBF

    /// Whether the text may end here.
    var isComplete: Bool { missing == 0 }

    /// Takes the next piece. False when it is no UTF-8.
    mutating func take(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { take($0) }
    }

    /// Takes the next piece. False when it is no UTF-8.
    mutating func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while index < bytes.count {
            if missing == 0 {
                // Most text is ASCII: eight bytes at a time.
                while index + 8 <= bytes.count, bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0 {
                    index += 8
                }
                guard index < bytes.count else { return true }
            }
            guard take(bytes[index]) else { return false }
            index += 1
        }
        return true
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        if missing > 0 {
            guard byte >= lower, byte <= upper else { return false }
            missing -= 1
            lower = 0x80
            upper = 0xBF
            return true
        }
        switch byte {
        case 0x00...0x7F: return true
        case 0xC2...0xDF: missing = 1
        case 0xE0...0xEF:
            missing = 2
            // Nothing written longer than it has to be, and no half of a surrogate pair.
            if byte == 0xE0 { lower = 0xA0 }
            if byte == 0xED { upper = 0x9F }
        case 0xF0...0xF4:
            missing = 3
            // Nothing beyond U+10FFFF.
            if byte == 0xF0 { lower = 0x90 }
            if byte == 0xF4 { upper = 0x8F }
        default: return false
        }
        return true
    }
}
