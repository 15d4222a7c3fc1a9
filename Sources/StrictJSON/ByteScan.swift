/// Looks at the bytes of a text before the parser sees them, for the two things in which jansson cannot be trusted.
///
/// - It calls itself once a level and stops only at 2,048.
/// - It overlooks a NUL byte right behind a number or a word: `123\0` would be 123. It puts the byte back, and then takes it for the end
///   of its own little buffer.
///
/// On a text that is not JSON this and the parser may disagree about what is a string, but only behind the byte at which jansson gives up.
enum ByteScan {
    /// What was found, and where.
    enum Fault: Equatable {
        case nul(Int)
        case tooDeep(Int)
    }

    /// The first NUL, or else the first bracket that opens one level too many; nil when there is neither.
    static func fault(in text: UnsafeRawBufferPointer, depthMax: Int) -> Fault? {
        // Few brackets in all cannot nest deeply. This loop has no branches and settles nearly every text.
        var opening = 0
        var nuls = 0
        for byte in text {
            opening &+= byte & 0xDF == UInt8(ascii: "[") ? 1 : 0
            nuls &+= byte == 0 ? 1 : 0
        }
        if nuls > 0, let offset = text.firstIndex(of: 0) { return .nul(offset) }
        if opening > depthMax, let offset = firstTooDeep(in: text, depthMax: depthMax) { return .tooDeep(offset) }
        return nil
    }

    private static func firstTooDeep(in text: UnsafeRawBufferPointer, depthMax: Int) -> Int? {
        var depth = 0
        var inString = false
        var offset = 0
        while offset < text.count {
            switch text[offset] {
            case UInt8(ascii: "\""): inString.toggle()
            case UInt8(ascii: "\\") where inString: offset += 1
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                guard !inString else { break }
                depth += 1
                if depth > depthMax { return offset }
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                if !inString { depth -= 1 }
            default: break
            }
            offset += 1
        }
        return nil
    }
}
