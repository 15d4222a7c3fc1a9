import Calls
import Storage
import StrictJSON
import Testing
import Tokens
import Vocabulary

@testable import Switchboard

/// A call at the desk: who may do what, when tokens are made, and for whom.
@Suite struct CallDeskTests {
    @Test func `C01: before the acceptance neither party gets a token, and each refusal is in the audit log`() async throws {
        let scene = try await CallScene.open()
        let call = try await scene.placed()

        for user in ["alice", "bob"] {
            #expect(
                await refusal { try await scene.desk.mintCallToken(call.id, as: CallScene.claim(user), for: scene.server) }
                    == .call(.callNotActive))
        }
        #expect(
            await refusal { try await scene.desk.mintCallToken(room: call.room, as: CallScene.alice, for: scene.server) }
                == .call(.callNotActive))
        #expect(
            try await scene.audit().filter { $0.hasPrefix("call") }
                == ["call.place done", "call.token call_not_active", "call.token call_not_active", "call.token call_not_active"])
    }

    @Test(arguments: [(CallMedia.audio, ["microphone"]), (.video, ["camera", "microphone"])])
    func `C02: an acceptance by the server gives both parties a token, each its own`(media: CallMedia, sources: [String]) async throws {
        let scene = try await CallScene.open()
        let call = try await scene.placed(media: media)
        let accepted = try await scene.desk.acceptCall(call.id, as: CallScene.bob, .none, for: scene.server)

        #expect(accepted.call.state == .active)
        #expect(accepted.joins.map(\.minted.identity.text) == ["alice", "bob"])
        for join in accepted.joins {
            let claims = try Mint.payload(join.minted.token)
            #expect(claims["sub"] == .string(join.minted.identity.text))
            let video = try #require(claims["video"])
            #expect(video["room"] == .string(call.room.text))
            #expect(video["canPublishSources"] == .array(sources.map { .string($0) }))
            #expect(video["roomAdmin"] == false)
        }
        let rows = try await scene.auditRows().filter { $0.entry.operation == .mintCallToken }
        #expect(rows.map(\.entry.token?.identity.text) == ["alice", "bob"])
        #expect(rows.map(\.entry.token?.sha256) == accepted.joins.map { Optional($0.minted.sha256) })
    }

    @Test func `a user who accepts gets its own token alone, and the caller fetches its own`() async throws {
        let scene = try await CallScene.open()
        let (alice, bob) = (try scene.user("alice"), try scene.user("bob"))
        let call = try await scene.desk.placeCall(CallScene.order(nil, "bob", device: "desk"), .none, for: alice).call
        let accepted = try await scene.desk.acceptCall(call.id, as: CallScene.claim(nil, "phone"), .none, for: bob)

        #expect(accepted.joins.map(\.minted.identity.text) == ["bob"])
        let join = try await scene.desk.mintCallToken(call.id, as: CallScene.claim(nil, "desk"), for: alice)
        #expect(join.minted.identity.text == "alice")
        #expect(try Mint.payload(join.minted.token)["sub"] == "alice")
    }

    @Test func `T22 C27: tokens are renewed while the call lives, and refused from its end on`() async throws {
        let scene = try await CallScene.open()
        let call = try await scene.active()
        scene.house.clock.pass(3600)
        let renewed = try await scene.desk.mintCallToken(call.id, as: CallScene.alice, for: scene.server)
        #expect(renewed.minted.issuedAt == scene.house.clock.now)

        _ = try await scene.desk.endCall(call.id, as: CallScene.bob, note: "bye", .none, for: scene.server)
        for user in ["alice", "bob"] {
            #expect(
                await refusal { try await scene.desk.mintCallToken(call.id, as: CallScene.claim(user), for: scene.server) }
                    == .call(.callNotActive))
        }
        #expect(
            await refusal { try await scene.desk.acceptCall(call.id, as: CallScene.bob, .none, for: scene.server) } == .call(.callEnded))
    }

    @Test func `a call that ends while its tokens are being made hands none of them out`() async throws {
        let scene = try await CallScene.open()
        let call = try await scene.placed()
        let desk = scene.desk
        let server = scene.server
        scene.house.store.beforeRecordingMints {
            await expectNoRefusal { _ = try await desk.endCall(call.id, as: CallScene.alice, note: nil, .none, for: server) }
        }
        #expect(
            await refusal { try await desk.acceptCall(call.id, as: CallScene.bob, .none, for: server) } == .call(.callNotActive))
        scene.house.store.beforeRecordingMints(nil)

        #expect(!(try await scene.audit().contains("call.token done")))
        #expect(try await scene.state(of: call) == .ended)
    }

    @Test func `S02: an acceptance whose tokens could not be kept stands, and its device fetches them by asking again`() async throws {
        let scene = try await CallScene.open()
        let call = try await scene.placed()
        let store = scene.house.store
        store.beforeRecordingMints { store.fail(.unavailable("the disk is full")) }
        #expect(await refusal { try await scene.desk.acceptCall(call.id, as: CallScene.bob, .none, for: scene.server) } == .unavailable)
        store.beforeRecordingMints(nil)
        store.fail(nil)

        #expect(try await scene.state(of: call) == .active)
        #expect(!(try await scene.audit().contains("call.token done")))
        let again = try await scene.desk.acceptCall(call.id, as: CallScene.bob, .none, for: scene.server)
        #expect(again.joins.count == 2)
        #expect(try await scene.audit().count { $0 == "call.accept done" } == 1)
    }

    @Test func `C09 C10: the device that accepted may ask again, another one was too late`() async throws {
        let scene = try await CallScene.open()
        let bob = try scene.user("bob")
        let call = try await scene.placed()
        let first = try await scene.desk.acceptCall(call.id, as: CallScene.claim(nil, "phone"), .none, for: bob)
        let again = try await scene.desk.acceptCall(call.id, as: CallScene.claim(nil, "phone"), .none, for: bob)

        #expect(again.call == first.call)
        #expect(again.joins.map(\.minted.identity) == first.joins.map(\.minted.identity))
        #expect(again.joins[0].minted.tokenID != first.joins[0].minted.tokenID, "minted anew, with a row of its own")
        for device in ["laptop", nil] {
            #expect(
                await refusal { try await scene.desk.acceptCall(call.id, as: CallScene.claim(nil, device), .none, for: bob) }
                    == .call(.answeredElsewhere))
            #expect(
                await refusal { try await scene.desk.mintCallToken(call.id, as: CallScene.claim(nil, device), for: bob) }
                    == .call(.answeredElsewhere))
        }
        let audit = try await scene.audit()
        #expect(audit.count { $0 == "call.accept done" } == 1)
        #expect(audit.count { $0 == "call.token done" } == 2)
    }

    @Test func `C08: who is not in the call is told nothing about it as a user, and the reason as a server`() async throws {
        let scene = try await CallScene.open()
        let call = try await scene.placed()
        let eve = try scene.user("eve")
        let desk = scene.desk
        #expect(await refusal { try await desk.call(call.id, for: eve) } == .notFound)
        #expect(await refusal { try await desk.acceptCall(call.id, as: CallScene.claim(nil), .none, for: eve) } == .notFound)
        #expect(await refusal { try await desk.endCall(call.id, as: CallScene.claim(nil), note: nil, .none, for: eve) } == .notFound)
        #expect(await refusal { try await desk.mintCallToken(call.id, as: CallScene.claim(nil), for: eve) } == .notFound)
        #expect(await refusal { try await desk.mintCallToken(room: call.room, as: CallScene.claim(nil), for: eve) } == .notFound)
        #expect(try await desk.calls(CallFilter(state: nil, user: nil), cursor: nil, limit: 10, for: eve).items.isEmpty)

        #expect(
            await refusal { try await desk.acceptCall(call.id, as: CallScene.claim("eve"), .none, for: scene.server) } == .call(.notAParty))
        #expect(
            await refusal { try await desk.acceptCall(call.id, as: CallScene.alice, .none, for: scene.server) } == .call(.wrongParty))
        #expect(try await scene.state(of: call) == .ringing)
    }

    @Test func `a user speaks for itself alone`() async throws {
        let scene = try await CallScene.open()
        let call = try await scene.placed()
        let bob = try scene.user("bob")
        #expect(await refusal { try await scene.desk.placeCall(CallScene.order("bob", "carol"), .none, for: bob) } == .invalid("caller"))
        #expect(await refusal { try await scene.desk.acceptCall(call.id, as: CallScene.bob, .none, for: bob) } == .invalid("user"))
        #expect(await refusal { try await scene.desk.placeCall(CallScene.order(nil), .none, for: scene.server) } == .invalid("caller"))
        #expect(
            await refusal { try await scene.desk.acceptCall(call.id, as: CallScene.claim(nil), .none, for: scene.server) }
                == .invalid("user"))
    }

    @Test func `C05: two users who call each other are in one call, and both ids lead to it`() async throws {
        let scene = try await CallScene.open()
        let (alice, bob) = (try scene.user("alice"), try scene.user("bob"))
        let first = try await scene.desk.placeCall(CallScene.order(nil, "bob", id: "call-of-alice", device: "a"), .none, for: alice).call
        let second = try await scene.desk.placeCall(CallScene.order(nil, "alice", id: "call-of-bob", device: "b"), .none, for: bob).call

        #expect(second.id == first.id)
        #expect(second.state == .active)
        #expect(try await scene.desk.call(CallID("call-of-bob"), for: alice).id == first.id)
        #expect(try await scene.desk.mintCallToken(first.id, as: CallScene.claim(nil, "a"), for: alice).minted.room == first.room)
        #expect(
            try await scene.desk.mintCallToken(CallID("call-of-bob"), as: CallScene.claim(nil, "b"), for: bob).minted.room == first.room)
    }

    @Test func `C11: who is in a live call neither calls nor is called`() async throws {
        let scene = try await CallScene.open()
        _ = try await scene.placed("alice", "bob")
        #expect(await refusal { try await scene.placed("alice", "carol") } == .call(.alreadyInCall))
        #expect(await refusal { try await scene.placed("bob", "carol") } == .call(.alreadyInCall))
        #expect(await refusal { try await scene.placed("carol", "bob") } == .call(.userBusy))
        #expect(await refusal { try await scene.placed("carol", "alice") } == .call(.userBusy))
        #expect(await refusal { try await scene.placed("carol", "carol") } == .invalid("callee"))
    }

    @Test func `only users of the directory call and are called where the tenant wants it so`() async throws {
        let scene = try await CallScene.open(unknownUsers: .refused)
        #expect(await refusal { try await scene.placed() } == .call(.calleeUnavailable))
        for user in ["alice", "bob"] {
            let put = try await scene.desk.putUser(UserID(user), displayName: user, roles: ["b", "a", "b"], for: scene.server)
            #expect(put.isNew)
            #expect(put.user.roles == ["a", "b"])
        }
        let call = try await scene.placed()
        try await scene.desk.deleteUser(UserID("bob"), for: scene.server)
        let ended = try await scene.desk.call(call.id, for: scene.server)
        #expect(ended.ending?.reason == .userRemoved)
        #expect(await refusal { try await scene.placed() } == .call(.calleeUnavailable))
    }

    @Test func `a call whose tokens could not be made does not ring`() async throws {
        let scene = try await CallScene.open(try Providers.agora(.current, .uid))
        #expect(await refusal { try await scene.placed("alice", "42") } == .invalid("caller"))
        #expect(await refusal { try await scene.placed("42", "bob") } == .invalid("callee"))
        #expect(try await scene.placed("41", "42").state == .ringing)

        let next = try await scene.house.restarted()
        next.secrets.put(nil, "file /run/secrets/agora")
        let server = try await next.caller("acme")
        #expect(await refusal { try await next.desk.placeCall(CallScene.order("43", "44"), .none, for: server) } == .unavailable)
        #expect(try await next.desk.calls(CallFilter(state: nil, user: UserID("43")), cursor: nil, limit: 1, for: server).items.isEmpty)
    }

    @Test func `N14: a tenant that is closed in the middle of a call ends it, and nobody gets a token`() async throws {
        let scene = try await CallScene.open()
        let call = try await scene.active()
        let bob = try scene.user("bob")
        try await scene.desk.closeTenant(TenantID("acme"), for: scene.house.manager)

        #expect(await refusal { try await scene.desk.mintCallToken(call.id, as: CallScene.claim(nil), for: bob) } == .unauthenticated)
        #expect(await refusal { try await scene.desk.call(call.id, for: scene.server) } == .unauthenticated)
        let kept = try await scene.house.store.sqlite.call(call.id, of: TenantID("acme"))
        #expect(kept?.ending?.reason == .tenantClosed)
    }

    @Test func `N10: a tenant reads its own audit rows, and the operator its own`() async throws {
        let scene = try await CallScene.open()
        _ = try await scene.active()
        try await scene.house.tenant("globex")
        let other = try await scene.house.caller("globex")

        #expect(try await scene.auditRows(for: other).allSatisfy { $0.entry.tenant?.text == "globex" })
        #expect(try await scene.auditRows().allSatisfy { $0.entry.tenant?.text == "acme" })
        let reader = try await scene.desk.createKey(
            KeyOrder(tenant: nil, scopes: [.auditRead], label: nil, environment: .live, lifetimeSeconds: nil), for: .machine)
        let rows = try await scene.auditRows(for: scene.desk.authenticate(reader.text))
        #expect(rows.map(\.entry.operation).contains(.createTenant))
        #expect(rows.allSatisfy { $0.entry.tenant == nil })
    }
}

/// Does something that must not be refused.
func expectNoRefusal(_ work: () async throws -> Void) async {
    do {
        try await work()
    } catch {
        Issue.record("refused: \(error)")
    }
}
