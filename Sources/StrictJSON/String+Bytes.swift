// Comparisons by UTF-8 bytes. Swift's own `==` and `<` compare what a reader sees: "é" as one scalar equals "e" with an accent put on
// it. JSON compares code units, and UTF-8 keeps the order of code points.

extension String {
    /// True when both are the same bytes.
    func hasSameBytes(as other: String) -> Bool {
        // Same bytes are always `==`, which is fast for ASCII; the reverse needs the look at the bytes.
        utf8.count == other.utf8.count && self == other && utf8.elementsEqual(other.utf8)
    }

    /// True when these bytes come before the other's.
    func precedesByBytes(_ other: String) -> Bool {
        utf8.lexicographicallyPrecedes(other.utf8)
    }
}
