import StrictJSON
import Testing

@testable import SocketIO

/// What went wrong between real clients and servers of Socket.IO, each as a test.
@Suite struct SocketIOHazardTests {
    // MARK: Connecting

    @Test func `nothing precedes the answer to CONNECT`() {
        var client = Client()
        client.text("40")
        #expect(client.emit(SocketIOMessage("early")) == false)
        client.accept()
        client.emit(SocketIOMessage("connected"))
        #expect(client.said() == ["asked /", #"send 40{"sid":"s1"}"#, #"send 42["connected"]"#])
    }

    @Test func `two CONNECTs, as manager.socket() and connect() send them, do not close the connection`() {
        var client = Client()
        client.text("40{\"token\":\"t\"}")
        client.text("40{\"token\":\"t\"}")
        client.accept()
        client.text("40{\"token\":\"t\"}")
        #expect(client.said() == [#"asked / {"token":"t"}"#, #"send 40{"sid":"s1"}"#, #"send 40{"sid":"s1"}"#])
    }

    @Test func `an unknown namespace is refused in exactly these words, and the others go on`() {
        var client = Client.joined()
        client.text("40/random")
        client.text(#"42["still"]"#)
        #expect(client.said() == [#"send 44/random,{"message":"Invalid namespace"}"#, "event / still []"])
    }

    @Test func `CONNECT_ERROR is an object with a message, because the Java client reads nothing else`() {
        var client = Client()
        client.text("40")
        client.refuse()
        #expect(client.said().last == #"send 44{"data":{"code":"unauthorized"},"message":"not you"}"#)
        client.text("40")
        client.accept()
        #expect(client.session.sid(in: "/") == "s1", "the client may try again with another token")
    }

    @Test func `a connection without a namespace does not stay`() {
        var client = Client()
        client.wait(44_999)
        #expect(client.said() == [])
        client.wait(1)
        #expect(client.said() == ["close(forced server close)"])
    }

    @Test func `when the last namespace was left the timeout runs again, and the other one keeps the connection`() {
        var client = Client.joined()
        client.text("40/call,")
        client.accept("/call")
        client.text("41")
        client.wait(100_000)
        client.text("41/call,")
        #expect(client.session.nextDeadline == client.now + 45_000)
        client.wait(45_000)
        #expect(client.said().last == "close(forced server close)")
    }

    @Test func `somebody who tries token after token is closed`() {
        var client = Client()
        for _ in 0..<SocketIOLimits.refusalsMax {
            client.text("40{\"token\":\"guess\"}")
            client.refuse()
        }
        #expect(client.said().last == "close(too many requests)")
    }

    // MARK: Events

    @Test func `what a dismissed client had already sent closes nothing`() {
        var client = Client.joined()
        client.text("40/call,")
        client.accept("/call")
        client.disconnect("/call")
        _ = client.said()
        client.text(#"42/call,["initiate-call",{}]"#)
        client.text(#"451-/call,["b",{"_placeholder":true,"num":0}]"#)
        client.binary([1])
        client.text("41/call,")
        client.text(#"42["heartbeat"]"#)
        #expect(client.said() == ["event / heartbeat []"])
    }

    @Test func `an event whose JSON we do not read is reported with its ack id, and can be answered`() {
        var client = Client.joined()
        client.text(#"423["call:initiate",{"receiverId":"a","receiverId":"b"}]"#)
        client.answer(3, [["success": false]])
        #expect(client.said() == ["unreadable / /1/receiverId ack 3", #"send 433[{"success":false}]"#])
    }

    @Test func `attachments of an unreadable event are swallowed with it`() {
        var client = Client.joined()
        client.text(#"451-["e",{"_placeholder":true,"num":0},"\u0000"]"#)
        client.binary([1])
        client.text(#"42["next"]"#)
        #expect(client.said() == ["unreadable / /2", "event / next []"])
    }

    @Test func `a number as name is the event of its digits`() {
        var client = Client.joined()
        client.text(#"42[5,"a"]"#)
        client.text(#"42[5.0]"#)
        #expect(client.said() == [#"event / 5 ["a"]"#, "event / 5 []"])
    }

    @Test func `the client's own placeholder in a text event is left as it is`() {
        var client = Client.joined()
        client.text(#"42["e",{"_placeholder":true,"num":3}]"#)
        #expect(client.said() == [#"event / e [{"_placeholder":true,"num":3}]"#])
    }

    // MARK: Acknowledgements

    @Test func `an event is answered at most once, also under ids that repeat`() {
        var client = Client.joined()
        client.text(#"421["a"]"#)
        client.text(#"421["b"]"#)
        let answers = [client.answer(1), client.answer(1), client.answer(1), client.answer(1, in: "/call")]
        #expect(answers == [true, true, false, false])
    }

    @Test func `an answer after the client left the namespace goes nowhere`() {
        var client = Client.joined()
        client.text(#"421["a"]"#)
        client.text("41")
        client.text("40")
        client.accept()
        #expect(client.answer(1) == false)
    }

    @Test func `ack ids stay below 2^31 and begin again, passing over those still awaited`() {
        var client = Client.joined()
        client.emit(SocketIOMessage("first"), token: 1, within: 100_000)
        client.session.nextID = UInt32(Int32.max)
        client.emit(SocketIOMessage("last"), token: 2)
        client.emit(SocketIOMessage("again"), token: 3)
        #expect(client.said() == [#"send 420["first"]"#, #"send 422147483647["last"]"#, #"send 421["again"]"#])
        client.text("431[]")
        client.text("430[\"x\"]")
        #expect(client.said() == ["acknowledged 3 []", #"acknowledged 1 ["x"]"#])
    }

    @Test func `an acknowledgement counts once, in its namespace only`() {
        var client = Client.joined()
        client.text("40/call,")
        client.accept("/call")
        client.emit(SocketIOMessage("a"), token: 1)
        _ = client.said()
        client.text("43/call,0[]")
        client.text("430[1]")
        client.text("430[2]")
        #expect(client.said() == ["acknowledged 1 [1]"])
    }

    @Test func `an acknowledgement without anything, or with JSON we do not read, still says that the event arrived`() {
        var client = Client.joined()
        for token in UInt64(1)...2 { client.emit(SocketIOMessage("a"), token: token) }
        _ = client.said()
        client.text("430")
        client.text(#"431["\ud800"]"#)
        #expect(client.said() == ["acknowledged 1 []", "acknowledged 2 []"])
    }

    @Test func `an acknowledgement that does not come in time is given up, and a late one ignored`() {
        var client = Client.joined()
        client.emit(SocketIOMessage("a"), token: 1, within: 3000)
        client.emit(SocketIOMessage("a"), token: 2, within: 5000)
        _ = client.said()
        #expect(client.session.nextDeadline == client.now + 3000)
        client.wait(2999)
        client.wait(1)
        client.text("430[]")
        #expect(client.said() == ["unacknowledged 1"])
        #expect(client.session.nextDeadline == client.now + 2000)
    }

    @Test func `awaited acknowledgements have a bound`() {
        var client = Client.joined()
        let sent = (0...SocketIOLimits.awaitedAcknowledgementsMax).map { client.emit(SocketIOMessage("a"), token: UInt64($0)) }
        #expect(sent.last == false && sent.count { $0 } == SocketIOLimits.awaitedAcknowledgementsMax)
    }

    @Test func `a client with too many unanswered requests is closed`() {
        var client = Client.joined()
        for id in 0..<SocketIOLimits.owedAcknowledgementsMax { client.text("42\(id)[\"a\"]") }
        #expect(client.session.isOpen)
        client.text(#"429999["a"]"#)
        #expect(client.said().last == "close(too many requests)")
    }

    // MARK: Binary

    @Test func `binary events and acks come and go with their attachments in order`() {
        var client = Client.joined()
        client.text(#"452-7["up",{"_placeholder":true,"num":0},{"a":{"_placeholder":true,"num":1}}]"#)
        client.binary([1, 2])
        client.binary([])
        client.emit(SocketIOMessage("down", [SocketIOPlaceholder.value(0)], attachments: [[9]]), token: 5)
        client.text(#"461-0[{"_placeholder":true,"num":0}]"#)
        client.binary([8])
        #expect(
            client.said() == [
                #"event / up [{"_placeholder":true,"num":0},{"a":{"_placeholder":true,"num":1}}] #0102 # ack 7"#,
                #"send 451-0["down",{"_placeholder":true,"num":0}]"#, "send #09",
                #"acknowledged 5 [{"_placeholder":true,"num":0}] #08"#,
            ])
        var actions: [SocketIOAction] = []
        client.session.answer(7, [SocketIOPlaceholder.value(0)], attachments: [[1]], into: &actions)
        #expect(actions.map(Client.word) == [#"send 461-7[{"_placeholder":true,"num":0}]"#, "send #01"])
    }

    @Test func `attachments have a bound in bytes and in time`() {
        let settings = SocketSettings(attachmentBytesMax: 4)
        var client = Client(settings: settings)
        client.text("40")
        client.accept()
        let header = #"452-["e",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#
        client.text(header)
        client.binary([1, 2, 3])
        client.binary([4])
        #expect(client.said().last?.hasPrefix("event / e") == true)
        client.text(header)
        #expect(client.session.nextDeadline == client.now + 10_000)
        client.binary([1, 2, 3, 4])
        client.binary([5])
        #expect(client.said().last == "close(parse error)")
    }

    @Test func `eleven attachments are one too many`() {
        var client = Client.joined()
        client.text("4510-[\"e\"" + (0..<10).map { ",{\"_placeholder\":true,\"num\":\($0)}" }.joined() + "]")
        for _ in 0..<10 { client.binary([0]) }
        #expect(client.said().count == 1)
        client.text("4511-[\"e\"" + (0..<11).map { ",{\"_placeholder\":true,\"num\":\($0)}" }.joined() + "]")
        #expect(client.said().last == "close(parse error)")
    }

    // MARK: The end

    @Test func `close makes clients come back, disconnect keeps them out`() {
        var kept = Client.joined()
        kept.disconnect()
        #expect(kept.said() == ["send 41", "left / (server namespace disconnect)"])
        var back = Client.joined()
        back.close(.serverShuttingDown)
        #expect(back.said() == ["left / (server shutting down)", "close(server shutting down)"])
    }

    @Test func `the end of Engine.IO ends every namespace once, with its reason`() {
        var client = Client.joined()
        client.emit(SocketIOMessage("a"), token: 1)
        _ = client.said()
        client.engineClosed(.pingTimeout)
        client.engineClosed(.transportClose)
        #expect(client.said() == ["unacknowledged 1", "left / (ping timeout)"])
    }
}
