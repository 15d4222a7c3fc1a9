import Calls
import SocketIO
import Switchboard
import Vocabulary

/// One namespace joined on one connection: one device of one user.
final class Membership: @unchecked Sendable {
    // Unchecked: what can change is used on the thread of the connection's line alone.

    /// What the device may have been told of a call.
    struct Told {
        let call: CallID
        var version: Int
    }

    /// The last ring that the device was asked to acknowledge.
    struct Ring {
        let token: UInt64
        let call: CallID
        let caller: UserID
    }

    /// Something about a call that is to be told.
    enum News: Sendable {
        case event(CallEvent)
        /// A device of the callee rings.
        case ringing(CallID)
    }

    /// How many calls are remembered. A user is in one at a time; what is still on its way concerns the ones just before it.
    private static let toldMax = 4

    let connection: SignalingConnection
    let dialect: Dialect
    let sid: String

    /// Who it is at the desk, as it is now.
    private(set) var asker: Asker
    /// Until when the token is taken, or what the app said.
    var tokenEnd: Moment
    /// When the app is to be asked again, where it is the app that knows the user.
    var askAgainAt: Moment
    var ring: Ring?
    /// How often it asked for something at the desk.
    private var asked = 0
    /// What came while an own request was being worked on: it is told after the answer.
    var held: [News] = []
    /// What it listens to beside its own user.
    var rooms: [AppEvent.Recipient] = []
    private var told: [Told] = []

    init(
        connection: SignalingConnection, dialect: Dialect, tenant: TenantRegistry, user: UserID, device: DeviceID, sid: String,
        caller: Caller, tokenEnd: Moment, askAgainAt: Moment
    ) {
        self.connection = connection
        self.dialect = dialect
        self.sid = sid
        asker = Asker(caller: caller, user: user, device: device, tenant: tenant)
        self.tokenEnd = tokenEnd
        self.askAgainAt = askAgainAt
    }

    var tenant: TenantRegistry { asker.tenant }
    var user: UserID { asker.user }
    var device: DeviceID { asker.device }
    var caller: Caller {
        get { asker.caller }
        set { asker = Asker(caller: newValue, user: user, device: device, tenant: tenant) }
    }
    var key: UserKey { UserKey(tenant: tenant.id, id: user) }

    /// By what name the logs know the next thing that it asks for: its socket's id, and a number.
    func nextRequestID() -> String {
        asked += 1
        var name = ""
        name.reserveCapacity(sid.utf8.count + 20)
        name += sid
        name += "-"
        name += String(asked)
        return name
    }

    /// Which version of the call the device knows; 0 when none.
    func knownVersion(of call: CallID) -> Int {
        told.last { $0.call == call }?.version ?? 0
    }

    /// Notes that the device is told of this version now, or has it with an answer. False when it knows it, or a later one, already.
    @discardableResult
    func learn(_ call: Call) -> Bool {
        if let index = told.lastIndex(where: { $0.call == call.id }) {
            guard told[index].version < call.version else { return false }
            told[index].version = call.version
            return true
        }
        if told.count >= Self.toldMax { told.removeFirst() }
        told.append(Told(call: call.id, version: call.version))
        return true
    }
}
