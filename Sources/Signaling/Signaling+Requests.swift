import Calls
import SocketIO
import StrictJSON
import Switchboard
import Vocabulary

/// A client that wants to be let in: what its CONNECT said.
struct Credentials: Sendable {
    let token: String
    let user: UserID?
    let device: DeviceID?

    /// - Throws: `unauthenticated` without a token, `invalid_payload` for fields of another shape.
    init(_ payload: Payload) throws(Refusal) {
        guard let token = payload.object["token"]?.stringValue, !token.isEmpty else { throw .unauthenticated }
        self.token = token
        user = try payload.optionalUser("userId")
        device = try payload.device()
    }
}

/// Who asks for something: the device as it was when it asked. On the heap, because every request of the device has it.
final class Asker: Sendable {
    let caller: Caller
    let user: UserID
    let device: DeviceID
    let tenant: TenantRegistry

    init(caller: Caller, user: UserID, device: DeviceID, tenant: TenantRegistry) {
        self.caller = caller
        self.user = user
        self.device = device
        self.tenant = tenant
    }
}

// What is asked at the desk. None of this is on a line's thread.
extension Signaling {
    /// Checks who wants to be let in.
    /// - Parameter sid: what the socket is going to be called.
    func admit(_ credentials: Credentials, as sid: String, at now: Moment) async -> Result<Caller, Refusal> {
        do throws(DeskError) {
            switch try await desk.arrive(credentials.token, requestID: sid) {
            case .notKnown: return .failure(.userNotKnown)
            case .known(let caller):
                guard case .user(let tenant, let user) = caller.owner else { return .failure(.unauthenticated) }
                if let named = credentials.user, named != user { return .failure(.userMismatch) }
                if let seconds = connectsPerUser.take(UserKey(tenant: tenant, id: user), at: now.duration) {
                    return .failure(.rateLimited(seconds))
                }
                return .success(caller)
            }
        } catch {
            note(error, of: sid)
            return .failure(Refusal(error))
        }
    }

    /// Does what a client asked for.
    /// - Parameter requestID: by what name the logs know the request.
    func outcome(of request: ClientRequest, by asker: Asker, as requestID: String) async -> Outcome {
        do throws(DeskError) {
            return try await work(request, asker, asker.caller.asking(requestID))
        } catch {
            note(error, of: requestID)
            return .refused(Refusal(error))
        }
    }

    private func work(_ request: ClientRequest, _ asker: Asker, _ caller: Caller) async throws(DeskError) -> Outcome {
        let claim = PartyClaim(user: nil, device: asker.device)
        switch request {
        case .initiate(let initiation): return try await place(initiation, asker, caller)
        case .accept(let id):
            let accepted = try await desk.acceptCall(id, as: claim, .none, for: caller)
            guard let join = accepted.joins.first else { throw .internal(cause: "an accepted call came without a token") }
            return .accepted(accepted.call, join)
        case .reject(let id, let note):
            return .moved(try await desk.rejectCall(id, as: claim, note: note, .none, for: caller), isRejection: true)
        case .cancel(let id, let note):
            return .moved(try await desk.cancelCall(id, as: claim, note: note, .none, for: caller), isRejection: false)
        case .end(let id, let note):
            return .moved(try await desk.endCall(id, as: claim, note: note, .none, for: caller), isRejection: false)
        case .token(let id): return .token(id, try await desk.mintCallToken(id, on: asker.device, for: caller))
        case .joinUserRoom(let user):
            guard user != asker.user else { return .silent(.user(user)) }
            guard try await desk.mayHear(user, for: caller) else { return .refused(.notAllowed) }
            return .listening(.user(user))
        case .joinTopic(let topic):
            guard try await desk.mayJoin(topic, for: caller) else { return .refused(.notAllowed) }
            return .listening(.topic(topic))
        case .leaveUserRoom(let user): return .silent(.user(user))
        case .leaveTopic(let topic): return .silent(.topic(topic))
        case .refreshToken(let token): return try await refresh(token, asker, caller.requestID)
        case .heartbeat: return .alive(desk.now)
        }
    }

