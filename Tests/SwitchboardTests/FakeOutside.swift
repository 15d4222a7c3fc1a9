import StrictJSON
import Switchboard
import Synchronization
import Vocabulary

/// Other servers, as a test wants them. It notes what they were asked, and answers when the test lets it.
final class FakeOutside: OutsideLine {
    private struct State {
        var answer: @Sendable (OutsideQuestion) -> Result<OutsideAnswer, OutsideTrouble> = { _ in
            .failure(OutsideTrouble("nobody is there"))
        }
        var questions: [OutsideQuestion] = []
        var isHeld = false
        var waiting: [CheckedContinuation<Void, Never>] = []
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var questions: [OutsideQuestion] { state.withLock { $0.questions } }

    func answer(_ status: Int, _ body: String) {
        state.withLock { $0.answer = { _ in .success(OutsideAnswer(status: status, body: Array(body.utf8))) } }
    }

    func fail(_ reason: String) { state.withLock { $0.answer = { _ in .failure(OutsideTrouble(reason)) } } }

    /// Answers with who has the bearer; 401 where nobody has it.
    func know(_ users: [String: String]) {
        state.withLock { state in
            state.answer = { question in
                let body = question.field("Authorization").flatMap { users[String($0.dropFirst("Bearer ".count))] }
                return .success(OutsideAnswer(status: body == nil ? 401 : 200, body: Array((body ?? "{}").utf8)))
            }
        }
    }

    /// Publishes a key set of the public halves.
    func publish(_ signers: [TokenSigner]) {
        answer(200, JSONValue.object(["keys": .array(signers.map(\.jwk))]).canonicalText)
    }

    /// From now on nobody is answered, until `release`.
    func hold() { state.withLock { $0.isHeld = true } }

    func release() {
        let waiting = state.withLock { state in
            defer { (state.isHeld, state.waiting) = (false, []) }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Returns when so many questions have come.
    func asked(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.questions.count < count { state.watchers.append((count, continuation)) }
                return state.questions.count >= count
            }
            if isThere { continuation.resume() }
        }
    }

    func objection(to address: WebAddress) -> String? { address.scheme == .https ? nil : "is not https" }

    func get(_ question: OutsideQuestion) async throws(OutsideTrouble) -> OutsideAnswer {
        let watchers = state.withLock { state in
            state.questions.append(question)
            defer { state.watchers.removeAll { $0.count <= state.questions.count } }
            return state.watchers.filter { $0.count <= state.questions.count }
        }
        for watcher in watchers { watcher.continuation.resume() }
        await withCheckedContinuation { continuation in
            let isHeld = state.withLock { state in
                if state.isHeld { state.waiting.append(continuation) }
                return state.isHeld
            }
            if !isHeld { continuation.resume() }
        }
        return try state.withLock { $0.answer }(question).get()
    }
}

extension OutsideQuestion {
    /// The one header field of that name.
    func field(_ name: String) -> String? {
        let values = headers.filter { $0.name == name }.map { $0.value.withBytes { String(decoding: $0, as: UTF8.self) } }
        return values.count == 1 ? values[0] : nil
    }
}
