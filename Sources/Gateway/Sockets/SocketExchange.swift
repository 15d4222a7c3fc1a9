import NIOCore
import NIOHTTP1
import SocketIO

/// One HTTP request to a socket server: what it asks for, and the way back to the connection that brought it.
///
/// Made on the loop of that connection; a session that lives on another loop is hopped to, and its answer hops back.
final class SocketExchange: Sendable {
    let method: HTTPMethod
    let query: EngineIOQuery
    let origin: OriginPolicy.Verdict
    /// Nil where no WebSocket is asked for.
    let handshake: WebSocketHandshake?
    /// Its content type is one that Engine.IO 4 does not have.
    let isBinary: Bool
    /// What a browser wants to send for a page.
    let requestedFields: String?
    /// Where the client comes from.
    let address: String
    private let route: any SocketRoute.Target
    private let gate: NIOLoopBound<RequestGate>

    init(_ head: HTTPRequestHead, query: Substring, for route: any SocketRoute.Target, address: String, gate: NIOLoopBound<RequestGate>) {
        method = head.method
        self.query = EngineIOQuery(query)
        origin = route.origins.verdict(origins: head.headers["origin"], host: head.headers.first(name: "host"))
        handshake = WebSocketHandshake(head)
        isBinary = head.headers.first(name: "content-type")?.lowercased().hasPrefix("application/octet-stream") ?? false
        requestedFields = head.method == .OPTIONS ? head.headers.first(name: "access-control-request-headers") : nil
        self.route = route
        self.address = address
        self.gate = gate
    }

    var isWebSocket: Bool { handshake != nil }
    var eventLoop: any EventLoop { gate.eventLoop }

    /// How large the body may be.
    var bodyBytesMax: Int { route.bodyBytesMax(for: self) }

    // MARK: From the gate to the session

    /// The request is here: a POST without its body, anything else whole.
    func begin() { route.begin(self) }

    /// The body of a POST is here.
    func end(_ body: [UInt8]) { route.end(self, body) }

    /// The body is too large and was not read; the gate has answered that.
    func tooLarge() { route.tooLarge(self) }

    /// The client is gone, or will not be answered.
    func leave() { route.left(self) }

    // MARK: From the session to the gate

    /// Answers; once.
    func answer(_ answer: SocketAnswer) {
        onGate { $0.take(answer, for: self) }
    }

    /// There is nothing to be said any more.
    func drop() {
        onGate { $0.drop(self) }
    }

    /// Completes the handshake: from now on the connection is a WebSocket.
    func open(_ webSocket: WebSocketHandler) {
        onGate { $0.become(webSocket, for: self) }
    }

    private func onGate(_ body: @escaping @Sendable (RequestGate) -> Void) {
        if eventLoop.inEventLoop { return body(gate.value) }
        eventLoop.execute { [gate] in body(gate.value) }
    }
}
