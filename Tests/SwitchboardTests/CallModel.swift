import Calls
import Vocabulary

/// What calls are, said once more: one request after the other, in words. It knows nothing of the rules of `Calls` and nothing of time.
///
/// The histories are compared with it: whatever the desk and the store did at once must be what this does one by one, in the order in
/// which the audit log has it.
struct CallModel {
    /// One version of one call.
    struct Line: Hashable {
        let id: String
        let caller: String
        let callee: String
        let callerDevice: String?
        let media: CallMedia
        var calleeDevice: String?
        var isAccepted = false
        /// Why, by whom, and the device that is not told.
        var ending: [String?]?
        var version = 1

        var isActive: Bool { isAccepted && ending == nil }
        var isRinging: Bool { !isAccepted && ending == nil }
    }

    enum Verdict: Equatable {
        case done(Line)
        case repeated(Line)
        case refused(String)
    }

    private struct Memo: Hashable {
        let sender: String
        let key: String
    }

    /// Every version of every call, the last one last.
    private(set) var calls: [String: [Line]] = [:]
    private(set) var live: [String: String] = [:]
    private var aliases: [String: String] = [:]
    private var memos: [Memo: (body: String, line: Line)] = [:]

    func current(_ id: String) -> Line? { calls[aliases[id] ?? id]?.last }

    /// - Parameter newID: the id that the service gave to the call, where this placing made one.
    mutating func serve(_ request: CallRequest, newID: String?) -> Verdict {
        let memo = request.key.map { Memo(sender: request.sender, key: $0) }
        if let memo, let known = memos[memo] {
            return known.body == request.body ? .repeated(known.line) : .refused("idempotency_mismatch")
        }
        let verdict: Verdict
        if case .place(let callee, let media) = request.ask {
            verdict = place(request, request.user ?? "", callee, media, newID)
        } else {
            verdict = move(request)
        }
        switch verdict {
        case .done(let line), .repeated(let line): if let memo { memos[memo] = (request.body, line) }
        case .refused: break
        }
        return verdict
    }

    private mutating func place(
        _ request: CallRequest, _ caller: String, _ callee: String, _ media: CallMedia, _ newID: String?
    ) -> Verdict {
        if request.bringsID, let known = current(request.call) {
            let isAlias = known.id != request.call
            let isSame =
                isAlias
                ? Set([known.caller, known.callee]) == [caller, callee]
                : known.caller == caller && known.callee == callee && known.media == media
            return isSame ? .repeated(known) : .refused("call_exists")
        }
        if let other = live[caller].flatMap(current) {
            guard other.isRinging, other.caller == callee, other.callee == caller else { return .refused("already_in_call") }
            if request.bringsID { aliases[request.call] = other.id }
            return accept(other, on: request.device)
        }
        guard live[callee] == nil else { return .refused("user_busy") }
        let id = request.bringsID ? request.call : newID ?? "the placing was answered without a call"
        let line = Line(id: id, caller: caller, callee: callee, callerDevice: request.device, media: media)
        live[caller] = id
        live[callee] = id
        return keep(line)
    }

    private mutating func move(_ request: CallRequest) -> Verdict {
        guard let line = current(request.call) else { return .refused("not_found") }
        let isCaller = request.user == line.caller
        let isCallee = request.user == line.callee
        let isNobody = request.user == nil
        // A user who is not in the call learns nothing about its version.
        if !request.isByServer, !isCaller, !isCallee, !isNobody { return .refused("not_a_party") }
        if let versions = request.versions, !versions.contains(line.version) { return .refused("precondition_failed") }
        if !isCaller, !isCallee, !isNobody { return .refused("not_a_party") }
        let reason = line.ending?[0]
        switch request.ask {
        case .accept:
            if isCaller { return .refused("wrong_party") }
            if line.isRinging { return accept(line, on: request.device) }
            if reason != nil { return .refused("call_ended") }
            return line.calleeDevice == request.device ? .repeated(line) : .refused("answered_elsewhere")
        case .reject:
            if isCaller { return .refused("wrong_party") }
            if line.isRinging { return end(line, "rejected", by: line.callee, on: request.device) }
            if reason != nil { return reason == "rejected" ? .repeated(line) : .refused("call_ended") }
            return .refused(line.calleeDevice == request.device ? "call_not_ringing" : "answered_elsewhere")
        case .cancel:
            if isCallee { return .refused("wrong_party") }
            if line.isRinging { return end(line, "cancelled", by: line.caller) }
            if reason != nil { return reason == "cancelled" ? .repeated(line) : .refused("call_ended") }
            return .refused("call_not_ringing")
        case .end:
            if reason != nil { return .repeated(line) }
            if line.isActive { return end(line, "hung_up", by: request.user) }
            return end(line, isCallee ? "rejected" : "cancelled", by: request.user)
        case .ringTimeout: return line.isRinging ? end(line, "missed", by: nil) : .repeated(line)
        case .timeLimit: return line.isActive ? end(line, "time_limit", by: nil) : .repeated(line)
        case .place, .token: return .refused("this is no move")
        }
    }

    private mutating func accept(_ line: Line, on device: String?) -> Verdict {
        var line = line
        line.calleeDevice = device
        line.isAccepted = true
        line.version += 1
        return keep(line)
    }

    private mutating func end(_ line: Line, _ reason: String, by user: String?, on device: String? = nil) -> Verdict {
        var line = line
        line.ending = [reason, user, device]
        line.version += 1
        live[line.caller] = nil
        live[line.callee] = nil
        return keep(line)
    }

    private mutating func keep(_ line: Line) -> Verdict {
        calls[line.id, default: []].append(line)
        return .done(line)
    }

    // MARK: Tokens

    /// What a request for a token would be answered with now: `done` or the refusal.
    func tokenAnswer(_ request: CallRequest) -> String {
        guard let line = current(request.call) else { return "not_found" }
        guard request.user == line.caller || request.user == line.callee else { return request.isByServer ? "not_a_party" : "not_found" }
        guard line.isActive else { return "call_not_active" }
        if request.isByServer, request.device == nil { return "done" }
        return request.device == (request.user == line.caller ? line.callerDevice : line.calleeDevice) ? "done" : "answered_elsewhere"
    }

    // MARK: Events

    /// What is told when a call has come to this: the kind, to whom, and which device is left out.
    static func told(_ line: Line) -> [[String?]] {
        switch (line.ending?[0], line.isAccepted) {
        case ("rejected"?, _):
            [
                ["rejected", line.caller, nil],
                ["rejected_elsewhere", line.callee, line.ending?[2]],
            ]
        case ("cancelled"?, _): [["cancelled", line.caller, nil], ["cancelled", line.callee, nil]]
        case ("missed"?, _): [["missed", line.caller, nil], ["missed", line.callee, nil]]
        case (.some, _): [["ended", line.caller, nil], ["ended", line.callee, nil]]
        case (nil, true): [["accepted", line.caller, nil], ["answered_elsewhere", line.callee, line.calleeDevice]]
        case (nil, false): [["incoming", line.callee, nil]]
        }
    }
}

extension CallModel.Line {
    /// What the model would say of this call.
    init(_ call: Call) {
        id = call.id.text
        caller = call.parties[0].user.text
        callee = call.parties[1].user.text
        callerDevice = call.parties[0].device?.text
        media = call.media
        calleeDevice = call.parties[1].device?.text
        isAccepted = call.acceptedAt != nil
        ending = call.ending.map { [$0.reason.rawValue, $0.by?.text, $0.device?.text] }
        version = call.version
    }
}
