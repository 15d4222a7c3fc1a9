/// Which web pages may talk to a socket server. Browsers say in `Origin` where a page comes from; other clients say nothing.
///
/// Without the header a request is allowed: it is no page. A page of this very host is allowed. Any other page has to be listed, exactly as
/// browsers write it (`https://app.example`, without a path), or the list holds `*`. Who is allowed so far has still proved nothing.
public struct OriginPolicy: Sendable, Equatable {
    private let listed: [String]
    private let isAnyAllowed: Bool

    /// Pages of this host only.
    public static let sameOrigin = OriginPolicy(allowed: [])

    /// - Parameter allowed: origins, or `*` for every page there is. Pages allowed by `*` get no answers that depend on cookies.
    public init(allowed: [String]) {
        listed = allowed.filter { $0 != "*" }
        isAnyAllowed = allowed.contains("*")
    }

    /// Whether a text is an origin as browsers write it, or `*`: a scheme and a host, a port where it is not the usual one, and no more.
    static func isOrigin(_ text: String) -> Bool {
        text == "*" || text.wholeMatch(of: #/[a-z][a-z0-9+.-]*:\/\/[a-z0-9\[\]:._-]+/#) != nil
    }

    /// What follows from the `Origin` of a request.
    enum Verdict: Sendable, Equatable {
        /// No page of another host is involved.
        case own
        /// A listed page: it may read the answers, with credentials.
        case listed(String)
        /// Any page may read the answers.
        case any
        case refused
        /// No browser sends such a header.
        case malformed

        /// Header fields that let the page read the answer, also where the answer is a refusal.
        var fields: [(name: String, value: String)] {
            switch self {
            case .own, .refused, .malformed: []
            case .any: [("Access-Control-Allow-Origin", "*")]
            // Never with `*`: that would open every user's session to every page.
            case .listed(let origin):
                [("Access-Control-Allow-Origin", origin), ("Vary", "Origin"), ("Access-Control-Allow-Credentials", "true")]
            }
        }
    }

    /// - Parameters:
    ///   - origins: the values of all `Origin` headers.
    ///   - host: the value of `Host`.
    func verdict(origins: [String], host: String?) -> Verdict {
        guard let origin = origins.first else { return isAnyAllowed ? .any : .own }
        guard origins.count == 1, origin.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return .malformed }
        if listed.contains(origin) { return .listed(origin) }
        if isAnyAllowed { return .any }
        guard let host, let start = origin.firstRange(of: "://")?.upperBound else { return .refused }
        return origin[start...].lowercased() == host.lowercased() ? .own : .refused
    }
}
