public import Vocabulary

/// What a request for a change brings along, whatever it changes.
public struct ChangeTicket: Sendable {
    public let tenant: TenantID
    public let actor: Actor
    public let at: UnixTime
    public let requestID: String?
    public let idempotency: IdempotencyKey?
    public let condition: VersionCondition

    public init(
        tenant: TenantID, actor: Actor, at: UnixTime, requestID: String? = nil, idempotency: IdempotencyKey? = nil,
        condition: VersionCondition = .none
    ) {
        self.tenant = tenant
        self.actor = actor
        self.at = at
        self.requestID = requestID
        self.idempotency = idempotency
        self.condition = condition
    }
}

/// By what a repeated request is known.
public struct IdempotencyKey: Sendable, Hashable {
    /// Who sent it: keys of different senders have nothing to do with each other. `server`, or `user:<id>`.
    public let sender: String
    /// 1 to 128 visible ASCII characters.
    public let text: String
    /// SHA-256 over method, path and body: a repeated request is the same one. 32 bytes.
    public let fingerprint: [UInt8]

    public init(sender: String, text: String, fingerprint: [UInt8]) {
        self.sender = sender
        self.text = text
        self.fingerprint = fingerprint
    }
}

/// Which versions of a call a request is meant for (`If-Match`).
public enum VersionCondition: Sendable, Equatable {
    case none
    /// Any of these. Empty: no version fits.
    case oneOf([Int])

    /// Whether a request with this condition is meant for that version.
    public func holds(for version: Int) -> Bool {
        switch self {
        case .none: true
        case .oneOf(let versions): versions.contains(version)
        }
    }
}

/// What came of a request about a call.
public enum CallOutcome: Sendable, Equatable {
    /// It changed, and that is on the disk.
    case changed(Call)
    /// It was so already. The call as it was then where the request was recognised by its `Idempotency-Key`, else as it is.
    case repeated(Call)
    case refused(CallRefusal)
}

/// Which calls of a tenant a list shows.
public struct CallFilter: Sendable, Equatable {
    public let state: Call.State?
    public let user: UserID?

    public init(state: Call.State?, user: UserID?) {
        self.state = state
        self.user = user
    }
}

/// Keeps calls, and decides every race about them.
///
/// Each change is one transaction: the rules of `CallPlacement` and `CallTransition` are asked inside it, and with the change it keeps the
/// result under the ticket's `Idempotency-Key`, the audit row and the events that are to be told. A refusal changes nothing and keeps its
/// audit row. The order of the questions: is the request a repeated one, is the call there, does the version fit, what say the rules.
public protocol CallStore: Sendable {
    func place(_ call: NewCall, _ ticket: ChangeTicket) async throws(StoreError) -> CallOutcome
    func move(_ move: CallMove, _ id: CallID, _ ticket: ChangeTicket) async throws(StoreError) -> CallOutcome
    /// Keeps the audit rows of tokens that were minted for a call, if it is still active. False: it is not, nothing was kept, and the
    /// tokens must not be handed out.
    func recordMints(_ entries: [AuditEntry], whileActive call: CallKey) async throws(StoreError) -> Bool

    /// Whether the answer to a request with that key is kept, and the call that it is about.
    func isAnswered(_ key: IdempotencyKey, of tenant: TenantID) async throws(StoreError) -> Bool
    /// A call by its id, or by the id with which it was crossed.
    func call(_ id: CallID, of tenant: TenantID) async throws(StoreError) -> Call?
    /// The live call that a user is in.
    func liveCall(of user: UserID, in tenant: TenantID) async throws(StoreError) -> Call?
    /// Whether the store vouches, from memory, that the user is in no live call. False: ask.
    func isFreeAtHand(_ user: UserID, in tenant: TenantID) -> Bool
    /// Those of the users who are in a live call.
    func usersInCalls(among users: [UserID], of tenant: TenantID) async throws(StoreError) -> Set<UserID>
    /// How many calls are active now, of all tenants. Answered at once, from memory.
    func activeCallsCount() -> Int
    /// The calls of one tenant, oldest first.
    func calls(of tenant: TenantID, _ filter: CallFilter, page: PageRequest) async throws(StoreError) -> Page<Call>
    /// The live calls of all tenants, oldest first: read when the service starts.
    func liveCalls(page: PageRequest) async throws(StoreError) -> Page<Call>

    /// Hands what is to be told to this courier from now on, and first what could not be told before a restart.
    func attach(_ courier: any Courier) async throws(StoreError)
}

/// Keeps the directory of users.
public protocol UserStore: Sendable {
    /// Makes or replaces a user. True when it is new. The moment of making is kept.
    /// - Throws: `limitReached` at `usersMax` users of the tenant, `tenantGone`.
    func put(_ user: User, usersMax: Int, _ audit: AuditEntry) async throws(StoreError) -> Bool
    /// Makes a user unless it is there, and returns what the directory says of it now. Where it was there, nothing is kept of the attempt.
    /// - Throws: `limitReached` at `usersMax` users of the tenant, `tenantGone`.
    func putIfAbsent(_ user: User, usersMax: Int, _ audit: AuditEntry) async throws(StoreError) -> User
    func user(_ id: UserID, of tenant: TenantID) async throws(StoreError) -> User?
    /// Takes a user out and ends its live call (`userRemoved`), in one step. False when there is none; then the audit row says `not_found`.
    func deleteUser(_ id: UserID, _ ticket: ChangeTicket) async throws(StoreError) -> Bool
}

/// Whose audit rows a list is about.
public enum AuditOwner: Sendable, Equatable {
    case tenant(TenantID)
    case `operator`
}

/// Keeps the audit log.
public protocol AuditStore: Sendable {
    /// Appends rows; they are on the disk when this returns.
    func append(_ entries: [AuditEntry]) async throws(StoreError)
    /// The same without waiting: `done` is called once, with the trouble if there was any, wherever changes are written.
    func append(_ entry: AuditEntry, done: @escaping @Sendable (StoreError?) -> Void)
    /// The rows of one owner, oldest first.
    func auditRows(of owner: AuditOwner, page: PageRequest) async throws(StoreError) -> Page<AuditRow>
}

/// Until when things are kept. Everything older may go.
public struct Retention: Sendable, Equatable {
    public let idempotencyBefore: UnixTime
    public let endedCallsBefore: UnixTime
    public let closedRoomsBefore: UnixTime
    public let deadKeysBefore: UnixTime
    public let auditBefore: UnixTime

    public init(
        idempotencyBefore: UnixTime, endedCallsBefore: UnixTime, closedRoomsBefore: UnixTime, deadKeysBefore: UnixTime,
        auditBefore: UnixTime
    ) {
        self.idempotencyBefore = idempotencyBefore
        self.endedCallsBefore = endedCallsBefore
        self.closedRoomsBefore = closedRoomsBefore
        self.deadKeysBefore = deadKeysBefore
        self.auditBefore = auditBefore
    }
}

/// Forgets what is old.
public protocol RetentionStore: Sendable {
    /// Removes at most `rowsMax` rows of each table that are older than they may be. True when there may be more.
    func forget(_ retention: Retention, rowsMax: Int) async throws(StoreError) -> Bool
}
