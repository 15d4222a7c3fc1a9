/// One Engine.IO packet as it stands on the wire: the content of one WebSocket message, or one piece of a polling body.
///
/// Encoded once, sent to many: copies share the bytes.
public enum EngineIOFrame: Sendable, Equatable {
    /// A type digit and what follows it, in UTF-8.
    case text([UInt8])
    /// A binary message. It has no type digit; a polling body holds it as `b` and base64.
    case binary([UInt8])

    /// How many bytes it keeps.
    public var byteCount: Int {
        switch self {
        case .text(let bytes), .binary(let bytes): bytes.count
        }
    }

    static let close = EngineIOFrame.text([UInt8(ascii: "1")])
    static let ping = EngineIOFrame.text([UInt8(ascii: "2")])
    static let probeAnswer = EngineIOFrame.text(Array("3probe".utf8))
    static let noop = EngineIOFrame.text([UInt8(ascii: "6")])
}

/// One Engine.IO packet, taken apart.
///
/// | type | digit | who sends it |
/// |---|---|---|
/// | open | 0 | the server, with the handshake |
/// | close | 1 | both |
/// | ping | 2 | the server; the client with `probe` on a WebSocket that is to replace its polling |
/// | pong | 3 | the client; the server with `probe` |
/// | message | 4 | both |
/// | upgrade | 5 | the client, to complete the upgrade |
/// | noop | 6 | the server, to release a poll |
public enum EngineIOPacket: Sendable, Equatable {
    case open(ArraySlice<UInt8>)
    case close
    case ping(ArraySlice<UInt8>)
    case pong(ArraySlice<UInt8>)
    case message(ArraySlice<UInt8>)
    case binary([UInt8])
    case upgrade
    case noop

    static let messageDigit = UInt8(ascii: "4")
    static let binaryLetter = UInt8(ascii: "b")

    /// Reads the text of one packet. What follows the digit of a close, an upgrade or a noop means nothing and is left out.
    public init(text: ArraySlice<UInt8>) throws(SocketIOError) {
        guard let digit = text.first else { throw .packetEmpty }
        let data = text.dropFirst()
        switch digit {
        case UInt8(ascii: "0"): self = .open(data)
        case UInt8(ascii: "1"): self = .close
        case UInt8(ascii: "2"): self = .ping(data)
        case UInt8(ascii: "3"): self = .pong(data)
        case Self.messageDigit: self = .message(data)
        case UInt8(ascii: "5"): self = .upgrade
        case UInt8(ascii: "6"): self = .noop
        case Self.binaryLetter: self = .binary(try Base64Text.decode(data))
        default: throw .packetTypeUnknown
        }
    }

    /// The packet as it is written.
    public var frame: EngineIOFrame {
        switch self {
        case .open(let data): .text([UInt8(ascii: "0")] + data)
        case .close: .close
        case .ping(let data): .text([UInt8(ascii: "2")] + data)
        case .pong(let data): .text([UInt8(ascii: "3")] + data)
        case .message(let data): .text([Self.messageDigit] + data)
        case .binary(let bytes): .binary(bytes)
        case .upgrade: .text([UInt8(ascii: "5")])
        case .noop: .noop
        }
    }
}

/// The body of a polling request or answer: packets with a record separator between them.
public enum EngineIOPayload {
    /// Stands between two packets.
    public static let separator: UInt8 = 0x1E

    /// Writes packets, binary ones as `b` and base64.
    public static func encode(_ frames: some Collection<EngineIOFrame>) -> [UInt8] {
        if frames.count == 1, case .text(let bytes)? = frames.first { return bytes }
        var body: [UInt8] = []
        body.reserveCapacity(frames.reduce(0) { $0 + encodedCount($1) + 1 })
        for frame in frames {
            if !body.isEmpty { body.append(separator) }
            append(frame, to: &body)
        }
        return body
    }

    /// The text of one frame as a polling body, or a WebSocket without binary frames, holds it.
    static func append(_ frame: EngineIOFrame, to body: inout [UInt8]) {
        switch frame {
        case .text(let bytes):
            body.append(contentsOf: bytes)
        case .binary(let bytes):
            body.append(EngineIOPacket.binaryLetter)
            Base64Text.append(bytes, to: &body)
        }
    }

    /// How many bytes of a polling body the frame takes.
    static func encodedCount(_ frame: EngineIOFrame) -> Int {
        switch frame {
        case .text(let bytes): bytes.count
        case .binary(let bytes): 1 + Base64Text.encodedCount(bytes.count)
        }
    }

    /// Reads a body packet by packet, in order, and stops at the first that is none; the packets before it have been handed out by then.
    public static func decode(_ body: [UInt8], _ take: (EngineIOPacket) -> Void) throws(SocketIOError) {
        var start = 0
        while true {
            let end = body[start...].firstIndex(of: separator) ?? body.count
            take(try EngineIOPacket(text: body[start..<end]))
            guard end < body.count else { return }
            start = end + 1
        }
    }
}
