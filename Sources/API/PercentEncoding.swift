/// Percent-encoding, undone as far as honest senders need it and no further.
enum PercentEncoding {
    /// A user's id as it stands in a path or a query.
    ///
    /// Of the characters of user ids `@ : + = | ~` are those that senders encode, some of them by rule and some by habit. Only these are
    /// decoded; letters, digits and everything that no user id has are refused when they come encoded, so that nothing else has a second
    /// spelling. Nil where that is broken.
    static func decodedUser(_ text: some StringProtocol) -> String? {
        var decoded: [UInt8] = []
        var bytes = text.utf8.makeIterator()
        while let byte = bytes.next() {
            guard byte == UInt8(ascii: "%") else {
                decoded.append(byte)
                continue
            }
            guard let high = bytes.next().flatMap(digit), let low = bytes.next().flatMap(digit) else { return nil }
            let character = high << 4 | low
            guard "@:+=|~".utf8.contains(character) else { return nil }
            decoded.append(character)
        }
        return String(validating: decoded, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
