import Foundation
import GRDB
import Logging
import StrictJSON
import Switchboard
import Synchronization
import TestSupport
import Testing
import Vocabulary

@testable import API
@testable import Storage

/// The REST counter over a real store in a folder of its own, with a clock that stands still until it is set.
///
/// Every answer that it gives is compared with the contract before a test sees it.
final class Service: Sendable {
    let api: API
    let desk: Switchboard
    let store: TestStore
    let operatorKey: String
    let clock: Clock
    /// Who is on a socket: nobody, until a test says so.
    let sockets = FakeSockets()
    /// The database below the store.
    let database: DatabasePool
    private let folder: TemporaryFolder

    /// A moment in 2026; what tests expect is written relative to it.
    static let start = UnixTime(1_767_225_600)

    /// How often users may ring each other is limited as ever; how often somebody may ask is not, unless a test is about that.
    static let limits = {
        var limits = DeskLimits.unlimited
        (limits.ringsPerPair, limits.ringsPerCallee) = (DeskLimits().ringsPerPair, DeskLimits().ringsPerCallee)
        return limits
    }()

    init(limits: DeskLimits = Service.limits, outside: any OutsideLine = FakeOutside()) async throws {
        let folder = try TemporaryFolder()
        let clock = Clock()
        let file = try SQLiteStore(path: folder.path("test.sqlite"))
        let store = TestStore(file)
        let desk = try await Switchboard(
            store: store, secrets: TestSecrets(), outside: outside, clock: { clock.now }, monotonic: { clock.elapsed }, limits: limits)
        self.folder = folder
        self.store = store
        self.database = file.pool
        self.desk = desk
        desk.attach(sockets: sockets)
        self.clock = clock
        self.api = API(desk: desk, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let key = try #require(try await desk.ensureOperatorKey(given: nil))
        operatorKey = Self.text(key)
    }

    /// A clock that tests set.
    final class Clock: Sendable {
        private let moment = Mutex(Service.start)
        var now: UnixTime { moment.withLock { $0 } }
        var elapsed: Duration { .seconds(now.seconds - Service.start.seconds) }
        func advance(_ seconds: Int) { moment.withLock { $0 = $0 + seconds } }
    }

    // MARK: Asking

    /// Sends a request and returns the answer, after comparing it with the contract.
    /// - Parameter key: the bearer token: an API key, or the token of a user.
    @discardableResult
    func send(
        _ method: String, _ target: String, _ body: JSONValue? = nil, key: String? = nil, idempotencyKey: String? = nil,
        ifMatch: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Answer {
        let request = APIRequest(
            method: method, target: target, authorization: .of(key), contentType: body == nil ? nil : "application/json",
            idempotencyKey: idempotencyKey.map { .one($0) } ?? .none, ifMatch: ifMatch.map { [$0] } ?? [], requestID: Self.requestID,
            body: body?.canonicalBytes ?? [])
        return try await send(request, sourceLocation: sourceLocation)
    }

    @discardableResult
    func send(
        _ method: String, _ target: String, bytes: [UInt8], contentType: String?, key: String?,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Answer {
        let request = APIRequest(
            method: method, target: target, authorization: .of(key), contentType: contentType, requestID: Self.requestID, body: bytes)
        return try await send(request, sourceLocation: sourceLocation)
    }

    func send(_ request: APIRequest, sourceLocation: SourceLocation = #_sourceLocation) async throws -> Answer {
        try check(await api.respond(to: request), request, sourceLocation)
    }

    /// The same by the short way; nil where it has to be asked the long way.
    func sendAtHand(
        _ method: String, _ target: String, _ body: JSONValue, key: String, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Answer? {
        let request = APIRequest(
            method: method, target: target, authorization: .of(key), contentType: "application/json", requestID: Self.requestID,
            body: body.canonicalBytes)
        return try await api.respondAtHand(to: request).map { try check($0, request, sourceLocation) }
    }

    static let requestID = "test-request-1"

    private func check(_ response: APIResponse, _ request: APIRequest, _ location: SourceLocation) throws -> Answer {
        let contract = try Contract.current.get()
        var headers: [(name: String, value: String)] = []
        response.forEachHeader(requestID: request.requestID) { headers.append(($0, $1)) }
        var operation: Contract.Operation?
        if case .route(let route, _) = api.table.match(request.method, request.path) { operation = contract.operation(route.id) }
        let answer = ServiceAnswer(status: response.status, headers: headers, body: response.body)
        for fault in contract.faults(in: answer, to: operation) {
            Issue.record("\(request.method) \(request.target) broke the contract: \(fault)", sourceLocation: location)
        }
        let json = headers.contains { $0.name == "content-type" && $0.value.contains("json") }
        return Answer(
            status: response.status, headers: headers, bytes: response.body,
            json: json ? try JSONValue.parse(response.body, limits: JSONLimits(bytesMax: 1 << 20)) : .null)
    }

    /// An answer, read.
    struct Answer {
        let status: Int
        let headers: [(name: String, value: String)]
        let bytes: [UInt8]
        let json: JSONValue

        var code: String? { json["code"]?.stringValue }
        /// The pointers of the faults, in the order of the answer.
        var pointers: [String] { (json["errors"]?.arrayValue ?? []).compactMap { $0["pointer"]?.stringValue } }
        subscript(_ name: String) -> JSONValue? { json[name] }
        func text(_ name: String) throws -> String { try #require(json[name]?.stringValue) }
        /// The values of all headers but the one that counts: it differs from one answer to the next.
        var fields: [String] { headers.filter { $0.name != "ratelimit" }.map(\.value) }
        func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
    }

    // MARK: Preparing

    static let tenantScopes: [Scope] = Scope.allCases.filter(\.isForTenants)
    static let livekitSettings: JSONValue = [
        "server_url": "wss://livekit.example", "api_key": "APItest", "api_secret": ["env": "LIVEKIT_SECRET"],
    ]
    static let agoraSettings: JSONValue = ["app_id": "0123456789abcdef0123456789ABCDEF", "app_certificate": ["env": "AGORA_CERTIFICATE"]]

    /// Makes a tenant with both providers, whose users have tokens, and returns a key of it.
    func tenant(_ id: String, scopes: [Scope] = Service.tenantScopes, agora: JSONValue = Service.agoraSettings) async throws -> String {
        let made = try await send(
            "POST", "/v1/tenants",
            [
                "id": .string(id), "providers": ["livekit": Self.livekitSettings, "agora": agora], "default_provider": "livekit",
                "user_tokens": ["alg": "HS256", "issuer": .string(Self.issuer(of: id)), "secret": ["env": "USER_TOKEN_SECRET"]],
            ],
            key: operatorKey)
        #expect(made.status == 201, "\(made.json.canonicalText)")
        return try await key(of: id, scopes: scopes)
    }

    func key(of tenant: String?, scopes: [Scope]) async throws -> String {
        var order: JSONObject = ["scopes": .array(scopes.map { .string($0.rawValue) })]
        if let tenant { order["tenant"] = .string(tenant) }
        return try await send("POST", "/v1/keys", .object(order), key: operatorKey).text("key")
    }

    func room(key: String, _ order: JSONValue = [:]) async throws -> String {
        try await send("POST", "/v1/rooms", order, key: key).text("name")
    }

    static func text(_ key: NewKey) -> String { key.secret.withBytes { String(decoding: $0, as: UTF8.self) } }
}

/// Secrets by name, as an environment would give them.
struct TestSecrets: SecretSource {
    static let values = [
        "LIVEKIT_SECRET": "a-livekit-secret-of-more-than-32-bytes-4711", "AGORA_CERTIFICATE": "fedcba9876543210fedcba9876543210",
        "NEW_LIVEKIT_SECRET": "another-livekit-secret-of-more-than-32-bytes",
        "INTERNAL_SECRET": "the-app-and-its-gate-know-this",
        "NEW_AGORA_CERTIFICATE": "0123456789fedcba9876543210abcdef",
        "OLD_USER_TOKEN_SECRET": "the-identity-provider-signed-with-this-0814",
        "USER_TOKEN_SECRET": "the-identity-provider-signs-with-this-0815", "SHORT_SECRET": "too-short",
        "KNOWN_SECRET": "<random_string_at_least_32_characters_long>",
    ]

    func secret(_ reference: SecretReference) throws(SecretUnavailable) -> Secret {
        guard case .environment(let name) = reference, let value = Self.values[name] else {
            throw SecretUnavailable("the \(reference) is not set")
        }
        return Secret(utf8: value)
    }

    func keySet(file path: String) throws(SecretUnavailable) -> [UInt8] {
        throw SecretUnavailable("the file \(path) is not there")
    }
}

/// Other servers, which are all down. It takes `https://` only.
final class FakeOutside: OutsideLine {
    private let questions = Mutex<[String]>([])

    var asked: [String] { questions.withLock { $0 } }

    func objection(to address: WebAddress) -> String? { address.scheme == .https ? nil : "is not https" }

    func get(_ question: OutsideQuestion) async throws(OutsideTrouble) -> OutsideAnswer {
        questions.withLock { $0.append(question.address.text) }
        throw OutsideTrouble("is down")
    }
}

extension APIRequest.HeaderValue {
    /// The header of that bearer token.
    static func of(_ key: String?) -> Self { key.map { .one("Bearer \($0)") } ?? .none }
}

extension API {
    /// A hot request by the short way; nil where it has to be asked the long way.
    func respondAtHand(to request: APIRequest) async -> APIResponse? {
        await withCheckedContinuation { continuation in
            let isTaken = respondAtHand(to: request) { continuation.resume(returning: $0.response) }
            if !isTaken { continuation.resume(returning: nil) }
        }
    }

    /// One hot request without comparing its answer with the contract: for tests that make very many.
    func respondAtHandForTest(_ target: String, _ body: JSONValue, key: String) async throws -> JSONValue? {
        let request = APIRequest(
            method: "POST", target: target, authorization: .of(key), contentType: "application/json", requestID: Service.requestID,
            body: body.canonicalBytes)
        return try await respondAtHand(to: request).map { try JSONValue.parse($0.body, limits: JSONLimits(bytesMax: 1 << 16)) }
    }
}
