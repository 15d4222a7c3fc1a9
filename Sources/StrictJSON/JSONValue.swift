// StrictJSON: JSON as the contract means it.
//
// A text is read by jansson and comes out as a `JSONValue`, or as a `JSONError` that says where. Refused: a name twice in one object,
// more bytes or more depth than the caller allows, bytes that are not UTF-8, NUL, half a surrogate pair, numbers that do not fit.
// `FieldReader` reads one object as a closed schema and collects every fault with its pointer.
// `JSONWriter` and `JSONValue.write(into:)` write the one canonical form: names sorted by their bytes, no spaces, fewest escapes.
//
// Two strings are the same here when their bytes are the same. Swift's `==` would also equate different spellings of one accented
// letter, and two names that a peer tells apart would become one.

/// One JSON value: what a text was parsed into, or what will be written.
///
/// A number written as an integer is `.integer`; one with a fraction or an exponent is `.real`, also when it is whole.
public enum JSONValue: Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case real(Double)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

extension JSONValue: Equatable {
    /// True for the same value of the same kind; strings byte for byte, objects whatever the order of their members.
    public static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.integer(let left), .integer(let right)): left == right
        case (.real(let left), .real(let right)): left == right
        case (.string(let left), .string(let right)): left.hasSameBytes(as: right)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        case (.null, _), (.bool, _), (.integer, _), (.real, _), (.string, _), (.array, _), (.object, _): false
        }
    }
}

extension JSONValue {
    /// True for `null`.
    public var isNull: Bool {
        if case .null = self { true } else { false }
    }

    /// The text, when this is a string.
    public var stringValue: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The truth, when this is a boolean.
    public var boolValue: Bool? {
        if case .bool(let truth) = self { truth } else { nil }
    }

    /// The whole number, when this is an integer, or a real that is whole and fits (`300.0`, `3e2`).
    public var integerValue: Int64? {
        switch self {
        case .integer(let number): number
        case .real(let number): Int64(exactly: number)
        case .null, .bool, .string, .array, .object: nil
        }
    }

    /// The number as a double, when this is a number.
    public var realValue: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .real(let number): number
        case .null, .bool, .string, .array, .object: nil
        }
    }

    /// The elements, when this is an array.
    public var arrayValue: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The object, when this is one.
    public var objectValue: JSONObject? {
        if case .object(let object) = self { object } else { nil }
    }

    /// The member of that name, when this is an object that has it.
    public subscript(_ name: String) -> JSONValue? {
        objectValue?[name]
    }

    /// The element at that place, when this is an array that is long enough.
    public subscript(_ index: Int) -> JSONValue? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }
}

/// Literals, for tests and small answers. Beware of `nil` where a `JSONValue?` is meant: in `flag ? nil : value` it is a JSON null.
extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(nilLiteral: ()) { self = .null }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .real(value) }
    public init(stringLiteral value: String) { self = .string(value) }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(JSONObject(elements)) }
}
