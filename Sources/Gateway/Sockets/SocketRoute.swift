import NIOCore
public import SocketIO

/// A path of the port that sockets come to.
public struct SocketRoute: Sendable {
    /// The path with its slash at the end, as Engine.IO has it: `/socket.io/`.
    public let path: String
    private let kind: Kind

    private enum Kind: Sendable {
        case engineIO(any EngineIOApplication, SocketSettings, OriginPolicy)
        case webSocketEcho(bytesMax: Int)
    }

    /// Serves an application that speaks Engine.IO, over polling and WebSocket.
    public static func engineIO(
        _ path: String, _ application: any EngineIOApplication, settings: SocketSettings, origins: OriginPolicy
    ) -> SocketRoute {
        SocketRoute(path: path, kind: .engineIO(application, settings, origins))
    }

    /// Serves WebSockets that send back every message, for checks of the WebSocket protocol itself.
    public static func webSocketEcho(_ path: String, bytesMax: Int) -> SocketRoute {
        SocketRoute(path: path, kind: .webSocketEcho(bytesMax: bytesMax))
    }

    /// Who answers the requests of a path. All of it may be asked on any loop.
    protocol Target: Sendable {
        var origins: OriginPolicy { get }
        func bodyBytesMax(for exchange: SocketExchange) -> Int
        func begin(_ exchange: SocketExchange)
        func end(_ exchange: SocketExchange, _ body: [UInt8])
        func tooLarge(_ exchange: SocketExchange)
        func left(_ exchange: SocketExchange)
        /// Closes what is open, and opens nothing more.
        func stop()
    }

    func target(group: any EventLoopGroup, sweeps: DeadlineSweeps, writeStall: TimeAmount) -> any Target {
        let ways = WebSocketWays(sweeps: sweeps, writeStall: writeStall)
        switch kind {
        case .engineIO(let application, let settings, let origins):
            return SocketServer(application: application, settings: settings, origins: origins, ways: ways, group: group)
        case .webSocketEcho(let bytesMax):
            return WebSocketEcho(bytesMax: bytesMax, ways: ways)
        }
    }
}

/// The socket paths of a port. A request for any other path goes on to the API.
struct SocketRoutes: Sendable {
    private let targets: [(path: String, target: any SocketRoute.Target)]

    init(_ routes: [SocketRoute] = [], group: any EventLoopGroup, sweeps: DeadlineSweeps, writeStall: TimeAmount) {
        targets = routes.map { ($0.path, $0.target(group: group, sweeps: sweeps, writeStall: writeStall)) }
    }

    /// No paths at all.
    static let none = SocketRoutes()

    private init() { targets = [] }

    /// Who answers a target, and what stands behind its `?`.
    func find(_ uri: String) -> (target: any SocketRoute.Target, query: Substring)? {
        for (path, target) in targets where uri.utf8.starts(with: path.utf8) {
            let rest = uri[uri.utf8.index(uri.startIndex, offsetBy: path.utf8.count)...]
            if rest.isEmpty { return (target, rest) }
            if rest.utf8.first == UInt8(ascii: "?") { return (target, rest.dropFirst()) }
        }
        return nil
    }

    func stop() {
        for (_, target) in targets { target.stop() }
    }
}
