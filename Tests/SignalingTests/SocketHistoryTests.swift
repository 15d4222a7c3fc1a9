import Calls
import Storage
import StrictJSON
import Switchboard
import Testing
import Vocabulary

@testable import Signaling

/// Stories of users who ask at both counters at once, checked against the one order that the audit log says they had.
@Suite(.timeLimit(.minutes(10))) struct SocketHistoryTests {
    private static let trios = 100
    private static let rounds = 20

    @Test func `C15 C12 I1 I3: 2,000 random histories at both counters go as one by one, and every socket knows how they ended`()
        async throws
    {
        let house = try await SocketHouse(.with { $0.presenceBroadcastUsersMax = 0 })
        let server = try await house.server()
        var trios: [Trio] = []
        for number in 0..<Self.trios { trios.append(try await Trio.open(number, in: house, server: server)) }
        for trio in trios { for socket in trio.sockets { _ = await socket.takeUnread() } }
        var ledger = CallLedger()
        var tally: [String: Int] = [:]
        for round in 0..<Self.rounds {
            var views = SocketViews()
            ledger.beginRound()
            let stories = trios.map { $0.story(round) }
            for reply in try await Self.atOnce(zip(trios, stories.map(\.first)), round) { views.take(reply) }
            // The rest comes a minute later, while the rings that nobody heard come to their end.
            house.clock.pass(60)
            async let endings: Void = house.desk.endOverdueCalls()
            for reply in try await Self.atOnce(zip(trios, stories.map(\.late)), round) {
                views.take(reply)
                if reply.request.sentAt != nil { #expect(reply.answer["code"] == "stale_request") }
            }
            await endings
            for isOver in [false, true] {
                if isOver { for trio in trios { try await trio.end() } }
                await house.settled()
                for row in try await house.rows(after: ledger.position) { try await ledger.take(row, in: house) }
                for trio in trios { await views.hear(trio) }
                views.compare(with: ledger, trios, isOver: isOver)
            }
            #expect(ledger.faults.isEmpty && views.faults.isEmpty, "\((ledger.faults + views.faults).prefix(5).joined(separator: "\n"))")
            if !(ledger.faults + views.faults).isEmpty { break }
            for call in try await house.store.liveCalls(page: PageRequest(after: nil, limit: 10)).items { Issue.record("\(call) lives") }
            tally.merge(ledger.takeTally(), uniquingKeysWith: +)
        }
        for trio in trios { for socket in trio.sockets { #expect(socket.faults == []) } }
        // The stories are worth something only as long as they lead everywhere.
        for outcome in [
            "call.place ringing", "call.place active", "call.place repeated", "call.place user_busy", "call.place already_in_call",
            "call.accept done", "call.accept repeated", "call.accept not_found", "call.accept call_ended", "call.accept answered_elsewhere",
            "call.accept wrong_party", "call.reject done", "call.cancel done", "call.cancel call_not_ringing", "call.end done",
            "call.expire done", "call.token done", "call.token call_not_active",
        ] { #expect(tally[outcome, default: 0] >= 20, "\(outcome) hardly ever happened") }
    }

    private static func atOnce(
        _ stories: some Sequence<(Trio, [Trio.Request])>, _ round: Int
    ) async throws -> [Trio.Reply] {
        try await withThrowingTaskGroup(of: [Trio.Reply].self) { group in
            for (trio, requests) in stories { group.addTask { try await trio.live(requests, round) } }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }
}

/// What calls are, said once more, one audit row after the other: it knows nothing of the rules of `Calls`.
struct CallLedger {
    enum Standing: Int { case unknown, ringing, active, ended }

    private(set) var standings: [String: Standing] = [:]
    private(set) var parties: [String: [String]] = [:]
    private(set) var faults: [String] = []
    /// The last row that was taken.
    private(set) var position: Int64?
    private var live: [String: String] = [:]
    private var tally: [String: Int] = [:]

    mutating func take(_ row: AuditRow, in house: SocketHouse) async throws {
        position = row.seq
        let entry = row.entry
        let (id, standing) = (entry.subject, standings[entry.subject] ?? .unknown)
        var outcome = entry.outcome
        switch (entry.operation, entry.outcome) {
        case (.placeCall, AuditEntry.done) where standing == .unknown:
            let call = try #require(try await house.store.call(CallID(id), of: TenantID("acme")))
            parties[id] = call.parties.map(\.user.text)
            for user in parties[id] ?? [] where live.updateValue(id, forKey: user) != nil { fault(row, "\(user) is in two live calls") }
            standings[id] = .ringing
            outcome = "ringing"
        case (.placeCall, AuditEntry.done), (.acceptCall, AuditEntry.done):
            expect(standing == .ringing, row)
            standings[id] = .active
            if entry.operation == .placeCall { outcome = "active" }
        case (.rejectCall, AuditEntry.done), (.cancelCall, AuditEntry.done): end(id, row, if: standing == .ringing)
        case (.endCall, AuditEntry.done), (.expireCall, AuditEntry.done): end(id, row, if: standing == .ringing || standing == .active)
        case (.mintCallToken, AuditEntry.done): expect(standing == .active, row)
        // A refused token has its row a little later: the call may have moved on.
        case (.mintCallToken, _): break
        case (_, "call_not_ringing"), (_, "answered_elsewhere"): expect(standing == .active, row)
        case (_, "call_ended"): expect(standing == .ended, row)
        case (_, "not_found"): expect(standing == .unknown, row)
        case (_, "already_in_call"): if case .user(let user) = entry.actor { expect(live[user.text] != nil, row) }
        case (_, "repeated"): expect(standing != .unknown, row)
        case _: break
        }
        tally["\(entry.operation.rawValue) \(outcome)", default: 0] += 1
    }

    /// All calls of the round before are over.
    mutating func beginRound() { (standings, parties) = ([:], [:]) }

    mutating func takeTally() -> [String: Int] {
        defer { tally = [:] }
        return tally
    }

    private mutating func end(_ id: String, _ row: AuditRow, if isPossible: Bool) {
        expect(isPossible, row)
        standings[id] = .ended
        for user in parties[id] ?? [] where live[user] == id { live[user] = nil }
    }

    private mutating func expect(_ isSo: Bool, _ row: AuditRow) { if !isSo { fault(row, "cannot be") } }

    private mutating func fault(_ row: AuditRow, _ what: String) {
        let entry = row.entry
        let standing = standings[entry.subject] ?? .unknown
        faults.append("\(row.seq) \(entry.operation.rawValue) \(entry.outcome) of \(entry.subject), which is \(standing): \(what)")
    }
}

/// What each socket was told and answered of the calls of one round.
struct SocketViews {
    typealias Standing = CallLedger.Standing

    private(set) var faults: [String] = []
    /// By trio and socket.
    private var known: [[Int]: [String: Standing]] = [:]
    private var told: [[Int]: [String: Standing]] = [:]

    mutating func take(_ reply: Trio.Reply) {
        guard reply.answer["success"] == true, let socket = reply.request.socket else { return }
        let standing: Standing
        switch reply.request.ask {
        case .place: standing = reply.answer["accepted"] == true ? .active : .ringing
        case .accept, .token: standing = .active
        case .reject, .cancel, .end: standing = .ended
        }
        note(standing, of: reply.call, at: [Self.trio(of: reply.call), socket])
    }

    /// What the trio's sockets have heard since they were asked last.
    mutating func hear(_ trio: Trio) async {
        for (index, socket) in trio.sockets.enumerated() {
            for heard in await socket.takeUnread() {
                guard let id = heard.payload["callId"]?.stringValue else { continue }
                if let join = heard.payload["join"], join["identity"] != .string(trio.users[Trio.owners[index]]) {
                    faults.append("\(trio.users) socket \(index) has a token of \(join["identity"] ?? .null)")
                }
                guard let standing = Self.standing(heard, in: socket.dialect) else { continue }
                let place = [trio.number, index]
                let before = told[place]?[id] ?? .unknown
                if standing.rawValue <= before.rawValue {
                    faults.append("socket \(place) hears \(heard.name) of \(id), which it knew \(before)")
                }
                told[place, default: [:]][id] = standing
                note(standing, of: id, at: place)
            }
        }
    }

    /// Everybody knows of every call of the round what it is now. Only of one that rings a caller's devices need not know.
    mutating func compare(with ledger: CallLedger, _ trios: [Trio], isOver: Bool) {
        for trio in trios {
            for (id, standing) in ledger.standings where Self.trio(of: id) == trio.number {
                if isOver, standing != .ended { faults.append("\(id) is \(standing) in the end") }
                guard let parties = ledger.parties[id] else { continue }
                for (index, owner) in Trio.owners.enumerated() {
                    let user = trio.users[owner]
                    guard parties.contains(user), standing != .ringing || parties[0] != user else { continue }
                    let view = known[[trio.number, index]]?[id] ?? .unknown
                    if view != standing { faults.append("\(user)'s socket \(index) knows \(id) as \(view), and it is \(standing)") }
                }
            }
        }
    }

    private mutating func note(_ standing: Standing, of call: String, at place: [Int]) {
        let before = known[place]?[call] ?? .unknown
        known[place, default: [:]][call] = standing.rawValue > before.rawValue ? standing : before
    }

    /// What an event says of its call; nil where it is about something else.
    private static func standing(_ heard: TestSocket.Heard, in dialect: Dialect) -> Standing? {
        switch dialect.serverNames.first(where: { $0.value == heard.name })?.key {
        case .incoming?: .ringing
        case .accepted?: .active
        case .cancelled? where heard.payload["reason"] == "answered_elsewhere": .active
        case .cancelled?, .rejected?, .timeout?, .ended?: .ended
        case .ringing?, .connected?, .error?, .busy?, .state?, .rejectConfirmed?, .rejectSuccess?, .userOnline?, .userOffline?, nil: nil
        }
    }

    /// Whose call it is: its id says so.
    private static func trio(of call: String) -> Int {
        call.dropFirst("trio-".count).prefix { $0 != "." }.reduce(0) { $0 * 10 + ($1.wholeNumberValue ?? 0) }
    }
}

extension SocketHouse {
    /// The audit rows that came after that one.
    func rows(after position: Int64?) async throws -> [AuditRow] {
        var (rows, next) = ([AuditRow](), position)
        while true {
            let page = try await store.auditRows(of: .tenant(TenantID("acme")), page: PageRequest(after: next, limit: 10_000))
            rows += page.items
            guard let last = page.items.last?.seq, page.next != nil else { return rows }
            next = last
        }
    }
}
