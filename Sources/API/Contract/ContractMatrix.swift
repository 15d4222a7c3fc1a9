public import StrictJSON

/// Who may call what, and what a token that was minted there then says: one row for each operation and each kind of token that it mints.
///
/// Everything in it stands in the document. What the document does not state is nil here, and a fault of ``ContractAudit``.
public struct ContractMatrix: Sendable {
    public let rows: [Row]

    /// One operation, and one kind of what it hands out; nothing where it hands out none.
    public struct Row: Sendable {
        public let operation: String
        /// Method and path.
        public let request: String
        /// Who is let in, in words: a scope of a key, a user, everybody.
        public let caller: String
        /// What a user may do there with a token of its own.
        public let userAccess: String?
        public let token: Token?
    }

    /// What is handed out, as its profile describes it.
    public struct Token: Sendable {
        /// The role, or the kind of credential.
        public let profile: String
        /// Whose media plane it opens; nil for what opens Callgate.
        public let provider: String?
        public let audience: String?
        public let format: String?
        public let algorithm: String?
        /// As the profile writes them: an object, or for other credentials a sentence.
        public let grants: JSONValue?
        /// In seconds. An operation whose request names no lifetime gives the usual one.
        public let lifetime: Lifetime
        /// For how long it opens something at most, in seconds, with the provider's leeway.
        public let effectiveSeconds: Int64?
        public let boundTo: [String]
        public let revokedBy: String?
    }

    /// How long something lives, in seconds; nil for what is not stated. Without a usual one it lives until it is revoked.
    public struct Lifetime: Sendable {
        public let least: Int64?
        public let usual: Int64?
        public let most: Int64?
    }

    init(_ operations: [ContractOperation], _ document: JSONValue) {
        let parts = ContractAudit.Parts(document)
        rows = operations.flatMap { operation -> [Row] in
            let tokens: [Token?] = Self.tokens(of: operation, parts)
            return (tokens.isEmpty ? [nil] : tokens).map { token in
                Row(
                    operation: operation.id, request: "\(operation.method) \(operation.path)", caller: Self.caller(of: operation, parts),
                    userAccess: operation.userAccess, token: token)
            }
        }
    }

    private static func caller(of operation: ContractOperation, _ parts: ContractAudit.Parts) -> String {
        guard let alternatives = operation.alternatives else { return "not stated" }
        if alternatives.isEmpty { return "everybody" }
        if operation.takesAnyCredential { return "any credential" }
        return alternatives.map { alternative in
            let scopes = alternative.flatMap(\.scopes)
            if !scopes.isEmpty { return scopes.joined(separator: " and ") }
            let isUser = alternative.allSatisfy { parts.schemes[$0.scheme]?["x-holder"] == "user" }
            return alternative.isEmpty ? "everybody" : isUser ? "a user" : "no scope"
        }.joined(separator: ", or ")
    }

    private static func tokens(of operation: ContractOperation, _ parts: ContractAudit.Parts) -> [Token] {
        let asks = operation.requestProperty("ttl_seconds") != nil
        let minted = operation.mints.flatMap { mint in
            operation.providers.map { provider in
                let profile = parts.profiles[mint]
                return Token(mint, provider, profile ?? [:], profile?["providers"]?[provider] ?? [:], isLifetimeAsked: asks)
            }
        }
        return minted
            + operation.issues.map { name in
                let credential = parts.credentials[name] ?? [:]
                return Token(name, nil, credential, credential, isLifetimeAsked: true)
            }
    }
}

extension ContractMatrix.Token {
    /// - Parameters:
    ///   - profile: what holds for all providers.
    ///   - entry: what holds for this one.
    ///   - isLifetimeAsked: whether a request can name a lifetime.
    fileprivate init(_ name: String, _ provider: String?, _ profile: JSONValue, _ entry: JSONValue, isLifetimeAsked: Bool) {
        self.profile = name
        self.provider = provider
        audience = profile["audience"]?.stringValue
        format = entry["format"]?.stringValue
        algorithm = entry["alg"]?.stringValue
        grants = entry["grants"]
        let bounds = profile["ttl_seconds"]
        let (least, usual, most) = (bounds?["min"]?.integerValue, bounds?["default"]?.integerValue, bounds?["max"]?.integerValue)
        let lifetime: ContractMatrix.Lifetime =
            isLifetimeAsked ? .init(least: least, usual: usual, most: most) : .init(least: usual, usual: usual, most: usual)
        self.lifetime = lifetime
        let leeway = entry["effective_ttl_seconds_max"]?.integerValue.flatMap { effective in most.map { effective - $0 } }
        effectiveSeconds = leeway.flatMap { leeway in lifetime.most.map { $0 + leeway } }
        boundTo = entry["bound_to"]?.texts ?? []
        revokedBy = entry["revoked_by"]?.stringValue
    }

    /// The grants in one line: what is given, what is limited to what, and what is denied by name.
    public var grantsInShort: String {
        guard let grants = grants?.objectValue else { return grants?.stringValue ?? "not stated" }
        let members = grants.members.flatMap { $0.value.objectValue?.members ?? [$0] }
        let given = members.filter { $0.value == true }.map(\.name)
        let limited = members.filter { $0.value.boolValue == nil }.map { member in
            "\(member.name) \(member.value.stringValue ?? "[\(member.value.texts.joined(separator: ", "))]")"
        }
        let denied = members.filter { $0.value == false }.map(\.name)
        return (given + limited).joined(separator: ", ") + (denied.isEmpty ? "" : "; not " + denied.joined(separator: ", "))
    }
}

extension ContractMatrix.Lifetime: CustomStringConvertible {
    /// `60 to 600 s, 300 unless asked`, `300 s`, or what is not stated.
    public var description: String {
        guard let least, let most else { return "not stated" }
        guard let usual else { return "\(least) to \(most) s, or until revoked" }
        return least == most ? "\(usual) s" : "\(least) to \(most) s, \(usual) unless asked"
    }
}
