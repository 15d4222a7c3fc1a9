import SocketIO
import StrictJSON
import Testing

/// What went wrong between real clients and servers of Engine.IO, each as a test.
@Suite struct EngineIOHazardTests {
    // MARK: Opening

    @Test(arguments: [EngineIOTransport.polling, .websocket])
    func `the handshake has exactly the five members that the official suite knows`(transport: EngineIOTransport) throws {
        var connection = Connection(transport)

        let said = try #require(connection.said().first)

        let text = try #require(said.split(separator: " ", maxSplits: 1).last)
        #expect(text.hasPrefix("0"))
        let value = try JSONValue.parse(String(text.dropFirst()), limits: JSONLimits(bytesMax: 1000))
        #expect(
            value == [
                "sid": .string(Connection.sid), "upgrades": transport == .polling ? ["websocket"] : [], "pingInterval": 25000,
                "pingTimeout": 20000, "maxPayload": 1_000_000,
            ])
    }

    // MARK: Polling

    @Test func `an answer to a poll never holds more than 16 packets, because python-engineio refuses more`() {
        var connection = Connection()
        for number in 0..<40 { connection.send("4\(number)") }
        _ = connection.said()

        var sizes: [Int] = []
        for _ in 0..<3 {
            connection.poll()
            sizes.append(connection.said()[0].split(separator: Connection.separator).count)
        }

        #expect(sizes == [16, 16, 8])
        #expect(connection.engine.pendingBytes == 0)
    }

    @Test(arguments: [0, 1, 14, 15, 16, 17, 31, 32, 33])
    func `the 1 of a server that closes stays within the 16 packets, and comes last`(pending: Int) {
        var connection = Connection()
        for number in 0..<pending { connection.send("4\(number)") }
        connection.close()
        var packets: [String] = []
        while connection.engine.nextDeadline != nil {
            _ = connection.said()
            connection.poll()
            let answer = connection.said()[0].dropFirst(5).split(separator: Connection.separator).map(String.init)
            #expect(answer.count <= 16)
            packets += answer
        }

        #expect(packets == (0..<pending).map { "4\($0)" } + ["1"])
    }

    @Test func `an answer to a poll has a bound in bytes, but a packet that is larger alone still leaves`() {
        var connection = Connection()
        let half = String(repeating: "x", count: SocketIOLimits.pollBytesMax / 2)
        connection.send("4" + half)
        connection.send("4" + half)
        _ = connection.said()

        connection.poll()
        connection.poll()

        #expect(connection.said().map(\.utf8.count) == [6 + half.count, 6 + half.count])
    }

    @Test func `a POST may hold any number of packets: the JavaScript client sends 300 after it was offline`() {
        var connection = Connection()
        _ = connection.said()
        connection.post((0..<300).map { "4\($0)" }.joined(separator: "\u{1E}"))
        #expect(connection.said() == ["read"] + (0..<300).map { "got \($0)" } + ["ok"])
    }

    @Test func `packets sent together arrive together`() {
        var connection = Connection()
        connection.poll()
        _ = connection.said()
        connection.send("4a")
        connection.send("4b")
        connection.flush()
        connection.flush()
        #expect(connection.said() == ["poll 4a⏐4b"])
    }

    @Test func `a POST over the limit is refused, and the session lives on`() {
        var connection = Connection()
        _ = connection.said()
        connection.postBegan()
        connection.postEnded([UInt8](repeating: UInt8(ascii: "4"), count: 1_000_001))
        connection.postBegan()
        connection.postTooLarge()
        connection.post("4" + String(repeating: "x", count: 999_999))
        let said = connection.said()
        #expect(said.prefix(4) == ["read", "post! payloadTooLarge", "read", "post! payloadTooLarge"])
        #expect(said.last == "ok" && connection.engine.isOpen)
    }

    // MARK: The upgrade

    @Test func `every poll is released while the client prepares the upgrade, not only the first`() {
        var connection = Connection()
        connection.poll()
        connection.offer()
        connection.text("2probe")
        connection.poll()
        connection.poll()
        #expect(Array(connection.said().dropFirst()) == ["101", "ws 3probe", "poll 6", "poll 6", "poll 6"])
    }

    @Test func `nothing is lost or reordered across the upgrade`() {
        var connection = Connection()
        connection.send("4a")
        connection.offer()
        connection.text("2probe")
        connection.send("4b")
        connection.poll()
        connection.send("4c")
        connection.send(binary: [7])
        connection.post("4from polling")
        connection.text("5")
        connection.send("4d")
        connection.flush()
        #expect(
            Array(connection.said().dropFirst()) == [
                "101", "ws 3probe", "poll 4a⏐4b", "read", "got from polling", "ok", "upgraded", "ws 4c", "ws #07", "ws 4d",
            ])
    }

    @Test func `a POST that was being read when the upgrade completed is still taken`() {
        var connection = Connection()
        connection.offer()
        connection.text("2probe")
        connection.postBegan()
        connection.text("5")
        connection.postEnded("4late")
        #expect(connection.said().suffix(3) == ["upgraded", "got late", "ok"])
    }

    @Test func `after the upgrade the sid is worth nothing over HTTP, nor for a second WebSocket`() {
        var connection = Connection()
        connection.offer()
        connection.text("2probe")
        connection.text("5")
        _ = connection.said()
        connection.poll()
        connection.postBegan()
        connection.offer()
        connection.text("4still here")
        #expect(connection.said() == ["poll! badRequest", "post! badRequest", "101 and close", "got still here"])
    }

    @Test func `an upgrade that is not completed in time costs the WebSocket, not the session`() {
        var connection = Connection()
        connection.poll()
        connection.offer()
        connection.wait(9_999)
        #expect(Array(connection.said().dropFirst()) == ["101"])
        connection.wait(1)
        #expect(connection.said() == ["ws close"])
        connection.offer()
        connection.text("2probe")
        connection.text("5")
        connection.wait(14_999)
        #expect(connection.said() == ["101", "ws 3probe", "poll 6", "upgraded"])
        connection.wait(1)
        #expect(connection.said() == ["ws 2"])
    }

    @Test func `a ping that left by polling may be answered on the WebSocket`() {
        var connection = Connection()
        connection.poll()
        connection.wait(25_000)
        connection.offer()
        connection.text("2probe")
        connection.text("5")
        connection.text("3")
        connection.wait(20_000)
        connection.wait(5_000)
        #expect(Array(connection.said().dropFirst()) == ["poll 2", "101", "ws 3probe", "upgraded", "ws 2"])
    }

    @Test func `a server that closes during the upgrade tells a client that has stopped polling`() {
        var connection = Connection()
        connection.offer()
        connection.text("2probe")
        connection.close(.serverShuttingDown)
        connection.text("5")
        #expect(
            connection.said().suffix(4) == ["closed(server shutting down)", "upgraded", "ws close", "finished"])
    }

    // MARK: Heartbeat

    @Test func `a ping each interval, and the pong puts the next one off`() {
        var connection = Connection(.websocket)
        _ = connection.said()
        for _ in 0..<3 {
            connection.wait(24_999)
            #expect(connection.said() == [])
            connection.wait(1)
            connection.wait(1)
            #expect(connection.said() == ["ws 2"])
            connection.now = connection.now + 9_999
            connection.text("3")
            #expect(connection.engine.nextDeadline == connection.now + 25_000)
        }
    }

    @Test func `a client that does not answer the ping is gone after interval and timeout, whatever else it sends`() {
        var connection = Connection(.websocket)
        _ = connection.said()
        connection.wait(25_000)
        connection.text("4I am here")
        connection.wait(19_999)
        #expect(connection.said() == ["ws 2", "got I am here"])
        connection.wait(1)
        #expect(connection.said() == ["ws drop", "closed(ping timeout)", "finished"])
    }

    @Test func `a poll after the ping timeout is refused, even before the sweep came by`() {
        var connection = Connection()
        connection.wait(25_900)
        connection.now = connection.now + 19_099
        connection.poll()
        connection.now = connection.now + 1
        #expect(Array(connection.said().dropFirst()) == ["poll 2"])

        var silent = Connection()
        silent.wait(25_900)
        silent.now = silent.now + 19_100
        silent.poll()
        #expect(Array(silent.said().dropFirst()) == ["closed(ping timeout)", "finished", "poll! sessionUnknown"])
    }

    @Test func `after a stall of the whole process every client has its full time to answer`() {
        var connection = Connection(.websocket)
        connection.wait(300_000)
        connection.wait(19_999)
        connection.text("3")
        #expect(Array(connection.said().dropFirst()) == ["ws 2"])
        #expect(connection.engine.isOpen)
    }

    @Test func `a pong that nobody asked for changes nothing`() {
        var connection = Connection(.websocket)
        let deadline = connection.engine.nextDeadline
        connection.now = connection.now + 20_000
        for _ in 0..<1000 { connection.text("3") }
        #expect(connection.engine.nextDeadline == deadline)
        #expect(connection.said().count == 1)
    }

    @Test func `the pace of the official suite is possible`() {
        let settings = SocketSettings(pingIntervalMilliseconds: 300, pingTimeoutMilliseconds: 200, connectTimeoutMilliseconds: 1000)
        var connection = Connection(.websocket, settings: settings)
        connection.wait(300)
        connection.text("3")
        connection.wait(300)
        connection.wait(200)
        #expect(Array(connection.said().dropFirst()) == ["ws 2", "ws 2", "ws drop", "closed(ping timeout)", "finished"])
    }

    // MARK: Slow readers and large messages

    @Test func `X17 a reader that is too slow is dropped: packets`() {
        let settings = SocketSettings(pendingPacketsMax: 3)
        var connection = Connection(.websocket, settings: settings)
        connection.writable(false)
        for _ in 0..<3 { connection.send("4a") }
        #expect(connection.said().count == 1 && connection.engine.isOpen)
        connection.send("4one more")
        connection.send("4and another")
        #expect(connection.said() == ["ws drop", "closed(slow reader)", "finished"])
        #expect(connection.engine.pendingBytes == 0)
    }

    @Test func `X17 a reader that is too slow is dropped: bytes, and without a poll`() {
        var connection = Connection(settings: SocketSettings(pendingBytesMax: 10))
        connection.send("4234")
        connection.send("423456")
        #expect(connection.engine.pendingBytes == 10)
        connection.send("4")
        #expect(connection.said().suffix(2) == ["closed(slow reader)", "finished"])
    }

    @Test func `X17 ten thousand events for one slow reader stay within the bound`() {
        var connection = Connection(.websocket)
        connection.writable(false)
        var most = 0
        for _ in 0..<10_000 {
            connection.send("42[\"call:incoming\",{\"callId\":\"0123456789\"}]")
            most = max(most, connection.engine.pendingBytes)
        }
        #expect(most <= SocketIOLimits.pendingBytesMax && connection.said().last == "finished")
    }

    @Test func `what was held back leaves in order when the WebSocket takes more`() {
        var connection = Connection(.websocket)
        _ = connection.said()
        connection.writable(false)
        connection.send("4a")
        connection.send("4b")
        connection.writable(true)
        connection.send("4c")
        #expect(connection.said() == ["ws 4a", "ws 4b", "ws 4c"])
    }

    @Test func `X19 a message over the limit closes with 1009, on the WebSocket of an upgrade only that`() {
        let large = [UInt8](repeating: UInt8(ascii: "4"), count: 1_000_001)
        var connection = Connection(.websocket)
        connection.binary(large)
        #expect(Array(connection.said().dropFirst()) == ["ws 1009", "closed(transport error)", "finished"])

        var upgrading = Connection()
        upgrading.offer()
        upgrading.engine.frame(text: large, at: upgrading.now, into: &upgrading.actions)
        #expect(Array(upgrading.said().dropFirst()) == ["101", "ws 1009"])
        #expect(upgrading.engine.isOpen)
    }

    @Test func `a client that cannot read binary frames gets base64 on the WebSocket, too`() {
        var connection = Connection(.websocket, wantsBase64: true)
        _ = connection.said()
        connection.send(binary: [1, 2, 3, 4])
        connection.writable(false)
        connection.send(binary: [1])
        connection.writable(true)
        connection.text("bAQID")
        #expect(connection.said() == ["ws bAQIDBA==", "ws bAQ==", "got #010203"])
    }

    @Test func `a closed polling session that nobody polls is given up after 30 seconds`() {
        var connection = Connection()
        connection.close()
        connection.wait(29_999)
        #expect(connection.said().last == "closed(forced close)")
        connection.wait(1)
        #expect(connection.said() == ["finished"])
    }
}
