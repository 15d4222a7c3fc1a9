/// Finds the JSON pointer of a place in a text. Used only when a text is refused, so it walks the text again from its beginning.
///
/// It expects valid JSON before that place and forgives everything else: a wrong guess makes a message worse, never an answer wrong.
struct JSONLocator {
    /// Longer names are not repeated in a pointer; it then ends at the object around them.
    static let nameBytesMax = 128

    private enum Level {
        case array(index: Int)
        case object(name: String?, expectsName: Bool)
    }

    private var levels: [Level] = []

    /// The pointer of what is being read just before `end`.
    static func pointer(in text: UnsafeRawBufferPointer, before end: Int) -> JSONPointer {
        var locator = JSONLocator()
        locator.walk(UnsafeRawBufferPointer(rebasing: text[..<min(end, text.count)]))
        return locator.pointer
    }

    private mutating func walk(_ text: UnsafeRawBufferPointer) {
        var offset = 0
        while offset < text.count {
            switch text[offset] {
            case UInt8(ascii: "["): levels.append(.array(index: 0))
            case UInt8(ascii: "{"): levels.append(.object(name: nil, expectsName: true))
            case UInt8(ascii: "]"), UInt8(ascii: "}"): _ = levels.popLast()
            case UInt8(ascii: ","): nextElement()
            case UInt8(ascii: "\""):
                let end = JSONLocator.endOfString(in: text, from: offset)
                takeString(UnsafeRawBufferPointer(rebasing: text[offset..<end]))
                offset = end - 1
            default: break
            }
            offset += 1
        }
    }

    /// Behind the closing quote of the string that begins at `start`, or the end of the text.
    private static func endOfString(in text: UnsafeRawBufferPointer, from start: Int) -> Int {
        var offset = start + 1
        while offset < text.count {
            switch text[offset] {
            case UInt8(ascii: "\""): return offset + 1
            case UInt8(ascii: "\\"): offset += 2
            default: offset += 1
            }
        }
        return text.count
    }

    private mutating func nextElement() {
        switch levels.popLast() {
        case .array(let index): levels.append(.array(index: index + 1))
        case .object: levels.append(.object(name: nil, expectsName: true))
        case nil: break
        }
    }

    /// A string in the place of a name becomes the name of what follows; jansson itself undoes its escapes.
    private mutating func takeString(_ quoted: UnsafeRawBufferPointer) {
        guard case .object(_, expectsName: true)? = levels.last else { return }
        levels.removeLast()
        levels.append(.object(name: JSONLocator.name(quoted), expectsName: false))
    }

    private static func name(_ quoted: UnsafeRawBufferPointer) -> String? {
        // At most six bytes spell one byte of a name (\u0061), and two are quotes. A name alone is no object, so this ends here.
        guard quoted.count <= 6 * nameBytesMax + 2,
            case .success(let value) = Result(catching: { () throws(JSONError) in
                try JanssonTree(quoted).value
            }), let name = value.stringValue, name.utf8.count <= nameBytesMax
        else { return nil }
        return name
    }

    private var pointer: JSONPointer {
        var pointer = JSONPointer.root
        for level in levels {
            switch level {
            case .array(let index): pointer = pointer.appending(index)
            case .object(let name?, _): pointer = pointer.appending(name)
            // Nothing deeper can follow an object whose name is not known, except a name too long to repeat.
            case .object(nil, _): return pointer
            }
        }
        return pointer
    }
}
