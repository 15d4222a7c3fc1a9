import SocketIO
import StrictJSON
import Testing

@Suite struct SocketIOSessionTests {
    /// Where a client stands with the main namespace when the fact comes.
    enum Stand: String, CaseIterable, Sendable {
        case absent, asked, joined, owing, awaiting, assembling, dismissed, both, closed

        func client() -> Client {
            var client = self == .absent || self == .asked ? Client() : Client.joined()
            switch self {
            case .absent, .joined: break
            case .asked: client.text("40")
            case .owing: client.text(#"427["ask"]"#)
            case .awaiting: client.emit(SocketIOMessage("ring"), token: 99)
            case .assembling: client.text(#"452-["b",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]"#)
            case .dismissed: client.disconnect()
            case .both:
                client.text("40/call,")
                client.accept("/call", sid: "s2")
            case .closed: client.engineClosed()
            }
            _ = client.said()
            return client
        }
    }

    /// What can happen.
    enum Fact: String, CaseIterable, Sendable {
        case connect, connectAuth, connectOther, connectUnknown, connectArray, connectNull, connectUnreadable, disconnect, disconnectOther
        case disconnectPayload, event, eventAsking, eventBare, eventReserved, eventUnreadable, eventOther, binaryEvent, binaryNone
        case binaryUnused, acknowledgement, acknowledgementUnknown, acknowledgementObject, connectError, garbage, empty, brokenJSON
        case attachment, attachments, accept, refuse, emit, emitAsking, answer, answerTwice, dismiss, dismissOther, close, engineClosed
        case late, veryLate

        private static let facts: [Fact: String] = [
            .connect: "40", .connectAuth: #"40{"token":"t"}"#, .connectOther: "40/call", .connectUnknown: "40/call?a=b,",
            .connectArray: "40[]", .connectNull: "40null", .connectUnreadable: #"40{"a":1,"a":2}"#, .disconnect: "41",
            .disconnectOther: "41/call,", .disconnectPayload: "41{}", .event: #"42["hi",1]"#, .eventAsking: #"428["hi"]"#,
            .eventBare: "42", .eventReserved: #"42["disconnect"]"#, .eventUnreadable: #"429["hi","\u0000"]"#,
            .eventOther: #"42/call,["hi"]"#, .binaryEvent: #"451-3["b",{"_placeholder":true,"num":0}]"#, .binaryNone: #"450-["b"]"#,
            .binaryUnused: #"451-["b"]"#, .acknowledgement: #"430["yes"]"#, .acknowledgementUnknown: "4355[]",
            .acknowledgementObject: "430{}", .connectError: #"44{"message":"no"}"#, .garbage: "4abc", .empty: "4",
            .brokenJSON: #"42["hi""#,
        ]

        func happen(to client: inout Client) {
            if let text = Self.facts[self] { return client.text(text) }
            switch self {
            case .attachment: client.binary([1])
            case .attachments:
                client.binary([1])
                client.binary([2])
            case .accept: client.accept()
            case .refuse: client.refuse()
            case .emit: client.emit(SocketIOMessage("ring", [["id": 5]]))
            case .emitAsking: client.emit(SocketIOMessage("ring"), token: 100)
            case .answer: client.answer(7, [true])
            case .answerTwice:
                client.answer(7, [true])
                client.answer(7, [false])
            case .dismiss: client.disconnect()
            case .dismissOther: client.disconnect("/call")
            case .close: client.close()
            case .engineClosed: client.engineClosed(.pingTimeout)
            case .late: client.wait(3000)
            case .veryLate: client.wait(45_000)
            case .connect, .connectAuth, .connectOther, .connectUnknown, .connectArray, .connectNull, .connectUnreadable, .disconnect,
                .disconnectOther, .disconnectPayload, .event, .eventAsking, .eventBare, .eventReserved, .eventUnreadable, .eventOther,
                .binaryEvent, .binaryNone, .binaryUnused, .acknowledgement, .acknowledgementUnknown, .acknowledgementObject,
                .connectError, .garbage, .empty, .brokenJSON:
                Issue.record("a fact without its text")
            }
        }
    }

    @Test(arguments: Stand.allCases) func `every fact in every state comes out as the table says`(stand: Stand) {
        for fact in Fact.allCases {
            var client = stand.client()

            fact.happen(to: &client)

            let said = client.said() + Array(repeating: "no", count: client.saidNo())
            let cell = "\(stand) \(fact): " + (said.isEmpty ? "-" : said.joined(separator: ", "))
            #expect(SocketIOSessionTable.lines.contains(cell), "said: \(cell)")
        }
    }

    @Test func `the table holds one line for each pair and no other`() {
        let pairs = Set(SocketIOSessionTable.lines.map { $0.prefix { $0 != ":" } })
        let all = Stand.allCases.flatMap { stand in Fact.allCases.map { "\(stand) \($0)"[...] } }

        #expect(pairs == Set(all))
        #expect(SocketIOSessionTable.lines.count == all.count)
    }

    @Test(arguments: Stand.allCases, Fact.allCases)
    func `after the end nothing is said, and everything accepted has left once`(stand: Stand, fact: Fact) {
        var client = stand.client()
        let joinedBefore = ["/", "/call"].filter { client.session.sid(in: $0) != nil }
        fact.happen(to: &client)
        let joinedAfter = ["/", "/call"].filter { client.session.sid(in: $0) != nil }
        var said = client.said()
        client.close()
        said += client.said()
        client.engineClosed()
        for fact in Fact.allCases { fact.happen(to: &client) }

        #expect(client.said() == [])
        #expect(client.session.nextDeadline == nil && !client.session.isOpen)
        for namespace in Set(joinedBefore + joinedAfter) {
            #expect(said.count { $0.hasPrefix("left \(namespace) (") } == 1)
        }
        #expect(said.count { $0.hasPrefix("close(") } <= 1)
    }
}
