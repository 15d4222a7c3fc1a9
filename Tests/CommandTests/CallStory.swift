import StrictJSON

/// One call as the client saw it that played it: every request that it sent, in order, with the answer if there was one.
struct CallStory: Sendable {
    /// How the client means to go on after placing the call.
    enum Course: CaseIterable {
        case ring
        case accept
        case acceptAndEnd
        case reject
        case cancel
        case end

        /// The requests after the placing: the end of the path, and what is in the body.
        var moves: [(name: String, sendsUser: Bool)] {
            switch self {
            case .ring: []
            case .accept: [("accept", true)]
            case .acceptAndEnd: [("accept", true), ("end", false)]
            case .reject: [("reject", false)]
            case .cancel: [("cancel", false)]
            case .end: [("end", true)]
            }
        }
    }

    struct Step: Sendable {
        /// `place`, `accept`, …
        let name: String
        let path: String
        let body: JSONValue
        let idempotencyKey: String
        /// Nil: the connection was lost before an answer came.
        var answer: Connection.Answer?

        /// The call in the answer.
        var call: JSONValue? { answer.map { $0.body["call"] ?? $0.body } }

        /// Sends the request, for the first time or again.
        func send(on connection: Connection, key: String) throws(Connection.Lost) -> Connection.Answer {
            try connection.ask("POST", path, body, key: key, headers: [("Idempotency-Key", idempotencyKey)])
        }
    }

    /// Part of the ids of both users, which play in no other call.
    let name: String
    var steps: [Step] = []

    var caller: String { "caller-\(name)" }
    var callee: String { "callee-\(name)" }

    /// The texts of the join tokens that came with the answers.
    var tokens: [String] {
        steps.flatMap { step -> [String] in
            guard case .object(let joins)? = step.answer?.body["joins"] else { return [] }
            return joins.members.compactMap { $0.value["token"]?.stringValue }
        }
    }

    /// Plays a call to the end of its course, or until the connection is lost.
    /// - Returns: what was seen, and whether the connection is good for another one.
    static func play(_ course: Course, name: String, on connection: Connection, key: String) -> (story: CallStory, goesOn: Bool) {
        var story = CallStory(name: name)
        let order: JSONValue = ["caller": .string(story.caller), "callee": .string(story.callee), "media": "video"]
        guard let placed = story.take("place", "/v1/calls", order, on: connection, key), let id = placed["id"]?.stringValue else {
            return (story, false)
        }
        for move in course.moves {
            let body: JSONValue = move.sendsUser ? ["user": .string(story.callee)] : [:]
            guard story.take(move.name, "/v1/calls/\(id)/\(move.name)", body, on: connection, key) != nil else { return (story, false) }
        }
        return (story, true)
    }

    /// Sends one request and keeps it with its answer.
    /// - Returns: the answer; nil where none came, or a refusal.
    private mutating func take(_ step: String, _ path: String, _ body: JSONValue, on connection: Connection, _ key: String) -> JSONValue? {
        steps.append(Step(name: step, path: path, body: body, idempotencyKey: "\(step)-\(name)"))
        let index = steps.count - 1
        do throws(Connection.Lost) {
            let answer = try steps[index].send(on: connection, key: key)
            // A service that is about to stop begins nothing new: it is as if it had not been asked.
            guard answer.status != 503 else { return nil }
            steps[index].answer = answer
        } catch {
            return nil
        }
        return steps[index].answer.flatMap { $0.isSuccess ? $0.body : nil }
    }
}
