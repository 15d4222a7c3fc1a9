import NIOCore
import StrictJSON

/// Many users who connect and then do nothing.
// @unchecked Sendable: nothing in it is touched but on the thread of its event loop.
final class SocketCrowd: SocketOwner, @unchecked Sendable {
    /// How many handshakes are under way at once.
    static let window = 64

    private let port: Int
    private let loop: any EventLoop
    private let users: [SocketUser]
    private var next = 0
    private var sockets: [SocketClient] = []
    private var times: [Int64] = []
    private var fault: (any Error)?
    private let done: EventLoopPromise<[Int64]>

    init(_ users: [SocketUser], port: Int, on loop: any EventLoop) {
        (self.users, self.port, self.loop) = (users, port, loop)
        done = loop.makePromise(of: [Int64].self)
    }

    /// Connects all of them, so many at once.
    /// - Returns: how long each took, from its first byte until it was let in, in nanoseconds.
    func connect() async throws -> [Int64] {
        loop.execute { [self] in
            if users.isEmpty { done.succeed([]) }
            for _ in 0..<min(Self.window, users.count) { connectNext() }
        }
        return try await done.futureResult.get()
    }

    /// Closes all of them. Fails where one was lost before.
    func leave() async throws {
        try await loop.submit { [self] in
            if let fault { throw fault }
            for socket in sockets { socket.close() }
            sockets = []
        }.get()
    }

    private func connectNext() {
        guard next < users.count, fault == nil else { return }
        let user = users[next]
        next += 1
        let start = NIODeadline.now()
        SocketClient.connect(port: port, authentication: user.authentication, on: loop, for: self).whenComplete { [self] result in
            switch result {
            case .success(let socket):
                sockets.append(socket)
                times.append((NIODeadline.now() - start).nanoseconds)
                if times.count == users.count { done.succeed(times) }
                connectNext()
            case .failure(let error):
                fail(error)
            }
        }
    }

    private func fail(_ error: any Error) {
        guard fault == nil else { return }
        fault = error
        done.fail(error)
    }

    func heard(_ name: String, _ payload: SocketPayload, on socket: SocketClient) {}

    func lost(_ socket: SocketClient, _ fault: SocketFault) {
        fail(fault)
    }
}

/// A user of the benchmark, and the token of its identity provider.
struct SocketUser: Sendable {
    let name: String
    let token: String

    /// What a socket sends to be let in.
    var authentication: JSONValue { ["token": .string(token)] }
}
