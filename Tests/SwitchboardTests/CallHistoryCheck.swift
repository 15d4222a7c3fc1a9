import Calls
import Tokens
import Vocabulary

@testable import Switchboard

/// Holds what was answered in a history, and what the audit log says of it, against the serial model.
///
/// Every request has one row, and the rows are in the order of the commits. So the model serves the requests in that order, and has to come
/// to the same outcome for the row and to the same answer for whoever asked. Tokens are made after the commit of an acceptance: their rows
/// come later, and at each of them the call has to be active.
struct CallHistoryCheck {
    private let transcript: CallTranscript
    private var exchanges: [String: (wave: Int, exchange: CallTranscript.Exchange)] = [:]
    private(set) var model = CallModel()
    private(set) var faults: [String] = []
    /// How often what came of what.
    private(set) var tally: [String: Int] = [:]
    /// The rooms that tokens were made for.
    private(set) var tokenRooms: [(call: String, room: RoomName)] = []

    private var wave = 0
    /// The model at the beginning of the wave, and after every change since.
    private var moments = [CallModel()]
    private var verdicts: [String: CallModel.Verdict] = [:]
    private var tokens: [String: [AuditEntry.Token]] = [:]
    private var refusedTokens: [String: String] = [:]

    init(_ transcript: CallTranscript, rows: [AuditEntry]) {
        self.transcript = transcript
        for (wave, of) in transcript.waves.enumerated() {
            for exchange in of { exchanges[exchange.request.id] = (wave, exchange) }
        }
        for row in rows { take(row) }
        while wave < transcript.waves.count { finishWave() }
    }

    private mutating func take(_ row: AuditEntry) {
        guard let (wave, exchange) = exchanges[row.requestID ?? ""] else { return fault("nobody asked for \(row)") }
        if wave < self.wave { fault("\(exchange.request.id) was answered before its row was written") }
        while self.wave < wave { finishWave() }
        let request = exchange.request
        if let token = row.token {
            takeToken(token, request)
        } else if row.operation == .mintCallToken {
            if refusedTokens.updateValue(row.outcome, forKey: request.id) != nil { fault("\(request.id) has two rows") }
            if request.ask != .token { return }
            if !moments.contains(where: { $0.tokenAnswer(request) == row.outcome }) {
                fault("\(request.id) was refused a token with \(row.outcome)")
            }
        } else {
            serve(request, exchange.reply, row)
        }
    }

    private mutating func serve(_ request: CallRequest, _ reply: CallReply, _ row: AuditEntry) {
        let verdict = model.serve(request, newID: reply.call?.id.text)
        if verdicts.updateValue(verdict, forKey: request.id) != nil { fault("\(request.id) has two rows") }
        let outcome: String
        switch verdict {
        case .done(let line):
            outcome = AuditEntry.done
            moments.append(model)
            count("\(request.operation.rawValue) -> \(line.ending.map { $0[0] ?? "" } ?? (line.isAccepted ? "active" : "ringing"))")
        case .repeated: outcome = "repeated"
        case .refused(let word): outcome = word
        }
        count("\(request.operation.rawValue) \(outcome)")
        if row.outcome != outcome { fault("\(request.id) \(request.ask): the log says \(row.outcome), the model \(outcome)") }
        if let subject = subject(of: request, verdict), row.subject != subject { fault("\(request.id) is logged about \(row.subject)") }
        if row.operation != request.operation { fault("\(request.id) is logged as \(row.operation)") }
        if row.actor.text != actor(of: request, row) { fault("\(request.id) is logged as asked by \(row.actor.text)") }
    }

    /// What the row has to be about; nil where only the service knows.
    private func subject(of request: CallRequest, _ verdict: CallModel.Verdict) -> String? {
        switch verdict {
        case .done(let line), .repeated(let line): line.id
        case .refused("idempotency_mismatch"): nil
        case .refused: request.isPlacing ? (request.bringsID ? request.call : nil) : model.current(request.call)?.id ?? request.call
        }
    }

    private func actor(of request: CallRequest, _ row: AuditEntry) -> String {
        switch request.ask {
        case .ringTimeout, .timeLimit: "service"
        case .place, .accept, .reject, .cancel, .end, .token:
            request.isByServer ? (row.actor.text.hasPrefix("key_") ? row.actor.text : "a key") : "user:\(request.user ?? "")"
        }
    }

    private mutating func takeToken(_ token: AuditEntry.Token, _ request: CallRequest) {
        tokens[request.id, default: []].append(token)
        guard let line = model.current(request.call), line.isActive else {
            return fault("\(request.id) made a token for a call that is not active")
        }
        tokenRooms.append((line.id, token.room))
        if ![line.caller, line.callee].contains(token.identity.text) { fault("\(request.id) made a token for \(token.identity)") }
        if request.ask == .token, model.tokenAnswer(request) != "done" { fault("\(request.id) may not have a token") }
    }

