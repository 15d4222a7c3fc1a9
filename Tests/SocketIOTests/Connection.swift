import SocketIO
import StrictJSON

/// A connection under test: both sessions, a clock, and everything that they said, in short words.
///
/// | word | action |
/// |---|---|
/// | `poll 42["a"]⏐6` | answer the poll with these packets |
/// | `poll! sessionUnknown` | refuse it |
/// | `read` `ok` `post! badRequest` | read the POST, answer it, refuse it |
/// | `101` `101 and close` `upgraded` | WebSocket taken, refused, in the place of polling |
/// | `ws 2` `ws #0102` | write a text, a binary message |
/// | `ws close` `ws drop` `ws 1009` | close the WebSocket |
/// | `got hi` `got #0102` | deliver |
/// | `closed(ping timeout)` `finished` | the end for the layer above, for the transport |
struct Connection {
    static let sid = "engine-io-sid-123456"
    static let separator = "⏐"

    var engine: EngineIOSession
    var now = Moment(milliseconds: 1_000_000)
    let settings: SocketSettings
    var actions: [EngineIOAction] = []

    init(_ transport: EngineIOTransport = .polling, wantsBase64: Bool = false, settings: SocketSettings = SocketSettings()) {
        self.settings = settings
        engine = EngineIOSession(
            sid: Self.sid, over: transport, wantsBase64: wantsBase64, settings: settings, at: now, into: &actions)
    }

    /// What was said since the last time.
    mutating func said() -> [String] {
        defer { actions = [] }
        return actions.map(Self.word)
    }

    mutating func rawActions() -> [EngineIOAction] {
        defer { actions = [] }
        return actions
    }

    // MARK: Facts, in the words of the tables

    mutating func poll() { engine.pollArrived(at: now, into: &actions) }
    mutating func pollAborted() { engine.pollAborted(into: &actions) }
    mutating func postBegan(isBinary: Bool = false) { engine.postBegan(isBinary: isBinary, into: &actions) }
    mutating func postEnded(_ body: String) { engine.postEnded(body.bytes, at: now, into: &actions) }
    mutating func postEnded(_ body: [UInt8]) { engine.postEnded(body, at: now, into: &actions) }
    mutating func postAborted() { engine.postAborted(into: &actions) }
    mutating func postTooLarge() { engine.postTooLarge(into: &actions) }

    /// A whole POST, unless it is refused when it begins.
    mutating func post(_ body: String) {
        postBegan()
        if actions.last == .readPost { postEnded(body) }
    }

    mutating func offer() { engine.webSocketOffered(at: now, into: &actions) }
    mutating func text(_ text: String) { engine.frame(text: text.bytes, at: now, into: &actions) }
    mutating func binary(_ bytes: [UInt8]) { engine.frame(binary: bytes, at: now, into: &actions) }
    mutating func webSocketClosed() { engine.webSocketClosed(into: &actions) }
    mutating func writable(_ isWritable: Bool) { engine.webSocketWritable(isWritable, into: &actions) }
    mutating func send(_ text: String) { engine.send(.text(text.bytes), into: &actions) }
    mutating func send(binary bytes: [UInt8]) { engine.send(.binary(bytes), into: &actions) }
    mutating func flush() { engine.flush(into: &actions) }
    mutating func close(_ reason: CloseReason = .forcedClose) { engine.close(reason, at: now, into: &actions) }

    /// Lets time pass, and sweeps once at the end.
    mutating func wait(_ milliseconds: Int) {
        now = now + milliseconds
        engine.tick(at: now, into: &actions)
    }

    // MARK: Words

    static func word(_ action: EngineIOAction) -> String {
        switch action {
        case .answerPoll(let body): "poll " + body.text.replacing("\u{1E}", with: separator)
        case .refusePoll(let refusal): "poll! \(refusal)"
        case .readPost: "read"
        case .answerPost: "ok"
        case .refusePost(let refusal): "post! \(refusal)"
        case .acceptWebSocket: "101"
        case .refuseWebSocket: "101 and close"
        case .write(let frame): "ws " + word(frame)
        case .closeWebSocket(.afterWrites): "ws close"
        case .closeWebSocket(.atOnce): "ws drop"
        case .closeWebSocket(.messageTooBig): "ws 1009"
        case .upgraded: "upgraded"
        case .deliver(.text(let text)): "got " + Array(text).text
        case .deliver(.binary(let bytes)): "got " + word(.binary(bytes))
        case .closed(let reason): "closed(\(reason.rawValue))"
        case .finished: "finished"
        }
    }

    static func word(_ frame: EngineIOFrame) -> String {
        switch frame {
        case .text(let bytes): bytes.text
        case .binary(let bytes): "#" + bytes.hex
        }
    }
}

extension String {
    var bytes: [UInt8] { Array(utf8) }
}

extension [UInt8] {
    var text: String { String(decoding: self, as: UTF8.self) }

    var hex: String {
        map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
