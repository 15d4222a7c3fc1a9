/// One thing in a contract that a security review does not let pass.
public struct ContractFault: Sendable, Equatable, CustomStringConvertible {
    /// What is wrong. The names are printed, so that a script can tell them apart.
    public enum Kind: String, CaseIterable, Sendable {
        /// There is no operation at all, or a reference leads nowhere: what cannot be read cannot be judged.
        case unreadable
        /// An operation has no `security` of its own. What the document says for all is not looked at.
        case securityMissing = "security_missing"
        /// An operation lets in whoever shows nothing, and is not marked `x-public`.
        case publicUnmarked = "public_unmarked"
        /// An operation is marked `x-public`, and asks for a credential.
        case publicContradicted = "public_contradicted"
        /// A way of being let in that no security scheme describes.
        case schemeUnknown = "scheme_unknown"
        /// A way of being let in asks for no scope, and nothing says how far it leads.
        case alternativeWithoutScope = "alternative_without_scope"
        /// A scope is asked for that `x-scopes` does not list.
        case scopeUnknown = "scope_unknown"
        /// A scope stands for several.
        case scopeWildcard = "scope_wildcard"
        /// A scope is listed, and opens nothing.
        case scopeUnused = "scope_unused"
        /// A refusal that can come is not declared by its own status; a range such as `4XX` is none.
        case refusalUndeclared = "refusal_undeclared"
        /// An answer holds a secret, and the operation says neither `x-mints` nor `x-issues`.
        case secretUndeclared = "secret_undeclared"
        /// A credential in an answer is not marked `x-secret`.
        case secretUnmarked = "secret_unmarked"
        /// An answer holds a secret, and may be kept on its way.
        case secretCacheable = "secret_cacheable"
        /// What is minted or issued is described nowhere.
        case profileUnknown = "profile_unknown"
        /// A profile is described, and never minted.
        case profileUnused = "profile_unused"
        /// A profile does not say for whom its tokens are.
        case audienceUnstated = "audience_unstated"
        /// A token's shortest, usual and longest lifetime are not stated, or not in this order.
        case lifetimeUnstated = "lifetime_unstated"
        /// A token opens something for longer than an hour, the provider's leeway included.
        case lifetimeTooLong = "lifetime_too_long"
        /// The effective lifetime is not the longest one and the provider's leeway.
        case effectiveLifetimeWrong = "effective_lifetime_wrong"
        /// A participant gets a grant that reaches beyond taking part in one room, or one that nobody knows.
        case grantExcessive = "grant_excessive"
        /// A permission is not written out. Some that are absent are taken as given.
        case grantUnstated = "grant_unstated"
        /// A token opens more than the one room of the request, or for more than one identity.
        case roomUnpinned = "room_unpinned"
        case algorithmUnstated = "algorithm_unstated"
        case bindingUnstated = "binding_unstated"
        case revocationUnstated = "revocation_unstated"
        /// A request may ask for another lifetime than the profile allows.
        case requestLifetimeDiffers = "request_lifetime_differs"
        /// A request for a token takes members that are not listed.
        case requestOpen = "request_open"
    }

    public let kind: Kind
    /// The operation, scope, profile or scheme that it is about.
    public let place: String
    /// What was found there.
    public let detail: String

    public var description: String { "\(kind.rawValue): \(place): \(detail)" }
}
