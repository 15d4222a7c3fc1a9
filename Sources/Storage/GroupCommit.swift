// Group commit: the changes of concurrent callers share a transaction, and so one wait for the disk.
//
// Who wants a change leaves it in a list. When the writer is free it takes the whole list, makes the changes one after the other inside one
// transaction, commits, and answers everybody: nobody waits for company, because the company gathers while the disk works. A change that
// fails, fails alone; a commit that fails, fails all that were in it.
//
// Usually a change that fails has written nothing, since it asks before it writes. So a batch begins without savepoints, and only when a
// change failed half-way everything is taken back and the batch is made again with a savepoint around each change. That is why changes
// must have no effect outside the database. (A savepoint each was measured: a quarter more work for a call.)
//
// GRDB's writer queue is the thread of all this: nothing here blocks a thread of Swift's shared pool.

import Calls
import GRDB
import Synchronization

/// Makes changes, many in one transaction, and answers each when it is on the disk.
final class GroupCommit: Sendable {
    /// A change that waits for its turn.
    private struct Change: Sendable {
        /// Makes it, and says what is to be done when it is committed.
        let make: @Sendable (Writing) throws -> Answer
        let refuse: @Sendable (StoreError) -> Void
    }

    /// What is to be done when a change is committed.
    private struct Answer: Sendable {
        let remember: @Sendable () -> Void
        let resume: @Sendable () -> Void
    }

    private struct Waiting {
        var changes: [Change] = []
        /// Those in `changes` and those that are being made.
        var count = 0
        /// Whether the writer will look into the list again by itself.
        var isDraining = false
        var isClosed = false
    }

    private enum Reply {
        case wait
        case begin
        case refuse(StoreError)
    }

    private let pool: DatabasePool
    /// Held as long as anything may be written.
    private let lock: DatabaseFileLock
    private let files: DatabaseFiles
    private let limits: StoreLimits
    private let metrics: StoreMetrics
    private let knownCalls: RecordCache<CallKey, KnownCall>
    private let liveCalls: LiveCalls
    private let statements = HotStatements()
    private let waiting = Mutex(Waiting())
    /// Taken out by whoever is on the writer queue, and put back.
    private let memory = Mutex(WriterMemory())

    init(
        pool: DatabasePool, lock: DatabaseFileLock, knownCalls: RecordCache<CallKey, KnownCall>, liveCalls: LiveCalls,
        limits: StoreLimits, metrics: StoreMetrics
    ) {
        self.pool = pool
        self.lock = lock
        self.files = DatabaseFiles(databasePath: lock.databasePath)
        self.knownCalls = knownCalls
        self.liveCalls = liveCalls
        self.limits = limits
        self.metrics = metrics
    }

