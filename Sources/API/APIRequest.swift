public import Vocabulary

/// A request as the counter sees it, whichever way it came in. The transport has read it whole and bounded it.
public struct APIRequest: Sendable {
    /// The values of a header that says something once or not at all.
    public enum HeaderValue: Sendable, Equatable {
        case none
        case one(String)
        case several
    }

    public let method: String
    /// Path and query as they were sent.
    public let target: String
    public let authorization: HeaderValue
    public let contentType: String?
    /// The `Idempotency-Key`.
    public let idempotencyKey: HeaderValue
    /// The values of all `If-Match` headers, in their order.
    public let ifMatch: [String]
    /// The request's id, taken over from the sender or made by the transport; it stands in the answer and in the log.
    public let requestID: String
    /// Where it comes from, for limits.
    public let client: ClientNetwork
    /// Where the sender's trace stands, for the log.
    public let trace: TraceContext?
    public let body: [UInt8]

    public init(
        method: String, target: String, authorization: HeaderValue, contentType: String?, idempotencyKey: HeaderValue = .none,
        ifMatch: [String] = [], requestID: String, client: ClientNetwork = .none, trace: TraceContext? = nil, body: [UInt8]
    ) {
        self.method = method
        self.target = target
        self.authorization = authorization
        self.contentType = contentType
        self.idempotencyKey = idempotencyKey
        self.ifMatch = ifMatch
        self.requestID = requestID
        self.client = client
        self.trace = trace
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

    /// - Throws: `malformed_request` for a parameter that the operation does not know, or one that is there twice.
    init(_ target: String, known: Set<String>) throws(Problem) {
        guard let mark = target.firstIndex(of: "?") else { return }
        let query = target[target.index(after: mark)...]
        if query.isEmpty { return }
        for pair in query.split(separator: "&", omittingEmptySubsequences: false) {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, known.contains(String(parts[0])) else {
                throw Problem(.malformedRequest, "the query has a parameter that this operation does not know")
            }
            guard values.updateValue(parts[1], forKey: parts[0]) == nil else {
                throw Problem(.malformedRequest, "the query parameter \(parts[0]) is there twice")
            }
        }
    }

    func text(_ name: String, bytesMax: Int) throws(Problem) -> String? {
        guard let value = try plain(name) else { return nil }
        guard (1...bytesMax).contains(value.utf8.count) else {
            throw Problem(.malformedRequest, "the query parameter \(name) has 1 to \(bytesMax) bytes")
        }
        return String(value)
    }

    func integer(_ name: String, in range: ClosedRange<Int>) throws(Problem) -> Int? {
        guard let value = try plain(name) else { return nil }
        guard value.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let number = Int(value), range.contains(number) else {
            throw Problem(.malformedRequest, "the query parameter \(name) is a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func word<Word: RawRepresentable & CaseIterable>(_ name: String, _: Word.Type) throws(Problem) -> Word?
    where Word.RawValue == String {
        guard let value = try plain(name) else { return nil }
        guard let word = Word(rawValue: String(value)) else {
            let known = Word.allCases.map(\.rawValue).joined(separator: ", ")
            throw Problem(.malformedRequest, "the query parameter \(name) is one of \(known)")
        }
        return word
    }

    /// A user's id, the one kind of value whose characters a sender may have to encode. A bare `+` could be meant as a space: refused.
    func user(_ name: String) throws(Problem) -> UserID? {
        guard let value = values[name[...]] else { return nil }
        let problem = Problem(.malformedRequest, "the query parameter \(name) is a user id; write + in it as %2B")
        guard !value.utf8.contains(UInt8(ascii: "+")), let text = PercentEncoding.decodedUser(value) else { throw problem }
        do {
            return try UserID(text)
        } catch {
            throw problem
        }
    }

    /// User ids with commas between them, each once. Many senders encode the commas too, which no user id holds.
    func users(_ name: String, count: ClosedRange<Int>) throws(Problem) -> [UserID]? {
        guard let value = values[name[...]] else { return nil }
        let most = count.upperBound
        let problem = Problem(
            .malformedRequest,
            "the query parameter \(name) is \(count.lowerBound) to \(most) user ids with commas between, each once; write + as %2B")
        let plain = value.replacing("%2C", with: ",").replacing("%2c", with: ",")
        let parts = plain.split(separator: ",", maxSplits: most, omittingEmptySubsequences: false)
        var users: [UserID] = []
        for part in parts {
            guard !part.utf8.contains(UInt8(ascii: "+")), let text = PercentEncoding.decodedUser(part) else { throw problem }
            do throws(VocabularyError) {
                users.append(try UserID(text))
            } catch {
                throw problem
            }
        }
        guard count.contains(users.count), Set(users).count == users.count else { throw problem }
        return users
    }

    /// A value that is not encoded: besides user ids no value of ours needs that.
    private func plain(_ name: String) throws(Problem) -> Substring? {
        guard let value = values[name[...]] else { return nil }
        guard !value.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else {
            throw Problem(.malformedRequest, "the query parameter \(name) is encoded; no value here needs that")
        }
        return value
    }
}
