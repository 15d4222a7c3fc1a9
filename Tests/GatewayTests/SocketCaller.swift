import Calls
import NIOWebSocket
import Signing
import SocketIO
import StrictJSON
import Switchboard
import Testing
import Vocabulary

@testable import Gateway

/// A device of a user of `acme` on the port of a whole service: it speaks Socket.IO in namespace `/`, and does one thing after the other.
final class SocketCaller {
    /// How it connects.
    enum Way: CaseIterable {
        case webSocket
        /// By polls and posts, until it is told to `upgrade`.
        case polling
    }

    private static let opening = "/socket.io/?EIO=4&transport="

    private let makeClient: () async throws -> Client
    private var wire: Client
    /// The session's part of a target, as long as it polls.
    private var polled: String?
    private var inbox: [SocketIOPacket] = []
    private var lastID: UInt64 = 0

    /// Connects and is let in.
    init(_ user: String, on device: String, by way: Way, _ makeClient: @escaping () async throws -> Client) async throws {
        self.makeClient = makeClient
        wire = try await makeClient()
        switch way {
        case .webSocket:
            try await wire.becomeWebSocket(Self.opening + "websocket")
            #expect(try await wire.message().first == "0")
        case .polling:
            let answer = try await wire.ask(HTTPText.request("GET", Self.opening + "polling"))
            polled = "&sid=" + (try #require(answer.text.firstMatch(of: #/"sid":"([^"]{20})"/#)).1)
        }
        try await send(SocketIOPacket(.connect, payload: ["token": .string(Self.token(of: user)), "deviceId": .string(device)]))
        let answer = try await take { $0.kind == .connect || $0.kind == .connectError }
        try #require(answer.kind == .connect, "\(String(describing: answer.payload))")
        #expect(try await hears("connected")["userId"] == .string(user))
    }

    /// From now on it is a WebSocket.
    func upgrade() async throws {
        let next = try await makeClient()
        try await next.becomeWebSocket(Self.opening + "websocket" + (try #require(polled)))
        try await next.say("2probe")
        #expect(try await next.message() == "3probe")
        try await next.say("5")
        try await leavePolling()
        (wire, polled) = (next, nil)
    }

    /// Sends an event.
    /// - Returns: its acknowledgement.
    func asks(_ name: String, _ payload: JSONValue) async throws -> JSONValue {
        lastID += 1
        let id = lastID
        try await send(SocketIOPacket(.event, id: id, payload: [.string(name), payload]))
        return try await take { $0.kind == .acknowledgement && $0.id == id }.payload?[0] ?? .null
    }

    /// Waits for the next event of that name.
    /// - Returns: its payload.
    func hears(_ name: String) async throws -> JSONValue {
        try await take { $0.kind == .event && $0.payload?[0] == .string(name) }.payload?[1] ?? .null
    }

    /// Goes as a client should, and waits until the service has ended the connection.
    func close() async throws {
        guard polled == nil else { return try await leavePolling() }
        wire.push(bytes: Raw.close(1000))
        while try await wire.frame().opcode != .connectionClose {}
        try await wire.end()
        try await wire.close()
    }

    /// The service has gone.
    func drop() async throws { try await wire.close() }

    private func leavePolling() async throws {
        #expect(try await wire.ask(HTTPText.request("GET", "/health", [("Connection", "close")])).isLast)
        try await wire.end()
        try await wire.close()
    }

    // MARK: Packets

    private func take(_ isWanted: (SocketIOPacket) -> Bool) async throws -> SocketIOPacket {
        while true {
            if let index = inbox.firstIndex(where: isWanted) { return inbox.remove(at: index) }
            for text in try await received() {
                switch try EngineIOPacket(text: Array(text.utf8)[...]) {
                case .message(let bytes): inbox.append(try SocketIOPacket(text: bytes))
                case .ping: try await send("3")
                case .open, .close, .pong, .binary, .upgrade, .noop: break
                }
            }
        }
    }

    private func received() async throws -> [String] {
        guard let polled else { return [try await wire.message()] }
        let answer = try await wire.ask(HTTPText.request("GET", Self.opening + "polling" + polled))
        try #require(answer.status == 200, "\(answer.text)")
        return answer.text.split(separator: "\u{1E}").map(String.init)
    }

    private func send(_ packet: SocketIOPacket) async throws {
        guard case .text(let bytes) = packet.frame else { return }
        try await send(String(decoding: bytes, as: UTF8.self))
    }

    private func send(_ text: String) async throws {
        guard let polled else { return try await wire.say(text) }
        #expect(try await wire.ask(HTTPText.request("POST", Self.opening + "polling" + polled, body: text)).text == "ok")
    }

    // MARK: Who it is

    static let userSecret = "h5Kc9Wz2Qx7Bv4Nm1Lp8Rt6Yd3Fg0Jse-users"

    /// A token of the identity provider of `acme`.
    private static func token(of user: String) -> String {
        let claims: JSONObject = [
            "iss": "https://acme.example.com", "sub": .string(user), "exp": .integer(SystemClock.now().seconds + 3600),
        ]
        let input =
            Base64URL.encode(Array(#"{"alg":"HS256","typ":"JWT"}"#.utf8)) + "." + Base64URL.encode(JSONValue.object(claims).canonicalBytes)
        return input + "." + Base64URL.encode(HMACKey(.sha256, key: Array(userSecret.utf8)).authenticationCode(for: Array(input.utf8)))
    }
}

extension RunningGateway {
    /// A device of a user of `acme`.
    func caller(
        _ user: String, on device: String, by way: SocketCaller.Way = .webSocket, isSecure: Bool = false
    ) async throws -> SocketCaller {
        try await SocketCaller(user, on: device, by: way) { isSecure ? try await secureClient() : try await client() }
    }
}
