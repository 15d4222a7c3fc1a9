import SocketIO
import StrictJSON
import Testing

@Suite struct SocketIOPacketTests {
    private static let placeholder = SocketIOPlaceholder.value(0)

    @Test(arguments: [
        ("0", SocketIOPacket(.connect)),
        ("0{\"token\":\"123\"}", SocketIOPacket(.connect, payload: ["token": "123"])),
        ("0/custom,", SocketIOPacket(.connect, namespace: "/custom")),
        ("0/custom,{\"sid\":\"x\"}", SocketIOPacket(.connect, namespace: "/custom", payload: ["sid": "x"])),
        ("1", SocketIOPacket(.disconnect)),
        ("1/admin,", SocketIOPacket(.disconnect, namespace: "/admin")),
        ("2[\"hello\",1]", SocketIOPacket(.event, payload: ["hello", 1])),
        ("2/admin,456[\"project:delete\",123]", SocketIOPacket(.event, namespace: "/admin", id: 456, payload: ["project:delete", 123])),
        ("212[\"hello\"]", SocketIOPacket(.event, id: 12, payload: ["hello"])),
        ("20[\"hello\"]", SocketIOPacket(.event, id: 0, payload: ["hello"])),
        ("2[5,\"a\"]", SocketIOPacket(.event, payload: [5, "a"])),
        ("2[\"error\"]", SocketIOPacket(.event, payload: ["error"])),
        ("2", SocketIOPacket(.event)),
        ("212", SocketIOPacket(.event, id: 12)),
        ("3/admin,456[]", SocketIOPacket(.acknowledgement, namespace: "/admin", id: 456, payload: [])),
        ("313[true,{\"a\":null}]", SocketIOPacket(.acknowledgement, id: 13, payload: [true, ["a": nil]])),
        ("4{\"message\":\"Not authorized\"}", SocketIOPacket(.connectError, payload: ["message": "Not authorized"])),
        ("4/custom,\"Not authorized\"", SocketIOPacket(.connectError, namespace: "/custom", payload: "Not authorized")),
        (
            "51-[\"hello\",{\"_placeholder\":true,\"num\":0}]",
            SocketIOPacket(.binaryEvent, attachmentCount: 1, payload: ["hello", placeholder])
        ),
        (
            "51-/admin,456[\"hello\",{\"_placeholder\":true,\"num\":0}]",
            SocketIOPacket(.binaryEvent, namespace: "/admin", id: 456, attachmentCount: 1, payload: ["hello", placeholder])
        ),
        ("50-[\"hello\"]", SocketIOPacket(.binaryEvent, payload: ["hello"])),
        (
            "61-/admin,456[{\"_placeholder\":true,\"num\":0}]",
            SocketIOPacket(.binaryAcknowledgement, namespace: "/admin", id: 456, attachmentCount: 1, payload: [placeholder])
        ),
    ])
    func `every kind of packet is read and written`(text: String, packet: SocketIOPacket) throws {
        #expect(try SocketIOPacket(text: text.utf8) == packet)
        #expect(packet.frame == .text(("4" + text).bytes))
    }

    @Test(arguments: [
        ("0/custom", SocketIOPacket(.connect, namespace: "/custom")),
        ("0/,{}", SocketIOPacket(.connect, payload: [:])),
        ("2/,[\"a\"]", SocketIOPacket(.event, payload: ["a"])),
        ("0/custom?a=b,", SocketIOPacket(.connect, namespace: "/custom?a=b")),
        ("2[\"a\",{\"_placeholder\":true,\"num\":7}]", SocketIOPacket(.event, payload: ["a", ["_placeholder": true, "num": 7]])),
        ("2 [ \"a\" ] ", SocketIOPacket(.event, payload: ["a"])),
        ("2[\"a\",1e2,-0]", SocketIOPacket(.event, payload: ["a", 100.0, 0])),
        (
            "51-[\"a\",{\"x\":[{\"num\":0,\"_placeholder\":true}]}]",
            SocketIOPacket(.binaryEvent, attachmentCount: 1, payload: ["a", ["x": [["_placeholder": true, "num": 0]]]])
        ),
    ])
    func `what clients write differently is read all the same`(text: String, packet: SocketIOPacket) throws {
        #expect(try SocketIOPacket(text: text.utf8) == packet)
    }

