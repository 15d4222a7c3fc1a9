import Calls
import Synchronization
import Vocabulary

/// When which live call has to be looked at: at the end of its ringing, or of the longest time that a call may last.
///
/// The times are of a clock that nobody sets, so a call rings as long as it should when the machine's clock is put right meanwhile. They
/// are kept to the second in buckets, which makes putting in and taking out cheap for as many calls as there are.
final class DeadlineWatch: Sendable {
    fileprivate struct Contents {
        var seconds: [CallKey: Int64] = [:]
        var buckets: [Int64: Set<CallKey>] = [:]
        /// Every bucket before this one was taken.
        var next: Int64?
    }

    private let contents = Mutex(Contents())

    /// Watches a call; what was watched for it before is forgotten.
    func watch(_ call: CallKey, until deadline: Duration) {
        // Rounded up: a call never ends before its time.
        let parts = deadline.components
        let second = parts.seconds + (parts.attoseconds > 0 ? 1 : 0)
        contents.withLock { contents in
            contents.take(call)
            let second = max(second, contents.next ?? second)
            contents.seconds[call] = second
            contents.buckets[second, default: []].insert(call)
        }
    }

    func forget(_ call: CallKey) {
        contents.withLock { $0.take(call) }
    }

    /// Takes out the calls whose time has come.
    func due(at now: Duration) -> [CallKey] {
        let present = now.components.seconds
        return contents.withLock { contents in
            guard !contents.buckets.isEmpty else {
                contents.next = present
                return []
            }
            let first = contents.next ?? contents.buckets.keys.min() ?? present
            guard first <= present else { return [] }
            contents.next = present + 1
            var due: [CallKey] = []
            for second in first...present {
                for call in contents.buckets.removeValue(forKey: second) ?? [] {
                    contents.seconds[call] = nil
                    due.append(call)
                }
            }
            return due
        }
    }

    /// How many calls are watched.
    var count: Int { contents.withLock { $0.seconds.count } }
}

extension DeadlineWatch.Contents {
    fileprivate mutating func take(_ call: CallKey) {
        guard let second = seconds.removeValue(forKey: call) else { return }
        buckets[second]?.remove(call)
        if buckets[second]?.isEmpty == true { buckets[second] = nil }
    }
}
