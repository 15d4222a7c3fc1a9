/// What the owner of a connection does next, as its `EngineIOSession` says.
public enum EngineIOAction: Sendable, Equatable {
    /// Answer the waiting poll with 200, `text/plain; charset=UTF-8`, `Cache-Control: no-store` and this body.
    case answerPoll([UInt8])
    /// Answer the poll that has just arrived with a refusal. A poll that waited before it is answered by an action of its own.
    case refusePoll(EngineIORefusal)
    /// Read the body of the POST that has just begun, and report it with `postEnded`.
    case readPost
    /// Answer the POST with 200, `text/html` and the body `ok`.
    case answerPost
    /// Answer the POST with a refusal.
    case refusePost(EngineIORefusal)
    /// Complete the WebSocket handshake and hand its frames to this session.
    case acceptWebSocket
    /// Complete the WebSocket handshake and close it at once, without a status. A failed handshake would throw in some clients.
    /// The session does not count this WebSocket as its own: report nothing about it.
    case refuseWebSocket
    /// Write this to the session's WebSocket.
    case write(EngineIOFrame)
    /// Close the session's WebSocket, and report nothing more about it: the session has let go of it.
    case closeWebSocket(WebSocketClosing)
    /// The WebSocket has replaced polling. Sticky state of the polling transport can go.
    case upgraded
    /// A message for the layer above.
    case deliver(EngineIOMessage)
    /// The connection is over for the layer above. Comes once, and nothing is delivered after it.
    case closed(CloseReason)
    /// The session is over for the transport, too: forget its sid. Comes once, after `closed`, at the latest
    /// `closeTimeoutMilliseconds` later. A request that still arrives may be asked about; it is refused.
    case finished
}

/// A message as it arrived. A text is still part of the bytes that it came in.
public enum EngineIOMessage: Sendable, Equatable {
    case text(ArraySlice<UInt8>)
    case binary([UInt8])
}

/// How a WebSocket is closed.
public enum WebSocketClosing: Sendable, Equatable {
    /// When all that was written before has left, with an empty close frame. Engine.IO clients see 1005, and come back.
    case afterWrites
    /// At once, and what was not sent is dropped: the client does not read, or does not answer.
    case atOnce
    /// With status 1009: a message had more bytes than `SocketSettings.payloadBytesMax`.
    case messageTooBig
}
