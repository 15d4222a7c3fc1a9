/// One thing the inspector has to say about a token, for a person who has to decide what to do about it.
public struct TokenFinding: Sendable, Equatable {
    /// How much it matters.
    public enum Severity: String, Sendable, CaseIterable {
        /// Worth knowing; nothing is wrong.
        case note
        /// A mistake that will probably be felt.
        case warning
        /// The token opens more, or for longer, than anybody should want.
        case danger
    }

    /// Which finding it is: stable lower-case words joined by `_`, for machines.
    public let code: String
    public let severity: Severity
    /// The finding in plain words. Never contains the token.
    public let message: String

    public init(code: String, severity: Severity, message: String) {
        self.code = code
        self.severity = severity
        self.message = message
    }
}
