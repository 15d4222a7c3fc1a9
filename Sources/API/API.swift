// API: the REST counter.
//
// A request comes in as a value, an answer goes out as a value; which socket it came over is the gateway's business. `Routes.swift` is the
// table of all operations and the place to begin reading. Shapes are read by the files named after what they are about; the rules are the
// desk's (`Switchboard`); how a refusal looks is said in `ErrorResponse.swift` alone.

public import Logging
public import Metering
import StrictJSON
public import Switchboard
public import Vocabulary

/// The REST counter in front of one desk.
public struct API: Sendable {
    let table: RouteTable
    /// What is counted.
    public let metrics: APIMetrics
    private let desk: Switchboard
    private let rates: RateFieldsWriter
    private let logger: Logger

    /// - Parameter metrics: where the numbers are shown.
    public init(desk: Switchboard, logger: Logger, metrics: MetricRegistry = MetricRegistry()) {
        self.table = RouteTable(routes: Routes.all(desk))
        self.metrics = APIMetrics(metrics, operations: table.routes.map(\.id))
        self.desk = desk
        self.rates = RateFieldsWriter(desk.requests)
        self.logger = logger
    }

    /// Answers a request. Every refusal is an answer too, so this never fails.
    public func respond(to request: APIRequest) async -> APIResponse {
        var standing: LimitStanding?
        var operation: Int?
        var response: APIResponse
        do throws(Problem) {
            response = answered(try await answer(request, &standing, &operation), operation, request)
        } catch {
            response = refusal(error, of: request, operation)
        }
        response.rate = rates.fields(standing ?? desk.requests.count(request.client))
        return response
    }

    private func answer(
        _ request: APIRequest, _ standing: inout LimitStanding?, _ operation: inout Int?
    ) async throws(Problem) -> APIResponse {
        let (route, parameters) = try found(request)
        operation = route.number
        let caller = try await authenticated(request, for: route, parameters, &standing)
        try Self.checkShape(request, of: route)
        return try await route.answer(Operation(request: request, parameters: parameters, caller: caller))
    }

    /// Answers a hot request from memory alone, and refuses any whose key has asked too often.
    /// - Parameter done: is called once, here or on a thread of the store; the answer is written out when it is asked for.
    /// - Returns: false when it is no hot request, or when something has to be asked: then `done` is never called and `respond` answers it.
    public func respondAtHand(to request: APIRequest, done: @escaping @Sendable (LateAnswer) -> Void) -> Bool {
        guard case .route(let route, let parameters) = table.match(request.method, request.path), route.access != .open
        else { return false }
        let number = route.number
        var standing: LimitStanding?
        do throws(Problem) {
            guard let bearer = request.bearer else {
                guard route.answerAtHand != nil else { return false }
                try note(desk.requests.count(request.client), in: &standing)
                throw Problem(desk: .unauthenticated)
            }
            let caller = try askingAtHand { () throws(DeskError) in try desk.authenticateAtHand(bearer, from: request.client) }
            guard let caller, Self.missingScope(of: caller, for: route.access) == nil,
                route.answerAtHand != nil || desk.requests.isExhausted(caller)
            else { return false }
            try note(desk.requests.count(caller), in: &standing)
            guard let answer = route.answerAtHand else {
                desk.requests.giveBack(caller)
                return false
            }
            try Self.checkShape(request, of: route)
            let operation = Operation(request: request, parameters: parameters, caller: caller.asking(request.requestID))
            let counted = standing
            let isTaken = try answer(operation) { outcome in done(late(outcome, of: request, number, counted)) }
            if !isTaken { desk.requests.giveBack(caller) }
            return isTaken
        } catch {
            done(late(.failure(error), of: request, number, standing ?? desk.requests.credentials(of: request.client)))
            return true
        }
    }

