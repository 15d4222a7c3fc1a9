import CZlib

// The fast way to pack a person's token.
//
// Packing with zlib takes three quarters of a token's time, most of it for Huffman codes that are then thrown away: for bodies of some 150
// bytes the fixed codes of RFC 1951 section 3.2.6 win, but zlib must build the others to find out. So the one block that a person's token
// becomes is written here, with the fixed codes at once. The matches are searched as zlib searches them at level 6 (the most recent longest
// one, put off by a byte when the next is longer), which makes the text the same as that of Agora's reference builders, letter for letter,
// wherever zlib too settles for the fixed codes; a test compares them over thousands of bodies. Where zlib would not, the text is a little
// longer and just as legitimate. Rejected: a stored block (a fifth faster still, but a text a fifth longer, and not what the reference
// writes), and zlib's own Z_FIXED (it builds the unused codes all the same).

/// Writes a body of at most 255 bytes as a zlib stream (RFC 1950) of one block with fixed codes (RFC 1951).
///
/// Not copyable: it owns its tables and its scratch space, and is for one caller at a time.
struct AgoraSmallDeflate: ~Copyable {
    /// The longest body: positions are kept in a byte.
    static let sourceBytesMax = 255
    /// The most that such a body can become: 9 bits for each byte, 10 bits and 6 bytes around them; writing goes in steps of 4 bytes.
    static let targetBytesMax = 2 + (sourceBytesMax * 9 + 10 + 7) / 8 + 4 + 4

    // zlib's parameters of level 6, as far as bodies this short can tell.
    private static let matchMin = 3
    /// A match this long is not put off for a better one.
    private static let lazyBelow = 16
    /// From a match this long on, only a quarter of the candidates are looked at.
    private static let goodLength = 8
    /// A match this long is taken at once.
    private static let niceLength = 128
    private static let candidatesMax = 128

    private static let hashBits: UInt32 = 10

    private let codes: UnsafeMutablePointer<AgoraFixedCode>
    /// For each hash of three bytes the last position that had it, 0 for none: position 0 is never matched, in zlib neither.
    private let heads: UnsafeMutablePointer<UInt8>
    /// For each position the one before with the same hash.
    private let previous: UnsafeMutablePointer<UInt8>

    init() {
        codes = AgoraFixedCode.makeTable()
        heads = .allocate(capacity: 1 << Int(Self.hashBits))
        heads.initialize(repeating: 0, count: 1 << Int(Self.hashBits))
        previous = .allocate(capacity: Self.sourceBytesMax + 1)
        previous.initialize(repeating: 0, count: Self.sourceBytesMax + 1)
    }

    deinit {
        codes.deallocate()
        heads.deallocate()
        previous.deallocate()
    }

    /// Writes the stream of 1 to ``sourceBytesMax`` bytes to `target`, which has room for ``targetBytesMax``.
    /// - Returns: how many bytes were written.
    func compress(_ source: UnsafeBufferPointer<UInt8>, into target: UnsafeMutableRawPointer) -> Int {
        guard let bytes = source.baseAddress else { return 0 }
        precondition(source.count <= Self.sourceBytesMax, "a body this long is for zlib")
        heads.update(repeating: 0, count: 1 << Int(Self.hashBits))
        // Deflate with a 32 KiB window; level 6.
        target.storeBytes(of: UInt16(0x9C78).littleEndian, as: UInt16.self)
        var out = AgoraBitWriter(at: target + 2)
        out.write(0b011, bits: 3)
        writeSymbols(bytes, source.count, &out)
        out.write(0, bits: 7)
        let end = out.finish()
        let checksum = UInt32(truncatingIfNeeded: adler32(1, bytes, UInt32(source.count)))
        end.storeBytes(of: checksum.bigEndian, as: UInt32.self)
        return end + 4 - target
    }

    @inline(__always)
    private func writeSymbols(_ bytes: UnsafePointer<UInt8>, _ count: Int, _ out: inout AgoraBitWriter) {
        var position = 0
        var length = Self.matchMin - 1
        var start = 0
        /// Whether the byte before `position` still has to be written.
        var isPending = false
        while position < count {
            let candidate = insert(position, bytes, count)
            let lengthBefore = length
            let startBefore = start
            length = Self.matchMin - 1
            if candidate != 0, lengthBefore < Self.lazyBelow {
                (length, start) = longestMatch(at: position, from: candidate, longerThan: lengthBefore, start, bytes, count)
            }
            if lengthBefore >= Self.matchMin, length <= lengthBefore {
                out.write(codes[AgoraFixedCode.lengths + lengthBefore])
                out.write(codes[AgoraFixedCode.distances + position - 1 - startBefore])
                let next = position - 1 + lengthBefore
                for inside in position + 1..<next { _ = insert(inside, bytes, count) }
                position = next
                isPending = false
                length = Self.matchMin - 1
            } else {
                if isPending { out.write(codes[Int(bytes[position - 1])]) }
                isPending = true
                position += 1
            }
        }
        if isPending { out.write(codes[Int(bytes[count - 1])]) }
    }

