import SocketIO
import TestSupport
import Testing

@Suite struct EngineIOPacketTests {
    @Test(arguments: [
        ("0{}", EngineIOPacket.open("{}".bytes[...])), ("1", .close), ("1x", .close), ("2", .ping([])),
        ("2probe", .ping("probe".bytes[...])),
        ("3", .pong([])), ("3probe", .pong("probe".bytes[...])), ("4", .message([])), ("4hello", .message("hello".bytes[...])),
        ("4€", .message("€".bytes[...])), ("5", .upgrade), ("6", .noop), ("bAQIDBA==", .binary([1, 2, 3, 4])), ("b", .binary([])),
    ])
    func `every packet of the protocol is read`(text: String, packet: EngineIOPacket) throws {
        #expect(try EngineIOPacket(text: text.bytes[...]) == packet)
    }

    @Test(arguments: [("", SocketIOError.packetEmpty), ("abc", .packetTypeUnknown), ("7", .packetTypeUnknown), (" 4", .packetTypeUnknown)])
    func `anything else is refused`(text: String, error: SocketIOError) {
        #expect(throws: error) { try EngineIOPacket(text: text.bytes[...]) }
    }

    @Test(arguments: [
        EngineIOPacket.open("{}".bytes[...]), .close, .ping([]), .ping("probe".bytes[...]), .pong([]), .message("hé".bytes[...]), .upgrade,
        .noop,
    ])
    func `what is written reads back`(packet: EngineIOPacket) throws {
        guard case .text(let text) = packet.frame else { throw SocketIOError.packetEmpty }
        #expect(try EngineIOPacket(text: text[...]) == packet)
    }

    // MARK: Polling bodies

    @Test func `packets of a polling body stand between record separators, binary ones in base64`() throws {
        let frames: [EngineIOFrame] = [.text("4hello".bytes), .text("2".bytes), .text("4world".bytes), .binary([1, 2, 3, 4])]
        let body = EngineIOPayload.encode(frames)
        var read: [EngineIOPacket] = []
        try EngineIOPayload.decode(body) { read.append($0) }

        #expect(body.text == "4hello\u{1E}2\u{1E}4world\u{1E}bAQIDBA==")
        #expect(read == [.message("hello".bytes[...]), .ping([]), .message("world".bytes[...]), .binary([1, 2, 3, 4])])
    }

    @Test(arguments: ["", "4a\u{1E}", "\u{1E}4a", "4a\u{1E}\u{1E}4b", "4a\u{1E}x", "4a\u{1E}b***"])
    func `a body with a piece that is no packet is refused, after the packets before it`(body: String) {
        var read: [EngineIOPacket] = []
        #expect(throws: SocketIOError.self) { try EngineIOPayload.decode(body.bytes) { read.append($0) } }
        #expect(read == (body.hasPrefix("4a") ? [.message("a".bytes[...])] : []))
    }

