public import StrictJSON

/// Why a packet cannot be read. All of them close the connection, except `.unreadable`.
public enum SocketIOError: Error, Equatable, Sendable {
    /// Nothing where a packet should be.
    case packetEmpty
    /// The first character is none of the known types.
    case packetTypeUnknown
    /// A binary packet in a text whose base64 is none.
    case base64Malformed
    /// No `<count>-` where the type demands one.
    case attachmentCountMalformed
    /// More attachments, or more bytes of them, than allowed.
    case attachmentsTooLarge
    /// A placeholder whose number is out of range or stands there twice, or an attachment without a placeholder.
    case placeholderInvalid
    /// A namespace that is too long or not UTF-8.
    case namespaceInvalid
    /// An id beyond what any client counts to.
    case acknowledgementIDInvalid
    /// Not the shape of payload that the type demands, or a reserved event name.
    case payloadInvalid
    /// Not JSON.
    case jsonMalformed(JSONError)
    /// JSON, but with something that this service does not read. Concerns this packet only.
    case unreadable(JSONError)

    /// Sorts what the parser said: is it no JSON at all, or JSON that other servers would have taken?
    init(_ error: JSONError) {
        switch error {
        case .tooDeep, .duplicateName, .nulCharacter, .loneSurrogate, .numberOutOfRange:
            self = .unreadable(error)
        case .tooLarge, .notUTF8, .endsEarly, .syntax, .outOfMemory:
            self = .jsonMalformed(error)
        }
    }
}

/// Why a connection, or its part in one namespace, came to an end. The words are those of socket.io, but for the last two.
public enum CloseReason: String, Sendable, CaseIterable {
    case transportClose = "transport close"
    case transportError = "transport error"
    case pingTimeout = "ping timeout"
    case parseError = "parse error"
    /// This side closed the connection.
    case forcedClose = "forced close"
    /// The client broke a rule of Socket.IO, or joined no namespace in time.
    case forcedServerClose = "forced server close"
    case serverShuttingDown = "server shutting down"
    case clientNamespaceDisconnect = "client namespace disconnect"
    case serverNamespaceDisconnect = "server namespace disconnect"
    /// More waits for the client than `SocketSettings.pendingPacketsMax` or `pendingBytesMax` allow.
    case slowReader = "slow reader"
    /// The client has more unanswered requests, or refused connects, than `SocketIOLimits` allow.
    case tooManyRequests = "too many requests"
}
