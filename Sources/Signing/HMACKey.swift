import Synchronization
public import Vocabulary

/// A key for HMAC (RFC 2104) that is hashed once and kept, for keys that authenticate many messages.
///
/// Takes a key of any length: protocols bring their own. The rules for token keys are `JWSKey`'s.
/// Safe from any thread: the one OpenSSL context is behind a lock that is held for the length of one HMAC, a third of a microsecond for
/// 400 bytes. A context for each call was rejected: making it costs more than the HMAC itself.
public final class HMACKey: Sendable {
    /// The hash function under this HMAC.
    public let algorithm: DigestAlgorithm
    private let context: Mutex<MACContext>

    /// Keeps the key, in OpenSSL's memory only.
    public convenience init(_ algorithm: DigestAlgorithm, key: UnsafeRawBufferPointer) {
        var context = MACContext(algorithm)
        context.rekey(key)
        self.init(algorithm, context)
    }

    /// Keeps the key, in OpenSSL's memory only.
    public convenience init(_ algorithm: DigestAlgorithm, key: [UInt8]) {
        var context = MACContext(algorithm)
        key.withUnsafeBytes { context.rekey($0) }
        self.init(algorithm, context)
    }

    /// Keeps the key, in OpenSSL's memory only.
    public convenience init(_ algorithm: DigestAlgorithm, secret: Secret) {
        var context = MACContext(algorithm)
        secret.withBytes { context.rekey($0) }
        self.init(algorithm, context)
    }

    private init(_ algorithm: DigestAlgorithm, _ context: consuming MACContext) {
        self.algorithm = algorithm
        self.context = Mutex(context)
    }

    /// Writes the tag of the message, `algorithm.byteCount` bytes, to the beginning of `tag`. Allocates nothing.
    public func authenticate(_ message: UnsafeRawBufferPointer, into tag: UnsafeMutableRawBufferPointer) {
        context.withLock { context in
            context.restart()
            context.finish(message, into: tag)
        }
    }

    /// The tag of the message: `algorithm.byteCount` bytes.
    public func authenticationCode(for message: [UInt8]) -> [UInt8] {
        message.withUnsafeBytes { authenticationCode(for: $0) }
    }

    /// The tag of the message: `algorithm.byteCount` bytes.
    public func authenticationCode(for message: UnsafeRawBufferPointer) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: algorithm.byteCount) { tag, count in
            authenticate(message, into: UnsafeMutableRawBufferPointer(tag))
            count = algorithm.byteCount
        }
    }

    /// Whether this is the whole tag of the message, compared in constant time. A truncated tag is not valid.
    public func isValid(_ tag: [UInt8], for message: [UInt8]) -> Bool {
        ConstantTime.equal(tag, authenticationCode(for: message))
    }

    /// Whether this is the whole tag of the message, compared in constant time. A truncated tag is not valid.
    public func isValid(_ tag: UnsafeRawBufferPointer, for message: UnsafeRawBufferPointer) -> Bool {
        authenticationCode(for: message).withUnsafeBytes { ConstantTime.equal(tag, $0) }
    }
}

/// HMAC with many short-lived keys, one after the other, on one kept context: key schedules such as Agora's.
///
/// Not `Sendable`: it belongs to one caller at a time.
public final class HMACScratch {
    /// The hash function under this HMAC.
    public let algorithm: DigestAlgorithm
    private var context: MACContext

    /// Makes the context; keys come with each call.
    public init(_ algorithm: DigestAlgorithm) {
        self.algorithm = algorithm
        context = MACContext(algorithm)
    }

    /// Writes the tag of the message under this key, `algorithm.byteCount` bytes, to the beginning of `tag`.
    public func authenticate(
        key: UnsafeRawBufferPointer, _ message: UnsafeRawBufferPointer, into tag: UnsafeMutableRawBufferPointer
    ) {
        context.rekey(key)
        context.finish(message, into: tag)
    }
}
