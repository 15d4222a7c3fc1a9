import Foundation
import NIOCore
import Vocabulary

/// Where the requests of a connection come from: its peer, or, where that is a proxy of ours, whom the proxy names.
///
/// A proxy adds the address that it sees to the end of `X-Forwarded-For`, or of `Forwarded` (RFC 7239). So both are read from the end, as
/// long as who wrote an entry is trusted: the last entry was written by the peer, the one before it by whom the last one names. The first
/// that is no proxy is the client, and whatever stands before it is hearsay. From any other peer all of it is.
///
/// A proxy writes one of the two and hands on what the client wrote into the other. Where they name different clients it is therefore not
/// known which is true, and neither is believed: the request counts as the proxy's own.
struct ClientAddress: Sendable {
    /// Carries the client from the gate to Hummingbird's side. What a sender wrote into it is gone by then.
    static let header = "x-callgate-client"

    let peer: IPAddress
    private let proxies: [AddressRange]
    /// Whether the peer is a proxy that is trusted.
    let isProxy: Bool
    private let peerNetwork: ClientNetwork

    init(peer: IPAddress, proxies: [AddressRange]) {
        self.peer = peer
        self.proxies = proxies
        isProxy = proxies.contains { $0.contains(peer) }
        peerNetwork = ClientNetwork(of: peer)
    }

    /// The client of a request.
    /// - Parameters:
    ///   - forwardedFor: the values of all `X-Forwarded-For` headers, in their order.
    ///   - forwarded: those of all `Forwarded` headers.
    func client(forwardedFor: [String], forwarded: [String]) -> ClientNetwork {
        guard isProxy, !forwardedFor.isEmpty || !forwarded.isEmpty else { return peerNetwork }
        let named = forwardedFor.isEmpty ? nil : client(ForwardedEntries.plain(forwardedFor))
        let other = forwarded.isEmpty ? nil : client(ForwardedEntries.rfc7239(forwarded))
        if let named, let other, named != other { return peerNetwork }
        return ClientNetwork(of: named ?? other ?? peer)
    }

    /// - Parameter entries: in their order; nil for one that names no address.
    private func client(_ entries: [IPAddress?]) -> IPAddress {
        var last = peer
        for entry in entries.reversed() {
            guard let entry else { return last }
            last = entry
            guard proxies.contains(where: { $0.contains(entry) }) else { return last }
        }
        return last
    }

    /// The client that the gate has named.
    static func handedOn(_ text: String?) -> ClientNetwork {
        guard let text, let address = IPAddress(text) else { return .none }
        return ClientNetwork(of: address)
    }
}

/// The addresses that the headers of proxies name.
enum ForwardedEntries {
    /// The entries of `X-Forwarded-For`: addresses, some with a port, with commas between.
    static func plain(_ values: [String]) -> [IPAddress?] {
        values.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false).map { address(trimmed($0)) } }
    }

    /// The `for` of every element of `Forwarded`.
    static func rfc7239(_ values: [String]) -> [IPAddress?] {
        values.flatMap { parts(of: $0[...], at: ",") }.map { element in
            for pair in parts(of: element, at: ";") {
                let sides = pair.split(separator: "=", maxSplits: 1)
                guard sides.count == 2, trimmed(sides[0]).lowercased() == "for" else { continue }
                return address(unquoted(trimmed(sides[1])))
            }
            return nil
        }
    }

    /// Parts between separators that are not within quotes.
    private static func parts(of text: Substring, at separator: Character) -> [Substring] {
        var parts: [Substring] = []
        var start = text.startIndex
        var isQuoted = false
        for index in text.indices {
            if text[index] == "\"" { isQuoted.toggle() }
            guard text[index] == separator, !isQuoted else { continue }
            parts.append(text[start..<index])
            start = text.index(after: index)
        }
        return parts + [text[start...]]
    }

    private static func unquoted(_ text: Substring) -> Substring {
        guard text.count >= 2, text.first == "\"", text.last == "\"" else { return text }
        return text.dropFirst().dropLast()
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let start = text.drop { $0 == " " || $0 == "\t" }
        return start.lastIndex { $0 != " " && $0 != "\t" }.map { start[...$0] } ?? ""
    }

    /// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:4711`.
    private static func address(_ text: Substring) -> IPAddress? {
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else { return nil }
            return IPAddress(String(text[text.index(after: text.startIndex)..<end]))
        }
        if let colon = text.firstIndex(of: ":"), text.lastIndex(of: ":") == colon { return IPAddress(String(text[..<colon])) }
        return IPAddress(String(text))
    }
}

extension IPAddress {
    /// Reads an address as the system does; nil where it is none.
    init?(_ text: String) {
        do {
            self.init(try SocketAddress(ipAddress: text, port: 0))
        } catch {
            return nil
        }
    }

    /// The address of a peer; `none` where it has none.
    init(_ address: SocketAddress?) {
        switch address {
        case .v4(let v4): self.init(ipv4: UInt32(bigEndian: v4.address.sin_addr.s_addr))
        case .v6(let v6):
            let (high, low) = withUnsafeBytes(of: v6.address.sin6_addr) { bytes in
                (bytes.loadUnaligned(as: UInt64.self), bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            }
            self.init(high: UInt64(bigEndian: high), low: UInt64(bigEndian: low))
        case .unixDomainSocket, nil: self = .none
        }
    }
}
