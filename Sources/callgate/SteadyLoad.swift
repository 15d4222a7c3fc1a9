import NIOCore
import NIOHTTP1
import NIOPosix

/// Sends one request after the other at a steady pace, whether or not those before it have been answered, and times every answer from the
/// moment at which its request was due: an answer that is late does not make the load lighter.
struct SteadyLoad {
    let port: Int
    let path: String
    let body: String
    let key: String
    let perSecond: Int
    /// Over how many connections.
    let connections: Int
    private static let timeout = TimeAmount.seconds(10)

    /// What came of it.
    struct Outcome: Sendable {
        /// How long each good answer took, in nanoseconds.
        var times: [Int64] = []
        /// The answers that were no success.
        var refused = 0
    }

    func run(for seconds: Int) async throws -> Outcome {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let outcome = try await run(for: seconds, on: group.next())
            try await group.shutdownGracefully()
            return outcome
        } catch {
            try await group.shutdownGracefully()
            throw error
        }
    }

    private func run(for seconds: Int, on loop: any EventLoop) async throws -> Outcome {
        let interval = TimeAmount.nanoseconds(1_000_000_000 * Int64(connections) / Int64(perSecond))
        return try await withThrowingTaskGroup(of: Outcome.self) { tasks in
            for number in 0..<connections {
                let offset = TimeAmount.nanoseconds(interval.nanoseconds * Int64(number) / Int64(connections))
                tasks.addTask { try await send(every: interval, after: offset, for: .seconds(Int64(seconds)), on: loop) }
            }
            var all = Outcome()
            for try await one in tasks {
                all.times += one.times
                all.refused += one.refused
            }
            return all
        }
    }

    private func send(
        every interval: TimeAmount, after offset: TimeAmount, for duration: TimeAmount, on loop: any EventLoop
    ) async throws -> Outcome {
        let outcome = loop.makePromise(of: Outcome.self)
        let (head, body) = (head, body)
        let channel = try await ClientBootstrap(group: loop).connectTimeout(Self.timeout).connect(host: "127.0.0.1", port: port) {
            channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHTTPClientHandlers()
                try channel.pipeline.syncOperations.addHandler(
                    SteadySender(head: head, body: body, interval: interval, offset: offset, duration: duration, outcome: outcome))
                return channel
            }
        }
        let result = try await outcome.futureResult.get()
        try await channel.close()
        return result
    }

    private var head: HTTPRequestHead {
        HTTPRequestHead(
            version: .http1_1, method: .POST, uri: path,
            headers: [
                "host": "127.0.0.1:\(port)", "authorization": "Bearer \(key)", "content-type": "application/json",
                "content-length": String(body.utf8.count),
            ])
    }
}

/// One connection of the load.
private final class SteadySender: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let head: HTTPRequestHead
    private let body: ByteBuffer
    private let interval: TimeAmount
    private let offset: TimeAmount
    private let duration: TimeAmount
    private let promise: EventLoopPromise<SteadyLoad.Outcome>
    private var outcome = SteadyLoad.Outcome()
    private var next = NIODeadline.now()
    private var end = NIODeadline.now()
    /// When the requests were due that are not answered yet.
    private var waiting: [NIODeadline] = []
    private var isGood = false

    init(
        head: HTTPRequestHead, body: String, interval: TimeAmount, offset: TimeAmount, duration: TimeAmount,
        outcome: EventLoopPromise<SteadyLoad.Outcome>
    ) {
        self.head = head
        self.body = ByteBuffer(string: body)
        self.interval = interval
        self.offset = offset
        self.duration = duration
        promise = outcome
    }

    func channelActive(context: ChannelHandlerContext) {
        next = .now() + offset
        end = .now() + duration
        schedule(context)
    }

    private func schedule(_ context: ChannelHandlerContext) {
        guard next < end else { return finish() }
        context.eventLoop.assumeIsolated().scheduleTask(deadline: next) { self.send(context) }
    }

    private func send(_ context: ChannelHandlerContext) {
        waiting.append(next)
        next = next + interval
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        schedule(context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): isGood = (200..<300).contains(head.status.code)
        case .body: break
        case .end:
            guard !waiting.isEmpty else { return }
            let due = waiting.removeFirst()
            if isGood { outcome.times.append((NIODeadline.now() - due).nanoseconds) } else { outcome.refused += 1 }
            finish()
        }
    }

    /// When the last answer has come.
    private func finish() {
        if next >= end, waiting.isEmpty { promise.succeed(outcome) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.fail(Refusal.no("the service closed a connection of the steady load"))
    }
}
