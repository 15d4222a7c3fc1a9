/// Every bound of the service that is the same for all who use it, in one place. Sizes in bytes, times in seconds.
public enum Limits {
    // What a request may be.
    public static let bodyBytesMax = 64 * 1024
    public static let headerBytesMax = 16 * 1024
    public static let headerCountMax = 64
    public static let requestDeadlineSeconds = 15
    public static let idleTimeoutSeconds = 75
    public static let writeStallSeconds = 15
    public static let connectionsMax = 16_000
    public static let jsonDepthMax = 32

    // What a room may be.
    public static let roomLifetimeSeconds = 60...86_400
    public static let roomLifetimeSecondsDefault = 3600
    public static let roomParticipants = 1...1000
    public static let roomMetadataBytesMax = 4096
    public static let openRoomsMax = 1...100_000
    public static let openRoomsMaxDefault = 10_000

    // What a call may be.
    public static let ringSeconds = 30
    /// The longest a call may last. It frees the users of a call that nobody ended.
    public static let callSecondsMax = 43_200
    public static let callMetadataBytesMax = 4096
    /// The text that a party may give when it rejects, cancels or ends.
    public static let endNoteBytesMax = 128

    // What a request that may be repeated may name itself.
    public static let idempotencyKeyBytes = 1...128
    /// All `If-Match` of a request together.
    public static let ifMatchBytesMax = 4096

    // What the directory keeps of a user.
    public static let userDisplayNameBytesMax = 256
    public static let userRolesMax = 16
    public static let userRoleBytesMax = 64
    public static let usersMax = 1_000_000

    // How often users may be rung, and what they may listen to.
    public static let ringsPerMinute = 1...100_000
    public static let ringsPerPairPerMinuteDefault = 10
    public static let ringsPerCalleePerMinuteDefault = 30
    public static let topicRulesMax = 64

    // How often somebody may ask, in a minute.
    public static let requestsPerMinute = 1...10_000_000
    public static let requestsPerTenantPerMinuteDefault = 600_000
    public static let requestsPerKeyPerMinuteDefault = 600_000
    public static let requestsPerUserPerMinuteDefault = 1200
    public static let requestsPerAddressPerMinuteDefault = 600_000
    public static let badCredentialsPerAddressPerMinuteDefault = 120
    public static let mintsPerUserPerMinuteDefault = 60
    /// How many parties of one kind (tenants, keys, users, addresses) are counted at the same time.
    public static let countedMax = 100_000

    // What is asked about presence, and what an app's own event may carry.
    public static let presenceUsersMax = 100
    public static let connectedUsersMax = 10_000
    public static let eventDataBytesMax = 16 * 1024

    // How long things are kept.
    public static let idempotencySeconds = 86_400
    public static let endedCallSeconds = 604_800
    public static let closedRoomSeconds = 604_800
    public static let deadKeySeconds = 7_776_000
    public static let auditSeconds = 7_776_000

    /// How many changes may wait for the disk at once; beyond that the store says that it is not available.
    public static let waitingChangesMax = 20_000
    /// How many changes are committed together.
    public static let changesPerCommitMax = 1024

    // What a page of a list may be.
    public static let pageSize = 1...100
    public static let pageSizeDefault = 20
    public static let cursorBytesMax = 256

    // What a token to inspect may be.
    public static let inspectedTokenBytesMax = 16 * 1024
}
