extension FieldReader {
    /// Reads a string whose UTF-8 has that many bytes.
    public mutating func string(_ name: String, bytes: ClosedRange<Int>) -> String? {
        value(name).flatMap { string($0, at: place(name), bytes: bytes) }
    }

    /// Reads a string that must be there.
    public mutating func requiredString(_ name: String, bytes: ClosedRange<Int>) -> String? {
        requiredValue(name).flatMap { string($0, at: place(name), bytes: bytes) }
    }

    /// Reads a whole number within a range, however it is spelled: `300`, `300.0` and `3e2` are the same.
    public mutating func integer(_ name: String, in range: ClosedRange<Int64>) -> Int64? {
        value(name).flatMap { integer($0, at: place(name), in: range) }
    }

    /// Reads a whole number that must be there.
    public mutating func requiredInteger(_ name: String, in range: ClosedRange<Int64>) -> Int64? {
        requiredValue(name).flatMap { integer($0, at: place(name), in: range) }
    }

    /// Reads `true` or `false`.
    public mutating func bool(_ name: String) -> Bool? {
        value(name).flatMap { bool($0, at: place(name)) }
    }

    /// Reads `true` or `false`, which must be there.
    public mutating func requiredBool(_ name: String) -> Bool? {
        requiredValue(name).flatMap { bool($0, at: place(name)) }
    }

    /// Reads one of the words of an enumeration.
    public mutating func oneOf<Word: RawRepresentable & CaseIterable>(_ name: String, _: Word.Type) -> Word?
    where Word.RawValue == String {
        value(name).flatMap { oneOf($0, at: place(name)) }
    }

    /// Reads one of the words of an enumeration, which must be there.
    public mutating func requiredOneOf<Word: RawRepresentable & CaseIterable>(_ name: String, _: Word.Type) -> Word?
    where Word.RawValue == String {
        requiredValue(name).flatMap { oneOf($0, at: place(name)) }
    }

    /// Reads a string into a type with rules of its own. What the type throws describes itself in the fault, so it must not repeat secrets.
    public mutating func parsed<Value>(_ name: String, _ make: (String) throws -> Value) -> Value? {
        value(name).flatMap { parsed($0, at: place(name), make) }
    }

    /// Reads a string, which must be there, into a type with rules of its own.
    public mutating func requiredParsed<Value>(_ name: String, _ make: (String) throws -> Value) -> Value? {
        requiredValue(name).flatMap { parsed($0, at: place(name), make) }
    }
}

extension FieldReader {
    /// Reads a string that stands anywhere below.
    mutating func string(_ value: JSONValue, at place: FieldPlace, bytes: ClosedRange<Int>) -> String? {
        guard let text = value.stringValue else { return wrong(place, .wrongType, "must be a string") }
        let count = text.utf8.count
        if count < bytes.lowerBound { return wrong(place, .tooShort, "must have at least \(FieldReader.bytes(bytes.lowerBound))") }
        if count > bytes.upperBound { return wrong(place, .tooLong, "must have at most \(FieldReader.bytes(bytes.upperBound))") }
        return text
    }

    /// Reads a word that stands anywhere below.
    mutating func oneOf<Word: RawRepresentable & CaseIterable>(_ value: JSONValue, at place: FieldPlace) -> Word?
    where Word.RawValue == String {
        guard let text = value.stringValue else { return wrong(place, .wrongType, "must be a string") }
        if let word = Word.allCases.first(where: { $0.rawValue.hasSameBytes(as: text) }) { return word }
        let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
        return wrong(place, .notAllowed, "must be one of: \(words)")
    }

    /// Adds a fault, and gives the nothing that a reader returns with it.
    mutating func wrong<Value>(_ place: FieldPlace, _ code: JSONFault.Code, _ message: String) -> Value? {
        fault(at: place.pointer, code, message)
        return nil
    }

    private mutating func integer(_ value: JSONValue, at place: FieldPlace, in range: ClosedRange<Int64>) -> Int64? {
        guard value.realValue != nil else { return wrong(place, .wrongType, "must be a whole number") }
        guard let number = value.integerValue else { return wholeNumberFault(value, at: place, in: range) }
        guard range.contains(number) else { return rangeFault(at: place, range) }
        return number
    }

    /// A real with a fraction is of the wrong type; a whole one beyond 64 bits is out of range.
    private mutating func wholeNumberFault(_ value: JSONValue, at place: FieldPlace, in range: ClosedRange<Int64>) -> Int64? {
        guard let number = value.realValue, number.rounded() == number else {
            return wrong(place, .wrongType, "must be a whole number")
        }
        return rangeFault(at: place, range)
    }

    private mutating func rangeFault(at place: FieldPlace, _ range: ClosedRange<Int64>) -> Int64? {
        wrong(place, .outOfRange, "must be from \(range.lowerBound) to \(range.upperBound)")
    }

    private mutating func bool(_ value: JSONValue, at place: FieldPlace) -> Bool? {
        value.boolValue ?? wrong(place, .wrongType, "must be true or false")
    }

    private mutating func parsed<Value>(_ value: JSONValue, at place: FieldPlace, _ make: (String) throws -> Value) -> Value? {
        guard let text = value.stringValue else { return wrong(place, .wrongType, "must be a string") }
        do {
            return try make(text)
        } catch {
            return wrong(place, .invalid, String(describing: error))
        }
    }

    static func bytes(_ count: Int) -> String {
        count == 1 ? "1 byte" : "\(count) bytes"
    }
}
