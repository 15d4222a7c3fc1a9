/// An Internet address, as 128 bits. IPv4 addresses stand in the range that IPv6 keeps for them (`::ffff:0:0/96`), so one that comes either
/// way is the same.
public struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// The first and the last 64 bits, in the order of the network.
    public let high: UInt64
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// - Parameter ipv4: with its first part in the most significant byte.
    public init(ipv4: UInt32) {
        self.init(high: 0, low: Self.ipv4Range | UInt64(ipv4))
    }

    /// What stands for a peer that has no address.
    public static let none = IPAddress(high: 0, low: 0)

    /// Whether it is an IPv4 address, in whichever form it came.
    public var isIPv4: Bool { high == 0 && low >> 32 == Self.ipv4Range >> 32 }

    /// Four numbers with dots for IPv4, else eight numbers in hexadecimal with colons, none left out.
    public var description: String {
        guard isIPv4 else {
            return [high, low].flatMap { half in [48, 32, 16, 0].map { String((half >> UInt64($0)) & 0xFFFF, radix: 16) } }.joined(
                separator: ":")
        }
        return [24, 16, 8, 0].map { String((low >> UInt64($0)) & 0xFF) }.joined(separator: ".")
    }

    private static let ipv4Range: UInt64 = 0xFFFF_0000_0000
}

/// Whom limits take for one client: an IPv4 address, or the network of 64 bits that an IPv6 address is in. Whoever has one IPv6 address has
/// 2^64 of them, so to count each by itself would be to count nothing.
public struct ClientNetwork: Hashable, Sendable, CustomStringConvertible {
    /// The first address of the network.
    public let first: IPAddress

    public init(of address: IPAddress) {
        first = address.isIPv4 ? address : IPAddress(high: address.high, low: 0)
    }

    /// The network of a peer that has no address.
    public static let none = ClientNetwork(of: .none)

    public var description: String { first.description }
}
