import Calls
import Signaling
import SocketIO
import Switchboard

/// The socket counter on its path of the port.
enum SocketCounter {
    /// The path that clients of Socket.IO use unless told otherwise.
    static let path = "/socket.io/"

    static func settings(_ settings: SocketTransportSettings) -> SocketSettings {
        SocketSettings(
            namespaces: Signaling.namespaces, pingIntervalMilliseconds: settings.pingIntervalSeconds * 1000,
            pingTimeoutMilliseconds: settings.pingTimeoutSeconds * 1000, payloadBytesMax: settings.payloadBytesMax)
    }

    static func route(_ signaling: Signaling, _ settings: SocketTransportSettings) -> SocketRoute {
        .engineIO(
            path, signaling, settings: Self.settings(settings), origins: OriginPolicy(allowed: settings.allowedOrigins))
    }
}

/// Hands what is to be told about calls to several, in the same order to each.
struct Couriers: Courier {
    let couriers: [any Courier]

    func carry(_ events: [CallEvent]) {
        for courier in couriers { courier.carry(events) }
    }
}
