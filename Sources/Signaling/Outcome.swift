import Calls
import Switchboard
import Vocabulary

/// What came of a client's request. What is large of it is on the heap, because it goes through many hands.
enum Outcome: Sendable {
    /// A call rings, or was there already. It is active where it was answered meanwhile, or where both called each other; then the device
    /// that is in it gets its token.
    indirect case placed(Call, join: Join?, isOffline: Bool)
    indirect case accepted(Call, Join)
    /// Rejected, taken back or hung up.
    case moved(Call, isRejection: Bool)
    indirect case token(CallID, Join)
    case alive(UnixTime)
    case listening(AppEvent.Recipient)
    case silent(AppEvent.Recipient)
    indirect case refreshed(Caller)
    case refused(Refusal)

    /// The call as the device knows it from this answer.
    var call: Call? {
        switch self {
        case .placed(let call, _, _), .accepted(let call, _), .moved(let call, _): call
        case .token, .alive, .listening, .silent, .refreshed, .refused: nil
        }
    }
}
