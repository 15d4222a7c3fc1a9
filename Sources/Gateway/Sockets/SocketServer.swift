import NIOCore
import NIOHTTP1
import Signing
import SocketIO
import Synchronization

/// The transport of one path: knows every session by its sid, and opens new ones.
///
/// A session lives on the event loop that brought its handshake. Requests of it that come in elsewhere are taken there.
final class SocketServer: SocketRoute.Target {
    let application: any EngineIOApplication
    let settings: SocketSettings
    let origins: OriginPolicy
    private let ways: WebSocketWays
    private let loops: [ObjectIdentifier: NIOLoopBoundBox<SocketLoop?>]
    private let table = Mutex(Table())

    private struct Table {
        var sessions: [String: SocketConnection] = [:]
        var isStopping = false
    }

    init(
        application: any EngineIOApplication, settings: SocketSettings, origins: OriginPolicy, ways: WebSocketWays,
        group: any EventLoopGroup
    ) {
        self.application = application
        self.settings = settings
        self.origins = origins
        self.ways = ways
        var loops: [ObjectIdentifier: NIOLoopBoundBox<SocketLoop?>] = [:]
        for loop in group.makeIterator() {
            loops[ObjectIdentifier(loop)] = NIOLoopBoundBox.makeEmptyBox(valueType: SocketLoop.self, eventLoop: loop)
        }
        self.loops = loops
    }

    // MARK: Requests

    func bodyBytesMax(for exchange: SocketExchange) -> Int {
        exchange.method == .POST && session(of: exchange) != nil ? settings.payloadBytesMax : TransportLimits.strangerBodyBytesMax
    }

    func begin(_ exchange: SocketExchange) {
        if exchange.method == .OPTIONS {
            let isRefused = exchange.origin == .refused || exchange.origin == .malformed
            let answer = isRefused ? SocketAnswer.refusal(.forbidden, toWebSocket: false) : .preflight(requested: exchange.requestedFields)
            return exchange.answer(answer)
        }
        if let session = session(of: exchange) {
            session.onLoop { session.take(exchange) }
        } else if let transport = accepts(exchange, session: nil) {
            open(over: transport, for: exchange)
        }
    }

    func end(_ exchange: SocketExchange, _ body: [UInt8]) {
        guard let session = session(of: exchange) else { return exchange.answer(.refusal(.sessionUnknown, toWebSocket: false)) }
        session.onLoop { session.postEnded(exchange, body) }
    }

    func tooLarge(_ exchange: SocketExchange) {
        guard let session = session(of: exchange) else { return }
        session.onLoop { session.postTooLarge(exchange) }
    }

    func left(_ exchange: SocketExchange) {
        guard let session = session(of: exchange) else { return }
        session.onLoop { session.left(exchange) }
    }

    /// Checks a request, and refuses it where it has to be.
    ///
    /// - Parameter session: the transport of the request's session; nil when there is none.
    /// - Returns: the transport that it is for; nil when it has been refused.
    func accepts(_ exchange: SocketExchange, session: EngineIOTransport?) -> EngineIOTransport? {
        let refusal: EngineIORefusal
        do throws(EngineIORefusal) {
            let transport = try exchange.query.check(
                method: exchange.method.rawValue, isWebSocket: exchange.isWebSocket, session: session)
            switch exchange.origin {
            case .own, .listed, .any:
                guard let answer = exchange.handshake?.refusal else { return transport }
                exchange.answer(answer)
                return nil
            case .refused: throw .forbidden
            case .malformed: throw .badRequest
            }
        } catch .versionUnsupported where exchange.origin == .refused {
            refusal = .forbidden  // Engine.IO looks at the version last.
        } catch {
            refusal = error
        }
        exchange.answer(.refusal(refusal, toWebSocket: exchange.isWebSocket))
        return nil
    }

    // MARK: Sessions

    private func session(of exchange: SocketExchange) -> SocketConnection? {
        guard let sid = exchange.query.sid else { return nil }
        return table.withLock { $0.sessions[sid] }
    }

    private func open(over transport: EngineIOTransport, for exchange: SocketExchange) {
        let sid = Base64URL.encode(SecureRandom.bytes(15))
        let connection = SocketConnection(sid: sid, address: exchange.address, server: self, loop: loop(exchange.eventLoop))
        let isOpening = table.withLock { table in
            if !table.isStopping { table.sessions[sid] = connection }
            return !table.isStopping
        }
        guard isOpening else { return exchange.answer(.unavailable) }
        connection.open(over: transport, for: exchange)
    }

    /// The session is over.
    func forget(_ sid: String) {
        table.withLock { table in
            table.sessions[sid] = nil
        }
    }

    /// A WebSocket that is still to be opened, on the loop of the connection that asks for it.
    func webSocket(for exchange: SocketExchange) -> WebSocketHandler {
        WebSocketHandler(ways: ways, bytesMax: settings.payloadBytesMax, eventLoop: exchange.eventLoop)
    }

    private func loop(_ eventLoop: any EventLoop) -> SocketLoop {
        guard let box = loops[ObjectIdentifier(eventLoop)] else { preconditionFailure("a connection on a loop of another group") }
        if let loop = box.value { return loop }
        let loop = SocketLoop(eventLoop: eventLoop, settings: settings)
        box.value = loop
        return loop
    }

    func stop() {
        let sessions = table.withLock { table in
            table.isStopping = true
            return Array(table.sessions.values)
        }
        for session in sessions { session.run { session.close(.serverShuttingDown) } }
    }

    /// How many sessions there are.
    var sessionCount: Int { table.withLock { $0.sessions.count } }
}
