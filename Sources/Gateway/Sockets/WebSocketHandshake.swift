import NIOHTTP1
import Signing
import SocketIO

/// The opening handshake of a WebSocket, seen from the server (RFC 6455 section 4.2). Extensions and subprotocols are never agreed on.
enum WebSocketHandshake: Sendable, Equatable {
    /// Everything is there; this goes into `Sec-WebSocket-Accept`.
    case complete(accept: String)
    /// It asks for a version that does not exist here.
    case otherVersion
    /// A key is missing, or is none.
    case malformed

    private static let versionField = "sec-websocket-version"
    private static let version = "13"
    private static let suffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

    /// Nil where the request asks for no WebSocket. HTTP/1.0, another method, or `Upgrade` without `Connection: upgrade` ask for none.
    init?(_ head: HTTPRequestHead) {
        guard head.method == .GET, head.version == .http1_1,
            head.headers[canonicalForm: "upgrade"].contains(where: { $0.lowercased() == "websocket" }),
            head.headers[canonicalForm: "connection"].contains(where: { $0.lowercased() == "upgrade" })
        else { return nil }
        let keys = head.headers["sec-websocket-key"]
        if head.headers[Self.versionField] != [Self.version] {
            self = .otherVersion
        } else if keys.count == 1, Self.isKey(keys[0]) {
            self = .complete(accept: Base64.encode(Digest.of(Array((keys[0] + Self.suffix).utf8), .sha1)))
        } else {
            self = .malformed
        }
    }

    /// The base64 text of 16 bytes.
    private static func isKey(_ text: String) -> Bool {
        do {
            return try Base64.decode(text).count == 16
        } catch {
            return false
        }
    }

    /// What is answered to one that cannot be completed; nil for one that can.
    var refusal: SocketAnswer? {
        switch self {
        case .complete: nil
        case .otherVersion: SocketAnswer(status: 426, contentType: nil, fields: [("Sec-WebSocket-Version", Self.version)])
        case .malformed: .refusal(.badRequest, toWebSocket: true)
        }
    }
}
