import Calls
import Testing
import Vocabulary

@testable import Switchboard

@Suite struct CallHistoryTests {
    @Test func `C15 C12 I1 I2 I3 I4: 10,000 random histories go as one by one, and nothing of them is lost`() async throws {
        let scene = try await CallScene.open()
        let notebook = CallNotebook()
        try await scene.desk.attach(notebook)

        let transcripts = try await Self.live(0..<10_000, in: scene)

        let checks = try await Self.checks(transcripts, scene)
        Self.expectNone(checks.flatMap(\.faults))
        let calls = try await scene.allCalls()
        Self.expectNone(Self.faults(of: calls, checks) + Self.faults(of: notebook.told, checks))
        Self.expectNone(try await Self.faultsOfLiveCalls(scene, checks))
        Self.expectEverythingHappened(checks)
        let next = try await scene.restarted()
        #expect(try await next.allCalls() == calls, "what was answered is on the disk")
    }

    // MARK: Living

    /// Lives the histories, many at once.
    static func live(_ indices: Range<Int>, in scene: CallScene) async throws -> [CallTranscript] {
        try await withThrowingTaskGroup(of: [CallTranscript].self) { group in
            let lanes = 128
            for lane in 0..<lanes {
                group.addTask {
                    var transcripts: [CallTranscript] = []
                    for index in stride(from: indices.lowerBound + lane, to: indices.upperBound, by: lanes) {
                        transcripts.append(try await CallHistory(index: index).run(in: scene))
                    }
                    return transcripts
                }
            }
            var all: [CallTranscript] = []
            for try await transcripts in group { all += transcripts }
            return all.sorted { $0.index < $1.index }
        }
    }

    // MARK: Checking

    static func checks(_ transcripts: [CallTranscript], _ scene: CallScene) async throws -> [CallHistoryCheck] {
        var entries: [Int: [AuditEntry]] = [:]
        for row in try await scene.allAuditRows() {
            guard let request = row.entry.requestID?.split(separator: "."), let index = Int(request[0].dropFirst()) else { continue }
            entries[index, default: []].append(row.entry)
        }
        return transcripts.map { CallHistoryCheck($0, rows: entries[$0.index] ?? []) }
    }

    /// The store holds the calls of the models, and no others; and tokens were made for their own rooms only.
    static func faults(of calls: [Call], _ checks: [CallHistoryCheck]) -> [String] {
        var faults: [String] = []
        var expected: [String: CallModel.Line] = [:]
        for check in checks {
            for versions in check.model.calls.values { expected[versions[0].id] = versions.last }
        }
        if calls.count != expected.count { faults.append("the store keeps \(calls.count) calls, not \(expected.count)") }
        var rooms: [String: RoomName] = [:]
        for call in calls {
            let line = CallModel.Line(call)
            if expected[line.id] != line { faults.append("the store keeps \(line), not \(String(describing: expected[line.id]))") }
            rooms[line.id] = call.room
        }
        if Set(rooms.values).count != rooms.count { faults.append("two calls share a room") }
        for check in checks {
            for (call, room) in check.tokenRooms where rooms[call] != room { faults.append("a token of \(call) opens \(room)") }
        }
        return faults
    }

    /// Every version of every call was told once, to the right people, in order.
    static func faults(of told: [String: [[String?]]], _ checks: [CallHistoryCheck]) -> [String] {
        checks.flatMap { check in
            check.model.calls.values.compactMap { versions in
                let expected = versions.flatMap { CallModel.told($0) }
                let told = told[versions[0].id] ?? []
                return told == expected ? nil : "of \(versions[0].id) was told \(told), not \(expected)"
            }
        }
    }

    /// Nobody is in two live calls, and the store says of everybody in which one they are.
    static func faultsOfLiveCalls(_ scene: CallScene, _ checks: [CallHistoryCheck]) async throws -> [String] {
        var expected: [String: String] = [:]
        for check in checks { expected.merge(check.model.live) { first, _ in first } }
        var found: [String: String] = [:]
        var faults: [String] = []
        for call in try await scene.allCalls() where call.isLive {
            for party in call.parties where found.updateValue(call.id.text, forKey: party.user.text) != nil {
                faults.append("\(party.user) is in two live calls")
            }
        }
        if found != expected { faults.append("the live calls are not those of the models") }
        for (user, call) in expected.prefix(200) {
            let live = try await scene.house.store.liveCall(of: UserID(user), in: TenantID("acme"))
            if live?.id.text != call { faults.append("\(user) is said to be in \(String(describing: live?.id)), not in \(call)") }
        }
        return faults
    }

    static func expectNone(_ faults: [String]) {
        #expect(faults.isEmpty, "\(faults.count) faults: \(faults.prefix(5).joined(separator: "\n"))")
    }

    /// The histories are worth something only as long as they lead everywhere.
    static func expectEverythingHappened(_ checks: [CallHistoryCheck]) {
        var tally: [String: Int] = [:]
        for check in checks { tally.merge(check.tally, uniquingKeysWith: +) }
        let outcomes = [
            "call.place -> ringing", "call.place -> active", "call.place repeated", "call.place already_in_call", "call.place user_busy",
            "call.place call_exists", "call.place idempotency_mismatch", "call.accept -> active", "call.accept repeated",
            "call.accept wrong_party", "call.accept not_a_party", "call.accept not_found", "call.accept answered_elsewhere",
            "call.accept call_ended", "call.accept precondition_failed", "call.reject -> rejected", "call.reject repeated",
            "call.reject wrong_party", "call.reject call_not_ringing", "call.reject answered_elsewhere", "call.cancel -> cancelled",
            "call.cancel repeated", "call.cancel wrong_party", "call.cancel call_not_ringing", "call.end -> hung_up",
            "call.end -> cancelled", "call.end -> rejected", "call.end repeated", "call.expire -> missed", "call.expire -> time_limit",
            "call.expire repeated", "call.token done", "call.token call_not_active", "call.token answered_elsewhere",
            "call.token not_a_party", "call.token not_found", "in progress",
        ]
        for outcome in outcomes { #expect(tally[outcome, default: 0] >= 5, "\(outcome) hardly ever happened") }
    }
}
