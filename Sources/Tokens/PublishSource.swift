/// One kind of media that a person may send into a room. The raw values are LiveKit's names and those of our contract.
public enum PublishSource: String, CaseIterable, Hashable, Sendable {
    case camera
    case microphone
    case screenShare = "screen_share"
    case screenShareAudio = "screen_share_audio"

    /// True for the sources that carry sound, false for those that carry pictures. Agora grants by this only.
    public var isAudio: Bool {
        switch self {
        case .microphone, .screenShareAudio: true
        case .camera, .screenShare: false
        }
    }
}

/// A set of publish sources as four bits, so that a grant carries no array and a table of all sets has sixteen rows.
struct PublishSet: OptionSet, Hashable, Sendable {
    let rawValue: UInt8

    static let camera = PublishSet(rawValue: 1)
    static let microphone = PublishSet(rawValue: 2)
    static let screenShare = PublishSet(rawValue: 4)
    static let screenShareAudio = PublishSet(rawValue: 8)
    static let everything: PublishSet = [.camera, .microphone, .screenShare, .screenShareAudio]

    /// How many sets there are: the rows of a table with one row for each.
    static let count = 16

    init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    init(_ source: PublishSource) {
        switch source {
        case .camera: self = .camera
        case .microphone: self = .microphone
        case .screenShare: self = .screenShare
        case .screenShareAudio: self = .screenShareAudio
        }
    }

    /// The members, in the order in which ``PublishSource`` declares them.
    var sources: [PublishSource] {
        PublishSource.allCases.filter { contains(PublishSet($0)) }
    }

    var hasAudio: Bool { !isDisjoint(with: [.microphone, .screenShareAudio]) }
    var hasVideo: Bool { !isDisjoint(with: [.camera, .screenShare]) }
}
