import NIOCore

/// What a WebSocket frame is for (RFC 6455 section 5.2).
enum WebSocketOpcode: UInt8 {
    case continuation = 0x0
    case text = 0x1
    case binary = 0x2
    case close = 0x8
    case ping = 0x9
    case pong = 0xA

    var isControl: Bool { rawValue & 0x8 != 0 }
}

/// One frame of a client, its payload without the mask.
///
/// Read here and not by NIO's decoder, which would be one more handler in every connection, hand every frame on as an object of its own,
/// and leave most of the rules to us all the same (decision 10).
struct ClientFrame {
    let opcode: WebSocketOpcode
    /// Whether the message ends with it.
    let isFinal: Bool
    let payload: [UInt8]

    /// The frame whose header that is, from the beginning of these bytes.
    fileprivate init(_ header: Header, _ bytes: UnsafeRawBufferPointer) {
        opcode = header.opcode
        isFinal = header.isFinal
        let mask = bytes.loadUnaligned(fromByteOffset: header.maskOffset, as: UInt32.self)
        payload = Self.unmask(UnsafeRawBufferPointer(rebasing: bytes[header.payloadOffset..<header.frameBytes]), by: mask)
    }

    /// What stands before the payload.
    fileprivate struct Header {
        let opcode: WebSocketOpcode
        let isFinal: Bool
        let maskOffset: Int
        let payloadBytes: Int

        private static let maskBytes = 4
        private static let controlPayloadBytesMax = 125

        var payloadOffset: Int { maskOffset + Self.maskBytes }
        var frameBytes: Int { payloadOffset + payloadBytes }

        /// Nil while it is not whole.
        /// - Throws: how a client is put out that sends such a frame.
        init?(_ bytes: UnsafeRawBufferPointer, payloadBytesMax: Int) throws(WebSocketHandler.Ending) {
            guard bytes.count >= 2 else { return nil }
            let (first, second) = (bytes[0], bytes[1])
            switch second & 0x7F {
            case 126:
                guard bytes.count >= 4 else { return nil }
                maskOffset = 4
                payloadBytes = Int(UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
            case 127:
                guard bytes.count >= 10 else { return nil }
                maskOffset = 10
                payloadBytes = Int(clamping: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt64.self)))
            case let length:
                maskOffset = 2
                payloadBytes = Int(length)
            }
            guard payloadBytes <= payloadBytesMax else { throw .messageTooBig }
            // No extension is ever agreed on, so the reserved bits mean nothing (5.2). Clients mask, always (5.1).
            guard first & 0x70 == 0, second & 0x80 != 0, let opcode = WebSocketOpcode(rawValue: first & 0x0F) else { throw .protocolError }
            self.opcode = opcode
            isFinal = first & 0x80 != 0
            // A control frame is short, and whole (5.5).
            guard !opcode.isControl || (isFinal && payloadBytes <= Self.controlPayloadBytesMax) else { throw .protocolError }
        }
    }

    /// - Parameter mask: as it lies in memory.
    private static func unmask(_ masked: UnsafeRawBufferPointer, by mask: UInt32) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: masked.count) { target, count in
            let target = UnsafeMutableRawBufferPointer(target)
            let word = UInt64(mask) << 32 | UInt64(mask)
            var index = 0
            while index + 8 <= masked.count {
                target.storeBytes(
                    of: masked.loadUnaligned(fromByteOffset: index, as: UInt64.self) ^ word, toByteOffset: index, as: UInt64.self)
                index += 8
            }
            withUnsafeBytes(of: mask) { mask in
                while index < masked.count {
                    target[index] = masked[index] ^ mask[index & 3]
                    index += 1
                }
            }
            count = masked.count
        }
    }
}

/// Cuts what a client sends into frames, wherever it comes in pieces.
struct ClientFrames {
    /// What was read and is not taken yet. Nil between two frames, where a connection is nearly always.
    private var rest: ByteBuffer?

    mutating func add(_ bytes: ByteBuffer) {
        guard rest != nil else { return rest = bytes }
        rest?.discardReadBytes()
        rest?.writeImmutableBuffer(bytes)
    }

    /// Takes the next frame out; nil while it is not whole.
    /// - Throws: how a client is put out that sends such a frame, as soon as its header is here.
    mutating func next(payloadBytesMax: Int) throws(WebSocketHandler.Ending) -> ClientFrame? {
        guard let bytes = rest else { return nil }
        let found = try bytes.withUnsafeReadableBytes { bytes in
            Result { () throws(WebSocketHandler.Ending) -> (frame: ClientFrame, bytes: Int)? in
                guard let header = try ClientFrame.Header(bytes, payloadBytesMax: payloadBytesMax), bytes.count >= header.frameBytes else {
                    return nil
                }
                return (ClientFrame(header, bytes), header.frameBytes)
            }
        }.get()
        guard let found else { return nil }
        if found.bytes == bytes.readableBytes { rest = nil } else { rest?.moveReaderIndex(forwardBy: found.bytes) }
        return found.frame
    }

    mutating func removeAll() {
        rest = nil
    }
}