    private func late(
        _ outcome: Result<LateResponse, Problem>, of request: APIRequest, _ operation: Int, _ standing: LimitStanding?
    ) -> LateAnswer {
        LateAnswer(
            outcome: outcome, finish: { answered($0, operation, request) }, refuse: { refusal($0, of: request, operation) },
            rate: { standing.map(rates.fields) })
    }

    /// The answer to what the transport refused before it was a request.
    public func refusal(_ code: ProblemCode, requestID: String, client: ClientNetwork) -> APIResponse {
        metrics.refused(code)
        var response = Problem(code).response(requestID: requestID)
        response.rate = rates.fields(desk.requests.count(client))
        return response
    }

    /// Notes how a request stands that was counted, and refuses one that is too many.
    private func note(_ counted: LimitStanding, in standing: inout LimitStanding?) throws(Problem) {
        standing = counted
        if let seconds = counted.retryAfterSeconds { throw Problem(desk: .rateLimited(retryAfterSeconds: seconds)) }
    }

    private func found(_ request: APIRequest) throws(Problem) -> (Route, parameters: [String]) {
        switch table.match(request.method, request.path) {
        case .route(let route, let parameters): return (route, parameters)
        case .otherMethods(let methods): throw Problem(.methodNotAllowed, allowed: methods.sorted())
        case .nothing: throw Problem(.notFound)
        }
    }

    private func authenticated(
        _ request: APIRequest, for route: Route, _ parameters: [String], _ standing: inout LimitStanding?
    ) async throws(Problem) -> Caller? {
        guard let bearer = request.bearer, route.access != .open else {
            try note(desk.requests.count(request.client), in: &standing)
            guard route.access == .open else { throw Problem(desk: .unauthenticated) }
            return nil
        }
        let caller: Caller
        do {
            caller = try await desk.authenticate(bearer, from: request.client).asking(request.requestID)
        } catch {
            standing = desk.requests.credentials(of: request.client)
            throw Problem(desk: error)
        }
        try note(desk.requests.count(caller), in: &standing)
        guard let scope = Self.missingScope(of: caller, for: route.access) else { return caller }
        if let operation = route.auditedAs {
            try await asking { () async throws(DeskError) in
                try await desk.auditMissingScope(operation, of: Self.subject(parameters, caller), for: caller)
            }
        }
        throw Problem(desk: .missingScope(scope))
    }

    /// The scope that the caller lacks for the operation; nil where it may use it. Users hold none. Who lacks one is refused the long way,
    /// where that can be kept in the audit log.
    private static func missingScope(of caller: Caller, for access: Access) -> Scope? {
        switch (access, caller.owner) {
        case (.open, _), (.anyCredential, _), (.scopeOrUser, .user): nil
        case (.scope(let scope), _), (.scopeOrUser(let scope), _): caller.scopes.contains(scope) ? nil : scope
        }
    }

    /// What the audit log says a refused request was about: the room or call in its path, where one is named, else the tenant.
    private static func subject(_ parameters: [String], _ caller: Caller) -> String {
        do {
            // Names of rooms have the shape of call ids too.
            if let name = parameters.first { return try CallID(name).text }
        } catch {
            // It names nothing, so nothing is known of what it was about.
        }
        switch caller.owner {
        case .tenant(let tenant), .user(let tenant, _): return tenant.text
        case .operator: return "operator"
        }
    }

    /// A query is there only where one belongs; a body is JSON where one belongs, and absent where none does. What is public is asked by
    /// machines that add what they like to an address, and looks at no query.
    private static func checkShape(_ request: APIRequest, of route: Route) throws(Problem) {
        if !route.takesQuery, route.access != .open, request.path.endIndex != request.target.endIndex {
            _ = try Query(request.target, known: [])
        }
        guard route.takesBody else {
            guard request.body.isEmpty else { throw Problem(.malformedRequest, "This operation takes no body.") }
            return
        }
        guard let contentType = request.contentType, isJSON(contentType) else {
            throw Problem(.unsupportedMediaType, "Send Content-Type: application/json.")
        }
    }

