import SocketIO
import Testing

@Suite struct EngineIOSessionTests {
    /// Where a connection stands when the fact comes.
    enum Stand: String, CaseIterable, Sendable {
        case idle, waiting, posting, offered, offeredWaiting, probed, websocket, blocked, closing, closingProbed, closed

        func connection() -> Connection {
            var connection = Connection(Self.overWebSocket.contains(self) ? .websocket : .polling)
            switch self {
            case .idle, .websocket: break
            case .waiting: connection.poll()
            case .posting: connection.postBegan()
            case .offered: connection.offer()
            case .offeredWaiting:
                connection.poll()
                connection.offer()
            case .probed:
                connection.offer()
                connection.text("2probe")
            case .blocked:
                connection.writable(false)
                connection.send("4kept")
            case .closing:
                connection.send("4last")
                connection.close()
            case .closingProbed:
                connection.offer()
                connection.text("2probe")
                connection.send("4last")
                connection.close()
            case .closed:
                connection.close()
                connection.poll()
            }
            _ = connection.said()
            return connection
        }

        private static let overWebSocket: Set<Stand> = [.websocket, .blocked]
    }

    /// What can happen.
    enum Fact: String, CaseIterable, Sendable {
        case poll, pollAborted, postBegan, postBinary, postMessage, postClose, postPing, postPong, postUpgrade, postGarbage, postEmpty
        case postTooLarge, postAborted, offer, textMessage, textProbe, textUpgrade, textClose, textPing, textPong, textNoop, textGarbage
        case binary, webSocketClosed, writable, send, close, pingDue, pingDueTwice

        func happen(to connection: inout Connection) {
            switch self {
            case .poll: connection.poll()
            case .pollAborted: connection.pollAborted()
            case .postBegan: connection.postBegan()
            case .postBinary: connection.postBegan(isBinary: true)
            case .postMessage: connection.post("4hi")
            case .postClose: connection.post("1")
            case .postPing: connection.post("2")
            case .postPong: connection.post("3")
            case .postUpgrade: connection.post("5")
            case .postGarbage: connection.post("4hi\u{1E}abc")
            case .postEmpty: connection.post("")
            case .postTooLarge: connection.postTooLarge()
            case .postAborted: connection.postAborted()
            case .offer: connection.offer()
            case .textMessage: connection.text("4hi")
            case .textProbe: connection.text("2probe")
            case .textUpgrade: connection.text("5")
            case .textClose: connection.text("1")
            case .textPing: connection.text("2hi")
            case .textPong: connection.text("3")
            case .textNoop: connection.text("6")
            case .textGarbage: connection.text("abc")
            case .binary: connection.binary([1, 2])
            case .webSocketClosed: connection.webSocketClosed()
            case .writable: connection.writable(true)
            case .send:
                connection.send("4a")
                connection.send(binary: [1, 2, 3])
                connection.flush()
            case .close: connection.close(.serverShuttingDown)
            case .pingDue: connection.wait(25_000)
            case .pingDueTwice:
                connection.wait(25_000)
                connection.wait(20_000)
            }
        }
    }

    @Test(arguments: Stand.allCases) func `every fact in every state comes out as the table says`(stand: Stand) throws {
        for fact in Fact.allCases {
            var connection = stand.connection()

            fact.happen(to: &connection)

            let said = connection.said()
            let cell = "\(stand) \(fact): " + (said.isEmpty ? "-" : said.joined(separator: ", "))
            #expect(EngineIOSessionTable.lines.contains(cell), "said: \(cell)")
        }
    }

    @Test func `the table holds one line for each pair and no other`() {
        let pairs = Set(EngineIOSessionTable.lines.map { $0.prefix { $0 != ":" } })
        let all = Stand.allCases.flatMap { stand in Fact.allCases.map { "\(stand) \($0)"[...] } }

        #expect(pairs == Set(all))
        #expect(EngineIOSessionTable.lines.count == all.count)
    }

    @Test(arguments: Stand.allCases, Fact.allCases)
    func `whatever happens, closed and finished come once, in this order, and nothing after them`(stand: Stand, fact: Fact) {
        var connection = stand.connection()
        fact.happen(to: &connection)
        var said = connection.said()
        connection.close()
        connection.wait(25_000)
        connection.wait(25_000)
        said += connection.said()
        let wasClosed = [.closing, .closingProbed, .closed].contains(stand)
        #expect(said.count { $0.hasPrefix("closed(") } == (wasClosed ? 0 : 1))
        #expect(said.count { $0 == "finished" } == (stand == .closed ? 0 : 1))
        if let closed = said.firstIndex(where: { $0.hasPrefix("closed(") }), let finished = said.firstIndex(of: "finished") {
            #expect(closed < finished)
            #expect(!said[closed...].contains { $0.hasPrefix("got") })
        }
        #expect(connection.engine.nextDeadline == nil && connection.engine.pendingBytes == 0 && !connection.engine.isOpen)
    }
}
