import API
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// How one connection is set up: NIO's HTTP/1 codec, then our `RequestGate`, then Hummingbird.
///
/// The gate reads requests whole, bounds them, and answers hot ones itself on the event loop; everything else goes on to Hummingbird. Both
/// ask the same `API` with the same table of routes. Measured on two cores with 32 connections, a small POST costs Hummingbird about 25 us
/// of CPU and a plain NIO handler 14; the hot route is the reason for the short way, and it is optional: whatever it cannot answer from
/// memory takes the long one.
struct HTTPChannel: ServerChildChannel, HTTPChannelHandler {
    typealias Value = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

    let responder: HTTPChannelHandler.Responder
    let api: API
    let bounds: RequestBounds
    let sweeps: DeadlineSweeps

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            // Connections are told to end when the service stops. One that has no gate at that moment does not hear it, but can see it.
            let isStopping = channel.parent.map { !$0.isActive } ?? false
            let gate = RequestGate(api: api, bounds: bounds, sweep: sweeps.sweep(of: channel.eventLoop), isStopping: isStopping)
            try pipeline.addHandler(WireHandler(gate: gate))
            var decoderLimits = NIOHTTPDecoderLimitConfiguration()
            decoderLimits.maxHeaderFieldSize = bounds.headerBytesMax
            decoderLimits.maxHeaderListSize = bounds.headerBytesMax
            decoderLimits.maxHeaderFieldCount = bounds.headerCountMax
            try pipeline.configureHTTPServerPipeline(
                withPipeliningAssistance: false, withErrorHandling: false, withOutboundHeaderValidation: false,
                withEncoderConfiguration: .init(), withDecoderLimitConfiguration: decoderLimits)
            try pipeline.addHandler(gate)
            try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
            return try NIOAsyncChannel(wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
        }
    }

    func handle(value: Value, logger: Logger) async {
        await handleHTTP(asyncChannel: value, logger: logger)
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
}
