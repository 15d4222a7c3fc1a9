import NIOCore
import Synchronization

/// How many exchanges with one other server, and with all, are under way: so many and no more, and who comes later waits for its turn. A
/// server that is slow holds up those who ask it, and nobody else.
final class OutboundLanes: Sendable {
    static let runningMax = 32
    /// As many as 32 at a time are answered within the time that a question has, by a server that takes 20 ms for each.
    static let waitingMax = 8000
    static let serversMax = 256

    private struct Lane {
        var running = 0
        var waiting: CircularBuffer<EventLoopPromise<Void>> = []
    }

    private let lanes = Mutex<[String: Lane]>([:])

    struct Full: Error, CustomStringConvertible {
        let description = "too much is being asked of other servers"
    }

    /// Done when it is one's turn. Whoever had it calls `leave` once.
    func enter(_ server: String, on eventLoop: any EventLoop) -> EventLoopFuture<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        let answer: Result<Void, Full>? = lanes.withLock { lanes in
            guard lanes[server] != nil || lanes.count < Self.serversMax else { return .failure(Full()) }
            var lane = lanes.removeValue(forKey: server) ?? Lane()
            defer { lanes[server] = lane }
            if lane.running < Self.runningMax {
                lane.running += 1
                return .success(())
            }
            guard lane.waiting.count < Self.waitingMax else { return .failure(Full()) }
            lane.waiting.append(promise)
            return nil
        }
        switch answer {
        case .success?: promise.succeed()
        case .failure(let full)?: promise.fail(full)
        case nil: break
        }
        return promise.futureResult
    }

    func leave(_ server: String) {
        let next = lanes.withLock { lanes -> EventLoopPromise<Void>? in
            guard var lane = lanes.removeValue(forKey: server) else { return nil }
            let next = lane.waiting.popFirst()
            if next == nil { lane.running -= 1 }
            if lane.running > 0 { lanes[server] = lane }
            return next
        }
        next?.succeed()
    }
}
