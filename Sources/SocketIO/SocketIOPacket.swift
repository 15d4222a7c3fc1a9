public import StrictJSON

/// One Socket.IO packet, as it stands in a message of Engine.IO: `<kind>[<attachments>-][<namespace>,][<id>][JSON]`.
///
/// Attachments come after it, as binary messages; until then the JSON holds a placeholder for each, `{"_placeholder":true,"num":0}`.
///
/// | kind | digit | JSON |
/// |---|---|---|
/// | connect | 0 | the client's auth payload or the server's `{"sid": ...}`: an object, or nothing |
/// | disconnect | 1 | nothing |
/// | event, binary event | 2, 5 | an array that begins with the event's name, or nothing (which is no event) |
/// | acknowledgement, binary | 3, 6 | an array, or nothing |
/// | connect error | 4 | an object; a string is read, too |
public struct SocketIOPacket: Sendable, Equatable {
    public var kind: SocketIOPacketKind
    public var namespace: String
    /// Asks for an acknowledgement, or answers to it.
    public var id: UInt64?
    /// How many attachments follow. Only for binary kinds.
    public var attachmentCount: Int
    public var payload: JSONValue?

    /// Event names that a server or a client would take for its own (socket.io-parser 4.2). `error` is not among them.
    public static let reservedEventNames: Set<String> = [
        "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener",
    ]

    public init(
        _ kind: SocketIOPacketKind, namespace: String = "/", id: UInt64? = nil, attachmentCount: Int = 0, payload: JSONValue? = nil
    ) {
        self.kind = kind
        self.namespace = namespace
        self.id = id
        self.attachmentCount = attachmentCount
        self.payload = payload
    }

    /// Reads the text of one packet. Throws `.unreadable` where the packet is sound but its JSON is beyond what this service reads.
    public init(text: some Collection<UInt8>, bytesMax: Int = SocketIOLimits.payloadBytesMax) throws(SocketIOError) {
        let result = text.withContiguousStorageIfAvailable { Self.read(UnsafeRawBufferPointer($0), bytesMax: bytesMax) }
        self = try (result ?? Array(text).withUnsafeBytes { Self.read($0, bytesMax: bytesMax) }).get()
    }

    private static func read(_ text: UnsafeRawBufferPointer, bytesMax: Int) -> Result<SocketIOPacket, SocketIOError> {
        Result { () throws(SocketIOError) in
            let header = try SocketIOHeader(text)
            return try SocketIOPacket(header, text, bytesMax: bytesMax)
        }
    }

    /// Reads the JSON behind a header.
    init(_ header: SocketIOHeader, _ text: UnsafeRawBufferPointer, bytesMax: Int) throws(SocketIOError) {
        kind = header.kind
        namespace = header.namespace
        id = header.id
        attachmentCount = header.attachmentCount
        payload = nil
        if header.payloadOffset < text.count {
            let json = UnsafeRawBufferPointer(rebasing: text[header.payloadOffset...])
            do throws(JSONError) {
                payload = try JSONValue.parse(json, limits: JSONLimits(bytesMax: bytesMax, depthMax: SocketIOLimits.jsonDepthMax))
            } catch {
                throw SocketIOError(error)
            }
        }
        guard hasAllowedPayload else { throw .payloadInvalid }
        if kind.isBinary { try checkPlaceholders() }
    }

    private var hasAllowedPayload: Bool {
        guard let payload else { return true }
        switch (kind, payload) {
        case (.connect, .object), (.connectError, .object), (.connectError, .string): return true
        case (.acknowledgement, .array), (.binaryAcknowledgement, .array): return true
        case (.event, .array(let elements)), (.binaryEvent, .array(let elements)): return Self.eventName(elements) != nil
        case (.connect, _), (.disconnect, _), (.event, _), (.acknowledgement, _), (.connectError, _), (.binaryEvent, _),
            (.binaryAcknowledgement, _):
            return false
        }
    }

    /// The name of an event: its first element. A number names the same event as its digits do, as in JavaScript.
    static func eventName(_ elements: [JSONValue]) -> String? {
        switch elements.first {
        case .string(let name): reservedEventNames.contains(name) ? nil : name
        case .integer(let number): String(number)
        case .real(let number): Int64(exactly: number).map { String($0) } ?? number.description
        case .null, .bool, .array, .object, nil: nil
        }
    }

    /// The packet as Engine.IO carries it.
    public var frame: EngineIOFrame {
        var text = [EngineIOPacket.messageDigit]
        SocketIOHeader.append(kind, attachmentCount: attachmentCount, namespace: namespace, id: id, to: &text)
        payload?.write(into: &text)
        return .text(text)
    }
}

/// The stand-in for a binary attachment in JSON.
public enum SocketIOPlaceholder {
    private static let mark = "_placeholder"
    private static let number = "num"

    /// The placeholder of that attachment.
    public static func value(_ index: Int) -> JSONValue {
        .object([mark: true, number: .integer(Int64(index))])
    }

    /// Which attachment the value stands for, when it is a placeholder with a number.
    public static func index(_ value: JSONValue) -> Int? {
        guard case .object(let object) = value, object[mark]?.boolValue == true else { return nil }
        return object[number]?.integerValue.flatMap(Int.init(exactly:))
    }

    fileprivate static func isMarked(_ object: JSONObject) -> Bool {
        object[mark]?.boolValue == true
    }
}

extension SocketIOPacket {
    /// Every attachment has one placeholder, and every placeholder an attachment.
    private func checkPlaceholders() throws(SocketIOError) {
        var used: UInt64 = 0
        if let payload { try Self.collect(payload, count: attachmentCount, into: &used) }
        guard used.nonzeroBitCount == attachmentCount else { throw .placeholderInvalid }
    }

    /// JSON was read with a bounded depth, so this cannot go deep.
    private static func collect(_ value: JSONValue, count: Int, into used: inout UInt64) throws(SocketIOError) {
        switch value {
        case .null, .bool, .integer, .real, .string:
            break
        case .array(let elements):
            for element in elements { try collect(element, count: count, into: &used) }
        case .object(let object) where SocketIOPlaceholder.isMarked(object):
            guard let index = SocketIOPlaceholder.index(value), (0..<count).contains(index), used & (1 << index) == 0 else {
                throw .placeholderInvalid
            }
            used |= 1 << index
        case .object(let object):
            for member in object.members { try collect(member.value, count: count, into: &used) }
        }
    }
}
