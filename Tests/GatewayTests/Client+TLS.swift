import NIOCore
import NIOSSL

extension NIOSSLContext {
    /// How a test speaks TLS with a service that has the certificate `one`.
    static func client(
        trusting certificate: TestCertificate = .one, from oldest: TLSVersion = .tlsv12, to newest: TLSVersion = .tlsv13
    ) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = oldest
        configuration.maximumTLSVersion = newest
        configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(certificate.certificate.utf8)))
        configuration.applicationProtocols = ["h2", "http/1.1"]
        return try NIOSSLContext(configuration: configuration)
    }
}

extension RunningGateway {
    /// A client that speaks TLS.
    func secureClient(_ tls: NIOSSLContext? = nil, receiveBufferBytes: Int? = nil) async throws -> Client {
        try await Client.connect(to: port, receiveBufferBytes: receiveBufferBytes, tls: try tls ?? .client())
    }
}

extension Client {
    /// What the handshake ended with.
    var tlsVersion: TLSVersion? {
        get async throws { try await channel.nioSSL_tlsVersion().get() }
    }

    /// From now on what is sent goes out in two pieces, the second a little later.
    func sendInPieces() async throws {
        try await channel.triggerUserOutboundEvent(Pieces.Wanted())
    }
}

/// Stands between TLS and the wire, and takes apart what passes when it is told to.
final class Pieces: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    struct Wanted: Sendable {}

    private var isWanted = false

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is Wanted else { return context.triggerUserOutboundEvent(event, promise: promise) }
        isWanted = true
        promise?.succeed()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        var second = unwrapOutboundIn(data)
        guard isWanted, let first = second.readSlice(length: second.readableBytes / 2) else { return context.write(data, promise: promise) }
        context.writeAndFlush(wrapOutboundOut(first), promise: nil)
        let rest = second
        context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(30)) {
            context.writeAndFlush(self.wrapOutboundOut(rest), promise: promise)
        }
    }
}
