import StrictJSON
import TestSupport
import Testing

@testable import SocketIO

/// Inputs that nobody thought of: nothing crashes, nothing grows, nothing is said after the end.
@Suite struct RandomInputTests {
    private static let pieces = [
        "0", "1", "2", "3", "4", "5", "6", "b", "2probe", "40", "41", "42", "43", "44", "45", "46", "1-", "2-", "10-", "99-", "-", "/",
        "/call,",
        ",", "0", "7", "12", "[", "]", "{", "}", "\"", "[\"e\"]", "[\"e\",1]", "{\"a\":1}", "{\"_placeholder\":true,\"num\":0}", "null",
        "\\",
        "\\u0000", "\u{1E}", "é", "\u{0}", "AQID", "==",
    ]

    private static func text(_ dice: inout SeededGenerator) -> String {
        (0..<Int.random(in: 0...6, using: &dice)).map { _ in pieces.randomElement(using: &dice) ?? "" }.joined()
    }

    private static func bytes(_ dice: inout SeededGenerator) -> [UInt8] {
        (0..<Int.random(in: 0...12, using: &dice)).map { _ in UInt8.random(in: 0...255, using: &dice) }
    }

    @Test func `any text is read or refused, and what was read is written the same`() throws {
        var dice = SeededGenerator(seed: 2)
        var readable = 0
        for _ in 0..<20_000 {
            let text = Bool.random(using: &dice) ? Self.text(&dice).bytes : Self.bytes(&dice)
            if let packet = try? EngineIOPacket(text: text[...]) {
                switch packet {
                case .message, .open, .ping, .pong: #expect(packet.frame == .text(text))
                case .binary, .close, .upgrade, .noop: break
                }
            }
            guard let packet = try? SocketIOPacket(text: text) else { continue }
            readable += 1
            guard case .text(let written) = packet.frame else { continue }
            #expect(try SocketIOPacket(text: written.dropFirst()) == packet)
        }
        #expect(readable > 200)
    }

    @Test func `packets of random content survive writing and reading`() throws {
        var dice = SeededGenerator(seed: 3)
        for _ in 0..<2_000 {
            let kind = try #require(SocketIOPacketKind.allCases.randomElement(using: &dice))
            var packet = SocketIOPacket(kind, namespace: Bool.random(using: &dice) ? "/" : "/call")
            let attachments = kind.isBinary ? Int.random(in: 0...10, using: &dice) : 0
            packet.attachmentCount = attachments
            switch kind {
            case .connect, .connectError: packet.payload = ["k": Self.value(&dice, depth: 3)]
            case .disconnect: break
            case .event, .binaryEvent:
                packet.id = Bool.random(using: &dice) ? UInt64.random(in: 0...9_007_199_254_740_991, using: &dice) : nil
                let stand = (0..<attachments).map(SocketIOPlaceholder.value).shuffled(using: &dice)
                packet.payload = .array(["e", Self.value(&dice, depth: 3)] + stand)
            case .acknowledgement, .binaryAcknowledgement:
                packet.id = UInt64.random(in: 0...1_000_000, using: &dice)
                packet.payload = .array((0..<attachments).map(SocketIOPlaceholder.value) + [Self.value(&dice, depth: 3)])
            }
            guard case .text(let written) = packet.frame else { continue }
            #expect(try SocketIOPacket(text: written.dropFirst()) == packet)
        }
    }

    private static func value(_ dice: inout SeededGenerator, depth: Int) -> JSONValue {
        switch Int.random(in: 0...(depth > 0 ? 6 : 4), using: &dice) {
        case 0: .null
        case 1: .bool(Bool.random(using: &dice))
        case 2: .integer(Int64.random(in: .min ... .max, using: &dice))
        case 3: .real(Double.random(in: -1e9...1e9, using: &dice))
        case 4: .string(String(text(&dice).filter { $0 != "\u{0}" }))
        case 5: .array((0..<3).map { _ in value(&dice, depth: depth - 1) })
        default: ["a": value(&dice, depth: depth - 1), "b": value(&dice, depth: depth - 1)]
        }
    }

