import StrictJSON

/// How the packets of a session travel.
public enum EngineIOTransport: String, Sendable, CaseIterable {
    case polling
    case websocket
}

/// What the query of a request to `/socket.io/` says. Other parameters, such as the cache buster `t`, mean nothing.
///
/// Nothing is percent-decoded: no client encodes any of the values that count here, and an encoded one is simply unknown.
public struct EngineIOQuery: Sendable, Equatable {
    /// The revision of the protocol, `EIO`, as it was sent.
    public var version: String?
    /// The transport, as it was sent.
    public var transport: String?
    /// The secret id of the session; nil where one is to be opened.
    public var sid: String?
    /// True for a client that cannot read binary frames, `b64=1`.
    public var wantsBase64 = false

    /// Reads what stands behind the `?` of the target. The first of several values counts.
    public init(_ query: some StringProtocol) {
        for field in query.split(separator: "&") {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count == 2 ? String(parts[1]) : ""
            switch parts[0] {
            case "EIO": version = version ?? value
            case "transport": transport = transport ?? value
            case "sid": sid = sid ?? value
            case "b64": wantsBase64 = wantsBase64 || value == "1" || value == "true"
            default: break
            }
        }
    }

    /// Checks a request in the order in which Engine.IO's own server does, so that clients see the code that they know.
    ///
    /// - Parameters:
    ///   - method: GET, POST, ... in capitals.
    ///   - isWebSocket: the request asks for a WebSocket.
    ///   - session: the transport of the session with this sid; nil when there is none.
    /// - Returns: the transport that the request is for.
    public func check(method: String, isWebSocket: Bool, session: EngineIOTransport?) throws(EngineIORefusal) -> EngineIOTransport {
        guard let transport = transport.flatMap(EngineIOTransport.init(rawValue:)) else { throw .transportUnknown }
        if sid != nil {
            guard let session else { throw .sessionUnknown }
            if isWebSocket {
                guard transport == .websocket else { throw .badRequest }
                return transport
            }
            guard session == transport, transport == .polling else { throw .badRequest }
            guard method == "GET" || method == "POST" else { throw .methodUnsupported }
            return transport
        }
        guard method == "GET" else { throw .badMethod }
        guard isWebSocket == (transport == .websocket) else { throw .badRequest }
        guard version == "4" else { throw .versionUnsupported }
        return transport
    }
}

/// Why an HTTP request of Engine.IO is refused. The body is JSON for the polling transport, and the bare message for a WebSocket handshake.
public enum EngineIORefusal: Error, Sendable, Equatable, CaseIterable {
    case transportUnknown
    case sessionUnknown
    case badMethod
    case badRequest
    case forbidden
    case versionUnsupported
    /// A POST with more bytes than `SocketSettings.payloadBytesMax`. The session lives on.
    case payloadTooLarge
    /// PUT, DELETE and the like for a session that exists.
    case methodUnsupported

    /// The status of the answer.
    public var status: Int {
        switch self {
        case .forbidden: 403
        case .payloadTooLarge: 413
        case .methodUnsupported: 500
        case .transportUnknown, .sessionUnknown, .badMethod, .badRequest, .versionUnsupported: 400
        }
    }

    /// The number that Engine.IO gives it; nil where the answer has no body.
    public var code: Int? {
        switch self {
        case .transportUnknown: 0
        case .sessionUnknown: 1
        case .badMethod: 2
        case .badRequest: 3
        case .forbidden: 4
        case .versionUnsupported: 5
        case .payloadTooLarge, .methodUnsupported: nil
        }
    }

    /// What it says to a person.
    public var message: String {
        switch self {
        case .transportUnknown: "Transport unknown"
        case .sessionUnknown: "Session ID unknown"
        case .badMethod: "Bad handshake method"
        case .badRequest: "Bad request"
        case .forbidden: "Forbidden"
        case .versionUnsupported: "Unsupported protocol version"
        case .payloadTooLarge: "Payload too large"
        case .methodUnsupported: "Method not supported"
        }
    }

    /// The body, `application/json`; empty where Engine.IO has no number.
    public var body: [UInt8] {
        guard let code else { return [] }
        return JSONValue.object(["code": .integer(Int64(code)), "message": .string(message)]).canonicalBytes
    }
}

/// The first packet of every session, which tells the client how to behave.
enum EngineIOHandshake {
    /// Exactly five members: the official suite refuses any other. A session that begins on a WebSocket has nothing to upgrade to.
    static func frame(sid: String, over transport: EngineIOTransport, _ settings: SocketSettings) -> EngineIOFrame {
        var writer = JSONWriter(appendingTo: [UInt8(ascii: "0")])
        writer.beginObject()
        writer.name(fixed: "maxPayload")
        writer.integer(settings.payloadBytesMax)
        writer.name(fixed: "pingInterval")
        writer.integer(settings.pingIntervalMilliseconds)
        writer.name(fixed: "pingTimeout")
        writer.integer(settings.pingTimeoutMilliseconds)
        writer.name(fixed: "sid")
        writer.string(sid)
        writer.name(fixed: "upgrades")
        writer.beginArray()
        if transport == .polling { writer.string(EngineIOTransport.websocket.rawValue) }
        writer.endArray()
        writer.endObject()
        return .text(writer.takeBytes())
    }
}
