import COpenSSL
import Synchronization

/// Random numbers nobody can guess, from OpenSSL's generator, which the operating system seeds.
///
/// `RAND_bytes` costs about half a microsecond a call however little is asked. So a block is filled at once and handed out
/// piece by piece; each piece is wiped from the block as it leaves, so a later look into memory shows no number that was given away.
/// The block is not for processes that fork and go on: this service never does.
public enum SecureRandom {
    private static let pool = Mutex(RandomBlock())

    /// Fills the buffer with random bytes.
    public static func fill(_ buffer: UnsafeMutableRawBufferPointer) {
        guard buffer.count <= RandomBlock.drawBytesMax else { return RandomBlock.generate(buffer) }
        pool.withLock { $0.draw(into: buffer) }
    }

    /// An array of random bytes.
    public static func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
            fill(UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[..<count])))
            initializedCount = count
        }
    }

    /// A random number of 128 bits: what ids are made of.
    public static func uint128() -> UInt128 {
        var number: UInt128 = 0
        withUnsafeMutableBytes(of: &number) { fill($0) }
        return number
    }

    /// A random number of 32 bits: a salt. Too short for anything that must not be guessed.
    public static func uint32() -> UInt32 {
        var number: UInt32 = 0
        withUnsafeMutableBytes(of: &number) { fill($0) }
        return number
    }
}

/// The block of random bytes made ahead. `rest` counts what is left, at the block's beginning.
///
/// `@unchecked Sendable` is true because this is the only pointer to the block and every use of it is `mutating`, under the pool's lock.
private struct RandomBlock: ~Copyable, @unchecked Sendable {
    static let byteCount = 4096
    /// Longer draws go to the generator itself: copying them would gain nothing.
    static let drawBytesMax = 256

    private let block = UnsafeMutableRawBufferPointer.allocate(byteCount: RandomBlock.byteCount, alignment: 16)
    private var rest = 0

    deinit {
        OPENSSL_cleanse(block.baseAddress, block.count)
        block.deallocate()
    }

    mutating func draw(into buffer: UnsafeMutableRawBufferPointer) {
        if rest < buffer.count {
            Self.generate(block)
            rest = block.count
        }
        rest -= buffer.count
        let piece = UnsafeMutableRawBufferPointer(rebasing: block[rest..<rest + buffer.count])
        buffer.copyMemory(from: UnsafeRawBufferPointer(piece))
        OPENSSL_cleanse(piece.baseAddress, piece.count)
    }

    static func generate(_ buffer: UnsafeMutableRawBufferPointer) {
        // Without random numbers every token and id would be worthless: better no process than that one.
        guard RAND_bytes(buffer.baseAddress, Int32(buffer.count)) == 1 else { fatalError("OpenSSL has no random numbers") }
    }
}