    @Test(arguments: [
        ("", SocketIOError.packetEmpty), ("7", .packetTypeUnknown), ("abc", .packetTypeUnknown), ("/", .packetTypeUnknown),
        ("0[]", .payloadInvalid), ("0\"a\"", .payloadInvalid), ("0null", .payloadInvalid), ("1{}", .payloadInvalid),
        ("1[]", .payloadInvalid),
        ("2{}", .payloadInvalid), ("2[]", .payloadInvalid), ("2[null]", .payloadInvalid), ("2[{}]", .payloadInvalid),
        ("2[true]", .payloadInvalid), ("2\"a\"", .payloadInvalid), ("3{}", .payloadInvalid), ("31\"a\"", .payloadInvalid),
        ("4[]", .payloadInvalid), ("4null", .payloadInvalid),
        ("2[\"connect\"]", .payloadInvalid), ("2[\"connect_error\"]", .payloadInvalid), ("2[\"disconnect\"]", .payloadInvalid),
        ("2[\"disconnecting\"]", .payloadInvalid), ("2[\"newListener\"]", .payloadInvalid), ("2[\"removeListener\"]", .payloadInvalid),
        ("5", .attachmentCountMalformed), ("5[\"a\"]", .attachmentCountMalformed), ("5-[\"a\"]", .attachmentCountMalformed),
        ("51[\"a\"]", .attachmentCountMalformed), ("51", .attachmentCountMalformed), ("5-1-[\"a\"]", .attachmentCountMalformed),
        ("51.5-[\"a\"]", .attachmentCountMalformed), ("6x-[]", .attachmentCountMalformed),
        ("511-[\"a\"]", .attachmentsTooLarge), ("599999999999999999999999-[\"a\"]", .attachmentsTooLarge),
        ("51-[\"a\"]", .placeholderInvalid), ("51-", .placeholderInvalid),
        ("51-[\"a\",{\"_placeholder\":true,\"num\":1}]", .placeholderInvalid),
        ("51-[\"a\",{\"_placeholder\":true,\"num\":-1}]", .placeholderInvalid),
        ("51-[\"a\",{\"_placeholder\":true,\"num\":0.5}]", .placeholderInvalid),
        ("51-[\"a\",{\"_placeholder\":true,\"num\":\"0\"}]", .placeholderInvalid),
        ("51-[\"a\",{\"_placeholder\":true}]", .placeholderInvalid),
        ("51-[\"a\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":0}]", .placeholderInvalid),
        ("52-[\"a\",{\"_placeholder\":true,\"num\":0}]", .placeholderInvalid),
        ("50-[\"a\",{\"_placeholder\":true,\"num\":0}]", .placeholderInvalid),
        ("29007199254740992[\"a\"]", .acknowledgementIDInvalid), ("299999999999999999999[\"a\"]", .acknowledgementIDInvalid),
    ])
    func `what breaks the protocol is refused`(text: String, error: SocketIOError) {
        #expect(throws: error) { try SocketIOPacket(text: text.utf8) }
    }

    @Test(arguments: [
        "2[\"a\"", "2[\"a\"]x", "2[\"a\"][\"b\"]", "2[a]", "2['a']", "2[\"a\",]", "0{", "212x[\"a\"]",
    ])
    func `what is no JSON is told apart from a wrong shape`(text: String) {
        let error = #expect(throws: SocketIOError.self) { try SocketIOPacket(text: text.utf8) }
        if case .jsonMalformed = error { return }
        Issue.record("\(String(describing: error))")
    }

    @Test func `without a comma all of the rest is the namespace`() throws {
        #expect(try SocketIOPacket(text: "2/admin[\"a\"]".utf8) == SocketIOPacket(.event, namespace: "/admin[\"a\"]"))
    }

    @Test(arguments: [
        "2[\"a\",\"\\u0000\"]", "2[\"a\",\"\\ud800\"]", "2[\"a\",{\"b\":1,\"b\":2}]", "2[\"a\",123456789012345678901234567890]",
        "2[" + String(repeating: "[", count: 40) + String(repeating: "]", count: 40) + "]",
    ])
    func `JSON that this service does not read concerns one packet only`(text: String) {
        let error = #expect(throws: SocketIOError.self) { try SocketIOPacket(text: text.utf8) }
        if case .unreadable = error { return }
        Issue.record("\(String(describing: error))")
    }

    @Test func `a text that is not UTF-8 is refused, in JSON and in a namespace`() {
        #expect(throws: SocketIOError.self) { try SocketIOPacket(text: "2[\"".bytes + [0xC3, 0x28] + "\"]".bytes) }
        #expect(throws: SocketIOError.namespaceInvalid) { try SocketIOPacket(text: "0/".bytes + [0xFF] + ",".bytes) }
        let long = String(repeating: "n", count: SocketIOLimits.namespaceBytesMax)
        #expect(throws: SocketIOError.namespaceInvalid) { try SocketIOPacket(text: "0/\(long),".utf8) }
        #expect((try? SocketIOPacket(text: "0/\(long.dropLast()),".utf8)) != nil)
    }

    @Test func `the size of the JSON has a bound`() {
        let text = "2[\"" + String(repeating: "a", count: 100) + "\"]"
        #expect(throws: SocketIOError.jsonMalformed(.tooLarge(bytesMax: 103))) { try SocketIOPacket(text: text.utf8, bytesMax: 103) }
        #expect((try? SocketIOPacket(text: text.utf8, bytesMax: 104)) != nil)
    }

    @Test func `a placeholder knows its number`() {
        #expect(SocketIOPlaceholder.index(SocketIOPlaceholder.value(3)) == 3)
        #expect(SocketIOPlaceholder.index(["_placeholder": false, "num": 1]) == nil)
        #expect(SocketIOPlaceholder.index(["num": 1]) == nil && SocketIOPlaceholder.index("a") == nil)
    }

    @Test func `an event is encoded once, with a place for its id`() throws {
        var client = Client()
        client.text("40/call,")
        client.accept("/call")
        _ = client.said()
        let message = SocketIOMessage("x", ["é", ["b": 1, "a": 2]], namespace: "/call")

        client.emit(message)
        client.emit(message, token: 1)
        client.emit(message, token: 2)

        #expect(
            client.said() == [
                #"send 42/call,["x","é",{"a":2,"b":1}]"#, #"send 42/call,0["x","é",{"a":2,"b":1}]"#,
                #"send 42/call,1["x","é",{"a":2,"b":1}]"#,
            ])
    }

    @Test func `what stands before the JSON is read without the JSON, wherever the slice begins`() throws {
        let text = "42/call,17[\"x\",{"
        let header = try SocketIOHeader(text: Array(text.utf8).dropFirst())
        #expect(header.kind == .event && header.namespace == "/call" && header.id == 17)
        #expect(text.dropFirst().dropFirst(header.payloadOffset) == "[\"x\",{")
        #expect(throws: SocketIOError.packetEmpty) { try SocketIOHeader(text: []) }
        #expect(throws: SocketIOError.packetTypeUnknown) { try SocketIOHeader(text: Array("9[]".utf8)[...]) }
    }
}
