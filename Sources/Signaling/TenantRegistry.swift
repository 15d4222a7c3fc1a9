import SocketIO
import Switchboard
import Synchronization
import Vocabulary

/// Who of one tenant is here, and who listens to what.
///
/// Comings and goings are told while the lock is held, so that everybody hears them in the order in which they happened:
/// `EngineIOLine.run` only leaves a note for another thread.
final class TenantRegistry: Sendable {
    fileprivate struct Person {
        var members: [Membership]
        /// What people call the user.
        var name: String?
        /// The call that the user placed last and that was heard to ring.
        var rang: CallID?
    }

    fileprivate struct State {
        var people: [UserID: Person] = [:]
        var listeners: [AppEvent.Recipient: [ObjectIdentifier: Membership]] = [:]
        /// The users who were put out lately, and the removal that it was. Who was asked about before that comes in no more.
        var removed: [UserID: Int] = [:]
        /// The last removal that is not known any more.
        var removalForgotten = 0
        /// Whom the tenant took when that was looked at last, and until when it is looked at who is here.
        var admission: (rule: UserAdmission, checkedUntil: Moment)?
    }

    /// What people call somebody. Not everybody has a name.
    struct Name {
        let text: String?
    }

    /// What a socket left behind.
    struct Departure {
        /// No other socket of the same device is here.
        let isDeviceGone: Bool
        /// No socket of the user is here.
        let isUserGone: Bool
    }

    /// Whether a socket was taken in.
    enum Entry {
        case taken
        /// The user has as many as it may have.
        case full
        /// The user was put out meanwhile: who it is has to be asked again.
        case outdated
    }

    let id: TenantID
    private let broadcastUsersMax: Int
    private let removals: Removals
    private let state = Mutex(State())

    init(_ id: TenantID, broadcastUsersMax: Int, removals: Removals) {
        self.id = id
        self.broadcastUsersMax = broadcastUsersMax
        self.removals = removals
    }

    /// Takes a socket in, and tells the others when it is its user's first.
    /// - Parameter removalCount: how many users had been put out when the desk was asked about this one.
    func add(_ member: Membership, named name: String?, socketsMax: Int, removalCount: Int, at now: UnixTime) -> Entry {
        state.withLock { state in
            guard removalCount >= max(state.removed[member.user] ?? 0, state.removalForgotten) else { return .outdated }
            var person = state.people.removeValue(forKey: member.user) ?? Person(members: [], name: nil)
            defer { if !person.members.isEmpty { state.people[member.user] = person } }
            guard person.members.count < socketsMax else { return .full }
            let isFirst = person.members.isEmpty
            person.members.append(member)
            person.name = name ?? person.name
            if isFirst { tell(of: member.user, isOnline: true, in: state, count: state.people.count + 1, at: now) }
            return .taken
        }
    }

    /// Lets a socket go, and tells the others when it was its user's last.
    /// - Parameter isSilent: nobody is told.
    func remove(_ member: Membership, isSilent: Bool, at now: UnixTime) -> Departure {
        state.withLock { state in
            for room in member.rooms { state.leave(room, member) }
            guard var person = state.people.removeValue(forKey: member.user) else {
                return Departure(isDeviceGone: true, isUserGone: true)
            }
            person.members.removeAll { $0 === member }
            guard person.members.isEmpty else {
                let isDeviceGone = !person.members.contains { $0.device == member.device }
                state.people[member.user] = person
                return Departure(isDeviceGone: isDeviceGone, isUserGone: false)
            }
            if !isSilent { tell(of: member.user, isOnline: false, in: state, count: state.people.count, at: now) }
            return Departure(isDeviceGone: true, isUserGone: true)
        }
    }

    private func tell(of user: UserID, isOnline: Bool, in state: State, count: Int, at now: UnixTime) {
        guard count <= broadcastUsersMax, !state.people.isEmpty else { return }
        var messages = DialectMessages { $0.presence(of: user, isOnline: isOnline, at: now) }
        for (other, person) in state.people where other != user {
            for member in person.members { messages.send(to: member) }
        }
    }

    // MARK: Whom the tenant takes

    /// For how long after a change it is looked at who is here: somebody may have been let in before it, and be here only now.
    private static let checkSeconds = 10

    /// Notes whom the tenant takes now. False where that has not changed for a while, and so nobody has to be looked at.
    func isToBeChecked(by rule: UserAdmission, at now: Moment) -> Bool {
        state.withLock { state in
            if let known = state.admission, known.rule == rule { return now < known.checkedUntil }
            state.admission = (rule, now + Self.checkSeconds * 1000)
            return true
        }
    }

