import Calls
import SocketIO
import Synchronization
import Vocabulary

/// The devices that dropped out of a live call, and until when they may come back. A table that somebody looks at now and then, not a timer
/// for each of them.
final class Graces: Sendable {
    /// A device that dropped out.
    struct Dropped: Hashable, Sendable {
        let user: UserKey
        let device: DeviceID
        /// The call that it was in; nil where that could not be found out.
        let call: CallID?
    }

    private let deadlines = Mutex<[Dropped: Moment]>([:])

    /// Waits for the device until then. Who drops out again is waited for anew.
    func wait(for dropped: Dropped, until deadline: Moment) {
        deadlines.withLock { $0[dropped] = deadline }
    }

    /// Takes out the devices that were waited for long enough.
    func due(at now: Moment) -> [Dropped] {
        deadlines.withLock { deadlines in
            guard !deadlines.isEmpty else { return [] }
            let due = deadlines.filter { $0.value <= now }.map(\.key)
            for dropped in due { deadlines[dropped] = nil }
            return due
        }
    }

    var count: Int { deadlines.withLock { $0.count } }
}
