/// The kinds of Socket.IO packet, by their digit.
public enum SocketIOPacketKind: UInt8, Sendable, CaseIterable {
    case connect, disconnect, event, acknowledgement, connectError, binaryEvent, binaryAcknowledgement

    /// Whether attachments follow.
    public var isBinary: Bool {
        switch self {
        case .binaryEvent, .binaryAcknowledgement: true
        case .connect, .disconnect, .event, .acknowledgement, .connectError: false
        }
    }

    var digit: UInt8 { UInt8(ascii: "0") + rawValue }
}

/// What stands before the JSON of a packet: `<kind>[<attachments>-][<namespace>,][<id>]`.
public struct SocketIOHeader: Sendable, Equatable {
    public private(set) var kind: SocketIOPacketKind
    var attachmentCount = 0
    public private(set) var namespace = SocketIOHeader.mainNamespace
    public private(set) var id: UInt64?
    /// How many bytes stand before the JSON, or before the end where there is none.
    public private(set) var payloadOffset = 0

    static let mainNamespace = "/"

    /// Reads what stands before the JSON of one packet, and not the JSON.
    public init(text: ArraySlice<UInt8>) throws(SocketIOError) {
        self = try text.withUnsafeBytes { bytes in Result { () throws(SocketIOError) in try Self(bytes) } }.get()
    }

    init(_ text: UnsafeRawBufferPointer) throws(SocketIOError) {
        guard let digit = text.first else { throw .packetEmpty }
        guard let kind = SocketIOPacketKind(rawValue: digit &- UInt8(ascii: "0")) else { throw .packetTypeUnknown }
        self.kind = kind
        var offset = 1
        if kind.isBinary { attachmentCount = try Self.attachmentCount(text, &offset) }
        if offset < text.count, text[offset] == UInt8(ascii: "/") { namespace = try Self.namespace(text, &offset) }
        id = try Self.id(text, &offset)
        payloadOffset = offset
    }

    private static func attachmentCount(_ text: UnsafeRawBufferPointer, _ offset: inout Int) throws(SocketIOError) -> Int {
        let start = offset
        var count = 0
        while offset < text.count, let digit = decimal(text[offset]) {
            count = count * 10 + Int(digit)
            guard count <= SocketIOLimits.attachmentsMax else { throw .attachmentsTooLarge }
            offset += 1
        }
        guard offset > start, offset < text.count, text[offset] == UInt8(ascii: "-") else { throw .attachmentCountMalformed }
        offset += 1
        return count
    }

    /// From the slash to the comma, or to the end: `40/call` and `40/call,` are the same.
    private static func namespace(_ text: UnsafeRawBufferPointer, _ offset: inout Int) throws(SocketIOError) -> String {
        let start = offset
        while offset < text.count, text[offset] != UInt8(ascii: ",") {
            offset += 1
            guard offset - start <= SocketIOLimits.namespaceBytesMax else { throw .namespaceInvalid }
        }
        let bytes = UnsafeRawBufferPointer(rebasing: text[start..<offset])
        if offset < text.count { offset += 1 }
        if bytes.count == 1 { return mainNamespace }
        guard let namespace = String(validating: bytes, as: UTF8.self) else { throw .namespaceInvalid }
        return namespace
    }

    private static func id(_ text: UnsafeRawBufferPointer, _ offset: inout Int) throws(SocketIOError) -> UInt64? {
        let start = offset
        var id: UInt64 = 0
        while offset < text.count, let digit = decimal(text[offset]) {
            id = id * 10 + UInt64(digit)
            guard id <= SocketIOLimits.peerAcknowledgementIDMax else { throw .acknowledgementIDInvalid }
            offset += 1
        }
        return offset > start ? id : nil
    }

    private static func decimal(_ byte: UInt8) -> UInt8? {
        let value = byte &- UInt8(ascii: "0")
        return value < 10 ? value : nil
    }

    /// Appends the header of a packet of that kind.
    static func append(
        _ kind: SocketIOPacketKind, attachmentCount: Int = 0, namespace: String, id: UInt64? = nil, to text: inout [UInt8]
    ) {
        text.append(kind.digit)
        if kind.isBinary {
            text.append(contentsOf: String(attachmentCount).utf8)
            text.append(UInt8(ascii: "-"))
        }
        if namespace != mainNamespace {
            text.append(contentsOf: namespace.utf8)
            text.append(UInt8(ascii: ","))
        }
        if let id { text.append(contentsOf: String(id).utf8) }
    }
}
