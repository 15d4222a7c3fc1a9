/// The address of a server that the service asks on a tenant's behalf, in a shape that leaves no doubt about which server that is.
///
/// `https://` or `http://`, a host, a port where it is not the scheme's own, and a path with its query. At most 512 bytes, all of them
/// visible ASCII; no user, no fragment, and none of `\ " < > ^ { | }` and the backtick.
///
/// - The host is a name of letters, digits and `-` with dots between its parts; or an IPv4 address as four decimal numbers; or an IPv6
///   address in brackets. A name whose last part is a number, in whatever way it is written, is refused: resolvers take such names for IPv4
///   addresses (`2130706433` and `0x7f.1` are 127.0.0.1).
/// - The port is the scheme's own, or 1024 and more: below are other services, which no settings should make the service talk to.
///
/// Whether the service may connect there is another question, and asked when it does.
public struct WebAddress: Hashable, Sendable, CustomStringConvertible {
    /// How the server is talked to: over TLS, or in clear.
    public enum Scheme: String, CaseIterable, Sendable {
        case https
        case http

        /// The port where none is named.
        public var port: Int {
            switch self {
            case .https: 443
            case .http: 80
            }
        }
    }

    public static let bytesMax = 512

    /// The address as it was given.
    public let text: String
    public let scheme: Scheme
    /// A name or an IP address; an IPv6 address without its brackets.
    public let host: String
    public let isIPv6: Bool
    public let port: Int
    /// The path and the query, as they stand in a request. Never empty.
    public let target: String

    /// - Throws: `VocabularyError` when the text is no such address.
    public init(_ text: String) throws(VocabularyError) {
        guard text.utf8.count <= Self.bytesMax, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
            !text.contains(where: { "\\\"<>^`{|}#".contains($0) })
        else { throw VocabularyError("an address is at most \(Self.bytesMax) visible ASCII characters without a fragment") }
        guard let scheme = Scheme.allCases.first(where: { text.hasPrefix("\($0.rawValue)://") }) else {
            throw VocabularyError("an address begins with https://")
        }
        let rest = text.dropFirst(scheme.rawValue.utf8.count + 3)
        let end = rest.firstIndex { "/?".contains($0) } ?? rest.endIndex
        let authority = rest[..<end]
        guard !authority.contains("@") else { throw VocabularyError("an address holds no user and no password") }
        let (host, port) = try Self.split(authority)
        self.isIPv6 = host.hasPrefix("[")
        self.host = try isIPv6 ? Self.ipv6(host) : Self.name(host)
        self.port = try port.map(Self.number) ?? scheme.port
        guard self.port == scheme.port || self.port >= 1024 else {
            throw VocabularyError("the port of an address is \(scheme.port), or one from 1024 to 65535")
        }
        let target = String(rest[end...])
        self.target = target.hasPrefix("/") ? target : "/\(target)"
        self.scheme = scheme
        self.text = text
    }

    /// The host and, where it is not the scheme's own, the port, as they stand in a `Host` field.
    public var authority: String {
        let host = isIPv6 ? "[\(self.host)]" : self.host
        return port == scheme.port ? host : "\(host):\(port)"
    }

    public var description: String { text }

    private static func split(_ authority: Substring) throws(VocabularyError) -> (host: String, port: String?) {
        let end = authority.hasPrefix("[") ? authority.firstIndex(of: "]").map(authority.index(after:)) : authority.firstIndex(of: ":")
        guard let end else { return (String(authority), nil) }
        let rest = authority[end...]
        if rest.isEmpty { return (String(authority), nil) }
        guard rest.hasPrefix(":") else { throw malformedHost }
        return (String(authority[..<end]), String(rest.dropFirst()))
    }

    private static func number(_ port: String) throws(VocabularyError) -> Int {
        guard (1...5).contains(port.utf8.count), port.utf8.allSatisfy(ASCII.isDigit), let number = Int(port), (1...65_535).contains(number)
        else { throw VocabularyError("the port of an address is a number from 1 to 65535") }
        return number
    }

    private static func name(_ host: String) throws(VocabularyError) -> String {
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        guard host.utf8.count <= 253, labels.allSatisfy({ isLabel($0) }), let last = labels.last else { throw malformedHost }
        let isNumber = last.utf8.first.map(ASCII.isDigit) ?? false
        if isNumber, last.utf8.allSatisfy(ASCII.isDigit) || last.lowercased().hasPrefix("0x") {
            guard labels.count == 4, labels.allSatisfy({ isDecimalByte($0) }) else { throw malformedHost }
        }
        return host.lowercased()
    }

    private static func isLabel(_ label: Substring) -> Bool {
        (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
            && label.utf8.allSatisfy { ASCII.isLetterOrDigit($0) || $0 == ASCII.hyphen }
    }

    /// A number from 0 to 255 in one way of writing: a zero in front would make it octal for some.
    private static func isDecimalByte(_ text: Substring) -> Bool {
        guard let number = UInt8(text) else { return false }
        return String(number) == text
    }

    /// The form is checked to the letter where it is read as bytes; here it only has to be nothing else.
    private static func ipv6(_ host: String) throws(VocabularyError) -> String {
        guard host.hasSuffix("]") else { throw malformedHost }
        let inner = host.dropFirst().dropLast().lowercased()
        guard (2...45).contains(inner.utf8.count), inner.contains(":"),
            inner.utf8.allSatisfy({ ASCII.isDigit($0) || (0x61...0x66).contains($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") })
        else { throw malformedHost }
        return inner
    }

    private static let malformedHost = VocabularyError("the host of an address is a name, an IPv4 address, or an IPv6 address in brackets")
}
