internal import Signing
internal import StrictJSON

/// The parts of a person's token that depend on nothing but its permissions, made once a process from ``LiveKitVideoGrant``.
///
/// `@unchecked Sendable` is true because nothing writes the memory after `init`. It is never freed.
struct LiveKitConstantTexts: @unchecked Sendable {
    /// From the end of the identity to the beginning of the room's name. One row for each (publish, subscribe, data).
    private let rows: UnsafePointer<EncodedText>
    /// From the end of the room's name to the end of the payload.
    let tail: EncodedText
    /// The first part of every token, encoded, with its dot.
    let header: UnsafeRawBufferPointer

    static let shared = LiveKitConstantTexts()

    private init() {
        let rows = UnsafeMutablePointer<EncodedText>.allocate(capacity: PublishSet.count * 4)
        var tail: [UInt8] = []
        for row in 0..<PublishSet.count * 4 {
            let grant = LiveKitVideoGrant(
                publish: PublishSet(rawValue: UInt8(row / 4)), subscribe: row & 2 != 0, data: row & 1 != 0, room: "")
            let pieces = Self.split("\",\"video\":\(grant.jsonValue.canonicalText)}")
            precondition(tail.isEmpty || tail == pieces.tail, "a permission stands after the room's name, so the tail is not constant")
            tail = pieces.tail
            (rows + row).initialize(to: EncodedText(pieces.front, isLast: false))
        }
        self.rows = UnsafePointer(rows)
        self.tail = EncodedText(tail, isLast: true)
        self.header = EncodedText.kept(Array((Base64URL.encode(JWTText.header) + ".").utf8))
    }

    @inline(__always)
    func grants(of grant: borrowing JoinGrant) -> EncodedText {
        rows[Int(grant.publishSet.rawValue) * 4 + (grant.subscribe ? 2 : 0) + (grant.data ? 1 : 0)]
    }

    /// Cuts the text between the quotation marks of the empty room name.
    private static func split(_ text: String) -> (front: [UInt8], tail: [UInt8]) {
        let bytes = Array(text.utf8)
        let hole = Array("\"room\":\"".utf8)
        for position in 0..<bytes.count - hole.count where bytes[position..<position + hole.count].elementsEqual(hole) {
            return (Array(bytes[..<(position + hole.count)]), Array(bytes[(position + hole.count)...]))
        }
        preconditionFailure("a video grant without a room")
    }
}