    private static let removedMax = 1000

    /// The sockets of a user who is none any more. A socket of this user about which the desk was asked before comes in no more.
    func membersToPutOut(of user: UserID) -> [Membership] {
        state.withLock { state in
            let removal = removals.add()
            if state.removed.count >= Self.removedMax {
                state.removalForgotten = state.removed.values.max() ?? 0
                state.removed = [:]
            }
            state.removed[user] = removal
            return state.people[user]?.members ?? []
        }
    }

    // MARK: Questions

    func members(of user: UserID) -> [Membership] {
        state.withLock { $0.people[user]?.members ?? [] }
    }

    func isOnline(_ user: UserID) -> Bool {
        state.withLock { $0.people[user] != nil }
    }

    func has(_ device: DeviceID, of user: UserID) -> Bool {
        state.withLock { $0.people[user]?.members.contains { $0.device == device } ?? false }
    }

    /// What people call a user who is here; nil where the user is not.
    func name(of user: UserID) -> Name? {
        state.withLock { state in state.people[user].map { Name(text: $0.name) } }
    }

    var socketsCount: Int { state.withLock { $0.people.values.reduce(0) { $0 + $1.members.count } } }

    var onlineCount: Int { state.withLock { $0.people.count } }

    /// How many sockets the user has, and the public id of the one that came last.
    func sockets(of user: UserID) -> (count: Int, last: String?) {
        state.withLock { state in
            let members = state.people[user]?.members ?? []
            return (members.count, members.last?.sid)
        }
    }

    /// The users who are here, sorted by the bytes of their ids, from the first one after that id on.
    func online(after user: UserID?, limit: Int) -> [UserID] {
        let users = state.withLock { Array($0.people.keys) }
        let rest = user.map { first in users.filter { first.precedes($0) } } ?? users
        return Array(rest.sorted { $0.precedes($1) }.prefix(limit))
    }

    var everybody: [Membership] {
        state.withLock { $0.people.values.flatMap(\.members) }
    }

    // MARK: Rings and rooms

    /// A device of the callee rings: tells the caller, once for each call.
    func tellRinging(_ call: CallID, to caller: UserID) {
        state.withLock { state in
            guard let person = state.people[caller], person.rang != call else { return }
            state.people[caller]?.rang = call
            for member in person.members {
                member.connection.line.run { member.connection.hear(.ringing(call), as: member) }
            }
        }
    }

    /// The socket listens to that from now on.
    func join(_ room: AppEvent.Recipient, _ member: Membership) {
        state.withLock { $0.listeners[room, default: [:]][ObjectIdentifier(member)] = member }
    }

    func leave(_ room: AppEvent.Recipient, _ member: Membership) {
        state.withLock { $0.leave(room, member) }
    }

    /// Sends an event of the app's own to whoever is to hear it.
    /// - Returns: to how many sockets.
    func send(_ event: AppEvent, to recipient: AppEvent.Recipient) -> Int {
        state.withLock { state in
            var messages = DialectMessages { $0.app(event) }
            var listeners = state.listeners[recipient] ?? [:]
            if case .user(let user) = recipient {
                for member in state.people[user]?.members ?? [] { listeners[ObjectIdentifier(member)] = member }
            }
            for member in listeners.values { messages.send(to: member) }
            return listeners.count
        }
    }
}

extension TenantRegistry.State {
    fileprivate mutating func leave(_ room: AppEvent.Recipient, _ member: Membership) {
        listeners[room]?[ObjectIdentifier(member)] = nil
        if listeners[room]?.isEmpty == true { listeners[room] = nil }
    }
}

/// One message for many sockets: written once for each dialect, when the first socket needs it.
struct DialectMessages {
    private let write: (Dialect) -> SocketIOMessage?
    private var written: [(dialect: Dialect, message: SocketIOMessage?)] = []

    init(_ write: @escaping (Dialect) -> SocketIOMessage?) {
        self.write = write
    }

    mutating func send(to member: Membership) {
        guard let message = message(in: member.dialect) else { return }
        member.connection.line.run { member.connection.send(message, to: member) }
    }

    private mutating func message(in dialect: Dialect) -> SocketIOMessage? {
        if let known = written.first(where: { $0.dialect === dialect }) { return known.message }
        let message = write(dialect)
        written.append((dialect, message))
        return message
    }
}

extension UserID {
    /// Whether these bytes come before the other's.
    fileprivate func precedes(_ other: UserID) -> Bool {
        text.utf8.lexicographicallyPrecedes(other.text.utf8)
    }
}