    @Test func `binary of every length survives a polling body`() throws {
        var dice = SeededGenerator(seed: 1)
        for count in 0...100 {
            let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: dice.next()) }
            let body = EngineIOPayload.encode([.binary(bytes), .text("6".bytes)])
            var read: [EngineIOPacket] = []
            try EngineIOPayload.decode(body) { read.append($0) }
            #expect(read == [.binary(bytes), .noop])
        }
    }

    @Test(arguments: ["bAQ", "bAQI", "bAQ==", "bAQI=", "bAQID\r\nBAUG", "bAQIDBA==\n"])
    func `base64 without padding or with line breaks is read, as some clients write it`(text: String) throws {
        guard case .binary(let bytes) = try EngineIOPacket(text: text.bytes[...]) else { throw SocketIOError.packetEmpty }
        #expect(bytes == Array([1, 2, 3, 4, 5, 6].prefix(bytes.count)) && !bytes.isEmpty)
    }

    @Test(arguments: ["bA", "bAQIDA", "bAQ=", "bAQ=A", "bA===", "b====", "bAQ-_", "bAQ I"])
    func `what is no base64 is refused`(text: String) {
        #expect(throws: SocketIOError.base64Malformed) { try EngineIOPacket(text: text.bytes[...]) }
    }

    // MARK: Requests

    @Test(arguments: [
        ("EIO=4&transport=polling", "GET", false, nil, "polling"),
        ("EIO=4&transport=websocket", "GET", true, nil, "websocket"),
        ("EIO=4&transport=polling&t=abc&b64=1", "GET", false, nil, "polling"),
        ("EIO=4&transport=polling&sid=x", "GET", false, EngineIOTransport.polling, "polling"),
        ("EIO=4&transport=polling&sid=x", "POST", false, .polling, "polling"),
        ("EIO=4&transport=websocket&sid=x", "GET", true, .polling, "websocket"),
        ("EIO=4&transport=websocket&sid=x", "GET", true, .websocket, "websocket"),
        ("EIO=4", "GET", false, nil, "transportUnknown"),
        ("EIO=4&transport=abc", "GET", false, nil, "transportUnknown"),
        ("EIO=4&transport=abc", "GET", true, nil, "transportUnknown"),
        ("", "GET", false, nil, "transportUnknown"),
        ("EIO=4&transport=polling&sid=x", "GET", false, nil, "sessionUnknown"),
        ("EIO=4&transport=polling&sid=", "GET", false, nil, "sessionUnknown"),
        ("EIO=4&transport=websocket&sid=x", "GET", true, nil, "sessionUnknown"),
        ("EIO=4&transport=polling&sid=x", "GET", false, .websocket, "badRequest"),
        ("EIO=4&transport=websocket&sid=x", "GET", false, .websocket, "badRequest"),
        ("EIO=4&transport=polling&sid=x", "GET", true, .polling, "badRequest"),
        ("EIO=4&transport=polling&sid=x", "PUT", false, .polling, "methodUnsupported"),
        ("EIO=4&transport=polling", "POST", false, nil, "badMethod"),
        ("EIO=4&transport=polling", "PUT", false, nil, "badMethod"),
        ("EIO=4&transport=polling", "HEAD", false, nil, "badMethod"),
        ("EIO=4&transport=websocket", "GET", false, nil, "badRequest"),
        ("EIO=4&transport=polling", "GET", true, nil, "badRequest"),
        ("transport=polling", "GET", false, nil, "versionUnsupported"),
        ("EIO=3&transport=polling", "GET", false, nil, "versionUnsupported"),
        ("EIO=abc&transport=websocket", "GET", true, nil, "versionUnsupported"),
        ("EIO=3&EIO=4&transport=polling", "GET", false, nil, "versionUnsupported"),
    ])
    func `requests are checked in the order of Engine.IO's own server`(
        query: String, method: String, isWebSocket: Bool, session: EngineIOTransport?, answer: String
    ) {
        do throws(EngineIORefusal) {
            let transport = try EngineIOQuery(query).check(method: method, isWebSocket: isWebSocket, session: session)
            #expect(transport.rawValue == answer)
        } catch {
            #expect("\(error)" == answer)
        }
    }

    @Test func `refusals have the numbers and words that clients know`() {
        let texts = EngineIORefusal.allCases.map { "\($0.status) \($0.body.text)" }
        #expect(
            texts == [
                #"400 {"code":0,"message":"Transport unknown"}"#, #"400 {"code":1,"message":"Session ID unknown"}"#,
                #"400 {"code":2,"message":"Bad handshake method"}"#, #"400 {"code":3,"message":"Bad request"}"#,
                #"403 {"code":4,"message":"Forbidden"}"#, #"400 {"code":5,"message":"Unsupported protocol version"}"#, "413 ", "500 ",
            ])
    }

    @Test func `only b64=1 and b64=true ask for texts instead of binary frames`() {
        #expect(EngineIOQuery("b64=1").wantsBase64 && EngineIOQuery("x=1&b64=true").wantsBase64)
        #expect(!EngineIOQuery("b64=0").wantsBase64 && !EngineIOQuery("").wantsBase64)
    }
}
