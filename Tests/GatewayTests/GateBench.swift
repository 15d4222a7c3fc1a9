import API
import Logging
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Storage
import Switchboard
import TestSupport
import Testing

@testable import Gateway

/// A gate alone, between a socket and a Hummingbird that do what a test says, with a clock that a test moves.
final class GateBench {
    /// What the gate did to the socket, and parts that came out, in order.
    enum Event: Equatable {
        case status(UInt, isLast: Bool)
        case end
        case endOutput
        case close
    }

    let loop = EmbeddedEventLoop()
    let channel: EmbeddedChannel
    let gate: RequestGate
    private let socket = Socket()
    private let listener = Listener()

    static let bounds = RequestBounds(
        bodyBytesMax: 100, headerBytesMax: 1000, headerCountMax: 10, requestDeadline: .seconds(15), idleTimeout: .seconds(75),
        writeStall: .seconds(10))

    private init(_ api: API, isStopping: Bool) throws {
        gate = RequestGate(api: api, bounds: Self.bounds, sweep: DeadlineSweep(eventLoop: loop), isStopping: isStopping)
        channel = EmbeddedChannel(loop: loop)
        try channel.pipeline.syncOperations.addHandlers([socket, gate, listener])
        gate.writeToWire = { [socket] in socket.record($0) }
        channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
    }

    /// Runs a test in one piece: the bench belongs to one thread.
    static func with(isStopping: Bool = false, limits: DeskLimits = DeskLimits(), _ use: (GateBench) throws -> Void) async throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let store = try SQLiteStore(path: folder.path("test.sqlite"))
        defer { expectNoError { try store.close() } }
        let desk = try await Switchboard(
            store: store, secrets: SecretFiles(environment: [:]), clock: SystemClock.now, monotonic: SystemClock.monotonic,
            limits: limits)
        let api = API(desk: desk, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let bench = try GateBench(api, isStopping: isStopping)
        try use(bench)
        _ = try bench.channel.finish(acceptAlreadyClosed: true)
    }

    // MARK: The client

    func bytes() { gate.bytesCame() }

    func head(_ method: HTTPMethod = .GET, _ uri: String = "/health", _ headers: HTTPHeaders = [:]) throws {
        var headers = headers
        headers.add(name: "host", value: "a")
        try channel.writeInbound(HTTPServerRequestPart.head(HTTPRequestHead(version: .http1_1, method: method, uri: uri, headers: headers)))
    }

    func end() throws { try channel.writeInbound(HTTPServerRequestPart.end(nil)) }

    func request(_ method: HTTPMethod = .GET, _ uri: String = "/health", _ headers: HTTPHeaders = [:]) throws {
        bytes()
        try head(method, uri, headers)
        try end()
    }

    func endSending() { channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }

    func send(_ part: HTTPServerRequestPart) throws { try channel.writeInbound(part) }

    /// Something that the codec cannot read.
    func garbage() { channel.pipeline.fireErrorCaught(HTTPParserError.invalidHeaderToken) }

    func stop() { channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }

    // MARK: Hummingbird

    /// How many requests were handed on since this was asked last.
    func handedOn() throws -> Int {
        var count = 0
        while let part = try channel.readInbound(as: HTTPServerRequestPart.self) {
            if case .end = part { count += 1 }
        }
        return count
    }

    /// Does not wait until the socket has taken it: that is for the test to say.
    func answer() throws {
        channel.write(HTTPServerResponsePart.head(HTTPResponseHead(version: .http1_1, status: .ok)), promise: nil)
        channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
    }

    func giveUp() { channel.close(mode: .output, promise: nil) }

    /// Whether Hummingbird was told that something happened to the connection.
    var isDisturbed: Bool { listener.isDisturbed }

    // MARK: The socket

    /// From now on the client takes nothing; what is written stays with the socket.
    func holdWrites() { socket.held = [] }

    func takeWrites() {
        let held = socket.held ?? []
        socket.held = nil
        for promise in held { promise.succeed() }
    }

    func askForMore() { channel.read() }

    func setWritable(_ isWritable: Bool) {
        channel.isWritable = isWritable
        channel.pipeline.fireChannelWritabilityChanged()
    }

    func advance(_ seconds: Int64) { loop.advanceTime(by: .seconds(seconds)) }

    func advance(milliseconds: Int64) { loop.advanceTime(by: .milliseconds(milliseconds)) }

    /// What has happened since this was asked last.
    func events() -> [Event] {
        defer { socket.events = [] }
        return socket.events
    }

    /// How often more was asked for since this was asked last.
    func reads() -> Int {
        defer { socket.reads = 0 }
        return socket.reads
    }

    private final class Listener: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        var isDisturbed = false
        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) { isDisturbed = true }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { isDisturbed = true }
    }

    private final class Socket: ChannelOutboundHandler {
        typealias OutboundIn = HTTPServerResponsePart
        var events: [Event] = []
        var reads = 0
        /// What is not taken yet; nil where everything is taken at once.
        var held: [EventLoopPromise<Void>]?

        func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            switch unwrapOutboundIn(data) {
            case .head(let head): events.append(.status(head.status.code, isLast: head.headers["connection"] == ["close"]))
            case .body:
                // The gate writes an empty one last of all, to hear when everything before it is taken.
                if let promise, held != nil {
                    held?.append(promise)
                    return
                }
            case .end: events.append(.end)
            }
            promise?.succeed()
        }

        /// An answer of the gate's own, as it goes to the wire.
        func record(_ bytes: ByteBuffer) {
            let text = String(buffer: bytes)
            let status = text.dropFirst("HTTP/1.1 ".count).prefix(3)
            events += [.status(UInt(status) ?? 0, isLast: text.contains("\r\nconnection: close\r\n")), .end]
        }

        func read(context: ChannelHandlerContext) { reads += 1 }

        func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
            if mode == .output {
                events.append(.endOutput)
                promise?.succeed()
            } else {
                events.append(.close)
                context.close(mode: mode, promise: promise)
            }
        }
    }
}
