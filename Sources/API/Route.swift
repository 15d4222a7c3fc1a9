import Calls
import Switchboard
import Vocabulary

/// Who may use an operation.
enum Access: Sendable, Equatable {
    /// Everybody, without a credential.
    case open
    /// Whoever holds any good credential.
    case anyCredential
    /// Whoever holds a key with this scope. Users hold none.
    case scope(Scope)
    /// Whoever holds a key with this scope, and every user of a tenant for what is its own.
    case scopeOrUser(Scope)
}

/// One operation of the REST counter: a row of the table in `Routes.swift`.
struct Route: Sendable {
    typealias Answer = @Sendable (Operation) async throws(Problem) -> APIResponse
    typealias AnswerAtHand =
        @Sendable (Operation, @escaping @Sendable (Result<LateResponse, Problem>) -> Void) throws(Problem) -> Bool

    /// The `operationId` in the contract.
    let id: String
    let method: String
    /// The path as the contract writes it, for example `/v1/rooms/{room}`.
    let path: String
    let access: Access
    /// Whether a JSON body belongs to it. Where it does not, a body is refused.
    let takesBody: Bool
    /// Whether it knows query parameters, which it reads itself. Where it does not, any parameter is refused.
    let takesQuery: Bool
    /// What the audit log calls it, where that keeps every refusal too: of whatever is about a call or hands out tokens.
    let auditedAs: AuditedOperation?
    let answer: Answer
    /// The same answer from memory alone, without waiting, told later; false when something has to be asked. Only hot operations have one.
    let answerAtHand: AnswerAtHand?
    let segments: [PathSegment]
    /// Its place in the table.
    fileprivate(set) var number = 0

    init(
        _ id: String, _ method: String, _ path: String, _ access: Access, takesBody: Bool = false, takesQuery: Bool = false,
        auditedAs: AuditedOperation? = nil, answerAtHand: AnswerAtHand? = nil, answer: @escaping Answer
    ) {
        self.id = id
        self.method = method
        self.path = path
        self.access = access
        self.takesBody = takesBody
        self.takesQuery = takesQuery
        self.auditedAs = auditedAs
        self.answer = answer
        self.answerAtHand = answerAtHand
        self.segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map { segment in
            segment.hasPrefix("{") ? .parameter : .literal(Array(segment.utf8))
        }
    }
}

/// A part of a path between two slashes.
enum PathSegment: Sendable, Equatable {
    case literal([UInt8])
    case parameter
}

/// The operations, found by method and path. Both ways into the service (the fast one and Hummingbird's) look here.
///
/// A path is compared byte for byte and not decoded: every literal and nearly every parameter of ours is plain ASCII, so a path with `%`,
/// `//`, `/./` or a matrix parameter names nothing. The one exception is a user's id, whose operations undo what honest senders must encode
/// (`PercentEncoding`). A slash is never among that, so all who look at a path see the same parts.
struct RouteTable: Sendable {
    /// What a method and a path lead to.
    enum Match {
        case route(Route, parameters: [String])
        /// The path exists with other methods.
        case otherMethods([String])
        case nothing
    }

    let routes: [Route]

    init(routes: [Route]) {
        var routes = routes
        for index in routes.indices { routes[index].number = index }
        self.routes = routes
    }

    /// More parts than any path of ours has.
    private static let segmentsMax = 8

    func match(_ method: String, _ path: Substring) -> Match {
        var path = path
        return path.withUTF8 { bytes in match(method, bytes) }
    }

    private func match(_ method: String, _ path: UnsafeBufferPointer<UInt8>) -> Match {
        guard path.first == UInt8(ascii: "/") else { return .nothing }
        return withUnsafeTemporaryAllocation(of: Range<Int>.self, capacity: Self.segmentsMax) { segments in
            var count = 0
            var start = 1
            for position in 1...path.count where position == path.count || path[position] == UInt8(ascii: "/") {
                guard count < Self.segmentsMax else { return .nothing }
                segments[count] = start..<position
                count += 1
                start = position + 1
            }
            var otherMethods: [String] = []
            for route in routes where route.segments.count == count && Self.fits(route, path, segments) {
                if route.method == method { return .route(route, parameters: Self.parameters(of: route, path, segments)) }
                otherMethods.append(route.method)
            }
            return otherMethods.isEmpty ? .nothing : .otherMethods(otherMethods)
        }
    }

    private static func fits(
        _ route: Route, _ path: UnsafeBufferPointer<UInt8>, _ segments: UnsafeMutableBufferPointer<Range<Int>>
    ) -> Bool {
        for (index, expected) in route.segments.enumerated() {
            switch expected {
            case .literal(let literal):
                guard segments[index].count == literal.count, path[segments[index]].elementsEqual(literal) else { return false }
            case .parameter:
                guard !segments[index].isEmpty else { return false }
            }
        }
        return true
    }

    private static func parameters(
        of route: Route, _ path: UnsafeBufferPointer<UInt8>, _ segments: UnsafeMutableBufferPointer<Range<Int>>
    ) -> [String] {
        var parameters: [String] = []
        for (index, expected) in route.segments.enumerated() where expected == .parameter {
            parameters.append(String(decoding: path[segments[index]], as: UTF8.self))
        }
        return parameters
    }
}

/// One request on its way through an operation: checked credential, path parameters, query and body.
struct Operation: Sendable {
    let request: APIRequest
    let parameters: [String]
    /// Who asks; nil at operations that are open to everybody.
    let caller: Caller?

    /// - Throws: a problem `internal` where the route lets everybody in and the answer needs to know who asks: a mistake in the table.
    func requireCaller() throws(Problem) -> Caller {
        guard let caller else { throw Problem(.internal, cause: "an open operation asked who is calling") }
        return caller
    }

    /// A path parameter as a word. A text that cannot be such a word names nothing.
    func parameter<Word>(_ index: Int, _ make: (String) throws(VocabularyError) -> Word) throws(Problem) -> Word {
        try Self.word(parameters[index], make)
    }

    static func word<Word>(_ text: String, _ make: (String) throws(VocabularyError) -> Word) throws(Problem) -> Word {
        do {
            return try make(text)
        } catch {
            throw Problem(.notFound)
        }
    }
}
