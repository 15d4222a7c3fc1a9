public import Vocabulary

/// Who asked for something.
public enum Actor: Sendable, Hashable {
    /// A server, by its API key.
    case key(APIKeyID)
    /// A user, by the tenant's own token.
    case user(UserID)
    /// The person at the machine.
    case machine
    /// The service itself: a deadline came.
    case service

    /// `key_…`, `user:<id>`, `machine` or `service`.
    public var text: String {
        switch self {
        case .key(let id): id.text
        case .user(let user): "user:\(user.text)"
        case .machine: "machine"
        case .service: "service"
        }
    }
}

/// What was asked for. The raw value stands in the audit log.
public enum AuditedOperation: String, CaseIterable, Sendable {
    case createTenant = "tenant.create"
    case changeTenant = "tenant.change"
    case closeTenant = "tenant.close"
    case createKey = "key.create"
    case revokeKey = "key.revoke"
    case createRoom = "room.create"
    case closeRoom = "room.close"
    case mintRoomToken = "room.token"
    case putUser = "user.put"
    case deleteUser = "user.delete"
    case placeCall = "call.place"
    case acceptCall = "call.accept"
    case rejectCall = "call.reject"
    case cancelCall = "call.cancel"
    case endCall = "call.end"
    case mintCallToken = "call.token"
    /// The service ended it: a deadline, a party gone or removed, the tenant closed.
    case expireCall = "call.expire"
}

/// One line of the audit log before it has its place in the chain: who asked for what, and what came of it.
public struct AuditEntry: Sendable, Equatable {
    /// What is kept of a join token. Never the token.
    public struct Token: Sendable, Equatable {
        /// 128 random bits that name it, as LiveKit tokens carry them in `jti`: 22 characters of base64url.
        public let id: String
        /// SHA-256 of its text, 32 bytes.
        public let sha256: [UInt8]
        public let identity: UserID
        public let room: RoomName
        /// The profile: `host`, `participant`, …
        public let role: String
        public let provider: ProviderKind
        public let expiresAt: UnixTime

        public init(
            id: String, sha256: [UInt8], identity: UserID, room: RoomName, role: String, provider: ProviderKind, expiresAt: UnixTime
        ) {
            self.id = id
            self.sha256 = sha256
            self.identity = identity
            self.room = room
            self.role = role
            self.provider = provider
            self.expiresAt = expiresAt
        }
    }

    public let at: UnixTime
    /// Whose row it is; nil for the operator's.
    public let tenant: TenantID?
    public let actor: Actor
    public let operation: AuditedOperation
    /// What it was about: the id of the call, room, key, user or tenant.
    public let subject: String
    /// `done`, or the code of the refusal.
    public let outcome: String
    /// The name of the request, where somebody asked: `X-Request-Id` of REST; of sockets the socket's id, for its CONNECT, or that with a
    /// hyphen and a number, for what it asked after.
    public let requestID: String?
    public let token: Token?

    public static let done = "done"

    public init(
        at: UnixTime, tenant: TenantID?, actor: Actor, operation: AuditedOperation, subject: String, outcome: String = done,
        requestID: String?, token: Token? = nil
    ) {
        self.at = at
        self.tenant = tenant
        self.actor = actor
        self.operation = operation
        self.subject = subject
        self.outcome = outcome
        self.requestID = requestID
        self.token = token
    }
}

/// One line of the audit log in its place.
public struct AuditRow: Sendable, Equatable {
    /// Counts all rows of the store from 1, without a gap.
    public let seq: Int64
    /// The actor as `Actor.text` writes it, because a row outlives what it names.
    public let entry: AuditEntry
    /// 16 random bytes, known to nobody but the store. Without them, who owns the rows around another tenant's could try by the hashes what
    /// that one says.
    public let salt: [UInt8]
    /// The hash of the row before it; 32 zero bytes for the first.
    public let previousHash: [UInt8]
    /// SHA-256 over `previousHash` and the canonical form of the row.
    public let hash: [UInt8]

    public init(seq: Int64, entry: AuditEntry, salt: [UInt8], previousHash: [UInt8], hash: [UInt8]) {
        self.seq = seq
        self.entry = entry
        self.salt = salt
        self.previousHash = previousHash
        self.hash = hash
    }
}
