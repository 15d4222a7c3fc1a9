internal import Signing

/// Writes bytes into memory that the caller has made large enough, and fills holes in them.
///
/// Nothing is checked here in release builds: every caller counts what it will write before it asks for memory, and the count is the
/// sum of the same pieces. Debug builds, and so all tests, check every write.
struct ByteWriter {
    private let start: UnsafeMutablePointer<UInt8>
    private let capacity: Int
    private(set) var count = 0

    @inline(__always)
    init(_ memory: UnsafeMutableBufferPointer<UInt8>) {
        guard let start = memory.baseAddress else { preconditionFailure("memory of no size") }
        self.start = start
        self.capacity = memory.count
    }

    var written: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

    @inline(__always)
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        assert(count + bytes.count <= capacity)
        guard let source = bytes.baseAddress else { return }
        UnsafeMutableRawPointer(start + count).copyMemory(from: source, byteCount: bytes.count)
        count &+= bytes.count
    }

    /// Text that needs no escapes in JSON: identities and the names of rooms.
    @inline(__always)
    mutating func append(_ text: String) {
        let done: Void? = text.utf8.withContiguousStorageIfAvailable { append(UnsafeRawBufferPointer($0)) }
        if done == nil { Array(text.utf8).withUnsafeBytes { append($0) } }
    }

    /// Fills a hole with a time of exactly ten digits: see ``JoinGrant/issuedAtBounds``.
    @inline(__always)
    func put(tenDigits time: Int64, at position: Int) {
        assert(position + 10 <= count && (1_000_000_000...9_999_999_999).contains(time))
        var rest = UInt64(truncatingIfNeeded: time)
        var place = position &+ 9
        while place >= position {
            start[place] = UInt8(truncatingIfNeeded: 0x30 &+ rest % 10)
            rest /= 10
            place &-= 1
        }
    }

    /// Fills a hole with ten bytes that stand at another place.
    @inline(__always)
    func put(tenBytesFrom source: Int, at position: Int) {
        assert(position + 10 <= count && source + 10 <= position)
        UnsafeMutableRawPointer(start + position).copyMemory(from: start + source, byteCount: 10)
    }

    /// Fills a hole with 128 bits, the highest first, as 22 characters of base64url.
    @inline(__always)
    func put(base64URLOf id: UInt128, at position: Int) {
        assert(position + Base64URL.encodedCount(16) <= count)
        withUnsafeBytes(of: id.bigEndian) { _ = Base64URL.encode($0, into: start + position) }
    }
}