    // MARK: When a wave is answered

    private mutating func finishWave() {
        for exchange in transcript.waves[wave] {
            switch exchange.request.ask {
            case .token: checkToken(exchange)
            case .place, .accept, .reject, .cancel, .end, .ringTimeout, .timeLimit: checkReply(exchange)
            }
        }
        for look in transcript.looks where look.wave == wave {
            if model.current(look.id) != look.line { fault("after wave \(wave) \(look.id) was seen as \(String(describing: look.line))") }
        }
        moments = [model]
        wave += 1
    }

    private mutating func checkReply(_ exchange: CallTranscript.Exchange) {
        let (request, reply) = (exchange.request, exchange.reply)
        guard let verdict = verdicts[request.id] else {
            if request.isDeadline { return checkLateDeadline(exchange) }
            let hasTwin = transcript.waves[wave].contains { other in
                other.request.id != request.id && other.request.key == request.key && other.request.sender == request.sender
            }
            count("in progress")
            if reply.refusal != .idempotencyInProgress || !hasTwin { fault("\(request.id) has no row: \(reply)") }
            return
        }
        switch verdict {
        case .refused(let word):
            if reply.refusal != Self.refusal(word, request) { fault("\(request.id) was answered \(reply), not \(word)") }
        case .done(let line), .repeated(let line):
            if request.ask == .accept, tokens[request.id] == nil {
                count("call.accept came too late for tokens")
                if reply.refusal != .call(.callNotActive) { fault("\(request.id) has no tokens: \(reply)") }
                if refusedTokens[request.id] != "call_not_active" { fault("\(request.id) has no row for the refused tokens") }
                if model.current(line.id)?.isActive == true { fault("\(request.id) was refused tokens of an active call") }
                return
            }
            guard case .call(let call, let isNew, let joins) = reply, CallModel.Line(call) == line else {
                return fault("\(request.id) was answered \(reply), not \(line)")
            }
            if request.isPlacing, isNew != (line.version == 1 && (verdict == .done(line) || request.key != nil)) {
                fault("\(request.id) says new: \(String(describing: isNew))")
            }
            let expected = request.ask != .accept ? [] : request.isByServer ? [line.caller, line.callee] : [request.user ?? ""]
            checkTokens(request, joins, of: expected)
        }
    }

    /// A deadline that came when there was nothing left to end has no row: nobody asked for it.
    private mutating func checkLateDeadline(_ exchange: CallTranscript.Exchange) {
        count("call.expire repeated")
        let line = exchange.reply.call.map { CallModel.Line($0) }
        let isSeen = moments.contains { moment in
            var moment = moment
            return line.map { moment.serve(exchange.request, newID: nil) == .repeated($0) } ?? false
        }
        if !isSeen { fault("\(exchange.request.id) found nothing to end: \(exchange.reply)") }
    }

    private mutating func checkToken(_ exchange: CallTranscript.Exchange) {
        let (request, reply) = (exchange.request, exchange.reply)
        if let word = refusedTokens[request.id] {
            count("call.token \(word)")
            if tokens[request.id] != nil { fault("\(request.id) has a token and a refusal") }
            if reply.refusal != Self.refusal(word, request) { fault("\(request.id) was answered \(reply), not \(word)") }
        } else {
            count("call.token done")
            checkTokens(request, reply.joins, of: [request.user ?? ""])
        }
    }

    /// What was handed out is what the log says, in the same order, each token to the room of the call.
    private mutating func checkTokens(_ request: CallRequest, _ joins: [Join], of users: [String]) {
        let logged = tokens[request.id] ?? []
        if logged.map(\.identity.text) != users {
            fault("\(request.id): tokens were logged for \(logged.map(\.identity)), not for \(users)")
        }
        if logged.map(\.sha256) != joins.map(\.minted.sha256) || logged.map(\.identity) != joins.map(\.minted.identity) {
            fault("\(request.id): other tokens were handed out than logged")
        }
    }

    /// How the desk says to that caller what the log says in one word.
    private static func refusal(_ word: String, _ request: CallRequest) -> Refusal? {
        if word == "not_found" || (word == "not_a_party" && !request.isByServer) { return .notFound }
        return CallRefusal(rawValue: word).map { .call($0) }
    }

    private mutating func fault(_ text: String) { faults.append("history \(transcript.index), wave \(wave): \(text)") }

    private mutating func count(_ what: String) { tally[what, default: 0] += 1 }
}
