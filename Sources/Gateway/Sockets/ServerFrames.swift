import NIOCore

/// Where the frames of a loop's WebSockets are written, one after the other in the same memory: a frame has left when the next one comes,
/// unless its socket takes no more, and then it keeps the memory.
struct ServerFrames {
    /// The longest frame whose memory is kept.
    private static let keptBytesMax = 16_384

    private var buffer = ByteBuffer()

    /// Makes a whole message, or a control frame, as a server sends it: unmasked, in one frame.
    ///
    /// NIO's encoder would write the header as a buffer of its own, and keep one for that in every connection.
    mutating func frame(_ opcode: WebSocketOpcode, _ payload: [UInt8]) -> ByteBuffer {
        buffer.clear(minimumCapacity: payload.count + 10)
        let final: UInt8 = 0x80
        buffer.writeInteger(final | opcode.rawValue)
        switch payload.count {
        case ...125:
            buffer.writeInteger(UInt8(payload.count))
        case ...Int(UInt16.max):
            buffer.writeInteger(UInt8(126))
            buffer.writeInteger(UInt16(payload.count))
        case _:
            buffer.writeInteger(UInt8(127))
            buffer.writeInteger(UInt64(payload.count))
        }
        buffer.writeBytes(payload)
        defer { if buffer.capacity > Self.keptBytesMax { buffer = ByteBuffer() } }
        return buffer
    }
}
