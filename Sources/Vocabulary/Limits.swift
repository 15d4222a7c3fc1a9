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

    // What a page of a list may be.
    public static let pageSize = 1...100
    public static let pageSizeDefault = 20
    public static let cursorBytesMax = 256

    // What a token to inspect may be.
    public static let inspectedTokenBytesMax = 16 * 1024
}
