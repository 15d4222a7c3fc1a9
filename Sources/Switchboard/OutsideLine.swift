public import Vocabulary

/// Asks other servers for the desk, which opens no socket itself: identity providers for their keys, apps for their users.
public protocol OutsideLine: Sendable {
    /// Why that server may not be asked, as far as its address alone tells; nil when it may. In words for the operator.
    func objection(to address: WebAddress) -> String?

    /// Sends a GET, and follows no redirect. It ends within seconds, one way or the other, whatever the other server does.
    /// - Throws: `OutsideTrouble` when no whole answer came.
    func get(_ question: OutsideQuestion) async throws(OutsideTrouble) -> OutsideAnswer
}

/// What another server is asked.
public struct OutsideQuestion: Sendable {
    public let address: WebAddress
    /// Header fields beside those that every request has. Their values may be secrets.
    public let headers: [(name: String, value: Secret)]
    /// The largest answer that is taken.
    public let bodyBytesMax: Int

    public init(_ address: WebAddress, headers: [(name: String, value: Secret)] = [], bodyBytesMax: Int) {
        self.address = address
        self.headers = headers
        self.bodyBytesMax = bodyBytesMax
    }
}

/// What another server answered.
public struct OutsideAnswer: Sendable, Equatable {
    public let status: Int
    public let body: [UInt8]

    public init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}

/// Why another server gave no answer. For the log: it may name addresses, and holds no secret.
public struct OutsideTrouble: Error, Equatable, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}

/// For a desk that asks nobody.
public struct NoOutsideLine: OutsideLine {
    public init() {}

    public func objection(to address: WebAddress) -> String? { "this service asks no other servers" }

    public func get(_ question: OutsideQuestion) async throws(OutsideTrouble) -> OutsideAnswer {
        throw OutsideTrouble("this service asks no other servers")
    }
}