    /// Makes a change, all of it or nothing, and returns when it is on the disk. It is made also when the caller is cancelled meanwhile.
    ///
    /// - Parameters:
    ///   - work: has no effect but on the database. It may be called twice: what it did the first time was taken back then.
    ///   - remember: is told what came of it when it is committed, on the writer's queue, before the next change begins. So what is
    ///     remembered is in the order of the commits; whoever waited for the answer could come after a later one.
    func change<T: Sendable>(
        _ work: @escaping @Sendable (Writing) throws -> T, remember: @escaping @Sendable (T) -> Void = { _ in }
    ) async throws(StoreError) -> T {
        let result = await withCheckedContinuation { (continuation: CheckedContinuation<Result<T, StoreError>, Never>) in
            change(work, remember: remember) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    /// The same without waiting. `done` is called once, on the writer's queue or, when the store takes no more, at once.
    func change<T: Sendable>(
        _ work: @escaping @Sendable (Writing) throws -> T, remember: @escaping @Sendable (T) -> Void = { _ in },
        done: @escaping @Sendable (Result<T, StoreError>) -> Void
    ) {
        let change = Change { writing in
            let value = try work(writing)
            return Answer(remember: { remember(value) }, resume: { done(.success(value)) })
        } refuse: { error in
            done(.failure(error))
        }
        let reply: Reply = waiting.withLock { waiting in
            guard !waiting.isClosed else { return .refuse(.unavailable("the store was closed")) }
            guard waiting.count < limits.waitingChangesMax else { return .refuse(.unavailable("too many changes wait for the disk")) }
            waiting.count += 1
            waiting.changes.append(change)
            defer { waiting.isDraining = true }
            return waiting.isDraining ? .wait : .begin
        }
        switch reply {
        case .wait: break
        case .begin: beginDraining()
        case .refuse(let error):
            metrics.note(.refused)
            done(.failure(error))
        }
    }

    /// Takes no more changes, makes those that were accepted, and gives the file back.
    func close() throws {
        waiting.withLock { $0.isClosed = true }
        pool.writeWithoutTransaction { db in
            while drain(db) {}
            markTold(db)
            statements.removeAll()
            emptyLog(db)
        }
        try pool.close()
        lock.release()
    }

    // MARK: - On the writer's queue

    private func beginDraining() {
        pool.asyncWriteWithoutTransaction { db in
            // One list, then back into the queue: whoever else wants the writer has its turn too.
            if self.drain(db) { self.beginDraining() }
        }
    }

    /// Makes what waits. False when nothing came meanwhile: then the next one that comes has to begin again.
    private func drain(_ db: Database) -> Bool {
        let changes = waiting.withLock { waiting in
            let changes = waiting.changes
            waiting.changes = []
            // About as many come while these are made.
            waiting.changes.reserveCapacity(changes.count)
            return changes
        }
        var rest = changes[...]
        while !rest.isEmpty {
            let batch = rest.prefix(limits.changesPerCommitMax)
            rest = rest.dropFirst(batch.count)
            commit(batch, in: db)
            waiting.withLock { $0.count -= batch.count }
        }
        return waiting.withLock { waiting in
            waiting.isDraining = !waiting.changes.isEmpty
            return waiting.isDraining
        }
    }

    private func writing(in db: Database, changesCount: Int = 0) -> Writing {
        let memory = memory.withLock { $0.taken() }
        return Writing(
            db: db, statements: statements, memory: memory, knownCalls: knownCalls, liveCalls: liveCalls, limits: limits,
            changesCount: changesCount)
    }

    /// Makes a batch and answers everybody in it.
    private func commit(_ batch: ArraySlice<Change>, in db: Database) {
        let writing = writing(in: db, changesCount: batch.count)
        let begin = ContinuousClock.now
        var outcomes: [Result<Answer, StoreError>]
        let duration: Duration
        do {
            outcomes = try attempt(batch, writing, isCareful: false)
            if outcomes.count < batch.count { outcomes = try attempt(batch, writing, isCareful: true) }
            duration = ContinuousClock.now - begin
        } catch {
            writing.takeBackEverything()
            memory.withLock { $0 = writing.memory }
            let reason = StoreError.ofCommit(error)
            metrics.note(.commit)
            for change in batch { change.refuse(reason) }
            return
        }
        writing.rememberCommitted()
        memory.withLock { $0 = writing.memory }
        var made = 0
        for case .success(let answer) in outcomes {
            made += 1
            answer.remember()
        }
        metrics.committed(changes: made, auditRows: writing.auditedCount, after: duration)
        carry(writing)
        for (change, outcome) in zip(batch, outcomes) {
            switch outcome {
            case .success(let answer): answer.resume()
            case .failure(let error): change.refuse(error)
            }
        }
    }

    /// Makes a batch in one transaction.
    /// - Returns: what came of each change; fewer, and nothing was written, when one of them failed half-way and only a careful attempt can
    ///   make the others.
    /// - Throws: what made the whole transaction fail. Nothing was written then.
    private func attempt(_ batch: ArraySlice<Change>, _ writing: Writing, isCareful: Bool) throws -> [Result<Answer, StoreError>] {
        let db = writing.db
        var outcomes: [Result<Answer, StoreError>] = []
        outcomes.reserveCapacity(batch.count)
        try files.requireInPlace()
        do {
            // Prepared once, unlike GRDB's own, which are a good part of a commit of few changes.
            try db.run("BEGIN IMMEDIATE TRANSACTION")
            try writing.markTold(placesMax: limits.markedLateMax)
            for change in batch {
                guard let outcome = try make(change, writing, isCareful: isCareful) else {
                    try db.rollback()
                    writing.takeBackEverything()
                    return outcomes
                }
                outcomes.append(outcome)
            }
            try db.run("COMMIT TRANSACTION")
            return outcomes
        } catch {
            try db.rollback()
            throw error
        }
    }

    /// Makes one change. Nil when it failed half-way and there is no savepoint to go back to.
    private func make(_ change: Change, _ writing: Writing, isCareful: Bool) throws -> Result<Answer, StoreError>? {
        let db = writing.db
        let mark = writing.mark()
        if isCareful { try db.run("SAVEPOINT change") }
        do {
            let answer = try change.make(writing)
            if isCareful { try db.run("RELEASE change") }
            writing.keepStaged()
            return .success(answer)
        } catch {
            // SQLite took everything back by itself: a full disk can end so.
            guard db.isInsideTransaction else { throw error }
            if isCareful {
                try db.run("ROLLBACK TO change")
                try db.run("RELEASE change")
            } else if db.totalChangesCount != mark.changesCount {
                return nil
            }
            writing.takeBack(to: mark)
            let reason = StoreError(error)
            metrics.note(.change, reason)
            return .failure(reason)
        }
    }

    /// Copies everything back into the database file, so that whoever copies the file of a stopped service has all of it. The connections
    /// that read are closed last, and those cannot do it. Where it fails nothing is lost: the log stays beside the file.
    private func emptyLog(_ db: Database) {
        do {
            try db.checkpoint(.truncate)
        } catch {
            return
        }
    }

    // MARK: - The courier

    /// Hands everything over that was not told yet, and from then on what is changed, as soon as it is committed.
    func attach(_ courier: any Courier) async throws(StoreError) {
        var told: UntoldSlice?
        repeat {
            let before = told
            told = try await change { writing in
                try writing.nextUntold(after: before)
            } remember: { slice in
                courier.carry(slice.events)
                self.memory.withLock { memory in
                    memory.carriedTo = slice.last
                    if slice.isLast { memory.courier = courier }
                }
            }
        } while told?.isLast == false
    }

    /// Hands over what a batch has to tell, in the order of its changes.
    private func carry(_ writing: Writing) {
        guard let last = writing.lastUntold, let courier = memory.withLock({ $0.courier }) else { return }
        if !writing.events.isEmpty { courier.carry(writing.events) }
        // A courier that came in this batch was handed over what the log held, perhaps farther than this.
        memory.withLock { $0.carriedTo = max(last, $0.carriedTo ?? 0) }
    }

    /// Writes down at the end what was handed over, so that nobody is told twice. Where it fails, somebody is, which couriers can bear.
    private func markTold(_ db: Database) {
        let writing = writing(in: db)
        do {
            try db.inTransaction(.immediate) {
                try writing.markTold(placesMax: 0)
                return .commit
            }
        } catch {
            writing.takeBackEverything()
        }
    }
}
