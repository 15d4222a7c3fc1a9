import SocketIO
import StrictJSON
import Synchronization
import Testing

@testable import Signaling

/// A client on a line: it speaks one dialect, keeps every frame, and waits for what it is to hear.
final class TestSocket: Sendable {
    /// An event as it was heard.
    struct Heard: Sendable {
        let name: String
        let payload: JSONValue
        let id: UInt64?
    }

    private struct State {
        var texts: [String] = []
        var unread: [Heard] = []
        var waiting: [(name: String, CheckedContinuation<Heard, Never>)] = []
        var answers: [UInt64: CheckedContinuation<JSONValue, Never>] = [:]
        var connecting: CheckedContinuation<SocketIOPacket, Never>?
        var sid: String?
        var nextID: UInt64 = 1
        var closed: CloseReason?
        var closing: [CheckedContinuation<CloseReason, Never>] = []
        var isDisconnected = false
        var isTimeOver = false
        var faults: [String] = []
    }

    let dialect: Dialect
    private let state = Mutex(State())
    private let lineBox = Mutex<FakeLine?>(nil)

    init(_ dialect: Dialect) { self.dialect = dialect }

    var line: FakeLine {
        guard let line = lineBox.withLock({ $0 }) else { preconditionFailure("the socket has no line yet") }
        return line
    }

    func take(_ line: FakeLine) { lineBox.withLock { $0 = line } }

    // MARK: The client speaks

    /// Sends a CONNECT and waits for the answer: the `connected` event, or the data of the CONNECT_ERROR.
    func connect(_ auth: JSONObject?) async -> JSONValue {
        let packet = await untilTimeIsOver {
            await withCheckedContinuation { continuation in
                state.withLock { $0.connecting = continuation }
                send(SocketIOPacket(.connect, namespace: dialect.namespace, payload: auth.map { .object($0) }))
            }
        }
        guard packet.kind == .connect else { return packet.payload ?? .null }
        state.withLock { $0.sid = packet.payload?["sid"]?.stringValue }
        return await hears(.connected)
    }

    /// Sends an event without asking for an acknowledgement.
    func tell(_ event: ClientEvent, _ payload: JSONValue = [:]) { emit(name(event), payload, id: nil) }

    func emit(_ name: String, _ payload: JSONValue, id: UInt64?) {
        send(SocketIOPacket(.event, namespace: dialect.namespace, id: id, payload: [.string(name), payload]))
    }

    /// Sends an event and waits for its acknowledgement.
    func ask(_ event: ClientEvent, _ payload: JSONValue = [:]) async -> JSONValue {
        let answer = await ask(named: name(event), payload)
        let fields = answer["success"] == true ? dialect.acknowledgementFields(of: event) : Dialect.refusalFields
        check(answer, fields, "the acknowledgement of \(event)")
        return answer
    }

    func ask(named name: String, _ payload: JSONValue) async -> JSONValue {
        await untilTimeIsOver {
            await withCheckedContinuation { continuation in
                let id: UInt64? = state.withLock { state in
                    guard !state.isTimeOver else { return nil }
                    state.nextID += 1
                    state.answers[state.nextID] = continuation
                    return state.nextID
                }
                if let id { emit(name, payload, id: id) } else { continuation.resume(returning: .null) }
            }
        }
    }

    /// Waits for something that may never come: when the test's time is over, nobody is left waiting.
    private func untilTimeIsOver<Answer>(_ work: () async -> Answer) async -> Answer {
        await withTaskCancellationHandler(operation: work) {
            let (events, answers, connecting) = state.withLock { state in
                state.isTimeOver = true
                defer { (state.waiting, state.answers, state.connecting) = ([], [:], nil) }
                return (state.waiting, state.answers, state.connecting)
            }
            for (name, continuation) in events { continuation.resume(returning: Heard(name: name, payload: .null, id: nil)) }
            for continuation in answers.values { continuation.resume(returning: .null) }
            connecting?.resume(returning: SocketIOPacket(.connectError))
        }
    }

    /// Acknowledges an event that was heard.
    func acknowledge(_ heard: Heard) {
        guard let id = heard.id else { return fault("the event \(heard.name) asked for no acknowledgement") }
        send(SocketIOPacket(.acknowledgement, namespace: dialect.namespace, id: id, payload: []))
    }

    /// Leaves the namespace, and keeps the connection.
    func leave() { send(SocketIOPacket(.disconnect, namespace: dialect.namespace)) }

    private func send(_ packet: SocketIOPacket) {
        guard case .text(let bytes) = packet.frame else { return }
        // The first digit is Engine.IO's, which the layer below takes off.
        line.arrives(String(decoding: bytes.dropFirst(), as: UTF8.self))
    }

    private func name(_ event: ClientEvent) -> String { dialect.clientNames[event] ?? "" }

