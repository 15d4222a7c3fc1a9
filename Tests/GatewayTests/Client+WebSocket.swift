import NIOCore
import NIOWebSocket
import Testing

/// One frame as it stood on the wire, from the server.
struct Frame: Sendable, Equatable, CustomStringConvertible {
    let opcode: WebSocketOpcode
    let payload: [UInt8]

    static func text(_ text: String) -> Frame { Frame(opcode: .text, payload: Array(text.utf8)) }
    static func close(_ code: UInt16?) -> Frame {
        Frame(opcode: .connectionClose, payload: code.map { [UInt8($0 >> 8), UInt8($0 & 255)] } ?? [])
    }

    var text: String { String(decoding: payload, as: UTF8.self) }
    var description: String { "\(opcode) \(payload.count > 80 ? "\(payload.count) bytes" : text) \(payload.prefix(4))" }

    /// Takes the next whole frame from what has come. A server never masks, divides or extends.
    static func read(from buffer: inout ByteBuffer) throws -> Frame? {
        var peek = buffer
        guard let first = peek.readInteger(as: UInt8.self), let second = peek.readInteger(as: UInt8.self) else { return nil }
        var length = Int(second)
        if second == 126 {
            guard let long = peek.readInteger(as: UInt16.self) else { return nil }
            length = Int(long)
        } else if second == 127 {
            guard let long = peek.readInteger(as: UInt64.self) else { return nil }
            length = Int(long)
        }
        guard let payload = peek.readBytes(length: length) else { return nil }
        try #require(first & 0xF0 == 0x80 && second & 0x80 == 0, "\(first) \(second)")
        buffer = peek
        return Frame(opcode: try #require(WebSocketOpcode(encodedWebSocketOpcode: first & 15)), payload: payload)
    }
}

/// Frames as a client sends them, right or wrong.
enum Raw {
    static func frame(
        _ opcode: Int, _ payload: [UInt8] = [], fin: Bool = true, rsv: UInt8 = 0, isMasked: Bool = true, length: Int? = nil
    ) -> [UInt8] {
        let mask: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
        var bytes = [(fin ? 0x80 : 0) | rsv << 4 | UInt8(opcode)]
        let bit: UInt8 = isMasked ? 0x80 : 0
        switch length ?? payload.count {
        case ...125: bytes.append(bit | UInt8(payload.count))
        case let count where count <= 65_535: bytes += [bit | 126, UInt8(count >> 8), UInt8(count & 255)]
        case let count: bytes += [bit | 127] + (0..<8).reversed().map { UInt8(count >> ($0 * 8) & 255) }
        }
        guard isMasked else { return bytes + payload }
        return bytes + mask + payload.enumerated().map { $1 ^ mask[$0 & 3] }
    }

    static func text(_ text: String, fin: Bool = true) -> [UInt8] { frame(1, Array(text.utf8), fin: fin) }
    static func close(_ code: UInt16, _ reason: [UInt8] = []) -> [UInt8] { frame(8, [UInt8(code >> 8), UInt8(code & 255)] + reason) }

    static func handshake(_ target: String, _ headers: [(String, String)] = []) -> String {
        HTTPText.request(
            "GET", target,
            [
                ("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"),
                ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ] + headers)
    }
}

extension Client {
    /// Becomes a WebSocket. The accept key is the one of RFC 6455's own example.
    func becomeWebSocket(_ target: String, _ headers: [(String, String)] = [], sourceLocation: SourceLocation = #_sourceLocation)
        async throws
    {
        let answer = try await ask(Raw.handshake(target, headers))
        try #require(answer.status == 101, "\(answer.statusLine)", sourceLocation: sourceLocation)
        #expect(answer["sec-websocket-accept"] == ["s3pPLMBiTxaQ9kYGzzhZRbK+xOo="], sourceLocation: sourceLocation)
        #expect(answer["sec-websocket-extensions"].isEmpty, sourceLocation: sourceLocation)
    }

    func frame() async throws -> Frame {
        try await take("a frame") { try Frame.read(from: &$0) }
    }

    /// The next text, where a text comes next.
    func message(sourceLocation: SourceLocation = #_sourceLocation) async throws -> String {
        let frame = try await frame()
        #expect(frame.opcode == .text, sourceLocation: sourceLocation)
        return frame.text
    }

    func say(_ text: String) async throws { try await send(Raw.text(text)) }

    /// Hears the server's close frame, answers it, and sees the connection end.
    func expectClose(_ code: UInt16?, _ note: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        #expect(try await frame() == .close(code), note, sourceLocation: sourceLocation)
        push(bytes: code.map { Raw.close($0) } ?? Raw.frame(8))
        try await end()
    }
}
