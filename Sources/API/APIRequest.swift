/// A request as the counter sees it, whichever way it came in. The transport has read it whole and bounded it.
public struct APIRequest: Sendable {
    /// The values of the `Authorization` header: good is exactly one.
    public enum Authorization: Sendable, Equatable {
        case none
        case one(String)
        case several
    }

    public let method: String
    /// Path and query as they were sent.
    public let target: String
    public let authorization: Authorization
    public let contentType: String?
    /// The request's id, taken over from the sender or made by the transport; it stands in the answer and in the log.
    public let requestID: String
    public let body: [UInt8]

    public init(method: String, target: String, authorization: Authorization, contentType: String?, requestID: String, body: [UInt8]) {
        self.method = method
        self.target = target
        self.authorization = authorization
        self.contentType = contentType
        self.requestID = requestID
        self.body = body
    }

    var path: Substring {
        guard let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) else { return target[...] }
        return target[..<mark]
    }

    /// The bearer token, if the header holds exactly one. The word `Bearer` may be in any letter case; one space follows it.
    var bearer: Substring? {
        guard case .one(let value) = authorization else { return nil }
        let bytes = value.utf8
        let word = "bearer ".utf8
        guard bytes.count > word.count, zip(bytes, word).allSatisfy({ $0 == $1 || ($0 | 0x20 == $1 && $1 != UInt8(ascii: " ")) }) else {
            return nil
        }
        let token = value[bytes.index(bytes.startIndex, offsetBy: word.count)...]
        return token.utf8.contains(UInt8(ascii: " ")) ? nil : token
    }
}

/// The query of a request, read once and strictly.
struct Query {
    private var values: [Substring: Substring] = [:]

    /// - Throws: `malformed_request` for a parameter that the operation does not know, one that is there twice, or one that is encoded:
    ///   no value of ours needs it.
    init(_ target: String, known: Set<String>) throws(Problem) {
        guard let mark = target.firstIndex(of: "?") else { return }
        let query = target[target.index(after: mark)...]
        if query.isEmpty { return }
        for pair in query.split(separator: "&", omittingEmptySubsequences: false) {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, known.contains(String(parts[0])) else {
                throw Problem(.malformedRequest, "the query has a parameter that this operation does not know")
            }
            guard !parts[1].utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else {
                throw Problem(.malformedRequest, "the query parameter \(parts[0]) is encoded; no value here needs that")
            }
            guard values.updateValue(parts[1], forKey: parts[0]) == nil else {
                throw Problem(.malformedRequest, "the query parameter \(parts[0]) is there twice")
            }
        }
    }

    func text(_ name: String, bytesMax: Int) throws(Problem) -> String? {
        guard let value = values[name[...]] else { return nil }
        guard (1...bytesMax).contains(value.utf8.count) else {
            throw Problem(.malformedRequest, "the query parameter \(name) has 1 to \(bytesMax) bytes")
        }
        return String(value)
    }

    func integer(_ name: String, in range: ClosedRange<Int>) throws(Problem) -> Int? {
        guard let value = values[name[...]] else { return nil }
        guard value.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let number = Int(value), range.contains(number) else {
            throw Problem(.malformedRequest, "the query parameter \(name) is a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func word<Word: RawRepresentable & CaseIterable>(_ name: String, _: Word.Type) throws(Problem) -> Word?
    where Word.RawValue == String {
        guard let value = values[name[...]] else { return nil }
        guard let word = Word(rawValue: String(value)) else {
            let known = Word.allCases.map(\.rawValue).joined(separator: ", ")
            throw Problem(.malformedRequest, "the query parameter \(name) is one of \(known)")
        }
        return word
    }
}
