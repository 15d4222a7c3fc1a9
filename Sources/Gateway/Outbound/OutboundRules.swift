import Vocabulary

/// Which other servers the service may be made to talk to, as the operator sets it. A tenant's settings name addresses, and a name can lead
/// anywhere, today here and tomorrow there: so what counts is the address that is connected to, looked at after the name was resolved.
public struct OutboundRules: Sendable, Equatable {
    /// Ranges that are not public, and may be asked all the same.
    public var privateNetworks: [AddressRange] = []
    /// Whether `http://` is taken: for work on one machine, and for nothing else.
    public var allowsPlainHTTP = false
    /// A file of certificates (PEM) that are trusted beside the system's.
    public var trustFile: String?

    public init() {}

    /// Public addresses that are not what they seem, and all that is private, shared, local, reserved, multicast or for examples (the
    /// special registries of IANA; RFC 6890).
    private static let notPublic = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        // Of IPv6 all but 2000::/3 is not public; within it these carry IPv4 addresses, or are for examples and tests.
        "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
    ].compactMap { AddressRange($0) }
    private static let publicIPv6 = AddressRange("2000::/3")

    func mayConnect(to address: IPAddress) -> Bool {
        if privateNetworks.contains(where: { $0.contains(address) }) { return true }
        guard !Self.notPublic.contains(where: { $0.contains(address) }) else { return false }
        return address.isIPv4 || Self.publicIPv6?.contains(address) == true
    }

    /// Why that server may not be asked, as far as its address alone tells.
    func objection(to address: WebAddress) -> String? {
        if address.scheme == .http, !allowsPlainHTTP { return "is http://; the operator allows https:// only" }
        if let literal = IPAddress(address.host) {
            return mayConnect(to: literal) ? nil : "is not a public address, and the operator does not allow it"
        }
        if address.isIPv6 { return "is no IPv6 address" }
        let isLocal = address.host == "localhost" || address.host.hasSuffix(".localhost")
        guard isLocal, let loopback = IPAddress("127.0.0.1"), !mayConnect(to: loopback) else { return nil }
        return "is this machine, and the operator does not allow it"
    }
}