    /// A call to somebody who is here, or whom the app reaches by push. Who is not here, not known or another tenant's is all the same.
    private func place(_ initiation: ClientRequest.Initiation, _ asker: Asker, _ caller: Caller) async throws(DeskError) -> Outcome {
        let age = initiation.sentAt.map { Double(desk.now.seconds * 1000) - $0 } ?? 0
        guard age <= Double(settings.staleSeconds * 1000) else { return .refused(.staleRequest) }
        let isOnline = asker.tenant.isOnline(initiation.callee)
        if !isOnline && !initiation.allowsOffline {
            guard let id = initiation.id, try await isParty(of: id, caller) else { return .refused(.userUnavailable) }
        }
        let order = CallOrder(
            caller: nil, callee: initiation.callee, media: initiation.media, provider: nil, id: initiation.id, device: asker.device,
            metadata: initiation.metadata)
        let call = try await desk.placeCall(order, .none, for: caller).call
        switch call.state {
        case .ringing: return .placed(call, join: nil, isOffline: !isOnline)
        case .ended: return .refused(.callEnded)
        case .active:
            let isItsDevice = call.party(asker.user)?.device == asker.device
            let join = isItsDevice ? try await desk.mintCallToken(call.id, on: asker.device, for: caller) : nil
            return .placed(call, join: join, isOffline: false)
        }
    }

    /// Whether the id is of a call that the user placed or was called in before: then it is asked for again.
    private func isParty(of id: CallID, _ caller: Caller) async throws(DeskError) -> Bool {
        do throws(DeskError) {
            _ = try await desk.call(id, for: caller)
            return true
        } catch .notFound {
            return false
        } catch {
            throw error
        }
    }

    private func refresh(_ token: String, _ asker: Asker, _ requestID: String?) async throws(DeskError) -> Outcome {
        switch try await desk.arrive(token, requestID: requestID) {
        case .notKnown: return .refused(.userNotKnown)
        case .known(let caller):
            guard caller.owner == asker.caller.owner else { return .refused(.userMismatch) }
            return .refreshed(caller)
        }
    }

    /// Asks the user's app again who it is.
    /// - Parameter requestID: by what name the logs know the question.
    /// - Returns: the user as it is now; nil where that cannot be told at the moment.
    func renewed(_ caller: Caller, as requestID: String) async -> Result<Caller, Refusal>? {
        do throws(DeskError) {
            switch try await desk.arriveAgain(caller, requestID: requestID) {
            case .notKnown: return .failure(.userNotKnown)
            case .known(let caller): return .success(caller)
            }
        } catch .unauthenticated {
            return .failure(.unauthenticated)
        } catch {
            note(error, of: requestID)
            return nil
        }
    }

    /// The caller's own token for a call that was just accepted; nil where it is to be fetched, and a failure where nothing is to be told.
    /// - Parameter requestID: by what name the logs know the token.
    func handOver(_ call: Call, to asker: Asker, as requestID: String) async -> Result<Join?, Refusal> {
        do throws(DeskError) {
            return .success(try await desk.mintCallToken(call.id, on: asker.device, for: asker.caller.asking(requestID)))
        } catch {
            note(error, of: requestID)
            switch error {
            case .appUnavailable, .unavailable, .internal: return .success(nil)
            case .unauthenticated, .missingScope, .scopeNotHeld, .notFound, .roomNotOpen, .call, .idempotencyInProgress, .tenantExists,
                .limitReached, .rateLimited, .providerNotConfigured, .invalidCursor, .invalid, .draining:
                return .failure(Refusal(error))
            }
        }
    }

    /// What people call the caller of a call, who need not be here.
    func callerName(of call: Call) async -> String? {
        guard let caller = call.caller?.user else { return nil }
        do throws(DeskError) {
            return try await desk.displayName(of: caller, in: call.tenant)
        } catch {
            note(error)
            return nil
        }
    }

    /// The live call of a user who has just come.
    func pendingCall(of asker: Asker) async -> Call? {
        do throws(DeskError) {
            return try await desk.liveCall(of: asker.user, in: asker.tenant.id)
        } catch {
            note(error)
            return nil
        }
    }
}

extension Moment {
    /// The time since the clock's beginning.
    var duration: Duration { .milliseconds(milliseconds) }
}
