import StrictJSON

/// An answer as the counter gives it. The transport adds what belongs to the transport: length, date, request id.
public struct APIResponse: Sendable {
    public let status: Int
    public let contentType: String?
    /// Headers beyond content type, with lower-case names.
    public let headers: [(name: String, value: String)]
    public let body: [UInt8]
    /// What is said of the limits; on every answer of the port.
    var rate: RateFields?
    /// The number of the operation that it answers, in the table of routes; nil where the request named none.
    var operation: Int?

    init(status: Int, contentType: String?, headers: [(name: String, value: String)] = [], body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.headers = headers
        self.body = body
    }

    /// An answer in JSON, written with sorted keys.
    init(status: Int = 200, headers: [(name: String, value: String)] = [], json: JSONValue) {
        self.init(status: status, contentType: "application/json", headers: headers, body: json.canonicalBytes)
    }

    /// The answer that says that it is done, and nothing else.
    static let noContent = APIResponse(status: 204, contentType: nil, body: [])

    /// The answer of that operation.
    func of(_ operation: Int?) -> APIResponse {
        var answer = self
        answer.operation = operation
        return answer
    }

    /// Every header of the answer but `date` and those about the connection.
    public func forEachHeader(requestID: String, _ add: (_ name: String, _ value: String) -> Void) {
        if let contentType { add("content-type", contentType) }
        if status != 204 { add("content-length", String(body.count)) }
        add("x-request-id", requestID)
        add("x-content-type-options", "nosniff")
        if let rate {
            add("ratelimit-policy", rate.policy)
            add("ratelimit", rate.left)
        }
        for header in headers { add(header.name, header.value) }
    }

    /// The header of every answer that carries a credential.
    static let noStore: (name: String, value: String) = ("cache-control", "no-store")
}
