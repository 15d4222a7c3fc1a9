import StrictJSON

/// A regular expression as JSON Schema means it: found anywhere in the text unless anchored, and read code point by code point.
struct TextPattern {
    private let regex: Regex<AnyRegexOutput>

    /// Nil when the expression cannot be read.
    init?(_ source: String) {
        do {
            regex = try Regex(source).matchingSemantics(.unicodeScalar)
        } catch {
            return nil
        }
    }

    func matches(_ text: String) -> Bool {
        text.firstMatch(of: regex) != nil
    }
}

/// The formats that the contract uses. Texts are checked as far as telling a slip of the pen needs, no further.
enum ValueFormat: String, CaseIterable {
    case int32, int64
    case dateTime = "date-time"
    case uri
    case uriReference = "uri-reference"
    case jsonPointer = "json-pointer"

    /// True also for a value of another type than the format is for.
    func accepts(_ value: JSONValue) -> Bool {
        switch self {
        case .int32: value.realValue.map { Int32(exactly: $0) != nil } ?? true
        case .int64: value.realValue.map { Int64(exactly: $0) != nil } ?? true
        case .dateTime: value.stringValue.map(Self.isDateTime) ?? true
        case .uri: value.stringValue.map { $0.contains("://") && Self.isWithoutGaps($0) } ?? true
        case .uriReference: value.stringValue.map(Self.isWithoutGaps) ?? true
        case .jsonPointer: value.stringValue.map(Self.isPointer) ?? true
        }
    }

    private static func isWithoutGaps(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }

    /// Empty or begun with a slash; a tilde is followed by 0 or 1.
    private static func isPointer(_ text: String) -> Bool {
        let pieces = text.utf8.split(separator: UInt8(ascii: "~"), omittingEmptySubsequences: false)
        let isEscaped = pieces.dropFirst().allSatisfy { $0.first == UInt8(ascii: "0") || $0.first == UInt8(ascii: "1") }
        return text.isEmpty || (text.hasPrefix("/") && isEscaped)
    }

    /// RFC 3339 as the service writes it: UTC with a `Z`, whole seconds, and every number within its range.
    private static func isDateTime(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        let shape = "0000-00-00T00:00:00Z".utf8
        guard bytes.count == shape.count else { return false }
        for (byte, wanted) in zip(bytes, shape) {
            let isDigit = byte >= 0x30 && byte <= 0x39
            guard wanted == UInt8(ascii: "0") ? isDigit : byte == wanted else { return false }
        }
        func number(_ range: Range<Int>) -> Int { bytes[range].reduce(0) { $0 * 10 + Int($1) - 0x30 } }
        let (year, month, day) = (number(0..<4), number(5..<7), number(8..<10))
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard (1...12).contains(month), (1...lengths[month - 1]).contains(day) else { return false }
        return number(11..<13) < 24 && number(14..<16) < 60 && number(17..<19) < 60
    }
}

extension JSONValue {
    /// The names that `type` may hold.
    static let typeNames: Set<String> = ["null", "boolean", "integer", "number", "string", "array", "object"]

    /// Whether this value is of that type of JSON Schema. A real that is whole is an integer too.
    func isOfType(_ name: String) -> Bool {
        switch self {
        case .null: name == "null"
        case .bool: name == "boolean"
        case .integer: name == "integer" || name == "number"
        case .real(let number): name == "number" || (name == "integer" && number == number.rounded())
        case .string: name == "string"
        case .array: name == "array"
        case .object: name == "object"
        }
    }

    /// Equality as JSON Schema means it: 1 and 1.0 are the same number.
    func isSameJSON(as other: JSONValue) -> Bool {
        if let left = arrayValue, let right = other.arrayValue {
            return left.count == right.count && zip(left, right).allSatisfy { $0.isSameJSON(as: $1) }
        }
        if let left = objectValue, let right = other.objectValue {
            return left.count == right.count
                && left.members.allSatisfy { member in right[member.name].map { member.value.isSameJSON(as: $0) } ?? false }
        }
        if let left = realValue, let right = other.realValue { return left == right }
        return self == other
    }
}
