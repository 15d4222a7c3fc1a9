public import Vocabulary

/// How often things may happen at the desk, whichever counter asks. Nil: as often as somebody likes.
public struct DeskLimits: Sendable, Equatable {
    /// How often one user may ring another.
    public var ringsPerPair: Rate? = Rate(perMinute: Limits.ringsPerPairPerMinuteDefault)
    /// How often a user may be rung, by everybody together.
    public var ringsPerCallee: Rate? = Rate(perMinute: Limits.ringsPerCalleePerMinuteDefault)
    /// How often a tenant may ask, with all its keys and users together. Answers tell of this one and of the next four: there is no nil.
    public var requestsPerTenant = Rate(perMinute: Limits.requestsPerTenantPerMinuteDefault)
    /// How often one API key may ask.
    public var requestsPerKey = Rate(perMinute: Limits.requestsPerKeyPerMinuteDefault)
    /// How often one user may ask, with its own token.
    public var requestsPerUser = Rate(perMinute: Limits.requestsPerUserPerMinuteDefault)
    /// How often one address may ask without a credential.
    public var requestsPerAddress = Rate(perMinute: Limits.requestsPerAddressPerMinuteDefault)
    /// How many bad credentials one address may show.
    public var badCredentialsPerAddress = Rate(perMinute: Limits.badCredentialsPerAddressPerMinuteDefault)
    /// How many join tokens a user may ask for, for itself.
    public var mintsPerUser: Rate? = Rate(perMinute: Limits.mintsPerUserPerMinuteDefault)
    /// How many join tokens keys may ask for one user.
    public var mintsPerIdentity: Rate?

    /// For those who measure, or live thousands of lives in a moment.
    public static let unlimited = {
        var limits = DeskLimits(ringsPerPair: nil, ringsPerCallee: nil)
        let most = Rate(perMinute: Limits.requestsPerMinute.upperBound)
        (limits.requestsPerTenant, limits.requestsPerKey, limits.requestsPerUser) = (most, most, most)
        (limits.requestsPerAddress, limits.badCredentialsPerAddress) = (most, most)
        limits.mintsPerUser = nil
        return limits
    }()

    public init() {}

    public init(
        ringsPerPair: Rate? = Rate(perMinute: Limits.ringsPerPairPerMinuteDefault),
        ringsPerCallee: Rate? = Rate(perMinute: Limits.ringsPerCalleePerMinuteDefault)
    ) {
        self.ringsPerPair = ringsPerPair
        self.ringsPerCallee = ringsPerCallee
    }
}
