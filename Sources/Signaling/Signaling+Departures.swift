public import Calls
public import SocketIO
import Switchboard
import Vocabulary

extension Signaling {
    /// A socket has gone, or the answer to its last request found it gone: looks whether a call of its user has lost its device.
    ///
    /// | the call | its device is gone | and the user's last socket, too |
    /// |---|---|---|
    /// | rings, the user is its caller | waited for | cancelled at once |
    /// | rings, the user is called | rings on | rings on |
    /// | is active | waited for | waited for |
    func dropped(_ member: Membership, at now: Moment) {
        guard !isStopped, !desk.isFreeAtHand(member.user, in: member.tenant.id) else { return }
        errands.run { await self.look(after: member, at: now) }
    }

    private func look(after member: Membership, at now: Moment) async {
        let (user, device, tenant) = (member.user, member.device, member.tenant)
        do throws(DeskError) {
            guard let call = try await desk.liveCall(of: user, in: tenant.id), let party = call.party(user), !isStopped else { return }
            if call.state == .ringing, party.side == .caller, party.device == nil || party.device == device, !tenant.isOnline(user) {
                return try await desk.partyGone(user, in: call.key)
            }
            guard party.device == device, !tenant.has(device, of: user) else { return }
            graces.wait(
                for: .init(user: member.key, device: device, call: call.id), until: now + settings.graceSeconds * 1000)
        } catch {
            note(error)
            // The store is not there now. Which call it was is asked again when the grace is over.
            graces.wait(for: .init(user: member.key, device: device, call: nil), until: now + settings.graceSeconds * 1000)
        }
    }

    /// A call that was live when the service ended. Waits for those of its parties who were on a socket: for as long as a client may
    /// take to notice that its connection is dead and to come again, and then for the grace. To be called when the service starts.
    ///
    /// Who is in the call by its backend alone, or by REST without a socket, is not waited for: the call goes on without.
    public func takeUp(_ call: Call, at now: Moment) {
        let toNotice = socketSettings.pingIntervalMilliseconds + socketSettings.pingTimeoutMilliseconds
        let deadline = now + toNotice + (settings.returnSeconds + settings.graceSeconds) * 1000
        for party in call.parties where party.hadSocket {
            guard let device = party.device else { continue }
            graces.wait(
                for: .init(user: UserKey(tenant: call.tenant, id: party.user), device: device, call: call.id), until: deadline)
        }
    }

    /// A device's grace is over: if it is still gone, so is its party.
    func endCall(of dropped: Graces.Dropped, at now: Moment) async {
        let tenant = registry.tenant(dropped.user.tenant)
        guard !tenant.has(dropped.device, of: dropped.user.id) else { return }
        do throws(DeskError) {
            guard let call = try await desk.liveCall(of: dropped.user.id, in: tenant.id), dropped.call.map({ $0 == call.id }) ?? true,
                let party = call.party(dropped.user.id), party.device == dropped.device
            else { return }
            try await desk.partyGone(dropped.user.id, in: call.key)
        } catch {
            note(error)
            graces.wait(for: dropped, until: now + 1000)
        }
    }
}
