import NIOCore
import NIOHTTP1
import SocketIO

/// Sends every WebSocket message back, whatever it means. Not part of the service: it is what checks of the WebSocket protocol talk to.
final class WebSocketEcho: SocketRoute.Target {
    let origins = OriginPolicy(allowed: ["*"])
    private let bytesMax: Int
    private let ways: WebSocketWays

    init(bytesMax: Int, ways: WebSocketWays) {
        self.bytesMax = bytesMax
        self.ways = ways
    }

    func bodyBytesMax(for exchange: SocketExchange) -> Int { TransportLimits.strangerBodyBytesMax }

    func begin(_ exchange: SocketExchange) {
        guard let handshake = exchange.handshake else { return exchange.answer(.refusal(.badRequest, toWebSocket: true)) }
        if let refusal = handshake.refusal { return exchange.answer(refusal) }
        let webSocket = WebSocketHandler(ways: ways, bytesMax: bytesMax, eventLoop: exchange.eventLoop)
        webSocket.user = Echo()
        exchange.open(webSocket)
    }

    func end(_ exchange: SocketExchange, _ body: [UInt8]) {}
    func tooLarge(_ exchange: SocketExchange) {}
    func left(_ exchange: SocketExchange) {}
    func stop() {}

    private final class Echo: WebSocketUser {
        func received(text: [UInt8], from webSocket: WebSocketHandler) { webSocket.write(.text(text)) }
        func received(binary: [UInt8], from webSocket: WebSocketHandler) { webSocket.write(.binary(binary)) }
        func becameWritable(_ isWritable: Bool, _ webSocket: WebSocketHandler) {}
        func closed(_ webSocket: WebSocketHandler) {}
        func shouldEnd(_ webSocket: WebSocketHandler) { webSocket.close(.goingAway) }
    }
}
