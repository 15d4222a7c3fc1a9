/// A message whose pieces are still coming in. On the heap: hardly any client divides its messages.
final class FragmentedMessage {
    let isText: Bool
    var bytes: [UInt8] = []
    var fragments = 0
    var check = UTF8Check()

    init(isText: Bool) {
        self.isText = isText
    }
}

/// Frames from the client, and the rules about what follows what (RFC 6455 sections 5 and 7, with the section beside each).
extension WebSocketHandler {
    func take(_ frame: ClientFrame) {
        switch frame.opcode {
        case .text, .binary: begin(frame)
        case .continuation: goOn(frame)
        case .ping:
            if countControlFrame() { pong(frame.payload) }
        case .pong:
            _ = countControlFrame()
        case .close:
            leave(frame.payload)
        }
    }

    /// The first piece of a message, or the whole of it.
    private func begin(_ frame: ClientFrame) {
        guard message == nil else { return fail(.protocolError) }  // 5.4: the one before has not ended.
        guard countMessage() else { return }
        let isText = frame.opcode == .text
        guard frame.isFinal else {
            let message = FragmentedMessage(isText: isText)
            self.message = message
            return add(frame, to: message)
        }
        let bytes = frame.payload
        if isText {
            var check = UTF8Check()
            guard check.take(bytes), check.isComplete else { return fail(.notUTF8) }  // 8.1
            user?.received(text: bytes, from: self)
        } else {
            user?.received(binary: bytes, from: self)
        }
    }

    private func goOn(_ frame: ClientFrame) {
        guard let message else { return fail(.protocolError) }  // 5.4: nothing to go on with.
        add(frame, to: message)
    }

    private func add(_ frame: ClientFrame, to message: FragmentedMessage) {
        message.fragments += 1
        guard message.fragments <= TransportLimits.fragmentsMax else { return fail(.policyViolation) }
        guard message.bytes.count + frame.payload.count <= bytesMax else { return fail(.messageTooBig) }
        let bytes = frame.payload
        // At the first piece with which it can no longer become UTF-8, not at the end (8.1).
        guard !message.isText || message.check.take(bytes) else { return fail(.notUTF8) }
        message.bytes += bytes
        guard frame.isFinal else { return }
        self.message = nil
        if message.isText {
            guard message.check.isComplete else { return fail(.notUTF8) }
            user?.received(text: message.bytes, from: self)
        } else {
            user?.received(binary: message.bytes, from: self)
        }
    }

    /// A close frame (5.5.1): nothing, or a code and words. The answer says the code again.
    private func leave(_ payload: [UInt8]) {
        guard !payload.isEmpty else { return takeLeave([]) }
        guard payload.count >= 2, Self.isCode(UInt16(payload[0]) << 8 | UInt16(payload[1])) else { return fail(.protocolError) }
        var check = UTF8Check()
        guard check.take(Array(payload[2...])), check.isComplete else { return fail(.notUTF8) }
        takeLeave(Array(payload[..<2]))
    }

    /// Whether a client may send that status code (7.4, and IANA's registry).
    private static func isCode(_ code: UInt16) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        case _: false
        }
    }
}
