/// What a client can ask for, whatever the dialect calls it.
public enum ClientEvent: String, CaseIterable, Sendable {
    case initiate, accept, reject, cancel, end, token, heartbeat, joinUserRoom, leaveUserRoom, joinTopic, leaveTopic, refreshToken

    /// The fields that are read of its payload. Others may stand there and are ignored.
    /// - Parameter receiver: what the dialect calls the user who is called.
    func fields(receiver: String) -> [EventField] {
        switch self {
        case .initiate:
            [
                .required(receiver), .optional("callType"), .optional("callId"), .optional("allowOffline"), .optional("sentAt"),
                .optional("metadata"),
            ]
        case .accept, .token: [.required("callId")]
        case .reject, .cancel, .end: [.required("callId"), .optional("reason")]
        case .heartbeat: []
        case .joinUserRoom, .leaveUserRoom: [.required("userId")]
        case .joinTopic, .leaveTopic: [.required("topic")]
        case .refreshToken: [.required("token")]
        }
    }

    /// The fields of its acknowledgement when it was done. When it was refused they are `Dialect.refusalFields`.
    var acknowledgementFields: [EventField] {
        let success = EventField.required("success")
        return switch self {
        case .initiate:
            [
                success, .required("callId"), .required("channelName"), .optional("expiresAt"), .optional("useFcmFallback"),
                .optional("accepted"), .optional("join"), .optional("agoraToken"),
            ]
        case .accept: [success, .required("callId"), .required("join"), .optional("agoraToken")]
        case .reject, .cancel, .end: [success, .required("callId")]
        case .token: [success, .required("callId"), .required("join"), .optional("agoraToken")]
        case .heartbeat: [success, .required("timestamp")]
        case .joinUserRoom, .leaveUserRoom, .joinTopic, .leaveTopic: [success]
        case .refreshToken: [success, .required("expiresAt")]
        }
    }
}

/// One field of a payload.
public struct EventField: Sendable, Hashable {
    public let name: String
    /// Whether it is always there.
    public let isRequired: Bool

    static func required(_ name: String) -> EventField { EventField(name: name, isRequired: true) }
    static func optional(_ name: String) -> EventField { EventField(name: name, isRequired: false) }
}
