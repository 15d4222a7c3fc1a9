import Foundation
import NIOCore
import NIOPosix
import Vocabulary

/// Asks the system for the addresses of a host. That blocks for as long as a name server is silent, so it has threads of its own, and who
/// waits gives up sooner.
enum NameResolver {
    struct Trouble: Error, CustomStringConvertible {
        let description: String
    }

    private static let threads: NIOThreadPool = {
        let threads = NIOThreadPool(numberOfThreads: 8)
        threads.start()
        return threads
    }()

    /// The addresses of a host in the system's order of preference, each once. Never empty.
    static func addresses(of host: String, on eventLoop: any EventLoop) -> EventLoopFuture<[IPAddress]> {
        if let literal = IPAddress(host) { return eventLoop.makeSucceededFuture([literal]) }
        return threads.runIfActive(eventLoop: eventLoop) { try resolve(host) }
    }

    private static func resolve(_ host: String) throws -> [IPAddress] {
        var hints = addrinfo()
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        var first: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, nil, &hints, &first)
        defer { if let first { freeaddrinfo(first) } }
        guard status == 0 else { throw Trouble(description: "\(host): \(String(cString: gai_strerror(status)))") }
        var addresses: [IPAddress] = []
        for info in sequence(first: first, next: { $0?.pointee.ai_next }) {
            guard let entry = info?.pointee, let pointer = entry.ai_addr, let address = IPAddress(entry.ai_family, pointer),
                !addresses.contains(address)
            else { continue }
            addresses.append(address)
        }
        guard !addresses.isEmpty else { throw Trouble(description: "\(host): has no address") }
        return addresses
    }
}

extension IPAddress {
    fileprivate init?(_ family: CInt, _ pointer: UnsafeMutablePointer<sockaddr>) {
        switch family {
        case AF_INET:
            self.init(pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { SocketAddress($0.pointee) })
        case AF_INET6:
            self.init(pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { SocketAddress($0.pointee) })
        default: return nil
        }
    }
}
