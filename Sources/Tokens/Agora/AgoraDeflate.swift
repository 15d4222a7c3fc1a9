import CZlib

/// Writes zlib streams (RFC 1950) of any length, one after the other, with one kept state.
///
/// Making a state for each token would cost several times what packing it costs, so the state is kept and reset. People's tokens are short
/// enough for ``AgoraSmallDeflate``, which is faster still; what is longer comes here.
/// Owns one `z_stream`, at an address that never changes, as zlib wants it. Not copyable, so it is freed exactly once.
struct AgoraDeflate: ~Copyable {
    /// zlib's own default, which Agora's reference builders use: with it a token's text is the same as theirs, letter for letter.
    ///
    /// Any level would be legitimate, also 0 (stored; Agora's builder in Rust writes that), since the inflated bytes count and not the
    /// text. Level 1 is no faster on bodies this short; level 0 is what ``AgoraSmallDeflate`` is measured against.
    static let level: Int32 = 6

    /// How much memory the state takes, 1...9; zlib's default is 8.
    ///
    /// At 8 each reset clears 64 KiB of hash table, at 4 it is 4 KiB, which saves a tenth of a token's time and most of its cache lines.
    /// The output is the same for bodies of ordinary size: a smaller table only makes more entries that zlib looks at and rejects, and a
    /// block holds 1,023 symbols. A longer body may become two blocks, just as legitimate.
    static let memoryLevel: Int32 = 4

    private let stream: UnsafeMutablePointer<z_stream>

    init(level: Int32 = AgoraDeflate.level, memoryLevel: Int32 = AgoraDeflate.memoryLevel) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // Only a lack of memory can make it fail: the parameters are constants.
        precondition(callgate_deflate_init(stream, level, memoryLevel) == Z_OK, "zlib has no memory for a state")
    }

    deinit {
        deflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    /// The most that so many bytes can become.
    func bytesMax(for count: Int) -> Int {
        Int(deflateBound(stream, UInt(count)))
    }

    /// Writes the whole stream of `source` to the beginning of `target`, which has room for ``bytesMax(for:)``.
    /// - Returns: how many bytes were written; nil where zlib refuses, which it has no reason to.
    func compress(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Int? {
        guard let sourceStart = source.baseAddress, let targetStart = target.baseAddress else { return nil }
        guard deflateReset(stream) == Z_OK else { return nil }
        // zlib's interface is not const; it only reads.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: sourceStart.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = UInt32(source.count)
        stream.pointee.next_out = targetStart.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(target.count)
        defer {
            stream.pointee.next_in = nil
            stream.pointee.next_out = nil
        }
        guard deflate(stream, Z_FINISH) == Z_STREAM_END else { return nil }
        return target.count - Int(stream.pointee.avail_out)
    }
}

/// Reads a zlib stream that anybody may have made.
enum AgoraInflate {
    /// The most a token may become. Agora's own readers have no such bound and swallow megabytes from a token of a few kilobytes.
    static let bytesMax = 64 * 1024

    /// What came out, and how many bytes stood after the end of the stream.
    struct Result {
        let bytes: [UInt8]
        let bytesAfterStream: Int
    }

    /// Inflates at most ``bytesMax`` bytes; memory is never taken for more.
    static func inflate(_ source: [UInt8]) throws(AgoraDamage) -> Result {
        // zlib remembers the address of its stream, so the stream may not be a variable that moves.
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        defer { stream.deallocate() }
        guard callgate_inflate_init(stream) == Z_OK else { throw .zlib("no memory") }
        defer { inflateEnd(stream) }
        var status = Z_OK
        var input = source
        // One byte more than allowed, so that a stream of exactly the bound is told from a longer one.
        let bytes = [UInt8](unsafeUninitializedCapacity: bytesMax + 1) { target, count in
            input.withUnsafeMutableBufferPointer { input in
                stream.pointee.next_in = input.baseAddress
                stream.pointee.avail_in = UInt32(input.count)
                stream.pointee.next_out = target.baseAddress
                stream.pointee.avail_out = UInt32(bytesMax + 1)
                status = CZlib.inflate(stream, Z_FINISH)
            }
            count = bytesMax + 1 - Int(stream.pointee.avail_out)
        }
        guard bytes.count <= bytesMax else { throw .inflatesTooFar }
        switch status {
        case Z_STREAM_END: return Result(bytes: bytes, bytesAfterStream: Int(stream.pointee.avail_in))
        case Z_OK, Z_BUF_ERROR: throw .truncated
        case Z_NEED_DICT: throw .zlib("it needs a dictionary")
        default: throw .zlib("it is no zlib stream, or its checksum is wrong")
        }
    }
}
