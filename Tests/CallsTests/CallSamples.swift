import Calls
import Testing
import Vocabulary

/// Who a move names in these tests. Alice calls bob; eve is in no call of theirs.
enum Who: String, CaseIterable, Sendable {
    case caller = "alice"
    case callee = "bob"
    case stranger = "eve"
    /// The tenant's server, which names nobody.
    case nobody

    func user() throws -> UserID? { self == .nobody ? nil : try UserID(rawValue) }
}

/// A way that a call may have gone so far.
enum Stage: Hashable, Sendable {
    case ringing
    case active(on: String?)
    /// Ended, without having been accepted.
    case unanswered(EndReason)
    /// Ended after it was accepted on the phone.
    case answered(EndReason)

    /// Every way that a call can end.
    static let endings: [Stage] =
        [.rejected, .cancelled, .missed, .userRemoved, .tenantClosed].map(Stage.unanswered)
        + [.hungUp, .partyGone, .timeLimit, .userRemoved, .tenantClosed].map(Stage.answered)
    static let all: [Stage] = [.ringing, .active(on: "phone"), .active(on: nil)] + endings
}

/// Calls put together by hand, field by field: the rules have no part in them.
enum Sample {
    static let start = UnixTime(1_800_000_000)
    static let accepted = start + 5
    static let ended = start + 20
    /// When the move of the test comes.
    static let now = start + 60

    static func device(_ text: String?) throws -> DeviceID? { try text.map { try DeviceID($0) } }

    static func call(
        _ stage: Stage = .ringing, id: String = "call-of-alice", caller: String = "alice", callee: String = "bob",
        media: CallMedia = .video,
        provider: ProviderKind = .livekit
    ) throws -> Call {
        let (acceptedOn, reason): (String??, EndReason?) =
            switch stage {
            case .ringing: (nil, nil)
            case .active(let device): (.some(device), nil)
            case .unanswered(let reason): (nil, reason)
            case .answered(let reason): (.some("phone"), reason)
            }
        return Call(
            id: try CallID(id), room: RoomName(tenant: try TenantID("acme"), kind: .call, random: 7), provider: provider, media: media,
            metadata: "{}",
            parties: [
                Party(user: try UserID(caller), side: .caller, device: try DeviceID("laptop"), joinedAt: start),
                Party(
                    user: try UserID(callee), side: .callee, device: try device(acceptedOn ?? nil),
                    joinedAt: acceptedOn == nil ? nil : accepted),
            ],
            placedAt: start, ringDeadline: start + 30, acceptedAt: acceptedOn == nil ? nil : accepted,
            ending: try reason.map { try ending($0, at: ended, caller: caller, callee: callee) },
            version: 1 + (acceptedOn == nil ? 0 : 1) + (reason == nil ? 0 : 1))
    }

    /// An ending as it comes about most of the time.
    private static func ending(_ reason: EndReason, at time: UnixTime, caller: String, callee: String) throws -> Call.Ending {
        let by: String?
        var device: String?
        switch reason {
        case .rejected: (by, device) = (callee, "phone")
        case .cancelled, .hungUp: by = caller
        case .partyGone, .userRemoved: by = callee
        case .missed, .timeLimit, .tenantClosed: by = nil
        }
        return Call.Ending(
            at: time, reason: reason, by: try by.map { try UserID($0) }, note: nil, device: try Self.device(device))
    }

    /// The same call with other fields in some places: the fields are constants to everybody but the rules.
    static func copy(
        _ call: Call, parties: [Party]? = nil, acceptedAt: UnixTime? = nil, ending: Call.Ending? = nil, version: Int
    ) -> Call {
        Call(
            id: call.id, room: call.room, provider: call.provider, media: call.media, metadata: call.metadata,
            parties: parties ?? call.parties, placedAt: call.placedAt, ringDeadline: call.ringDeadline,
            acceptedAt: acceptedAt ?? call.acceptedAt, ending: ending ?? call.ending, version: version)
    }
}
