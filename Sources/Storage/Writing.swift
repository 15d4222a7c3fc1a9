import Calls
import GRDB
import Signing
import Vocabulary

/// What a store holds in memory at most.
struct StoreLimits: Sendable {
    var waitingChangesMax = Limits.waitingChangesMax
    var changesPerCommitMax = Limits.changesPerCommitMax
    /// From how many places back in the audit log a new courier is told; what lies before is given up.
    var untoldMax = 100_000
    /// How many places are looked through at once for what it is told.
    var untoldAtOnceMax = 1000
    /// How many places the mark of what was told may lie behind.
    var markedLateMax = 64
}

/// A call and where it stands in the store.
struct KnownCall: Sendable {
    /// The position in lists: the place in the audit log of the row that tells of its placing.
    let seq: Int64
    let call: Call
}

/// What the writer knows from one transaction to the next, so that it need not ask the database.
struct WriterMemory: Sendable {
    /// The end of the audit log; nil when it has to be read.
    var head: AuditHead?
    /// The place in the audit log up to which everything was handed over to the courier; nil when none has come.
    var carriedTo: Int64?
    /// The same as the database says it; nil when that is not known.
    var markedTo: Int64?
    var courier: (any Courier)?
    /// Tenants that were found to be open.
    var openTenants: Set<TenantID> = []
    /// Whom `stretches` names already.
    var newestStretch = NewestStretch()

    /// The memory, moved out of its place. So it has one owner, and nothing of it is copied when it changes.
    mutating func taken() -> WriterMemory {
        defer { self = WriterMemory() }
        return self
    }
}

/// What a change may do: the database, the audit log, and the memory of the writer, which is taken back together with a change that fails.
///
/// It is made for one batch and used on the writer's queue alone.
final class Writing {
    /// Where the writer stood before a change.
    struct Mark {
        let head: AuditHead?
        let eventsCount: Int
        let lastUntold: Int64?
        let changesCount: Int
        let auditedCount: Int
    }

    let db: Database
    let limits: StoreLimits
    var memory: WriterMemory
    /// The calls that this change changed.
    private var staged: [KnownCall] = []
    /// The calls that this batch changed.
    private(set) var changed: [CallKey: KnownCall] = [:]
    /// In which live call the parties of those are since; nil in none.
    private(set) var callsOfUsers: [UserKey: CallKey?] = [:]
    /// What is to be told when the batch is committed.
    var events: [CallEvent] = []
    /// How many rows this batch put into the audit log.
    private(set) var auditedCount = 0
    /// The place of the last change of this batch that is to be told.
    var lastUntold: Int64?
    let knownCalls: RecordCache<CallKey, KnownCall>
    let liveCalls: LiveCalls
    private let statements: HotStatements

    /// - Parameter changesCount: how many changes it is made for.
    init(
        db: Database, statements: HotStatements, memory: WriterMemory, knownCalls: RecordCache<CallKey, KnownCall>,
        liveCalls: LiveCalls, limits: StoreLimits, changesCount: Int
    ) {
        self.db = db
        self.statements = statements
        self.memory = memory
        self.knownCalls = knownCalls
        self.liveCalls = liveCalls
        self.limits = limits
        changed.reserveCapacity(changesCount)
        callsOfUsers.reserveCapacity(2 * changesCount)
        events.reserveCapacity(2 * changesCount)
    }

    // MARK: - For changes

    /// Executes one of the statements that are prepared once and kept.
    func run(_ hot: HotStatement, _ bind: (inout Binding) -> Void, row: (ResultRow) throws -> Void = { _ in }) throws {
        try statements.run(hot, in: db, bind, row: row)
    }

    /// Appends a row to the audit log and returns its place.
    @discardableResult
    func audit(_ entry: AuditEntry) throws -> Int64 {
        let head = try chainHead()
        let seq = head.seq + 1
        let entry = entry.storable
        let salt = SecureRandom.bytes(16)
        let hash = Digest.sha256(entry.hashedBytes(seq: seq, salt: salt, after: head.hash))
        let token = entry.token
        try run(.insertAudit) { row in
            row.add(seq)
            row.add(salt)
            row.add(entry.at.seconds)
            row.add(entry.tenant?.text)
            row.add(entry.actor.text)
            row.add(entry.operation.rawValue)
            row.add(entry.subject)
            row.add(entry.outcome)
            row.add(entry.requestID)
            row.add(token?.id)
            row.add(token?.sha256)
            row.add(token?.identity.text)
            row.add(token?.room.text)
            row.add(token?.role)
            row.add(token?.provider.rawValue)
            row.add(token?.expiresAt.seconds)
            row.add(hash)
        }
        memory.head = AuditHead(seq: seq, hash: hash)
        try note(entry.tenant, at: seq)
        auditedCount += 1
        return seq
    }

    /// - Throws: `StoreError.tenantGone` when the tenant is not there or was closed.
    func requireOpenTenant(_ id: TenantID) throws {
        if memory.openTenants.contains(id) { return }
        let isOpen = try Bool.fetchOne(db.prepared("SELECT closed_at IS NULL FROM tenants WHERE id = ?", [.text(id.text)]))
        guard isOpen == true else { throw StoreError.tenantGone }
        if memory.openTenants.count >= 10_000 { memory.openTenants.removeAll() }
        memory.openTenants.insert(id)
    }

    /// Notes a call that this change has written.
    func stage(_ known: KnownCall) {
        staged.append(known)
    }

    // MARK: - For the group commit

    func mark() -> Mark {
        Mark(
            head: memory.head, eventsCount: events.count, lastUntold: lastUntold, changesCount: db.totalChangesCount,
            auditedCount: auditedCount)
    }

    /// The change was made.
    func keepStaged() {
        for known in staged {
            let key = known.call.key
            changed[key] = known
            // In the order of the changes: a call that ends is the one that its parties were in until now.
            for party in known.call.parties {
                callsOfUsers.updateValue(known.call.isLive ? key : nil, forKey: UserKey(tenant: key.tenant, id: party.user))
            }
        }
        staged.removeAll(keepingCapacity: true)
    }

    /// The change was taken back.
    func takeBack(to mark: Mark) {
        memory.head = mark.head
        // Its place in the log is another change's now, which was not told.
        lastUntold = mark.lastUntold
        auditedCount = mark.auditedCount
        memory.openTenants.removeAll()
        memory.newestStretch = NewestStretch()
        if events.count > mark.eventsCount { events.removeSubrange(mark.eventsCount...) }
        staged.removeAll()
    }

    /// The transaction was taken back: the database is as it was, and what the writer knew of it may not be true.
    func takeBackEverything() {
        memory.head = nil
        memory.markedTo = nil
        auditedCount = 0
        memory.openTenants.removeAll()
        memory.newestStretch = NewestStretch()
        events.removeAll()
        lastUntold = nil
        staged.removeAll()
        changed.removeAll()
        callsOfUsers.removeAll()
    }

    /// The transaction was committed: live calls are kept at hand, ended ones are not.
    func rememberCommitted() {
        knownCalls.keepWritten(changed) { $0.call.isLive }
        liveCalls.keepWritten(changed.values)
    }

    func chainHead() throws -> AuditHead {
        if let head = memory.head { return head }
        let head = try db.auditHead()
        memory.head = head
        return head
    }
}
