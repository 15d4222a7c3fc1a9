/// A text as somebody pasted it, freed of what tends to stick to tokens on their way: quotation marks, `Bearer`, a URL, line ends.
struct InspectedText {
    /// What is left: perhaps a token.
    private(set) var text: String
    private(set) var findings = FindingList()

    init(_ pasted: String) {
        text = pasted
        trim()
        takeOutOfURL()
        takeOutOfHeader()
        takeOutOfQuotationMarks()
        decodePercents()
        joinLines()
    }

    private mutating func trim() {
        let bytes = Array(text.utf8)
        guard let first = bytes.firstIndex(where: { !Self.isSpace($0) }), let last = bytes.lastIndex(where: { !Self.isSpace($0) }) else {
            text = ""
            return
        }
        guard last - first + 1 < bytes.count else { return }
        text = String(decoding: bytes[first...last], as: UTF8.self)
        findings.note("surrounding_space", "White space stands around the token.")
    }

    /// LiveKit's clients put the token into the query: `wss://…/rtc?access_token=…`.
    private mutating func takeOutOfURL() {
        guard text.utf8.contains(UInt8(ascii: "=")), let range = Self.range(of: "token=", in: text) else { return }
        let before = text[..<range.lowerBound]
        guard before.hasSuffix("?access_") || before.hasSuffix("&access_") || before.hasSuffix("?") || before.hasSuffix("&") else { return }
        text = String(text[range.upperBound...].prefix { $0 != "&" && $0 != "#" && !$0.isWhitespace })
        findings.warning("token_in_url", "The token stands in a URL: proxies and servers write URLs into their logs. It may have leaked.")
    }

    private mutating func takeOutOfHeader() {
        for name in ["Authorization:", "authorization:"] where text.hasPrefix(name) {
            text = String(text.dropFirst(name.count).drop { $0 == " " })
        }
        guard text.prefix(7).lowercased() == "bearer " else { return }
        if text.hasPrefix("Bearer ") {
            findings.note("bearer_prefix", "\"Bearer\" stands before the token. It belongs into the header, not into an SDK's token.")
        } else {
            findings.warning(
                "bearer_lower_case", "\"Bearer\" before the token is not written like that; LiveKit's server answers it with 401.")
        }
        text = String(text.dropFirst(7).drop { $0 == " " })
    }

    private mutating func takeOutOfQuotationMarks() {
        for mark in ["\"", "'", "`"] where text.utf8.count >= 2 && text.hasPrefix(mark) && text.hasSuffix(mark) {
            text = String(text.dropFirst().dropLast())
            findings.warning(
                "quoted", "Quotation marks stand around the token. Inside a program they would be part of it and make it invalid.")
        }
    }

    private mutating func decodePercents() {
        let decoded = [("%2B", "+"), ("%2b", "+"), ("%2F", "/"), ("%2f", "/"), ("%3D", "="), ("%3d", "=")].reduce(text) { text, pair in
            text.split(separator: pair.0, omittingEmptySubsequences: false).joined(separator: pair.1)
        }
        guard decoded.utf8.count < text.utf8.count else { return }
        text = decoded
        findings.warning("percent_encoded", "The token is percent-encoded, as in a URL. Decode it before an SDK gets it.")
    }

    private mutating func joinLines() {
        let bytes = text.utf8.filter { $0 != 0x0A && $0 != 0x0D }
        guard bytes.count < text.utf8.count else { return }
        text = String(decoding: bytes, as: UTF8.self)
        findings.warning(
            "line_breaks", "Line breaks stand in the token. Some readers skip them, others refuse the token: send it in one piece.")
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private static func range(of part: String, in text: String) -> Range<String.Index>? {
        text.firstRange(of: part)
    }
}