    /// `application/json`, alone or with `charset=utf-8`.
    private static func isJSON(_ contentType: String) -> Bool {
        if contentType == "application/json" { return true }
        let parts = contentType.lowercased().split(separator: ";", maxSplits: 1)
        guard let type = parts.first, Self.trimmed(type) == "application/json" else { return false }
        guard parts.count == 2 else { return true }
        let parameter = Self.trimmed(parts[1])
        return parameter == "charset=utf-8" || parameter == "charset=\"utf-8\""
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return text
    }

    private func answered(_ answer: APIResponse, _ operation: Int?, _ request: APIRequest) -> APIResponse {
        logger.debug(
            "request answered",
            metadata: metadata(of: request, operation).merging(["http.response.status_code": "\(answer.status)"]) { $1 })
        return answer.of(operation)
    }

    private func refusal(_ problem: Problem, of request: APIRequest, _ operation: Int?) -> APIResponse {
        metrics.refused(problem.code)
        switch problem.code.status {
        case 500: logger.error("request failed", metadata: metadata(of: problem, request, operation))
        case 501...: logger.warning("request could not be served", metadata: metadata(of: problem, request, operation))
        default: logger.debug("request refused", metadata: metadata(of: problem, request, operation))
        }
        return problem.response(requestID: request.requestID).of(operation)
    }

    private func metadata(of problem: Problem, _ request: APIRequest, _ operation: Int?) -> Logger.Metadata {
        var metadata = metadata(of: request, operation)
        metadata["problem.code"] = "\(problem.code.rawValue)"
        if let cause = problem.cause { metadata["cause"] = "\(cause)" }
        return metadata
    }

    /// What every line about a request says. Its target is not in it: people put secrets into queries.
    private func metadata(of request: APIRequest, _ operation: Int?) -> Logger.Metadata {
        var metadata: Logger.Metadata = ["request.id": "\(request.requestID)", "http.request.method": "\(request.method)"]
        if let operation { metadata["http.operation"] = "\(table.routes[operation].id)" }
        if let trace = request.trace {
            metadata["trace_id"] = "\(trace.traceID)"
            metadata["span_id"] = "\(trace.spanID)"
        }
        return metadata
    }
}

extension Operation {
    /// The body as a closed object, read by `read`. Every fault is reported, not the first one only.
    func body<Value>(nullMeansAbsent: Bool = false, _ read: (inout FieldReader) -> Value?) throws(Problem) -> Value {
        let value: JSONValue
        do {
            value = try JSONValue.parse(request.body, limits: JSONLimits(bytesMax: Limits.bodyBytesMax, depthMax: Limits.jsonDepthMax))
        } catch {
            throw Problem(error)
        }
        var reader = FieldReader(value, nullMeansAbsent: nullMeansAbsent)
        let result = read(&reader)
        do {
            try reader.finish()
        } catch {
            throw Problem(error)
        }
        guard let result else { throw Problem(.internal, cause: "a body without faults could not be read") }
        return result
    }

    /// The page that a list's query asks for.
    func page(_ query: Query) throws(Problem) -> (cursor: String?, limit: Int) {
        (
            try query.text("cursor", bytesMax: Limits.cursorBytesMax),
            try query.integer("limit", in: Limits.pageSize) ?? Limits.pageSizeDefault
        )
    }
}

/// An answer that is known, and not written out yet: whoever sends it does that, on its own thread.
public struct LateAnswer: Sendable {
    let outcome: Result<LateResponse, Problem>
    let finish: @Sendable (APIResponse) -> APIResponse
    let refuse: @Sendable (Problem) -> APIResponse
    let rate: @Sendable () -> RateFields?

    /// The answer, written out now.
    public var response: APIResponse {
        var response =
            switch outcome {
            case .success(let write): finish(write())
            case .failure(let problem): refuse(problem)
            }
        response.rate = rate()
        return response
    }
}

/// Writes an answer out.
typealias LateResponse = @Sendable () -> APIResponse
