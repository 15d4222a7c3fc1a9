import NIOCore
import NIOPosix
import NIOWebSocket
import SocketIO
import StrictJSON

/// Who has a socket, and is told what happens on it. Always called on the socket's own thread.
protocol SocketOwner: AnyObject {
    /// An event arrived.
    func heard(_ name: String, _ payload: SocketPayload, on socket: SocketClient)
    /// The socket is closed, and not by its owner. Comes once.
    func lost(_ socket: SocketClient, _ fault: SocketFault)
}

/// What can go wrong with a socket.
enum SocketFault: Error, CustomStringConvertible {
    /// The server refused the namespace, with this word.
    case refused(String)
    /// The server does not talk WebSocket at this path.
    case notUpgraded
    case closed(String)

    var description: String {
        switch self {
        case .refused(let code): "the socket was refused: \(code)"
        case .notUpgraded: "the server does not take WebSockets at \(SocketClient.path)"
        case .closed(let reason): "the socket was closed: \(reason)"
        }
    }
}

/// One Socket.IO connection to this machine over a WebSocket: for the demo, and by the thousand for the benchmark.
///
/// It joins one namespace, answers pings, acknowledges every event that asks for it, and answers a close. It does not come back on its own.
/// Everything about it happens on the thread of its event loop: what it tells its owner, and what its owner asks of it.
// @unchecked Sendable: nothing in it is touched but on the thread of its event loop.
final class SocketClient: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    static let path = "/socket.io/?EIO=4&transport=websocket"
    private static let connectTimeout = TimeAmount.seconds(30)
    private static let frameBytesMax = 1 << 20
    /// Masks protect what stands between two machines. Here is nothing between, and a random key would cost every frame a system call.
    private static let mask: WebSocketMaskingKey = [0x5A, 0xC3, 0x3C, 0xA5]

    /// When the bytes of what it tells just now were read.
    private(set) var readAt = NIODeadline.now()

    private let namespace: String
    private let authentication: JSONValue
    private weak var owner: (any SocketOwner)?
    private var joining: EventLoopPromise<SocketClient>?
    private var context: ChannelHandlerContext?
    /// What waits for the server's acknowledgement.
    private var questions: [UInt64: (Result<SocketPayload, SocketFault>) -> Void] = [:]
    private var lastID: UInt64 = 0
    private var isReading = false
    private var isDirty = false
    private var fault: SocketFault?

    private init(_ namespace: String, _ authentication: JSONValue, _ owner: any SocketOwner, _ joining: EventLoopPromise<SocketClient>) {
        self.namespace = namespace
        self.authentication = authentication
        self.owner = owner
        self.joining = joining
    }

    /// Connects and joins the namespace.
    /// - Parameter authentication: what is sent with the CONNECT, an object.
    /// - Returns: the socket, when the server has let it in. Otherwise `SocketFault`, or what the system says.
    static func connect(
        port: Int, namespace: String = "/", authentication: JSONValue, on loop: any EventLoop, for owner: any SocketOwner
    ) -> EventLoopFuture<SocketClient> {
        let joining = loop.makePromise(of: SocketClient.self)
        let client = SocketClient(namespace, authentication, owner, joining)
        let bootstrap = ClientBootstrap(group: loop).connectTimeout(connectTimeout).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(client.handshake(port: port)) }
        }
        do {
            bootstrap.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: port)).whenFailure { client.end($0) }
        } catch {
            client.end(error)
        }
        return joining.futureResult
    }

    /// What becomes a WebSocket.
    private func handshake(port: Int) -> ClientHandshake {
        ClientHandshake(port: port, path: Self.path) { context in
            let decoder = ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: Self.frameBytesMax))
            try context.pipeline.syncOperations.addHandlers([decoder, WebSocketFrameEncoder(), self], position: .after(context.handler))
        } refused: { fault in
            self.end(fault)
        }
    }

    // MARK: What its owner asks

    /// Sends an event, and passes on the first argument of the server's acknowledgement.
    func ask(_ name: String, _ payload: JSONValue, _ answered: @escaping (Result<SocketPayload, SocketFault>) -> Void) {
        guard context != nil else { return answered(.failure(fault ?? .closed("it is not open"))) }
        lastID += 1
        questions[lastID] = answered
        send(SocketIOPacket(.event, namespace: namespace, id: lastID, payload: [.string(name), payload]).frame)
    }

    /// Closes the connection as a browser does that leaves the page. The owner hears nothing more.
    func close() {
        owner = nil
        guard let context else { return }
        write(.connectionClose, ByteBuffer())
        context.flush()
        context.close(promise: nil)
    }

    // MARK: What the channel tells

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if !isReading {
            isReading = true
            readAt = .now()
        }
        let frame = unwrapInboundIn(data)
        switch frame.opcode {
        case .text where frame.fin:
            do {
                try receive(EngineIOPacket(text: Array(frame.data.readableBytesView)[...]))
            } catch {
                end(SocketFault.closed("the server sent something unknown: \(error)"))
            }
        case .ping:
            write(.pong, frame.data)
        case .pong:
            break
        case .connectionClose:
            write(.connectionClose, ByteBuffer())
            context.flush()
            end(SocketFault.closed("by the server"))
        default:
            end(SocketFault.closed("the server sent a frame that is no whole text"))
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        if isDirty { context.flush() }
        isDirty = false
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(SocketFault.closed("the connection is gone"))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(error)
    }

    private func receive(_ packet: EngineIOPacket) throws {
        switch packet {
        case .open: send(SocketIOPacket(.connect, namespace: namespace, payload: authentication).frame)
        case .ping(let data): send(EngineIOPacket.pong(data).frame)
        case .message(let text): try receive(SocketIOHeader(text: text), text)
        case .close: end(SocketFault.closed("by the server"))
        case .pong, .binary, .upgrade, .noop: break
        }
    }

    private func receive(_ header: SocketIOHeader, _ text: ArraySlice<UInt8>) throws {
        guard header.namespace == namespace else { return }
        let arguments = text.dropFirst(header.payloadOffset)
        switch header.kind {
        case .connect:
            joining?.succeed(self)
            joining = nil
        case .connectError:
            let reason = try SocketIOPacket(text: text).payload
            let code = reason?["data"]?["code"]?.stringValue ?? reason?["message"]?.stringValue
            end(SocketFault.refused(code ?? reason?.canonicalText ?? ""))
        case .event:
            guard let (name, payload) = SocketPayload.event(arguments) else {
                return end(SocketFault.closed("the server sent an event without a name"))
            }
            if let id = header.id { send(SocketIOPacket(.acknowledgement, namespace: namespace, id: id, payload: []).frame) }
            owner?.heard(name, payload, on: self)
        case .acknowledgement:
            header.id.flatMap { questions.removeValue(forKey: $0) }?(.success(SocketPayload(ofAnswer: arguments)))
        case .disconnect:
            end(SocketFault.closed("the server has left the namespace"))
        case .binaryEvent, .binaryAcknowledgement:
            end(SocketFault.closed("the server sent binary data"))
        }
    }

    // MARK: Writing and ending

    private func send(_ frame: EngineIOFrame) {
        guard let context, case .text(let bytes) = frame else { return }
        var buffer = context.channel.allocator.buffer(capacity: bytes.count)
        buffer.writeBytes(bytes)
        write(.text, buffer)
    }

    /// What is written while it reads leaves together.
    private func write(_ opcode: WebSocketOpcode, _ data: ByteBuffer) {
        guard let context else { return }
        context.write(wrapOutboundOut(WebSocketFrame(fin: true, opcode: opcode, maskKey: Self.mask, data: data)), promise: nil)
        if isReading {
            isDirty = true
        } else {
            context.flush()
        }
    }

    /// Tells everybody who waits that it is over. The first reason counts.
    private func end(_ error: any Error) {
        guard fault == nil else { return }
        let fault = error as? SocketFault ?? .closed("\(error)")
        self.fault = fault
        context?.close(promise: nil)
        context = nil
        joining?.fail(fault)
        let wasJoined = joining == nil
        joining = nil
        let waiting = questions
        questions = [:]
        for answered in waiting.values { answered(.failure(fault)) }
        if wasJoined { owner?.lost(self, fault) }
        owner = nil
    }
}