    @Test(arguments: 0..<40) func `a connection under random facts keeps its promises`(seed: Int) {
        var dice = SeededGenerator(seed: UInt64(seed))
        let settings = SocketSettings(pendingPacketsMax: 20, pendingBytesMax: 2000)
        var connection = Connection(seed % 2 == 0 ? .polling : .websocket, settings: settings)
        var closed = 0
        var finished = 0
        _ = connection.said()
        for _ in 0..<3_000 {
            Self.randomFact(&connection, &dice)
            for action in connection.rawActions() {
                #expect(finished == 0 || Self.isRefusal(action), "after the end: \(action)")
                switch action {
                case .closed: closed += 1
                case .finished: finished += 1
                case .deliver: #expect(closed == 0)
                case .answerPoll, .refusePoll, .readPost, .answerPost, .refusePost, .acceptWebSocket, .refuseWebSocket, .write,
                    .closeWebSocket, .upgraded:
                    break
                }
            }
            #expect(connection.engine.pendingBytes <= 2000)
            #expect(connection.engine.queue.count <= 20)
            #expect(connection.engine.pendingBytes == connection.engine.queue.reduce(0) { $0 + $1.byteCount })
        }
        #expect(closed <= 1 && finished <= closed)
    }

    private static func isRefusal(_ action: EngineIOAction) -> Bool {
        switch action {
        case .refusePoll, .refusePost, .refuseWebSocket: true
        case .answerPoll, .readPost, .answerPost, .acceptWebSocket, .write, .closeWebSocket, .upgraded, .deliver, .closed, .finished: false
        }
    }

    /// Facts that keep a connection alive are more likely than those that end it.
    private static func randomFact(_ connection: inout Connection, _ dice: inout SeededGenerator) {
        switch Int.random(in: 0...400, using: &dice) {
        case 0...60: connection.poll()
        case 61...120: connection.send("4" + text(&dice))
        case 121...180: connection.flush()
        case 181...210: connection.text("3")
        case 211...240: connection.post("4hi\u{1E}3")
        case 241...260: connection.offer()
        case 261...280: connection.text("2probe")
        case 281...300: connection.text("5")
        case 301...320: connection.writable(Bool.random(using: &dice))
        case 321...340: connection.wait(Int.random(in: 0...5_000, using: &dice))
        case 341...360: connection.binary(bytes(&dice))
        case 361...380: connection.send(binary: bytes(&dice))
        case 381...390: connection.text(text(&dice))
        case 391: connection.post(text(&dice))
        case 392: connection.pollAborted()
        case 393: connection.webSocketClosed()
        case 394: connection.postBegan()
        case 395: connection.postEnded(bytes(&dice))
        case 396: connection.close()
        case 397: connection.postAborted()
        case 398: connection.postTooLarge()
        default: connection.text("4hi")
        }
    }

    @Test(arguments: 0..<40) func `a client under random messages keeps its promises`(seed: Int) {
        var dice = SeededGenerator(seed: UInt64(1000 + seed))
        var client = Client.joined()
        var joined: Set<String> = ["/"]
        for _ in 0..<2_000 {
            switch Int.random(in: 0...100, using: &dice) {
            case 0...5: client.text(Self.text(&dice))
            case 6...30: client.text(#"421["a"]"#)
            case 31...40: client.answer(1)
            case 41...50: client.emit(SocketIOMessage("a"), token: 1)
            case 51...60: client.text("43\(Int.random(in: 0...50, using: &dice))[]")
            case 61...65: client.text("40/call,")
            case 66...70: client.accept("/call")
            case 71: client.text("41/call,")
            case 72: client.disconnect("/call")
            case 73...76: client.text(#"451-["b",{"_placeholder":true,"num":0}]"#)
            case 77...80: client.binary([1])
            default: client.wait(Int.random(in: 0...2_000, using: &dice))
            }
            for action in client.rawActions() {
                if case .left(let namespace, _) = action { #expect(joined.remove(namespace) != nil) }
                if case .send(.text(let text)) = action, text.text.hasPrefix("40/call,") { joined.insert("/call") }
            }
            #expect(client.session.owed.count <= SocketIOLimits.owedAcknowledgementsMax)
            #expect(client.session.awaited.count <= SocketIOLimits.awaitedAcknowledgementsMax)
            #expect(client.session.isOpen || joined.isEmpty)
        }
    }

    // MARK: Size

    @Test func `an idle connection is small: the structs here, and one short array for its namespace`() {
        #expect(MemoryLayout<EngineIOSession>.size <= 80)
        #expect(MemoryLayout<SocketIOSession>.size <= 96)
        #expect(MemoryLayout<SocketIOSession.Membership>.stride <= 40)
    }

    @Test func `nothing is kept that was once sent, asked or answered`() {
        var client = Client.joined()
        client.text(#"421["a"]"#)
        client.answer(1)
        client.emit(SocketIOMessage("a"), token: 1)
        client.text("430[]")
        #expect(client.session.owed.capacity == 0 && client.session.awaited.capacity == 0 && client.session.assembly == nil)

        var connection = Connection()
        for _ in 0..<20 { connection.send("4a") }
        connection.poll()
        connection.poll()
        #expect(connection.engine.queue.capacity == 0)
    }
}
