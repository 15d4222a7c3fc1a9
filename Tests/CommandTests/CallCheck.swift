import Signing
import StrictJSON

/// Looks after a restart whether everything that was answered is there, and nothing is there twice.
///
/// What is wrong is collected, not thrown: it is looked for on a thread that no test knows.
struct CallCheck: Sendable {
    let key: String
    private(set) var faults: [String] = []
    /// How many requests had no answer when the process ended, and how many of those had been carried out nevertheless.
    private(set) var unanswered = (count: 0, carriedOut: 0)
    /// SHA-256 of every join token that anybody was given, in hexadecimal digits.
    private var tokens: Set<String> = []
    private var audit = AuditFollower()

    init(key: String) { self.key = key }

    /// Checks the calls of one round, then what the audit log says since the last time.
    mutating func check(_ stories: [CallStory], on connection: Connection) throws(Connection.Lost) {
        for story in stories { try check(story, on: connection) }
        faults += try audit.follow(on: connection, key: key)
        for token in tokens.subtracting(audit.tokens) { faults.append("the audit log does not know a token that was given: \(token)") }
        tokens = []
    }

    private mutating func check(_ story: CallStory, on connection: Connection) throws(Connection.Lost) {
        for step in story.steps {
            if let answer = step.answer, !answer.isSuccess { faults.append("\(story.name): \(step.name) was refused: \(answer)") }
        }
        keep(story.tokens)
        guard let id = try checkPlacing(story, on: connection) else { return }
        let answered = story.steps.last { $0.answer?.isSuccess == true }
        let known = answered?.call?["version"]?.integerValue ?? 1
        let open = story.steps.dropFirst().last.flatMap { $0.answer == nil ? $0 : nil }
        let call = try connection.ask("GET", "/v1/calls/\(id)", key: key).body
        let version = call["version"]?.integerValue ?? 0
        if version != known, open == nil || version != known + 1 {
            faults.append("\(story.name): version \(known) was answered, and it is \(version)")
        }
        if version == known, let told = answered?.call, told != call {
            faults.append("\(story.name): \(told.canonicalText) was answered, and it is \(call.canonicalText)")
        }
        if let open {
            unanswered.count += 1
            unanswered.carriedOut += version == known ? 0 : 1
            try check(story, repeating: open, id, version: known + 1, on: connection)
        }
        if call["state"]?.stringValue == "ringing", open == nil { try checkRinging(story, id, on: connection) }
    }

    /// Sends the placing again: the answer is the one of then, and there is one call only.
    /// - Returns: the id of the call.
    private mutating func checkPlacing(_ story: CallStory, on connection: Connection) throws(Connection.Lost) -> String? {
        guard let placing = story.steps.first else { return nil }
        if placing.answer == nil {
            let list = try connection.ask("GET", "/v1/calls?user=\(story.caller)", key: key)
            unanswered.count += 1
            unanswered.carriedOut += list.body["calls"]?.arrayValue?.count ?? 0
        }
        let again = try placing.send(on: connection, key: key)
        guard again.status == 201, let id = again.body["id"]?.stringValue else {
            faults.append("\(story.name): repeated placing: \(again)")
            return nil
        }
        if let first = placing.answer, first.body != again.body {
            faults.append("\(story.name): placed twice: \(first.body.canonicalText), \(again.body.canonicalText)")
        }
        let list = try connection.ask("GET", "/v1/calls?user=\(story.caller)", key: key)
        if list.body["calls"]?.arrayValue?.map({ $0["id"]?.stringValue }) != [id] {
            faults.append("\(story.name): not the one call \(id): \(list)")
        }
        return id
    }

    /// Sends the request again that was not answered: it is carried out once, now or then.
    private mutating func check(
        _ story: CallStory, repeating step: CallStory.Step, _ id: String, version: Int64, on connection: Connection
    ) throws(Connection.Lost) {
        let again = try step.send(on: connection, key: key)
        var repeated = step
        repeated.answer = again
        guard again.status == 200, repeated.call?["version"]?.integerValue == version else {
            return faults.append("\(story.name): repeated \(step.name): \(again)")
        }
        keep(CallStory(name: story.name, steps: [repeated]).tokens)
        let call = try connection.ask("GET", "/v1/calls/\(id)", key: key).body
        if call != repeated.call { faults.append("\(story.name): \(step.name) was carried out twice: \(call.canonicalText)") }
    }

    /// A call that rings goes on ringing, is found by its callee, and can be ended.
    private mutating func checkRinging(_ story: CallStory, _ id: String, on connection: Connection) throws(Connection.Lost) {
        let list = try connection.ask("GET", "/v1/calls?state=ringing&user=\(story.callee)", key: key)
        if list.body["calls"]?.arrayValue?.first?["id"]?.stringValue != id { faults.append("\(story.name): does not ring: \(list)") }
        let ended = try connection.ask("POST", "/v1/calls/\(id)/end", [:], key: key)
        if ended.status != 200 || ended.body["end_reason"] != "cancelled" { faults.append("\(story.name): cannot be ended: \(ended)") }
    }

    private mutating func keep(_ texts: [String]) {
        for text in texts { tokens.insert(Digest.sha256(Array(text.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()) }
    }
}

/// Reads the audit log of a tenant further with every restart.
struct AuditFollower: Sendable {
    /// SHA-256 of every token that was minted.
    private(set) var tokens: Set<String> = []
    private var cursor: String?
    /// The hashes of the rows that were read behind that cursor, which are read again the next time.
    private var known: Set<String> = []
    /// What was done to which call.
    private var done: [String: Set<String>] = [:]

    /// - Returns: what is wrong with the rows since the last time.
    mutating func follow(on connection: Connection, key: String) throws(Connection.Lost) -> [String] {
        var faults: [String] = []
        while true {
            let page = try connection.ask("GET", "/v1/audit?limit=100\(cursor.map { "&cursor=\($0)" } ?? "")", key: key)
            guard let rows = page.body["rows"]?.arrayValue else { return faults + ["no audit rows: \(page)"] }
            for row in rows where known.insert(row["hash"]?.stringValue ?? "").inserted { faults += take(row) }
            guard let next = page.body["next_cursor"]?.stringValue else { return faults }
            cursor = next
            known = []
        }
    }

    private mutating func take(_ row: JSONValue) -> [String] {
        guard row["outcome"] == "done", let operation = row["operation"]?.stringValue, let call = row["subject"]?.stringValue else {
            return []
        }
        var faults: [String] = []
        if operation == "call.token" {
            if done[call]?.contains("call.accept") != true { faults.append("a token before the acceptance: \(row.canonicalText)") }
            if done[call]?.contains("call.end") == true { faults.append("a token after the end: \(row.canonicalText)") }
            if let token = row["token"]?["sha256"]?.stringValue { tokens.insert(token) }
        } else if operation.hasPrefix("call."), done[call, default: []].insert(operation).inserted == false {
            faults.append("done twice: \(row.canonicalText)")
        }
        return faults
    }
}
