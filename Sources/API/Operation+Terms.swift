import Calls
import Switchboard
import Vocabulary

// The two headers with which a client makes a change safe: `Idempotency-Key`, so that it may be sent again, and `If-Match`, so that it hits
// what the client has seen. An operation whose contract does not list them does not read them.

extension Operation {
    /// What the request says of itself: whether it may be a repeated one, and, where the operation asks, which version it is meant for.
    /// - Throws: `malformed_request` for a header that is not as its definition says.
    func terms(readsIfMatch: Bool) throws(Problem) -> RequestTerms {
        RequestTerms(repeat: try repetition(), condition: readsIfMatch ? try IfMatch.condition(request.ifMatch) : .none)
    }

    private func repetition() throws(Problem) -> RequestTerms.Repeat? {
        switch request.idempotencyKey {
        case .none: return nil
        case .several: throw Problem(.malformedRequest, "Send one Idempotency-Key.")
        case .one(let text):
            let bytes = text.utf8
            guard Limits.idempotencyKeyBytes.contains(bytes.count), bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                let most = Limits.idempotencyKeyBytes.upperBound
                throw Problem(.malformedRequest, "An Idempotency-Key has 1 to \(most) visible ASCII characters.")
            }
            let fingerprint = RequestTerms.fingerprint(method: request.method, path: String(request.path), body: request.body)
            return RequestTerms.Repeat(text: text, fingerprint: fingerprint)
        }
    }
}

/// The header `If-Match` (RFC 9110 section 13.1.1), over the entity tags of this service: `"<version>"`.
enum IfMatch {
    /// The versions that the header's values fit.
    ///
    /// `*` fits whatever is there. A weak tag fits nothing, because the comparison is a strong one; nor does a strong tag that is none of
    /// ours. All lines of the header are one list.
    /// - Throws: `malformed_request` for what is neither `*` nor a list with at least one entity tag.
    static func condition(_ values: [String]) throws(Problem) -> VersionCondition {
        guard !values.isEmpty else { return .none }
        guard values.reduce(0, { $0 + $1.utf8.count }) <= Limits.ifMatchBytesMax else { throw malformed }
        if values.count == 1, isStar(values[0]) { return .none }
        var tags = TagReader(values)
        var versions: [Int] = []
        var count = 0
        while let tag = try tags.next() {
            count += 1
            if let version = tag.version { versions.append(version) }
        }
        guard count > 0 else { throw malformed }
        return .oneOf(versions)
    }

    /// The entity tag of that version.
    static func tag(of version: Int) -> String { "\"\(version)\"" }

    fileprivate static let malformed = Problem(.malformedRequest, "If-Match is * or a list of entity tags, each in double quotes.")

    private static func isStar(_ value: String) -> Bool {
        value.utf8.count { $0 == UInt8(ascii: "*") } == 1 && value.utf8.allSatisfy { $0 == UInt8(ascii: "*") || TagReader.isBlank($0) }
    }
}

/// Reads a list of entity tags. A comma may stand within a tag, so the list is not simply cut at commas.
private struct TagReader {
    struct Tag {
        let isWeak: Bool
        /// What stands between the quotes.
        let text: ArraySlice<UInt8>

        /// The version that it names, where it is one of ours: a number without leading zeros.
        var version: Int? {
            guard !isWeak, (1...18).contains(text.count), text.first != UInt8(ascii: "0"),
                text.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
            else { return nil }
            return text.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        }
    }

    private var rest: ArraySlice<UInt8>

    init(_ values: [String]) {
        rest = Array(values.joined(separator: ",").utf8)[...]
    }

    static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    /// The next tag; nil at the end of the list. Empty elements are passed over, as RFC 9110 section 5.6.1 asks of those who read lists.
    mutating func next() throws(Problem) -> Tag? {
        rest = rest.drop { Self.isBlank($0) || $0 == UInt8(ascii: ",") }
        guard !rest.isEmpty else { return nil }
        let isWeak = rest.starts(with: "W/".utf8)
        if isWeak { rest = rest.dropFirst(2) }
        guard rest.first == UInt8(ascii: "\"") else { throw IfMatch.malformed }
        let text = rest.dropFirst().prefix { $0 == 0x21 || ($0 >= 0x23 && $0 != 0x7F) }
        guard text.endIndex < rest.endIndex, rest[text.endIndex] == UInt8(ascii: "\"") else { throw IfMatch.malformed }
        rest = rest[(text.endIndex + 1)...].drop(while: Self.isBlank)
        guard rest.isEmpty || rest.first == UInt8(ascii: ",") else { throw IfMatch.malformed }
        return Tag(isWeak: isWeak, text: text)
    }
}
