import Calls
import Vocabulary

@testable import Switchboard

/// One request about a call, as it reaches the desk in a history or in a race.
struct CallRequest: Sendable {
    enum Ask: Sendable, Hashable {
        case place(callee: String, CallMedia)
        case accept, reject, cancel, end, token
        /// What the desk asks by itself: the end of the ringing, and of the longest time a call may last.
        case ringTimeout, timeLimit
    }

    /// Names it in the audit log. No two deliveries share it, also where one repeats the other.
    var id: String
    let ask: Ask
    /// Who asks, or for whom the tenant's server asks; nil where the server names nobody.
    let user: String?
    let isByServer: Bool
    let device: String?
    /// The id of the call; for a placing without an id of its own, what the history calls it until its id is known.
    var call: String
    let bringsID: Bool
    let key: String?
    let versions: [Int]?

    init(
        _ id: String, _ ask: Ask, _ user: String?, isByServer: Bool = false, device: String? = nil, call: String, bringsID: Bool = true,
        key: String? = nil, versions: [Int]? = nil
    ) {
        self.id = id
        self.ask = ask
        self.user = user
        self.isByServer = isByServer
        self.device = device
        self.call = call
        self.bringsID = bringsID
        self.key = key
        self.versions = versions
    }

    /// Whose `Idempotency-Key` it carries.
    var sender: String { isByServer ? "server" : "user:\(user ?? "")" }
    /// What makes two deliveries the same request.
    var body: String { "\(ask) \(isByServer ? user ?? "-" : "-") \(device ?? "-") \(bringsID || !isPlacing ? call : "-")" }

    var isPlacing: Bool {
        if case .place = ask { return true }
        return false
    }

    var isDeadline: Bool { ask == .ringTimeout || ask == .timeLimit }

    /// The word of the audit log for what is asked.
    var operation: AuditedOperation {
        switch ask {
        case .place: .placeCall
        case .accept: .acceptCall
        case .reject: .rejectCall
        case .cancel: .cancelCall
        case .end: .endCall
        case .token: .mintCallToken
        case .ringTimeout, .timeLimit: .expireCall
        }
    }
}

/// What came back.
enum CallReply: Sendable {
    case call(Call, isNew: Bool?, joins: [Join])
    /// A join token without the call.
    case join(Join)
    case refused(Refusal)

    var refusal: Refusal? {
        if case .refused(let refusal) = self { return refusal }
        return nil
    }

    var call: Call? {
        if case .call(let call, _, _) = self { return call }
        return nil
    }

    var joins: [Join] {
        switch self {
        case .call(_, _, let joins): joins
        case .join(let join): [join]
        case .refused: []
        }
    }
}

extension CallScene {
    /// Delivers a request, and takes whatever comes back.
    func deliver(_ request: CallRequest) async throws -> CallReply {
        do {
            return try await answer(request)
        } catch let error as DeskError {
            return .refused(Refusal(error))
        }
    }

    private func answer(_ request: CallRequest) async throws -> CallReply {
        let named = request.isByServer ? request.user : nil
        let caller = try (request.isByServer ? server : user(request.user ?? "")).asking(request.id)
        let claim = try Self.claim(named, request.device)
        let id = try CallID(request.call)
        let terms = RequestTerms(
            repeat: request.key.map { CallScene.terms($0, body: request.body) }?.repeat,
            condition: request.versions.map { .oneOf($0) } ?? .none)
        switch request.ask {
        case .place(let callee, let media):
            let order = try Self.order(
                named, callee, media: media, id: request.bringsID ? request.call : nil, device: request.device)
            let placed = try await desk.placeCall(order, terms, for: caller)
            return .call(placed.call, isNew: placed.isNew, joins: [])
        case .accept:
            let accepted = try await desk.acceptCall(id, as: claim, terms, for: caller)
            return .call(accepted.call, isNew: nil, joins: accepted.joins)
        case .reject: return .call(try await desk.rejectCall(id, as: claim, note: nil, terms, for: caller), isNew: nil, joins: [])
        case .cancel: return .call(try await desk.cancelCall(id, as: claim, note: nil, terms, for: caller), isNew: nil, joins: [])
        case .end: return .call(try await desk.endCall(id, as: claim, note: nil, terms, for: caller), isNew: nil, joins: [])
        case .token: return .join(try await desk.mintCallToken(id, as: claim, for: caller))
        case .ringTimeout: return try await expire(.ringTimeout, id, request)
        case .timeLimit: return try await expire(.timeLimit, id, request)
        }
    }

    /// What the desk does when a deadline has come, for this one call.
    private func expire(_ move: CallMove, _ id: CallID, _ request: CallRequest) async throws -> CallReply {
        let ticket = ChangeTicket(tenant: try TenantID("acme"), actor: .service, at: house.clock.now, requestID: request.id)
        switch try await house.store.move(move, id, ticket) {
        case .changed(let call), .repeated(let call): return .call(call, isNew: nil, joins: [])
        case .refused(let refusal): return .refused(Refusal(DeskError(refusal)))
        }
    }
}
