public import StrictJSON

/// An event that was encoded once and can be sent to many sockets, asking each for an acknowledgement or not.
public struct SocketIOMessage: Sendable {
    public let namespace: String
    /// The packet without an id, shared by all who get it.
    public let frame: EngineIOFrame
    /// What its placeholders stand for, each sent as a message of its own behind the packet.
    public let attachments: [EngineIOFrame]
    /// Where an id goes.
    private let idOffset: Int

    /// Encodes an event. Each attachment has its `SocketIOPlaceholder` in the arguments.
    public init(_ name: String, _ arguments: [JSONValue] = [], attachments: [[UInt8]] = [], namespace: String = "/") {
        self.init(name, attachments: attachments, namespace: namespace) { writer in
            for argument in arguments { writer.value(argument) }
        }
    }

    /// Encodes an event whose arguments are written, one after the other, straight into the packet.
    public init(_ name: String, attachments: [[UInt8]] = [], namespace: String = "/", arguments write: (inout JSONWriter) -> Void) {
        assert(!SocketIOPacket.reservedEventNames.contains(name), "an event of a reserved name")
        assert(attachments.count <= SocketIOLimits.attachmentsMax, "more attachments than clients take")
        var text: [UInt8] = []
        text.reserveCapacity(192)
        text.append(EngineIOPacket.messageDigit)
        SocketIOHeader.append(
            attachments.isEmpty ? .event : .binaryEvent, attachmentCount: attachments.count, namespace: namespace, to: &text)
        idOffset = text.count
        var writer = JSONWriter(appendingTo: consume text)
        writer.beginArray()
        writer.string(name)
        write(&writer)
        writer.endArray()
        self.namespace = namespace
        frame = .text(writer.takeBytes())
        self.attachments = attachments.map { .binary($0) }
    }

    /// The packet with an id: it asks for an acknowledgement.
    func frame(id: UInt32) -> EngineIOFrame {
        guard case .text(let bytes) = frame else { return frame }
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count + 10)
        text.append(contentsOf: bytes[..<idOffset])
        text.append(contentsOf: String(id).utf8)
        text.append(contentsOf: bytes[idOffset...])
        return .text(text)
    }
}

/// An event as it arrived.
public struct SocketIOEvent: Sendable, Equatable {
    public var namespace: String
    /// Never one of the reserved names.
    public var name: String
    /// What follows the name. A binary argument is a `SocketIOPlaceholder` here.
    public var arguments: [JSONValue]
    public var attachments: [[UInt8]]
    /// Given where the client asks for an acknowledgement: pass it to `SocketIOSession.answer`, once.
    public var acknowledgementID: UInt64?

    public init(
        namespace: String = "/", name: String, arguments: [JSONValue] = [], attachments: [[UInt8]] = [], acknowledgementID: UInt64? = nil
    ) {
        self.namespace = namespace
        self.name = name
        self.arguments = arguments
        self.attachments = attachments
        self.acknowledgementID = acknowledgementID
    }
}
