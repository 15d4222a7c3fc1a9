import Signing
import SocketIO
import StrictJSON

/// The Socket.IO server that the official suite expects: tells each client what it authenticated with, and gives its arguments back.
struct SuiteEcho: EngineIOApplication {
    static let namespaces = ["/", "/custom"]

    let settings: SocketSettings

    func opened(_ line: any EngineIOLine) -> any EngineIOClient { Client(line, settings) }

    private final class Client: EngineIOClient {
        private let line: any EngineIOLine
        private var session: SocketIOSession

        init(_ line: any EngineIOLine, _ settings: SocketSettings) {
            self.line = line
            session = SocketIOSession(settings: settings, at: line.now)
        }

        func received(_ message: EngineIOMessage) {
            perform { session, now, actions in
                switch message {
                case .text(let text): session.received(text: text, at: now, into: &actions)
                case .binary(let bytes): session.received(binary: bytes, at: now, into: &actions)
                }
            }
        }

        func closed(_ reason: CloseReason) {
            perform { session, _, actions in session.engineClosed(reason, into: &actions) }
        }

        var nextDeadline: Moment? { session.nextDeadline }

        func tick(at now: Moment) {
            perform { session, now, actions in session.tick(at: now, into: &actions) }
        }

        private func perform(_ fact: (inout SocketIOSession, Moment, inout [SocketIOAction]) -> Void) {
            var actions: [SocketIOAction] = []
            fact(&session, line.now, &actions)
            var done = 0
            while done < actions.count {
                carryOut(actions[done], &actions)
                done += 1
            }
        }

        private func carryOut(_ action: SocketIOAction, _ actions: inout [SocketIOAction]) {
            switch action {
            case .send(let frame):
                line.send(frame)
            case .connectRequested(let namespace, let auth):
                session.accept(namespace, sid: Base64URL.encode(SecureRandom.bytes(15)), into: &actions)
                session.emit(SocketIOMessage("auth", [.object(auth ?? [:])], namespace: namespace), into: &actions)
            case .event(let event):
                answer(event, &actions)
            case .close(let reason):
                line.close(reason)
            case .unreadable, .acknowledged, .unacknowledged, .left:
                break
            }
        }

        private func answer(_ event: SocketIOEvent, _ actions: inout [SocketIOAction]) {
            switch event.name {
            case "message":
                session.emit(
                    SocketIOMessage("message-back", event.arguments, attachments: event.attachments, namespace: event.namespace),
                    into: &actions)
            case "message-with-ack":
                guard let id = event.acknowledgementID else { return }
                session.answer(id, in: event.namespace, event.arguments, attachments: event.attachments, into: &actions)
            case _:
                break
            }
        }
    }
}
