import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Switchboard
import Vocabulary

/// Asks other servers, on event loops of the service.
///
/// An own small client and no library, because the address that is connected to has to be looked at between the name's resolution and the
/// connection: a client that takes a name resolves it again, and may get another answer. One connection for each question, no redirect, no
/// cookie, no proxy, no decompression. A question ends after `Bounds.total`, whatever it waits for.
struct OutboundClient: OutsideLine {
    struct Bounds: Sendable {
        /// How long one address may take to accept the connection.
        var connect = TimeAmount.seconds(3)
        /// How long all of it may take.
        var total = TimeAmount.seconds(5)
        /// How many of a host's addresses are tried.
        var addressesMax = 4
    }

    private let rules: OutboundRules
    private let group: any EventLoopGroup
    private let context: NIOSSLContext
    private let bounds: Bounds
    private let lanes = OutboundLanes()

    /// - Throws: `StartError` when the certificates that are to be trusted cannot be read.
    init(_ rules: OutboundRules, on group: any EventLoopGroup, bounds: Bounds = Bounds()) throws(StartError) {
        self.rules = rules
        self.group = group
        self.bounds = bounds
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        do {
            if let file = rules.trustFile {
                configuration.additionalTrustRoots = [.certificates(try NIOSSLCertificate.fromPEMFile(file))]
            }
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw StartError(description: "outbound.trust_file: \(rules.trustFile ?? "the system's certificates") cannot be used: \(error)")
        }
    }

    func objection(to address: WebAddress) -> String? { rules.objection(to: address) }

    func get(_ question: OutsideQuestion) async throws(OutsideTrouble) -> OutsideAnswer {
        if let objection = rules.objection(to: question.address) { throw OutsideTrouble("\(question.address) \(objection)") }
        let server = "\(question.address.scheme)://\(question.address.authority)"
        do {
            let asking = Asking(question, rules: rules, context: context, bounds: bounds, on: group.next())
            return try await asking.answer(within: lanes, server: server).get()
        } catch {
            throw OutsideTrouble("\(server): \(error)")
        }
    }
}

/// One question under way: wait for one's turn, resolve, look at the addresses, connect to one of them, ask.
private struct Asking: Sendable {
    private let question: OutsideQuestion
    private let rules: OutboundRules
    private let context: NIOSSLContext
    private let bounds: OutboundClient.Bounds
    private let eventLoop: any EventLoop
    private let promise: EventLoopPromise<OutsideAnswer>
    private let isOver: NIOLoopBoundBox<Bool>

    init(
        _ question: OutsideQuestion, rules: OutboundRules, context: NIOSSLContext, bounds: OutboundClient.Bounds,
        on eventLoop: any EventLoop
    ) {
        self.question = question
        self.rules = rules
        self.context = context
        self.bounds = bounds
        self.eventLoop = eventLoop
        promise = eventLoop.makePromise()
        isOver = .makeBoxSendingValue(false, eventLoop: eventLoop)
    }

    func answer(within lanes: OutboundLanes, server: String) -> EventLoopFuture<OutsideAnswer> {
        let deadline = eventLoop.scheduleTask(in: bounds.total) {
            promise.fail(OutsideTrouble("no answer in \(bounds.total.nanoseconds / 1_000_000) ms"))
        }
        lanes.enter(server, on: eventLoop).whenComplete { turn in
            switch turn {
            case .failure(let full): promise.fail(full)
            case .success:
                promise.futureResult.whenComplete { _ in lanes.leave(server) }
                if !isOver.value { ask() }
            }
        }
        return promise.futureResult.always { _ in
            isOver.value = true
            deadline.cancel()
        }
    }

    private func ask() {
        NameResolver.addresses(of: question.address.host, on: eventLoop).whenComplete { found in
            do {
                let allowed = try found.get().filter(rules.mayConnect(to:)).prefix(bounds.addressesMax)
                guard !allowed.isEmpty else {
                    throw OutsideTrouble("leads to no public address, and to none that the operator allows")
                }
                connect(to: allowed[...])
            } catch {
                promise.fail(error)
            }
        }
    }

    /// Connects to the first address that takes the connection.
    private func connect(to addresses: ArraySlice<IPAddress>) {
        guard let address = addresses.first, !isOver.value else { return }
        do {
            let target = try SocketAddress(packedIPAddress: address.packed, port: question.address.port)
            bootstrap.connect(to: target).whenComplete { connected in
                switch connected {
                case .success(let channel): promise.futureResult.whenComplete { _ in channel.close(promise: nil) }
                case .failure(let error): addresses.count > 1 ? connect(to: addresses.dropFirst()) : promise.fail(error)
                }
            }
        } catch {
            promise.fail(error)
        }
    }

    private var bootstrap: ClientBootstrap {
        ClientBootstrap(group: eventLoop).connectTimeout(bounds.connect).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                let pipeline = channel.pipeline.syncOperations
                switch question.address.scheme {
                case .http: break
                case .https:
                    // For an IP address there is no server name to send: the certificate has to name the address.
                    let name = IPAddress(question.address.host) == nil ? question.address.host : nil
                    try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: name))
                }
                var limits = NIOHTTPDecoderLimitConfiguration()
                limits.maxHeaderFieldSize = Limits.headerBytesMax
                limits.maxHeaderListSize = Limits.headerBytesMax
                limits.maxHeaderFieldCount = Limits.headerCountMax
                try pipeline.addHandler(HTTPRequestEncoder())
                try pipeline.addHandler(ByteToMessageHandler(HTTPResponseDecoder(limitConfiguration: limits)))
                try pipeline.addHandler(NIOHTTPRequestHeadersValidator())
                try pipeline.addHandler(OutboundExchange(head, bodyBytesMax: question.bodyBytesMax, promise: promise))
            }
        }
    }

    private var head: HTTPRequestHead {
        var headers: HTTPHeaders = [
            "Host": question.address.authority, "User-Agent": "callgate", "Accept": "application/json", "Accept-Encoding": "identity",
            "Connection": "close",
        ]
        for (name, value) in question.headers { headers.add(name: name, value: value.withBytes { String(decoding: $0, as: UTF8.self) }) }
        return HTTPRequestHead(version: .http1_1, method: .GET, uri: question.address.target, headers: headers)
    }
}

extension IPAddress {
    /// The address as it goes over the wire: 4 or 16 bytes.
    fileprivate var packed: ByteBuffer {
        var bytes = ByteBuffer()
        if isIPv4 {
            bytes.writeInteger(UInt32(truncatingIfNeeded: low))
        } else {
            bytes.writeInteger(high)
            bytes.writeInteger(low)
        }
        return bytes
    }
}
