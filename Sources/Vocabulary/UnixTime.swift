/// A moment in whole seconds since 1970-01-01T00:00:00Z. Nothing in the inner rooms reads a clock; a moment is always handed in.
public struct UnixTime: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let seconds: Int64

    public init(_ seconds: Int64) {
        self.seconds = seconds
    }

    public static func < (left: UnixTime, right: UnixTime) -> Bool { left.seconds < right.seconds }
    /// The moment so many seconds later.
    public static func + (time: UnixTime, seconds: Int) -> UnixTime { UnixTime(time.seconds + Int64(seconds)) }

    public var description: String { rfc3339 }

    /// The moment as RFC 3339 UTC with a `Z`, for example `2026-01-01T00:00:00Z`. Meant for the years 0 to 9999.
    public var rfc3339: String {
        let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let time = Int(seconds - days * 86_400)
        let date = Self.civilDate(daysSinceEpoch: Int(days))
        return String(unsafeUninitializedCapacity: 20) { buffer in
            var position = 0
            func put(_ number: Int, width: Int, then separator: UInt8) {
                var rest = number
                for offset in stride(from: width - 1, through: 0, by: -1) {
                    buffer[position + offset] = UInt8(0x30 + rest % 10)
                    rest /= 10
                }
                buffer[position + width] = separator
                position += width + 1
            }
            put(date.year, width: 4, then: UInt8(ascii: "-"))
            put(date.month, width: 2, then: UInt8(ascii: "-"))
            put(date.day, width: 2, then: UInt8(ascii: "T"))
            put(time / 3600, width: 2, then: UInt8(ascii: ":"))
            put(time / 60 % 60, width: 2, then: UInt8(ascii: ":"))
            put(time % 60, width: 2, then: UInt8(ascii: "Z"))
            return 20
        }
    }

    /// The proleptic Gregorian date of a day number. The year is counted from March, so that the leap day is the last of its year
    /// and 153 days make five months of 31 and 30 in turn.
    private static func civilDate(daysSinceEpoch: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = daysSinceEpoch + 719_468  // days since 0000-03-01
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    /// The moment as HTTP dates it (RFC 9110 section 5.6.7), for example `Sun, 06 Nov 1994 08:49:37 GMT`.
    public var httpDate: String {
        let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let date = Self.civilDate(daysSinceEpoch: Int(days))
        let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let weekday = weekdays[Int((days % 7 + 7) % 7)]
        let time = rfc3339.dropFirst(11).dropLast(1)
        return "\(weekday), \(date.day < 10 ? "0" : "")\(date.day) \(months[date.month - 1]) \(date.year) \(time) GMT"
    }
}
