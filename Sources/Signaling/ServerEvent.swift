/// What a client can hear, whatever the dialect calls it.
public enum ServerEvent: String, CaseIterable, Sendable {
    case connected, error
    case incoming, ringing, accepted, rejected, cancelled, timeout, ended, busy, state
    case rejectConfirmed, rejectSuccess
    case userOnline, userOffline

    /// The fields of its payload.
    /// - Parameter offlineMoment: what the dialect calls the moment in which a user went.
    func fields(offlineMoment: String) -> [EventField] {
        let callID = EventField.required("callId")
        let timestamp = EventField.required("timestamp")
        let user = EventField.required("userId")
        return switch self {
        case .connected:
            [user, .required("userType"), .required("message"), .required("deviceId"), timestamp, .required("tokenExpiresAt")]
        case .error: [.required("code"), .required("message"), .optional("retryAfter")]
        case .incoming:
            [
                callID, .required("callerId"), .required("callerName"), .required("callType"), .required("channelName"), timestamp,
                .required("expiresAt"), .optional("metadata"),
            ]
        case .ringing: [callID, timestamp]
        case .accepted: [callID, timestamp, .optional("join"), .optional("agoraToken")]
        case .rejected, .cancelled, .timeout: [callID, .required("reason"), timestamp]
        case .ended: [callID, .required("endedBy"), .required("reason"), timestamp, .optional("note")]
        case .busy: [.optional("callId"), .required("calleeId"), timestamp]
        case .state:
            [
                callID, .required("state"), .required("channelName"), .required("callerId"), .required("calleeId"),
                .required("callType"), timestamp, .optional("expiresAt"),
            ]
        case .rejectConfirmed, .rejectSuccess: [callID]
        case .userOnline: [user, timestamp]
        case .userOffline: [user, .required(offlineMoment)]
        }
    }
}
