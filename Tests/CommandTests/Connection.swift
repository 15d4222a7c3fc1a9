import Foundation
import StrictJSON

/// One connection to the service that is kept for many requests.
///
/// It blocks, so it is used on a thread of its own (`onThread`), one thread at a time.
final class Connection {
    /// What came back.
    struct Answer: Sendable {
        let status: Int
        let body: JSONValue

        var isSuccess: Bool { (200...299).contains(status) }
        var code: String? { body["code"]?.stringValue }
    }

    /// The connection ended, or nothing came for too long. Whether the request was carried out is not known.
    struct Lost: Error {}

    private static let secondsMax = 20
    let port: Int
    private let socket: Int32
    private var unread: [UInt8] = []

    init(port: Int) throws(Lost) {
        self.port = port
        socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { throw Lost() }
        var timeout = timeval(tv_sec: Self.secondsMax, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var noDelay: Int32 = 1
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &noDelay, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard connected == 0 else { throw Lost() }
    }

    deinit { close(socket) }

    /// Sends a request and waits for the answer to it.
    func ask(
        _ method: String, _ path: String, _ body: JSONValue? = nil, key: String, headers: [(name: String, value: String)] = []
    ) throws(Lost) -> Answer {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer \(key)\r\n"
        for header in headers { head += "\(header.name): \(header.value)\r\n" }
        let bytes = body?.canonicalBytes ?? []
        if body != nil { head += "Content-Type: application/json\r\nContent-Length: \(bytes.count)\r\n" }
        try send(Array("\(head)\r\n".utf8) + bytes)
        return try answer()
    }

    /// Sends a request as it stands there and waits for the answer to it.
    func ask(raw text: String) throws(Lost) -> Answer {
        try send(Array(text.utf8))
        return try answer()
    }

    /// Sends exactly that, and returns everything that comes until the other side closes.
    func whole(_ request: String) throws(Lost) -> String {
        try send(Array(request.utf8))
        var isOpen = true
        while isOpen {
            do throws(Lost) { try receive() } catch { isOpen = false }
        }
        return String(decoding: unread, as: UTF8.self)
    }

    /// Everything up to and with the first place where that text stands, and what came together with it.
    func text(until mark: String) throws(Lost) -> String {
        while unread.firstRange(of: Array(mark.utf8)) == nil { try receive() }
        defer { unread = [] }
        return String(decoding: unread, as: UTF8.self)
    }

    func send(_ bytes: [UInt8]) throws(Lost) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { throw Lost() }
            rest = rest.dropFirst(count)
        }
    }

    private func answer() throws(Lost) -> Answer {
        let headEnd = Array("\r\n\r\n".utf8)
        while unread.firstRange(of: headEnd) == nil { try receive() }
        guard let end = unread.firstRange(of: headEnd) else { throw Lost() }
        let lines = String(decoding: unread[..<end.lowerBound], as: UTF8.self).lowercased().split(separator: "\r\n")
        unread.removeSubrange(..<end.upperBound)
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else { throw Lost() }
        let length = lines.compactMap { $0.hasPrefix("content-length:") ? Int($0.dropFirst(15).drop { $0 == " " }) : nil }.first ?? 0
        while unread.count < length { try receive() }
        let body = Array(unread.prefix(length))
        unread.removeFirst(length)
        do {
            return Answer(status: status, body: body.isEmpty ? .null : try JSONValue.parse(body, limits: JSONLimits(bytesMax: 1 << 20)))
        } catch {
            throw Lost()
        }
    }

    private func receive() throws(Lost) {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        let count = recv(socket, &buffer, buffer.count, 0)
        guard count > 0 else { throw Lost() }
        unread += buffer[..<count]
    }
}

/// Does something that blocks on a thread of its own.
func onThread<Outcome: Sendable>(_ work: @escaping @Sendable () throws -> Outcome) async throws -> Outcome {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result(catching: work)) }
    }
}

extension Service {
    /// Opens a connection and asks on it, on a thread of its own.
    func ask<Outcome: Sendable>(_ questions: @escaping @Sendable (Connection) throws -> Outcome) async throws -> Outcome {
        guard let port = Int(port) else { throw Unexpected(description: "it listens on no port: \(address)") }
        return try await onThread { try questions(Connection(port: port)) }
    }
}
