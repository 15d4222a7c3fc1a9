/// The escapes that JSON demands, and no others: quote, backslash and the controls below U+0020 (RFC 8259, section 7).
/// Everything else, U+007F and all beyond ASCII included, is written as its UTF-8.
enum JSONEscapes {
    /// True when nothing in these bytes needs an escape: the usual case, eight bytes at a time.
    static func areNotNeeded(in source: UnsafeBufferPointer<UInt8>) -> Bool {
        let bytes = UnsafeRawBufferPointer(source)
        guard bytes.count >= 8 else { return !bytes.contains(where: isNeeded) }
        // The last eight bytes may overlap the eight before them; looking twice is cheaper than a loop over the rest.
        let last = bytes.count - 8
        var found = marks(bytes.loadUnaligned(fromByteOffset: last, as: UInt64.self))
        var offset = 0
        while offset < last {
            found |= marks(bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            offset += 8
        }
        return found == 0
    }

    /// Writes these bytes with their escapes; there must be room for six times as many.
    static func write(_ source: UnsafeBufferPointer<UInt8>, to end: inout UnsafeMutablePointer<UInt8>) {
        for byte in source {
            guard isNeeded(byte) else {
                end.put(byte)
                continue
            }
            end.put(UInt8(ascii: "\\"))
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): end.put(byte)
            case 0x08: end.put(UInt8(ascii: "b"))
            case 0x09: end.put(UInt8(ascii: "t"))
            case 0x0A: end.put(UInt8(ascii: "n"))
            case 0x0C: end.put(UInt8(ascii: "f"))
            case 0x0D: end.put(UInt8(ascii: "r"))
            default:
                end.put(UInt8(ascii: "u"))
                end.put(UInt8(ascii: "0"))
                end.put(UInt8(ascii: "0"))
                end.put(hexDigit(byte >> 4))
                end.put(hexDigit(byte & 0x0F))
            }
        }
    }

    private static func isNeeded(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    /// Not zero when one of eight bytes needs an escape. A byte below a bound borrows into its high bit when the bound is taken away;
    /// `& ~word` leaves out bytes that had the bit before (Bit Twiddling Hacks, "Determine if a word has a byte less than n").
    private static func marks(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        let quotes = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
        let backslashes = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
        let below = (word &- ones &* 0x20) & ~word
        return (below | ((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes)) & highs
    }
}
