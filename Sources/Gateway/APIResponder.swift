import API
import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
import Vocabulary

/// Hands what came through Hummingbird to the counter, and its answer back.
struct APIResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    let api: API

    func respond(to request: Request, context: Context) async throws -> Response {
        // The gate has bounded the body already; the limit here only says so again.
        let body = try await request.body.collect(upTo: Limits.bodyBytesMax)
        let requestID = request.headers[.requestID] ?? IncomingRequest.newRequestID()
        let begin = NIODeadline.now()
        let answer = await api.respond(
            to: APIRequest(
                method: request.method.rawValue, target: request.head.path ?? "", authorization: Self.value(of: .authorization, request),
                contentType: request.headers[.contentType], idempotencyKey: Self.value(of: .idempotencyKey, request),
                ifMatch: request.headers[values: .ifMatch], requestID: requestID,
                client: ClientAddress.handedOn(request.headers[.client]),
                trace: TraceContext(request.headers[values: .traceparent]), body: Array(body.readableBytesView)))
        api.metrics.answered(answer, after: Int((NIODeadline.now() - begin).nanoseconds))
        var headers = HTTPFields()
        answer.forEachHeader(requestID: requestID) { name, value in
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        return Response(status: .init(code: answer.status), headers: headers, body: Self.body(answer.body, isHead: request.method == .head))
    }

    /// The answer to `HEAD` says how long the body would be, and stops there.
    private static func body(_ bytes: [UInt8], isHead: Bool) -> ResponseBody {
        if bytes.isEmpty { return ResponseBody() }
        if isHead { return ResponseBody(contentLength: bytes.count) { writer in try await writer.finish(nil) } }
        return ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
    }

    private static func value(of name: HTTPField.Name, _ request: Request) -> APIRequest.HeaderValue {
        let values = request.headers[values: name]
        guard let first = values.first else { return .none }
        return values.count == 1 ? .one(first) : .several
    }
}

extension HTTPField.Name {
    /// The name of the header that carries a request's id.
    fileprivate static let requestID = constant(IncomingRequest.requestIDHeader)
    fileprivate static let client = constant(ClientAddress.header)
    fileprivate static let traceparent = constant(IncomingRequest.traceHeader)
    fileprivate static let idempotencyKey = constant(IncomingRequest.idempotencyKeyHeader)

    private static func constant(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("the constant is no header name") }
        return name
    }
}
