// Lists and maps. Their counts are checked before their elements, so a hostile list costs nothing more than a look at its length;
// comparing each element with all before it is fine for the few dozen that a schema allows.

extension FieldReader {
    /// Reads an array of that many different strings, each of that many bytes. Order is kept; nil when anything in it is wrong.
    public mutating func strings(_ name: String, count: ClosedRange<Int>, bytes: ClosedRange<Int>) -> [String]? {
        elements(value(name), of: name, count: count) { (fields, value, place) in fields.string(value, at: place, bytes: bytes) }
    }

    /// Reads an array of strings that must be there.
    public mutating func requiredStrings(_ name: String, count: ClosedRange<Int>, bytes: ClosedRange<Int>) -> [String]? {
        elements(requiredValue(name), of: name, count: count) { (fields, value, place) in fields.string(value, at: place, bytes: bytes) }
    }

    /// Reads an array of that many different words of an enumeration. Order is kept; nil when anything in it is wrong.
    public mutating func words<Word: RawRepresentable & CaseIterable>(
        _ name: String, count: ClosedRange<Int>, _: Word.Type
    ) -> [Word]? where Word.RawValue == String {
        elements(value(name), of: name, count: count) { (fields, value, place) in fields.oneOf(value, at: place) }
    }

    /// Reads an array of words that must be there.
    public mutating func requiredWords<Word: RawRepresentable & CaseIterable>(
        _ name: String, count: ClosedRange<Int>, _: Word.Type
    ) -> [Word]? where Word.RawValue == String {
        elements(requiredValue(name), of: name, count: count) { (fields, value, place) in fields.oneOf(value, at: place) }
    }

    /// Reads an object whose names are free and whose values are strings, in the order in which they were sent.
    public mutating func stringMap(
        _ name: String, count: ClosedRange<Int>, nameBytes: ClosedRange<Int>, valueBytes: ClosedRange<Int>
    ) -> [(String, String)]? {
        guard let value = value(name) else { return nil }
        let place = place(name)
        guard let map = value.objectValue else { return wrong(place, .wrongType, "must be an object of strings") }
        guard isWithin(count, map.count, at: place, of: "entries") else { return nil }
        var entries: [(String, String)] = []
        for member in map.members {
            guard isName(member.name, bytes: nameBytes, within: place.pointer) else { continue }
            if let text = string(member.value, at: FieldPlace(base: place.pointer, name: member.name), bytes: valueBytes) {
                entries.append((member.name, text))
            }
        }
        return entries.count == map.count ? entries : nil
    }

    /// Reads an array of that many closed objects.
    public mutating func objects<Value>(
        _ name: String, count: ClosedRange<Int>, _ read: (inout FieldReader) -> Value?
    ) -> [Value]? {
        guard let array = array(value(name), of: name, count: count) else { return nil }
        var values: [Value] = []
        for (index, element) in array.enumerated() {
            if let value = object(element, at: place(name, index).pointer, read) { values.append(value) }
        }
        return values.count == array.count ? values : nil
    }

    private mutating func elements<Element>(
        _ value: JSONValue?, of name: String, count: ClosedRange<Int>, _ read: (inout FieldReader, JSONValue, FieldPlace) -> Element?
    ) -> [Element]? {
        guard let array = array(value, of: name, count: count) else { return nil }
        var elements: [Element] = []
        for (index, value) in array.enumerated() {
            let place = place(name, index)
            guard let element = read(&self, value, place) else { continue }
            if array[..<index].contains(value) {
                fault(at: place.pointer, .duplicate, "stands twice in this list")
            } else {
                elements.append(element)
            }
        }
        return elements.count == array.count ? elements : nil
    }

    private mutating func array(_ value: JSONValue?, of name: String, count: ClosedRange<Int>) -> [JSONValue]? {
        guard let value else { return nil }
        guard let array = value.arrayValue else { return wrong(place(name), .wrongType, "must be an array") }
        return isWithin(count, array.count, at: place(name), of: "elements") ? array : nil
    }

    private mutating func isWithin(_ range: ClosedRange<Int>, _ count: Int, at place: FieldPlace, of things: String) -> Bool {
        if count < range.lowerBound {
            fault(at: place.pointer, .tooShort, "must have at least \(range.lowerBound) \(things)")
        } else if count > range.upperBound {
            fault(at: place.pointer, .tooLong, "must have at most \(range.upperBound) \(things)")
        } else {
            return true
        }
        return false
    }

    /// Checks the name of an entry. A name too long to be repeated is reported at its map.
    private mutating func isName(_ name: String, bytes: ClosedRange<Int>, within pointer: JSONPointer) -> Bool {
        let count = name.utf8.count
        let pointer = count <= JSONLocator.nameBytesMax ? pointer.appending(name) : pointer
        if count < bytes.lowerBound {
            fault(at: pointer, .tooShort, "its name must have at least \(FieldReader.bytes(bytes.lowerBound))")
        } else if count > bytes.upperBound {
            fault(at: pointer, .tooLong, "its name must have at most \(FieldReader.bytes(bytes.upperBound))")
        } else {
            return true
        }
        return false
    }
}
