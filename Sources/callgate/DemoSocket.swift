import NIOCore
import NIOPosix
import StrictJSON

/// The socket of a user in the demo, for code that does one thing after the other.
// @unchecked Sendable: `client` and `askedAt` are touched on the thread of the event loop only, once the socket is connected; the stream
// is read by the demo alone.
final class DemoSocket: SocketOwner, @unchecked Sendable {
    /// Nobody waits longer than this: the socket is closed then.
    private static let patience = TimeAmount.seconds(20)

    /// Something that was heard.
    struct Heard: Sendable {
        let name: String
        let payload: JSONValue
        let at: NIODeadline
    }

    let user: String
    private let loop: any EventLoop
    private let events: AsyncStream<Heard>
    private let event: AsyncStream<Heard>.Continuation
    private var client: SocketClient?
    /// When it last began to ask.
    private var askedAt = NIODeadline.now()

    private init(_ user: String, on loop: any EventLoop) {
        self.user = user
        self.loop = loop
        (events, event) = AsyncStream.makeStream(of: Heard.self)
    }

    /// Connects with a token of the user.
    static func connect(_ user: String, device: String, token: String, port: Int) async throws -> DemoSocket {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let socket = DemoSocket(user, on: loop)
        do {
            let authentication: JSONValue = ["token": .string(token), "deviceId": .string(device)]
            let client = try await SocketClient.connect(port: port, authentication: authentication, on: loop, for: socket).get()
            loop.execute { socket.client = client }
            loop.scheduleTask(in: patience) { [weak socket] in socket?.hangUp() }
            return socket
        } catch {
            throw Refusal.no("\(user) cannot connect: \(error)")
        }
    }

    /// Sends an event, which must succeed.
    /// - Returns: the acknowledgement.
    func asks(_ name: String, _ payload: JSONValue) async throws -> JSONValue {
        let answer = loop.makePromise(of: JSONValue.self)
        loop.execute { [self] in
            askedAt = .now()
            guard let client else { return answer.fail(SocketFault.closed("it is not open")) }
            client.ask(name, payload) { result in answer.completeWith(result.map { $0.value }.mapError { $0 }) }
        }
        let acknowledgement = try await answer.futureResult.get()
        guard acknowledgement["success"] == true else {
            throw Refusal.no("\(user) was refused \(name): \(acknowledgement.canonicalText)")
        }
        return acknowledgement
    }

    /// Waits for an event of that name. What came before it is let go.
    func hears(_ name: String) async throws -> Heard {
        for await heard in events where heard.name == name { return heard }
        throw Refusal.no("\(user) did not hear \(name)")
    }

    /// How long it took from what another socket asked last until this was heard.
    func delay(of heard: Heard) async throws -> Duration {
        try await loop.submit { [self] in .nanoseconds((heard.at - askedAt).nanoseconds) }.get()
    }

    func close() {
        loop.execute { [self] in hangUp() }
    }

    private func hangUp() {
        client?.close()
        event.finish()
    }

    func heard(_ name: String, _ payload: SocketPayload, on socket: SocketClient) {
        event.yield(Heard(name: name, payload: payload.value, at: socket.readAt))
    }

    func lost(_ socket: SocketClient, _ fault: SocketFault) {
        event.finish()
    }
}
