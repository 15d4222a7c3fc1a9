import NIOCore
import Testing

@testable import Gateway

/// Frames as they are cut out of what a client sends. The rules about what follows what are tested on whole sockets.
@Suite struct `Frames of clients` {
    private static let bytesMax = 70_000
    private static let mask: [UInt8] = [0x12, 0x34, 0x56, 0x78]

    /// A frame as a client sends it.
    private static func frame(_ first: UInt8, _ payload: [UInt8]) -> [UInt8] {
        let length: [UInt8] =
            switch payload.count {
            case ...125: [0x80 | UInt8(payload.count)]
            case ...0xFFFF: [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
            case _: [0x80 | 127] + (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
            }
        return [first] + length + mask + payload.enumerated().map { $1 ^ mask[$0 % 4] }
    }

    private static func take(_ pieces: [ArraySlice<UInt8>]) throws -> [[UInt8]] {
        var frames = ClientFrames()
        var payloads: [[UInt8]] = []
        for piece in pieces {
            frames.add(ByteBuffer(bytes: piece))
            while let frame = try frames.next(payloadBytesMax: bytesMax) { payloads.append(frame.payload) }
        }
        return payloads
    }

    @Test func `come out whole, many at once or cut anywhere`() throws {
        let payloads = [0, 1, 3, 4, 7, 8, 9, 125, 126, 300].map { count in (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7) } }
        let bytes = payloads.flatMap { Self.frame(0x82, $0) }
        #expect(try Self.take([bytes[...]]) == payloads)
        #expect(try Self.take(bytes.indices.map { bytes[$0...$0] }) == payloads)
        for cut in bytes.indices { #expect(try Self.take([bytes[..<cut], bytes[cut...]]) == payloads) }
    }

    @Test(arguments: [125, 126, 0xFFFF, 0x10000, bytesMax]) func `may be of any length up to the bound`(_ count: Int) throws {
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let bytes = Self.frame(0x81, payload)
        #expect(try Self.take([bytes[..<100], bytes[100...]]) == [payload])
    }

    @Test(arguments: [
        ([0x81, 0xFF, 0, 0, 0, 0, 0, 1, 0x11, 0x71], WebSocketHandler.Ending.messageTooBig),  // One more than the bound.
        ([0x81, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], .messageTooBig),
        ([0x81, 0x01], .protocolError), ([0xC1, 0x81], .protocolError), ([0xA1, 0x81], .protocolError), ([0x91, 0x81], .protocolError),
        ([0x83, 0x81], .protocolError), ([0x8B, 0x81], .protocolError), ([0x09, 0x81], .protocolError),
        ([0x89, 0xFE, 0, 126], .protocolError),
    ])
    func `that break a rule are known by their headers`(_ header: [UInt8], _ ending: WebSocketHandler.Ending) {
        #expect(throws: ending) { try Self.take([header[...]]) }
    }
}
