import Calls
import GRDB
import Vocabulary

/// Keeping calls, and who is in them.
extension Writing {
    /// Keeps a new call.
    func insert(_ known: KnownCall) throws {
        let call = known.call
        for party in call.parties where liveCallKey(of: party.user, in: call.tenant) != nil {
            // The rules have asked for the live calls of both in this transaction. This is for the day they forget it.
            throw StoreError.internal("a call was placed although a party is in a live one")
        }
        try run(.insertCall) { row in
            row.add(known.seq)
            row.add(call.tenant.text)
            row.add(call.id.text)
            row.add(call.room.text)
            row.add(call.provider.rawValue)
            row.add(call.media.rawValue)
            row.add(call.metadata)
            row.add(PartiesText.text(of: call.parties))
            row.add(call.placedAt.seconds)
            row.add(call.ringDeadline.seconds)
            row.add(Int64(call.version))
        }
    }

    /// Keeps what a move made of a call. When it is over, it is among the calls that its parties had.
    func update(_ known: KnownCall) throws {
        let call = known.call
        try run(call.ending == nil ? .updateCall : .endCall) { row in
            row.add(PartiesText.text(of: call.parties))
            row.add(call.acceptedAt?.seconds)
            row.add(Int64(call.version))
            if let ending = call.ending {
                row.add(ending.at.seconds)
                row.add(ending.reason.rawValue)
                row.add(ending.by?.text)
                row.add(ending.note)
                row.add(ending.device?.text)
            }
            row.add(known.seq)
        }
        guard call.ending != nil else { return }
        for party in call.parties {
            try run(.insertCallUser) { row in
                row.add(call.tenant.text)
                row.add(party.user.text)
                row.add(known.seq)
            }
        }
    }

    /// The call with that id, or with that id given to it when it was crossed.
    func call(_ key: CallKey) throws -> KnownCall? {
        if let known = changed[key] { return known }
        // What is known was committed, and this batch has not changed it.
        if let known = knownCalls[key] { return known }
        return try db.call(key, liveAt: liveCalls.seq(of: key))
    }

    /// The live call that somebody is in.
    func liveCall(of user: UserID, in tenant: TenantID) throws -> KnownCall? {
        guard let key = liveCallKey(of: user, in: tenant) else { return nil }
        guard let known = try call(key) else { throw StoreError.internal("a user is in a live call that is not there") }
        return known
    }

    private func liveCallKey(of user: UserID, in tenant: TenantID) -> CallKey? {
        let user = UserKey(tenant: tenant, id: user)
        return callsOfUsers[user] ?? liveCalls.call(of: user)
    }
}