    /// Notes the three bytes at a position, and answers the last position with the same hash, 0 for none.
    @inline(__always)
    private func insert(_ position: Int, _ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int {
        guard position + Self.matchMin <= count else { return 0 }
        let three = UInt32(bytes[position]) | UInt32(bytes[position + 1]) << 8 | UInt32(bytes[position + 2]) << 16
        let hash = Int((three &* 0x9E37_79B1) >> (32 - Self.hashBits))
        let last = heads[hash]
        previous[position] = last
        heads[hash] = UInt8(truncatingIfNeeded: position)
        return Int(last)
    }

    /// The most recent of the longest matches that are longer than `lengthBefore`; else that length, cut to what is left.
    @inline(__always)
    private func longestMatch(
        at position: Int, from first: Int, longerThan lengthBefore: Int, _ startBefore: Int, _ bytes: UnsafePointer<UInt8>, _ count: Int
    ) -> (length: Int, start: Int) {
        let rest = count - position
        let enough = min(Self.niceLength, rest)
        var best = lengthBefore
        var start = startBefore
        var candidate = first
        var candidatesLeft = lengthBefore >= Self.goodLength ? Self.candidatesMax / 4 : Self.candidatesMax
        while best < rest {
            var length = 0
            while length < rest, bytes[candidate + length] == bytes[position + length] { length += 1 }
            if length > best {
                best = length
                start = candidate
                if length >= enough { break }
            }
            candidate = Int(previous[candidate])
            candidatesLeft -= 1
            if candidate == 0 || candidatesLeft == 0 { break }
        }
        return (min(best, rest), start)
    }
}

/// One code of the fixed Huffman codes with its extra bits, as written: lowest bit first.
struct AgoraFixedCode {
    let bits: UInt16
    let bitCount: UInt16

    // One table: 256 literals, then the lengths 0...255, then the distances 0...255.
    static let lengths = 256
    static let distances = 512

    static func makeTable() -> UnsafeMutablePointer<AgoraFixedCode> {
        let table = UnsafeMutablePointer<AgoraFixedCode>.allocate(capacity: 768)
        for value in 0..<256 {
            (table + value).initialize(to: literal(value))
            (table + lengths + value).initialize(to: length(value))
            (table + distances + value).initialize(to: distance(value))
        }
        return table
    }

    private static func literal(_ value: Int) -> AgoraFixedCode {
        value < 144 ? code(0x30 + value, 8) : code(0x190 + value - 144, 9)
    }

    /// RFC 1951 section 3.2.5: the codes 257... in groups; codes of group g >= 1 stand for 2^g lengths each and carry g extra bits, four
    /// codes to a group, group 0 has eight.
    private static func length(_ value: Int) -> AgoraFixedCode {
        guard value >= 3 else { return code(0, 0) }
        let offset = value - 3
        let group = offset < 8 ? 0 : Int.bitWidth - offset.leadingZeroBitCount - 3
        let symbol = group == 0 ? 257 + offset : 257 + 4 * group + offset >> group
        let head = symbol < 280 ? code(symbol - 256, 7) : code(0xC0 + symbol - 280, 8)
        return head.with(offset & (1 << group - 1), extraBits: group)
    }

    /// The same for distances: two codes to a group, group 0 has four.
    private static func distance(_ value: Int) -> AgoraFixedCode {
        guard value >= 1 else { return code(0, 0) }
        let offset = value - 1
        let group = offset < 4 ? 0 : Int.bitWidth - offset.leadingZeroBitCount - 2
        let symbol = group == 0 ? offset : 2 * group + offset >> group
        return code(symbol, 5).with(offset & (1 << group - 1), extraBits: group)
    }

    /// Huffman codes are written from their highest bit.
    private static func code(_ value: Int, _ bitCount: Int) -> AgoraFixedCode {
        var bits: UInt16 = 0
        for place in 0..<bitCount where value & (1 << place) != 0 { bits |= 1 << UInt16(bitCount - 1 - place) }
        return AgoraFixedCode(bits: bits, bitCount: UInt16(bitCount))
    }

    /// Extra bits are written from their lowest.
    private func with(_ extra: Int, extraBits: Int) -> AgoraFixedCode {
        AgoraFixedCode(bits: bits | UInt16(extra) << bitCount, bitCount: bitCount + UInt16(extraBits))
    }
}

/// Writes bits, the lowest first, four bytes at a time.
struct AgoraBitWriter {
    private var target: UnsafeMutableRawPointer
    private var pending: UInt64 = 0
    private var pendingCount: UInt64 = 0

    init(at target: UnsafeMutableRawPointer) {
        self.target = target
    }

    @inline(__always)
    mutating func write(_ code: AgoraFixedCode) {
        write(UInt64(code.bits), bits: UInt64(code.bitCount))
    }

    /// Writes at most 16 bits.
    @inline(__always)
    mutating func write(_ bits: UInt64, bits count: UInt64) {
        pending |= bits &<< pendingCount
        pendingCount &+= count
        guard pendingCount >= 32 else { return }
        target.storeBytes(of: UInt32(truncatingIfNeeded: pending).littleEndian, as: UInt32.self)
        target += 4
        pending &>>= 32
        pendingCount &-= 32
    }

    /// Writes what is left, fills the last byte with zeros, and answers where the next one goes.
    mutating func finish() -> UnsafeMutableRawPointer {
        target.storeBytes(of: UInt32(truncatingIfNeeded: pending).littleEndian, as: UInt32.self)
        return target + Int((pendingCount + 7) / 8)
    }
}
