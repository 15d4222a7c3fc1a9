/// The names that one namespace has for everything: data, and not a second implementation.
///
/// The contract of the sockets is compared with these tables both ways. Moments are texts of RFC 3339, but for `sentAt`, which
/// clients count in milliseconds since 1970; a user's id may come as a number where it is one.
public final class Dialect: Sendable {
    /// The namespace where it is spoken.
    public let namespace: String
    /// What clients call each event that they send.
    public let clientNames: [ClientEvent: String]
    /// What the service calls each event that it sends. An event without a name is not sent in this dialect.
    public let serverNames: [ServerEvent: String]
    let receiverField: String
    let offlineMomentField: String
    private let clientEvents: [String: ClientEvent]

    private init(
        namespace: String, receiverField: String, offlineMomentField: String, clientNames: [ClientEvent: String],
        serverNames: [ServerEvent: String]
    ) {
        self.namespace = namespace
        self.receiverField = receiverField
        self.offlineMomentField = offlineMomentField
        self.clientNames = clientNames
        self.serverNames = serverNames
        clientEvents = Dictionary(uniqueKeysWithValues: clientNames.map { ($0.value, $0.key) })
    }

    /// The fields that are read of an event.
    public func fields(of event: ClientEvent) -> [EventField] { event.fields(receiver: receiverField) }
    /// The fields of the acknowledgement of an event that was done.
    public func acknowledgementFields(of event: ClientEvent) -> [EventField] { event.acknowledgementFields }
    /// The fields of an event that is sent.
    public func fields(of event: ServerEvent) -> [EventField] { event.fields(offlineMoment: offlineMomentField) }

    /// The fields of the acknowledgement of an event that was refused.
    public static let refusalFields: [EventField] = [
        .required("success"), .required("error"), .required("code"), .optional("retryAfter"), .optional("busy"),
        .optional("useFcmFallback"),
    ]

    func event(named name: String) -> ClientEvent? { clientEvents[name] }

    /// All dialects.
    public static let all = [colon, dash]

    static func spoken(in namespace: String) -> Dialect? { all.first { $0.namespace == namespace } }

    /// Namespace `/`: names with colons.
    public static let colon = Dialect(
        namespace: "/", receiverField: "receiverId", offlineMomentField: "timestamp",
        clientNames: [
            .initiate: "call:initiate", .accept: "call:accept", .reject: "call:reject", .cancel: "call:cancel", .end: "call:end",
            .token: "call:token", .heartbeat: "heartbeat", .joinUserRoom: "join-user-room", .leaveUserRoom: "leave-user-room",
            .joinTopic: "join-topic", .leaveTopic: "leave-topic", .refreshToken: "token:refresh",
        ],
        serverNames: [
            .connected: "connected", .error: "error", .incoming: "call:incoming", .ringing: "call:ringing", .accepted: "call:accepted",
            .rejected: "call:rejected", .cancelled: "call:cancelled", .timeout: "call:timeout", .ended: "call:ended",
            .busy: "call:busy", .state: "call:state", .rejectConfirmed: "call:reject:confirmed", .rejectSuccess: "call:reject:success",
            .userOnline: "user:online", .userOffline: "user:offline",
        ])

    /// Namespace `/call`: names with dashes.
    public static let dash = Dialect(
        namespace: "/call", receiverField: "toUserId", offlineMomentField: "lastSeen",
        clientNames: [
            .initiate: "initiate-call", .accept: "accept-call", .reject: "reject-call", .cancel: "cancel-call", .end: "end-call",
            .token: "call-token", .heartbeat: "heartbeat", .joinUserRoom: "join-user-room", .leaveUserRoom: "leave-user-room",
            .joinTopic: "join-topic", .leaveTopic: "leave-topic", .refreshToken: "token-refresh",
        ],
        serverNames: [
            .connected: "connected", .error: "error", .incoming: "incoming-call", .ringing: "call-ringing", .accepted: "call-accepted",
            .rejected: "call-rejected", .cancelled: "call-cancelled", .timeout: "call-timeout", .ended: "call-ended",
            .busy: "call-busy", .state: "call-state", .userOnline: "user-online", .userOffline: "user-offline",
        ])
}
