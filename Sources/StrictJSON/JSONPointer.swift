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

    private init(text: String) {
        self.text = text
    }

    /// Pointers are the same when their bytes are.
    public static func == (left: JSONPointer, right: JSONPointer) -> Bool {
        left.text.hasSameBytes(as: right.text)
    }
}
