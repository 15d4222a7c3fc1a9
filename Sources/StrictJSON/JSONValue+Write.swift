extension JSONValue {
    /// Writes the canonical text of this value behind what `bytes` holds: names sorted by their bytes, no spaces, the fewest escapes.
    /// The same value is the same bytes, every time and on every machine. A real that is not finite is a programmer's mistake.
    public func write(into bytes: inout [UInt8]) {
        var taken: [UInt8] = []
        swap(&taken, &bytes)
        var writer = JSONWriter(appendingTo: consume taken)
        writer.value(self)
        bytes = writer.takeBytes()
    }

    /// The canonical text as bytes.
    public var canonicalBytes: [UInt8] {
        var bytes: [UInt8] = []
        write(into: &bytes)
        return bytes
    }

    /// The canonical text.
    public var canonicalText: String {
        String(decoding: canonicalBytes, as: UTF8.self)
    }
}

extension JSONWriter {
    /// Writes a whole value, its objects with sorted names.
    public mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let truth): bool(truth)
        case .integer(let number): integer(number)
        case .real(let number): real(number)
        case .string(let text): string(text)
        case .array(let elements):
            beginArray()
            for element in elements { self.value(element) }
            endArray()
        case .object(let object):
            self.object(object)
        }
    }

    /// Writes an object with sorted names.
    public mutating func object(_ object: JSONObject) {
        beginObject()
        for member in object.sortedMembers {
            name(member.name)
            value(member.value)
        }
        endObject()
    }
}