    // MARK: The client hears

    /// The payload of the next event of that kind that was not looked at yet, as soon as it is there.
    func hears(_ event: ServerEvent) async -> JSONValue { await heard(event).payload }

    func heard(_ event: ServerEvent) async -> Heard { await heard(named: dialect.serverNames[event] ?? "") }

    func heard(named name: String) async -> Heard {
        await untilTimeIsOver {
            await withCheckedContinuation { continuation in
                let found: Heard? = state.withLock { state in
                    if let index = state.unread.firstIndex(where: { $0.name == name }) { return state.unread.remove(at: index) }
                    guard !state.isTimeOver else { return Heard(name: name, payload: .null, id: nil) }
                    state.waiting.append((name, continuation))
                    return nil
                }
                if let found { continuation.resume(returning: found) }
            }
        }
    }

    /// The events that were heard and not looked at yet, when the line has nothing to do any more.
    func unread() async -> [String] {
        await line.settled()
        return state.withLock { $0.unread.map(\.name) }
    }

    /// The same events themselves; from now on they were looked at.
    func takeUnread() async -> [Heard] {
        await line.settled()
        return state.withLock { state in
            defer { state.unread = [] }
            return state.unread
        }
    }

    func forgetUnread() { state.withLock { $0.unread = [] } }

    /// Every frame that came, as text.
    var texts: [String] { state.withLock { $0.texts } }
    var faults: [String] { state.withLock { $0.faults } }
    /// What the service calls the socket.
    var sid: String { state.withLock { $0.sid ?? "" } }
    var isDisconnected: Bool { state.withLock { $0.isDisconnected } }

    /// Why the connection was closed, as soon as it is.
    func closed() async -> CloseReason {
        await withCheckedContinuation { continuation in
            let reason: CloseReason? = state.withLock { state in
                if state.closed == nil { state.closing.append(continuation) }
                return state.closed
            }
            if let reason { continuation.resume(returning: reason) }
        }
    }

    // MARK: What the line brings

    func arrived(_ frame: EngineIOFrame) {
        guard case .text(let bytes) = frame, bytes.first == UInt8(ascii: "4") else { return fault("a frame that is no message") }
        state.withLock { $0.texts.append(String(decoding: bytes, as: UTF8.self)) }
        do throws(SocketIOError) {
            took(try SocketIOPacket(text: bytes.dropFirst()))
        } catch {
            fault("a frame that cannot be read: \(error)")
        }
    }

    func wasClosed(_ reason: CloseReason) {
        let waiting = state.withLock { state in
            state.closed = reason
            defer { state.closing = [] }
            return state.closing
        }
        for continuation in waiting { continuation.resume(returning: reason) }
    }

    private func took(_ packet: SocketIOPacket) {
        guard packet.namespace == dialect.namespace || packet.kind == .connectError else {
            return fault("a packet of \(packet.namespace)")
        }
        switch packet.kind {
        case .connect, .connectError:
            let continuation = state.withLock { state in
                defer { state.connecting = nil }
                return state.connecting
            }
            continuation?.resume(returning: packet)
        case .disconnect: state.withLock { $0.isDisconnected = true }
        case .event: tookEvent(packet)
        case .acknowledgement:
            guard let id = packet.id, let continuation = state.withLock({ $0.answers.removeValue(forKey: id) }) else {
                return fault("an acknowledgement that nobody waits for")
            }
            continuation.resume(returning: packet.payload?[0] ?? .null)
        case .binaryEvent, .binaryAcknowledgement: fault("a binary packet")
        }
    }

    private func tookEvent(_ packet: SocketIOPacket) {
        guard let name = packet.payload?[0]?.stringValue, let payload = packet.payload?[1] else { return fault("an event without parts") }
        if let event = dialect.serverNames.first(where: { $0.value == name })?.key {
            check(payload, dialect.fields(of: event), "the event \(name)")
        }
        let heard = Heard(name: name, payload: payload, id: packet.id)
        let continuation: CheckedContinuation<Heard, Never>? = state.withLock { state in
            guard let index = state.waiting.firstIndex(where: { $0.name == name }) else {
                state.unread.append(heard)
                return nil
            }
            return state.waiting.remove(at: index).1
        }
        continuation?.resume(returning: heard)
    }

    /// Whether a payload has the fields that the tables say, and no other.
    private func check(_ payload: JSONValue, _ fields: [EventField], _ what: String) {
        let names = Set(payload.objectValue?.members.map(\.name) ?? [])
        for field in fields where field.isRequired && !names.contains(field.name) { fault("\(what) has no \(field.name)") }
        for name in names.subtracting(fields.map(\.name)) { fault("\(what) has a field \(name) that no table knows") }
    }

    private func fault(_ text: String) { state.withLock { $0.faults.append(text) } }
}
