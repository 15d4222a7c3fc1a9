internal import StrictJSON
internal import Vocabulary

/// LiveKit's `video` object as JSON text for every set of permissions, made once a process; only the room's name is a hole in it.
struct LiveKitGrantTexts: Sendable {
    static let shared = LiveKitGrantTexts()

    /// One row for each role and set of publish sources.
    private let rows: [(front: [UInt8], tail: [UInt8])]

    private init() {
        rows = Role.allCases.flatMap { role in
            (0..<PublishSet.count).map { publish in
                // No text of a grant but the room's name holds this, so it marks the hole.
                let mark = Array("{room}".utf8)
                let text = role.liveKitGrant(PublishSet(rawValue: UInt8(publish)), room: "{room}").jsonValue.canonicalBytes
                guard let hole = (0..<text.count - mark.count).first(where: { text[$0...].starts(with: mark) }) else {
                    preconditionFailure("a video grant without a room")
                }
                return (Array(text[..<hole]), Array(text[(hole + mark.count)...]))
            }
        }
    }

    /// The text for a room's name, which needs no escapes.
    func text(_ publish: PublishSet, of role: Role, room: RoomName) -> [UInt8] {
        let row = rows[role.place * PublishSet.count + Int(publish.rawValue)]
        var text: [UInt8] = []
        text.reserveCapacity(row.front.count + row.tail.count + 64)
        text += row.front
        text += room.text.utf8
        text += row.tail
        return text
    }
}

extension Role {
    /// Where the role stands in ``allCases``.
    fileprivate var place: Int {
        switch self {
        case .host: 0
        case .participant: 1
        case .viewer: 2
        case .listener: 3
        }
    }
}
