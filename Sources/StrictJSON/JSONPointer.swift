/// Where in a JSON text something stands, as RFC 6901 writes it: `/parties/0/display_name`, and the empty text for the root.
public struct JSONPointer: Sendable, Hashable, CustomStringConvertible {
    /// The pointer as text, with `~` and `/` in names escaped as `~0` and `~1`.
    public let text: String

    /// The whole document.
    public static let root = JSONPointer(text: "")

    /// The pointer as text.
    public var description: String { text }

    /// The member of that name within what this points at.
    public func appending(_ name: String) -> JSONPointer {
        var text = text
        text += "/"
        for scalar in name.unicodeScalars {
            switch scalar {
            case "~": text += "~0"
            case "/": text += "~1"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return JSONPointer(text: text)
    }

    /// The element at that place within what this points at.
    public func appending(_ index: Int) -> JSONPointer {
        JSONPointer(text: "\(text)/\(index)")
    }

    /// Why a text is no pointer.
    public struct Malformed: Error, CustomStringConvertible {
        public let description = "is a JSON pointer such as /data/id, in which ~ stands only in ~0 and ~1"
    }

    /// A pointer that somebody wrote.
    /// - Throws: `Malformed` unless it is empty or begins with `/`, and each `~` in it belongs to `~0` or `~1`.
    public init(_ text: String) throws(Malformed) {
        guard text.isEmpty || text.utf8.first == UInt8(ascii: "/") else { throw Malformed() }
        let afterTildes = text.utf8.split(separator: UInt8(ascii: "~"), omittingEmptySubsequences: false).dropFirst()
        guard afterTildes.allSatisfy({ $0.first == UInt8(ascii: "0") || $0.first == UInt8(ascii: "1") }) else { throw Malformed() }
        self.text = text
    }

    private init(text: String) {
        self.text = text
    }

    /// The names on the way, without their escapes.
    fileprivate var names: [String] {
        text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropFirst().map { part in
            (String(Substring(part))).replacing("~1", with: "/").replacing("~0", with: "~")
        }
    }

    /// Pointers are the same when their bytes are.
    public static func == (left: JSONPointer, right: JSONPointer) -> Bool {
        left.text.hasSameBytes(as: right.text)
    }
}

extension JSONValue {
    /// What the pointer leads to; nil where there is nothing. An element of an array is named by its number, without leading zeros.
    public func value(at pointer: JSONPointer) -> JSONValue? {
        var value = self
        for name in pointer.names {
            guard let next = value.child(name) else { return nil }
            value = next
        }
        return value
    }

    private func child(_ name: String) -> JSONValue? {
        switch self {
        case .object(let object): return object[name]
        case .array(let elements):
            guard let index = Int(name), String(index).hasSameBytes(as: name), elements.indices.contains(index) else { return nil }
            return elements[index]
        case .null, .bool, .integer, .real, .string: return nil
        }
    }
}
