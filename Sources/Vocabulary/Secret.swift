/// Bytes that must not be seen: an API key, a signing secret, a certificate.
///
/// It prints as `<secret>`, also inside other values and in `dump`. It has no `==`; `matches` compares in constant time for
/// secrets of equal length. The bytes come out through `withBytes` only.
public struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let bytes: [UInt8]

    public init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    public init(utf8 text: String) {
        self.bytes = Array(text.utf8)
    }

    /// The length in bytes.
    public var count: Int { bytes.count }

    /// Lends the bytes for the duration of the closure.
    public func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        bytes.withUnsafeBytes(body)
    }

    /// Whether both hold the same bytes. The time it takes depends on the lengths alone.
    public func matches(_ other: Secret) -> Bool {
        guard bytes.count == other.bytes.count else { return false }
        var difference: UInt8 = 0
        for index in bytes.indices {
            difference |= bytes[index] ^ other.bytes[index]
        }
        return difference == 0
    }

    public var description: String { "<secret>" }
    public var debugDescription: String { "<secret>" }
    public var customMirror: Mirror { Mirror(self, children: [(label: String?, value: Any)]()) }
}
