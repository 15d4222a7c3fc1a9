import Calls
import GRDB
import Vocabulary

/// Keeping calls, and who is in them.
extension Writing {
    /// Keeps a new call and makes its parties busy.
    func insert(_ known: KnownCall) throws {
        let call = known.call
        let tenant = call.tenant.text
        try run(.insertCall) { row in
            row.add(known.seq)
            row.add(tenant)
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
        for party in call.parties {
            do {
                try run(.insertLiveParty) { $0.add(tenant, party.user, known.seq) }
            } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
                // The rules have asked for the live calls of both in this transaction. The constraint is there for the day they forget it.
                throw StoreError.internal("a call was placed although a party is in a live one")
            }
        }
    }

    /// Keeps what a move made of a call. When it is over, its parties are free, and it is among the calls that they had.
    func update(_ known: KnownCall) throws {
        let call = known.call
        try run(.updateCall) { row in
            row.add(PartiesText.text(of: call.parties))
            row.add(call.acceptedAt?.seconds)
            row.add(call.ending?.at.seconds)
            row.add(call.ending?.reason.rawValue)
            row.add(call.ending?.by?.text)
            row.add(call.ending?.note)
            row.add(call.ending?.device?.text)
            row.add(Int64(call.version))
            row.add(known.seq)
        }
        guard !call.isLive else { return }
        let tenant = call.tenant.text
        for party in call.parties {
            try run(.deleteLiveParty) { $0.add(tenant, party.user, known.seq) }
            try run(.insertCallUser) { $0.add(tenant, party.user, known.seq) }
        }
    }

    /// The live calls of two users, in one look: usually neither is in one.
    func liveCalls(of first: UserID, _ second: UserID, in tenant: TenantID) throws -> (first: KnownCall?, second: KnownCall?) {
        var seqs: (first: Int64?, second: Int64?) = (nil, nil)
        try run(.liveParties) { row in
            row.add(tenant.text)
            row.add(first.text)
            row.add(second.text)
        } row: { row in
            let user = row.text(0)
            if user == first.text { seqs.first = row.integer(1) }
            if user == second.text { seqs.second = row.integer(1) }
        }
        return (try seqs.first.map(liveCall), try seqs.second.map(liveCall))
    }

    /// The call that somebody is in.
    func liveCall(seq: Int64) throws -> KnownCall {
        guard let known = try db.call(seq: seq) else { throw StoreError.internal("a user is in a live call that is not there") }
        return known
    }
}

extension Binding {
    fileprivate mutating func add(_ tenant: String, _ user: UserID, _ call: Int64) {
        add(tenant)
        add(user.text)
        add(call)
    }
}
