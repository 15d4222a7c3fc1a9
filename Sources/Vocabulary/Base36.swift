/// 128 bits as 25 lower-case digits of base 36, so that an id is short, fixed in length and safe in every vendor's names.
///
/// 36^25 is a little more than 2^128: a number has exactly one spelling, and spellings above the largest number are refused.
public enum Base36 {
    /// The number of digits that every 128-bit number is written with.
    public static let digitCount = 25

    private static let digits: [UInt8] = Array("0123456789abcdefghijklmnopqrstuvwxyz".utf8)

    /// Writes all 25 digits, leading zeros included.
    public static func text(of number: UInt128) -> String {
        var rest = number
        return String(unsafeUninitializedCapacity: digitCount) { buffer in
            for position in stride(from: digitCount - 1, through: 0, by: -1) {
                let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 36)
                buffer[position] = digits[Int(remainder)]
                rest = quotient
            }
            return digitCount
        }
    }

    /// Reads exactly 25 digits. Returns nil for anything else, and for a value above `UInt128.max`.
    public static func number(of text: some Collection<UInt8>) -> UInt128? {
        guard text.count == digitCount else { return nil }
        var number: UInt128 = 0
        for byte in text {
            guard ASCII.isLowercaseOrDigit(byte) else { return nil }
            let digit = ASCII.isDigit(byte) ? byte - 0x30 : byte - 0x61 + 10
            let (product, overflowed) = number.multipliedReportingOverflow(by: 36)
            let (sum, carried) = product.addingReportingOverflow(UInt128(digit))
            guard !overflowed, !carried else { return nil }
            number = sum
        }
        return number
    }
}
