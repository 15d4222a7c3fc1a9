/// The few byte classes that the rules of this room are made of.
enum ASCII {
    static let hyphen = UInt8(ascii: "-")
    static let zero = UInt8(ascii: "0")

    static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
    static func isLowercaseOrDigit(_ byte: UInt8) -> Bool { isDigit(byte) || (byte >= 0x61 && byte <= 0x7A) }
    static func isLetterOrDigit(_ byte: UInt8) -> Bool { isLowercaseOrDigit(byte) || (byte >= 0x41 && byte <= 0x5A) }
}
