import Synchronization

/// Records that the store has read or written lately, for questions that must be answered without waiting.
///
/// It never holds a record that is older than what the store has acknowledged. A writer puts its record in after the commit and
/// before its answer. A reader may have read before such a commit and come late, so it puts its record in only if nothing was written
/// since it began to read: that is what `generation` tells.
final class RecordCache<Key: Hashable & Sendable, Record: Sendable>: Sendable {
    private struct Contents {
        var records: [Key: Record] = [:]
        var generation: UInt64 = 0

        mutating func makeSpace(_ capacity: Int) {
            if records.count >= capacity { records.removeAll(keepingCapacity: true) }
        }
    }

    private let contents = Mutex(Contents())
    private let capacity: Int

    /// - Parameter capacity: how many records at most. A full cache forgets everything and starts again: simple, bounded, and rare.
    init(capacity: Int) {
        self.capacity = capacity
    }

    subscript(key: Key) -> Record? {
        contents.withLock { $0.records[key] }
    }

    /// To be asked before reading from the database.
    var generation: UInt64 {
        contents.withLock { $0.generation }
    }

    /// Keeps what was read, unless something was written since `generation`.
    func keepRead(_ record: Record, for key: Key, since generation: UInt64) {
        contents.withLock { contents in
            guard contents.generation == generation else { return }
            contents.makeSpace(capacity)
            contents.records[key] = record
        }
    }

    /// Keeps what was written and committed.
    func keepWritten(_ record: Record, for key: Key) {
        contents.withLock { contents in
            contents.generation += 1
            contents.makeSpace(capacity)
            contents.records[key] = record
        }
    }

    /// Keeps of what one commit wrote that which is of use, and forgets the rest.
    func keepWritten(_ written: [Key: Record], where isOfUse: (Record) -> Bool) {
        guard !written.isEmpty else { return }
        contents.withLock { contents in
            contents.generation += 1
            for (key, record) in written {
                if isOfUse(record) {
                    contents.makeSpace(capacity)
                    contents.records[key] = record
                } else {
                    contents.records[key] = nil
                }
            }
        }
    }

    /// Forgets what was removed.
    func forget(_ keys: [Key]) {
        guard !keys.isEmpty else { return }
        contents.withLock { contents in
            contents.generation += 1
            for key in keys { contents.records[key] = nil }
        }
    }

    /// Forgets everything, after a change to many records.
    func forgetAll() {
        contents.withLock { contents in
            contents.generation += 1
            contents.records.removeAll(keepingCapacity: true)
        }
    }
}
