import Vocabulary

/// Addresses that begin with the same bits: `10.0.0.0/8`, `2001:db8::/32`, or a single one.
public struct AddressRange: Sendable, Equatable {
    private let first: IPAddress
    private let mask: IPAddress

    /// - Returns: nil for a text that is no address and no range, and for one that says bits behind its prefix.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let address = IPAddress(parts[0]) else { return nil }
        let width = address.isIPv4 && !parts[0].contains(":") ? 32 : 128
        var length = width
        if parts.count == 2 {
            guard parts[1].utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let number = Int(parts[1]), number <= width else { return nil }
            length = number
        }
        let bits = 128 - width + length
        mask = IPAddress(high: Self.ones(min(64, bits)), low: Self.ones(max(0, bits - 64)))
        first = address
        guard address.high & mask.high == address.high, address.low & mask.low == address.low else { return nil }
    }

    func contains(_ address: IPAddress) -> Bool {
        address.high & mask.high == first.high && address.low & mask.low == first.low
    }

    /// That many ones, then zeros.
    private static func ones(_ count: Int) -> UInt64 { count == 0 ? 0 : UInt64.max << UInt64(64 - count) }
}
