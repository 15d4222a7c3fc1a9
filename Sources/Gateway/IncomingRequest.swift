import API
import NIOCore
import NIOHTTP1
import Signing
import Vocabulary

/// A request on its way in: its head, what the gate has to know of it, gathered in one pass over the headers, and the body so far.
final class IncomingRequest {
    static let requestIDHeader = "x-request-id"
    static let idempotencyKeyHeader = "idempotency-key"
    static let traceHeader = "traceparent"

    let head: HTTPRequestHead
    /// The sender's id where it has the right shape, else a new one.
    let requestID: String
    let client: ClientNetwork
    /// Whether somebody says that it hands on what another one has sent.
    let isRelayed: Bool
    /// Whether the connection may carry another request after this one. After a request for an upgrade and after `CONNECT` it may not:
    /// the codec takes what follows for another protocol. Nor may it in old protocol versions, which say so in their own way.
    let isKeptAlive: Bool
    let expectsContinue: Bool
    private(set) var body: ByteBuffer?
    var bodyBytesMax: Int
    /// What a socket server is asked, where this is for one; whether it has heard of it, and the answer that it gave before the body was
    /// read.
    var exchange: SocketExchange?
    var isBegun = false
    var earlyAnswer: SocketAnswer?
    private let authorization: APIRequest.HeaderValue
    private let contentType: String?
    private let idempotencyKey: APIRequest.HeaderValue
    private let ifMatch: [String]
    private let trace: TraceContext?
    private let contentLength: Int?
    private let isEncoded: Bool
    /// Whether it names its host once, and says its length in a way that everybody reads alike: no transfer coding, or `chunked` alone.
    private let isWellFormed: Bool
    private let isHTTP11: Bool

    init(_ head: HTTPRequestHead, from address: ClientAddress, bodyBytesMax: Int) {
        var isRelayed = false
        var forwardedFor: [String] = []
        var forwarded: [String] = []
        var requestID: String?
        var expectsContinue = false
        var authorization = APIRequest.HeaderValue.none
        var contentType: String?
        var idempotencyKey = APIRequest.HeaderValue.none
        var ifMatch: [String] = []
        var traces: [String] = []
        var hostCount = 0
        var contentLength: Int?
        var transferEncodings: [String] = []
        var isEncoded = false
        var isUpgrade = false
        for (name, value) in head.headers {
            // The length tells most names apart, so that few are compared.
            switch name.utf8.count {
            case 3 where Self.matches(name, "via"): isRelayed = true
            case 4 where Self.matches(name, "host"): hostCount += 1
            case 6 where Self.matches(name, "expect"): expectsContinue = Self.matches(value, "100-continue")
            case 7 where Self.matches(name, "upgrade"): isUpgrade = true
            case 8 where Self.matches(name, "if-match"): ifMatch.append(value)
            case 9 where Self.matches(name, "forwarded"): forwarded.append(value)
            case 11 where Self.matches(name, IncomingRequest.traceHeader): traces.append(value)
            case 12 where Self.matches(name, "content-type"): contentType = contentType.map { "\($0), \(value)" } ?? value
            case 12 where Self.matches(name, Self.requestIDHeader): requestID = value
            case 13 where Self.matches(name, "authorization"): authorization = authorization == .none ? .one(value) : .several
            case 14 where Self.matches(name, "content-length"): contentLength = Self.length(value)
            case 15 where Self.matches(name, Self.idempotencyKeyHeader): idempotencyKey = idempotencyKey == .none ? .one(value) : .several
            case 15 where Self.matches(name, "x-forwarded-for"): forwardedFor.append(value)
            case 16 where Self.matches(name, "content-encoding"): isEncoded = isEncoded || !Self.matches(value, "identity")
            case 17 where Self.matches(name, "transfer-encoding"): transferEncodings.append(value)
            default: break
            }
        }
        let isHTTP11 = head.version == .http1_1
        self.head = head
        self.isRelayed = isRelayed || !forwardedFor.isEmpty || !forwarded.isEmpty
        self.client = address.client(forwardedFor: forwardedFor, forwarded: forwarded)
        self.bodyBytesMax = bodyBytesMax
        self.requestID = requestID.flatMap { Self.isRequestID($0) ? $0 : nil } ?? Self.newRequestID()
        self.isKeptAlive = isHTTP11 && head.isKeepAlive && !isUpgrade && head.method != .CONNECT
        self.expectsContinue = expectsContinue && isHTTP11
        self.authorization = authorization
        self.contentType = contentType
        self.idempotencyKey = idempotencyKey
        self.ifMatch = ifMatch
        self.trace = TraceContext(traces)
        self.contentLength = contentLength
        self.isEncoded = isEncoded
        self.isHTTP11 = isHTTP11
        let isHostNamed = hostCount == 1 || (hostCount == 0 && !isHTTP11)
        let isChunkedAlone =
            isHTTP11 && contentLength == nil && transferEncodings.count == 1 && Self.matches(transferEncodings[0], "chunked")
        self.isWellFormed = isHostNamed && (transferEncodings.isEmpty || isChunkedAlone)
    }

    /// Whether the request is refused before its body is read, and why.
    var refusal: ProblemCode? {
        if !isWellFormed { return .malformedRequest }
        if isEncoded { return .unsupportedMediaType }
        if let contentLength, contentLength > bodyBytesMax { return .bodyTooLarge }
        return nil
    }

    /// Takes a piece of the body.
    /// - Returns: false when the body is now too long.
    func append(_ part: ByteBuffer) -> Bool {
        if body?.writeImmutableBuffer(part) == nil { body = part }
        return (body?.readableBytes ?? 0) <= bodyBytesMax
    }

    /// Whether the short way may be tried. Old protocol versions take the long one.
    var mayBeHot: Bool { isHTTP11 }

    /// Whether the answer is told without its body.
    var isHead: Bool { head.method == .HEAD }

    /// The request as the counter sees it.
    var apiRequest: APIRequest {
        APIRequest(
            method: head.method.rawValue, target: head.uri, authorization: authorization, contentType: contentType,
            idempotencyKey: idempotencyKey, ifMatch: ifMatch, requestID: requestID, client: client, trace: trace,
            body: body.map { Array($0.readableBytesView) } ?? [])
    }

    /// 16 random hexadecimal digits.
    static func newRequestID() -> String {
        var number = UInt64(truncatingIfNeeded: SecureRandom.uint128())
        return String(unsafeUninitializedCapacity: 16) { buffer in
            for position in 0..<16 {
                let digit = UInt8(number & 15)
                buffer[position] = digit < 10 ? 0x30 + digit : 0x61 + digit - 10
                number >>= 4
            }
            return 16
        }
    }

    /// `[A-Za-z0-9_-]{8,64}`: what can be echoed without harm.
    private static func isRequestID(_ text: String) -> Bool {
        (8...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"): true
                default: false
                }
            }
    }

    /// A length that no number of ours can hold is still a length, and too long.
    private static func length(_ text: String) -> Int? {
        Int(text) ?? (text.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } ? .max : nil)
    }

    /// Whether the text is that lower-case ASCII word, in any letter case.
    private static func matches(_ text: String, _ word: String) -> Bool {
        text.utf8.count == word.utf8.count
            && zip(text.utf8, word.utf8).allSatisfy { byte, expected in
                byte == expected || (byte >= 0x41 && byte <= 0x5A && byte | 0x20 == expected)
            }
    }
}
