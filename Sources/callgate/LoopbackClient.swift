import NIOCore
import NIOHTTP1
import NIOPosix

/// The few requests that the demo makes to its own service, one connection each.
///
/// Foundation's client would bring libcurl and what that loads into every process of the service; a client library would bring a second
/// TLS. Neither is needed for plain HTTP to a port of this machine.
struct LoopbackClient {
    private static let answerBytesMax = 1 << 20
    private static let timeout = TimeAmount.seconds(10)

    let port: Int

    /// What came back.
    struct Answer {
        let status: Int
        let body: [UInt8]
    }

    /// - Parameter body: JSON; nil for none.
    func send(_ method: String, _ path: String, _ body: [UInt8]?, key: String) async throws -> Answer {
        var headers: HTTPHeaders = ["host": "127.0.0.1:\(port)", "authorization": "Bearer \(key)", "connection": "close"]
        if let body {
            headers.add(name: "content-type", value: "application/json")
            headers.add(name: "content-length", value: String(body.count))
        }
        let head = HTTPRequestHead(version: .http1_1, method: HTTPMethod(rawValue: method), uri: path, headers: headers)
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup).connectTimeout(Self.timeout).connect(
            host: "127.0.0.1", port: port
        ) { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHTTPClientHandlers()
                return try NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>(wrappingChannelSynchronously: channel)
            }
        }
        return try await channel.executeThenClose { inbound, outbound in
            // All in one piece: a service that has read the whole body may answer and close before an end is sent that says nothing more.
            var parts = [HTTPClientRequestPart.head(head)]
            if let body { parts.append(.body(.byteBuffer(ByteBuffer(bytes: body)))) }
            try await outbound.write(contentsOf: parts + [.end(nil)])
            return try await Self.answer(inbound)
        }
    }

    private static func answer(_ parts: NIOAsyncChannelInboundStream<HTTPClientResponsePart>) async throws -> Answer {
        var status = 0
        var body: [UInt8] = []
        for try await part in parts {
            switch part {
            case .head(let head): status = Int(head.status.code)
            case .body(let buffer): body += buffer.readableBytesView
            case .end: return Answer(status: status, body: body)
            }
            guard body.count <= answerBytesMax else { throw Refusal.no("the answer is too large") }
        }
        throw Refusal.no("the service closed the connection before its answer was complete")
    }
}
