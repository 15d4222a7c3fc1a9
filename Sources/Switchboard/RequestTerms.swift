public import Calls
import Signing
import Synchronization
import Vocabulary

/// What a request about a call says of itself beside what it asks for: that it may be a repeated one, and which version it is meant for.
public struct RequestTerms: Sendable {
    /// By what a repeated request is known.
    public struct Repeat: Sendable {
        /// The `Idempotency-Key`, 1 to 128 visible ASCII characters.
        public let text: String
        /// What `fingerprint(method:path:body:)` says of the request.
        public let fingerprint: [UInt8]

        public init(text: String, fingerprint: [UInt8]) {
            self.text = text
            self.fingerprint = fingerprint
        }
    }

    public let `repeat`: Repeat?
    public let condition: VersionCondition

    public static let none = RequestTerms(repeat: nil, condition: .none)

    public init(`repeat`: Repeat?, condition: VersionCondition) {
        self.repeat = `repeat`
        self.condition = condition
    }

    /// What makes two requests the same one: SHA-256 over method, path and body with NUL between them.
    public static func fingerprint(method: String, path: String, body: [UInt8]) -> [UInt8] {
        Digest.sha256(Array(method.utf8) + [0] + Array(path.utf8) + [0] + body)
    }
}

/// The requests with an `Idempotency-Key` that are being worked on now, in this process.
final class RunningRequests: Sendable {
    private struct Name: Hashable {
        let tenant: TenantID
        let sender: String
        let text: String
    }

    private let names = Mutex<Set<Name>>([])

    /// Works on a request, unless one with the same key is being worked on already.
    func alone<Answer>(_ ticket: ChangeTicket, _ work: () async throws(DeskError) -> Answer) async throws(DeskError) -> Answer {
        guard let key = ticket.idempotency else { return try await work() }
        let name = Name(tenant: ticket.tenant, sender: key.sender, text: key.text)
        guard names.withLock({ $0.insert(name).inserted }) else { throw .idempotencyInProgress }
        defer { names.withLock { _ = $0.remove(name) } }
        return try await work()
    }
}
