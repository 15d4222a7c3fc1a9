import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import Testing

/// A client that says exactly what a test tells it to, byte for byte, over a real socket.
final class Client: Sendable {
    /// Nothing came in time.
    struct TimedOut: Error, CustomStringConvertible {
        let description: String
    }

    /// How a connection ended, as seen from here.
    enum End {
        case closed
        case reset
    }

    let channel: any Channel
    private let inbox: NIOLoopBound<Inbox>

    private init(channel: any Channel, inbox: NIOLoopBound<Inbox>) {
        self.channel = channel
        self.inbox = inbox
    }

    /// - Parameters:
    ///   - isReading: whether answers are taken; a client that does not take them is a slow reader.
    ///   - receiveBufferBytes: how much the system keeps for this client before the server has to wait.
    ///   - tls: how TLS is spoken; nil: not at all.
    static func connect(
        to port: Int, isReading: Bool = true, receiveBufferBytes: Int? = nil, tls: NIOSSLContext? = nil
    ) async throws -> Client {
        var bootstrap = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelOption(.autoRead, value: isReading)
        if let receiveBufferBytes { bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: receiveBufferBytes) }
        return try await bootstrap.connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                let inbox = Inbox()
                if let tls {
                    try channel.pipeline.syncOperations.addHandler(Pieces())
                    try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: tls, serverHostname: "localhost"))
                }
                try channel.pipeline.syncOperations.addHandler(inbox)
                return Client(channel: channel, inbox: NIOLoopBound(inbox, eventLoop: channel.eventLoop))
            }
        }
    }

    func send(_ text: String) async throws {
        try await channel.writeAndFlush(ByteBuffer(string: text))
    }

    func send(_ bytes: [UInt8]) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
    }

    /// Sends without waiting until the system has taken it, and whether or not the connection lives.
    func push(_ text: String) {
        channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
    }

    /// Sends without waiting until the system has taken it, and whether or not the connection lives.
    func push(bytes: [UInt8]) {
        channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
    }

    /// Says that nothing more will be sent; answers are still heard.
    func endSending() async throws {
        try await channel.close(mode: .output)
    }

    func close() async throws {
        do {
            try await channel.close()
        } catch ChannelError.alreadyClosed, NIOSSLError.uncleanShutdown {
            return
        }
    }

    /// Goes away the rude way, with a reset.
    func reset() async throws {
        let options = try #require(channel as? any SocketOptionProvider)
        try await options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        try await channel.close()
    }

    /// Takes nothing from now on.
    func stopReading() async throws {
        try await channel.setOption(.autoRead, value: false).get()
    }

    /// Takes answers from now on.
    func startReading() async throws {
        try await channel.setOption(.autoRead, value: true).get()
    }

    /// Takes what has come, once, and waits until it is something.
    func readOnce() async throws {
        channel.read()
        _ = try await wait("a first byte") { $0.buffer.readableBytes > 0 ? true : nil }
    }

    /// The next answer.
    func answer(toHead: Bool = false) async throws -> Answer {
        try await wait("an answer") { inbox in
            if let answer = try inbox.takeAnswer(toHead: toHead) { return answer }
            if let end = inbox.end { throw TimedOut(description: "an answer did not come, the connection was \(end)") }
            return nil
        }
    }

    /// Waits until the server has ended the connection.
    /// - Returns: the answers that were not taken before, and how it ended.
    func rest() async throws -> (answers: [Answer], end: End) {
        try await wait("the end of the connection") { inbox in
            guard let end = inbox.end else { return nil }
            var answers: [Answer] = []
            while let answer = try inbox.takeAnswer(toHead: false) { answers.append(answer) }
            return (answers, end)
        }
    }

    /// Takes something other than an answer from what has come.
    func take<Value: Sendable>(_ what: String, _ read: @escaping @Sendable (inout ByteBuffer) throws -> Value?) async throws -> Value {
        try await wait(what) { inbox in
            if let value = try read(&inbox.buffer) { return value }
            if let end = inbox.end { throw TimedOut(description: "\(what) did not come, the connection was \(end)") }
            return nil
        }
    }

    /// Waits until the connection has ended, whatever came before that.
    @discardableResult
    func end() async throws -> End {
        try await wait("the end of the connection") { $0.end }
    }

    /// Waits until the connection has ended.
    /// - Returns: all that came and was not taken, whatever it is.
    func bytesUntilEnd() async throws -> [UInt8] {
        try await wait("the end of the connection") { $0.end == nil ? nil : Array($0.buffer.readableBytesView) }
    }

    /// Waits for the end of the TLS handshake.
    /// - Returns: the protocol that was agreed on in it.
    func negotiated() async throws -> String {
        try await wait("a TLS handshake") { inbox in
            if let end = inbox.end { throw TimedOut(description: "there was no TLS handshake, the connection was \(end)") }
            return inbox.negotiated
        }
    }

    /// Sends a request and takes the answer to it.
    func ask(_ text: String, toHead: Bool = false) async throws -> Answer {
        try await send(text)
        return try await answer(toHead: toHead)
    }

    private func wait<Value: Sendable>(_ what: String, _ take: @escaping @Sendable (Inbox) throws -> Value?) async throws -> Value {
        let channel = channel
        return try await channel.eventLoop.flatSubmit { [inbox] in
            let promise = channel.eventLoop.makePromise(of: Value.self)
            let alarm = channel.eventLoop.scheduleTask(in: .seconds(30)) {
                inbox.value.check = nil
                promise.fail(TimedOut(description: "\(what) did not come; here is \(inbox.value.buffer.readableBytes) bytes"))
            }
            inbox.value.check = { inbox in
                do {
                    guard let value = try take(inbox) else { return false }
                    promise.succeed(value)
                } catch {
                    promise.fail(error)
                }
                alarm.cancel()
                return true
            }
            inbox.value.look()
            return promise.futureResult
        }.get()
    }
}

/// What has come for a client.
private final class Inbox: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    var buffer = ByteBuffer()
    var end: Client.End?
    var negotiated: String?
    /// Looks whether what somebody waits for is there.
    var check: ((Inbox) -> Bool)?

    func look() {
        guard let check else { return }
        if check(self) { self.check = nil }
    }

    func takeAnswer(toHead: Bool) throws -> Answer? {
        try Answer.read(from: &buffer, toHead: toHead)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        buffer.writeImmutableBuffer(unwrapInboundIn(data))
        look()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed: ended(.closed)
        case TLSUserEvent.handshakeCompleted(let negotiated):
            self.negotiated = negotiated ?? ""
            look()
        case _: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        ended(.reset)
    }

    func channelInactive(context: ChannelHandlerContext) {
        ended(.closed)
    }

    private func ended(_ end: Client.End) {
        if self.end == nil { self.end = end }
        look()
    }
}
