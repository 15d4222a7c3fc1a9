import API
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL

/// How one connection is set up: TLS where the port speaks it, NIO's HTTP/1 codec, then our `RequestGate`, then Hummingbird once there is
/// something for it.
///
/// The gate reads requests whole, bounds them, and answers hot ones itself on the event loop. It lets socket servers have what is theirs,
/// where the connection may become a WebSocket; everything else goes on to Hummingbird. The gate and Hummingbird
/// ask the same `API` with the same table of routes. Measured on two cores with 32 connections, a small POST costs Hummingbird about 25 us
/// of CPU and a plain NIO handler 14; the hot route is the reason for the short way, and it is optional: whatever it cannot answer from
/// memory takes the long one.
struct HTTPChannel: ServerChildChannel, HTTPChannelHandler {
    let responder: HTTPChannelHandler.Responder
    let api: API
    let sockets: SocketRoutes
    let bounds: RequestBounds
    let sweeps: DeadlineSweeps
    /// Nil: the port speaks plain HTTP.
    let certificate: PortCertificate?
    /// NIO begins with 2,048 bytes for what a connection sends, and a connection keeps them for good. Nearly everything that clients of
    /// sockets send fits into these; who sends more gets more.
    private static let readBytes = AdaptiveRecvByteBufferAllocator(minimum: 64, initial: 512, maximum: 65_536)

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HandedConnection> {
        channel.eventLoop.makeCompletedFuture {
            try channel.syncOptions?.setOption(.recvAllocator, value: Self.readBytes)
            let pipeline = channel.pipeline.syncOperations
            // Connections are told to end when the service stops. One that has no gate at that moment does not hear it, but can see it.
            let isStopping = channel.parent.map { !$0.isActive } ?? false
            let sweep = sweeps.sweep(of: channel.eventLoop)
            let gate = RequestGate(api: api, sockets: sockets, bounds: bounds, sweep: sweep, isStopping: isStopping)
            if let certificate {
                try pipeline.addHandler(NIOSSLServerHandler(context: certificate.context))
                try pipeline.addHandler(TLSHandshake(within: bounds.requestDeadline, sweep: sweep))
            }
            try pipeline.addHandler(WireHandler(gate: gate))
            var decoderLimits = NIOHTTPDecoderLimitConfiguration()
            decoderLimits.maxHeaderFieldSize = bounds.headerBytesMax
            decoderLimits.maxHeaderListSize = bounds.headerBytesMax
            decoderLimits.maxHeaderFieldCount = bounds.headerCountMax
            // Bytes behind the handshake of a WebSocket are its first frames.
            let decoder = HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes, limitConfiguration: decoderLimits)
            try pipeline.addHandlers([HTTPResponseEncoder(), ByteToMessageHandler(decoder)] as [any ChannelHandler])
            let handOff = HandOff(eventLoop: channel.eventLoop, isSecure: certificate != nil)
            gate.handOff = handOff
            do {
                try pipeline.addHandler(gate)
            } catch {
                handOff.end()
                throw error
            }
            return HandedConnection(channel: channel, requests: handOff.requests)
        }
    }

    func handle(value: HandedConnection, logger: Logger) async {
        do {
            let requests = try await withTaskCancellationHandler {
                try await value.requests.get()
            } onCancel: {
                value.channel.close(promise: nil)
            }
            if let requests { await handleHTTP(asyncChannel: requests, logger: logger) }
        } catch {
            logger.error("a connection was not handed over", metadata: ["cause": "\(error)"])
        }
    }
}

/// What a request and a connection may be, in numbers.
struct RequestBounds: Sendable {
    let bodyBytesMax: Int
    let headerBytesMax: Int
    let headerCountMax: Int
    let requestDeadline: TimeAmount
    let idleTimeout: TimeAmount
    let writeStall: TimeAmount
    /// Whose word about where a request comes from is taken.
    var trustedProxies: [AddressRange] = []
}
