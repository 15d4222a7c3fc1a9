import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// Gives a connection to Hummingbird when the first request comes that Hummingbird has to answer.
///
/// Hummingbird's task of the connection waits for that, and ends where it never comes: a connection that becomes a WebSocket, or that only
/// polls, keeps no task and no codec of Hummingbird's.
final class HandOff {
    typealias Requests = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

    private let promise: EventLoopPromise<Requests?>
    private(set) var isTaken = false
    private var isOver = false
    private let isSecure: Bool

    /// - Parameter isSecure: whether TLS is spoken, which Hummingbird cannot see.
    init(eventLoop: any EventLoop, isSecure: Bool) {
        self.isSecure = isSecure
        promise = eventLoop.makePromise(of: Requests?.self)
    }

    /// What Hummingbird is handed; nil when there will be nothing for it.
    var requests: EventLoopFuture<Requests?> { promise.futureResult }

    /// Puts Hummingbird's end of the connection behind everything else, once.
    func take(_ channel: any Channel) throws {
        guard !isOver else { return }
        isOver = true
        do {
            try channel.pipeline.syncOperations.addHandler(HTTP1ToHTTPServerCodec(secure: isSecure))
            promise.succeed(
                try NIOAsyncChannel(wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true)))
            isTaken = true
        } catch {
            promise.succeed(nil)
            throw error
        }
    }

    /// No request will follow.
    func end() {
        guard !isOver else { return }
        isOver = true
        promise.succeed(nil)
    }
}

/// One connection as the server hands it to its task.
struct HandedConnection: ServerChildChannelValue {
    let channel: any Channel
    let requests: EventLoopFuture<HandOff.Requests?>
}
