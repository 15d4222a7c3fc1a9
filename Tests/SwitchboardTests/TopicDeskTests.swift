import Calls
import StrictJSON
import Testing
import Vocabulary

@testable import Switchboard

/// What users may listen to: topics by their tenant's rules, and what is sent to other users.
@Suite struct TopicDeskTests {
    private static func scene() async throws -> CallScene {
        let scene = try await CallScene.open()
        try await scene.house.tenant("globex")
        let change = TenantChange(
            displayName: nil, providers: nil, defaultProvider: nil, openRoomsMax: nil,
            topics: [
                try TopicRule(pattern: TopicPattern("inbox:{user}:*"), join: .owner),
                try TopicRule(pattern: TopicPattern("ward:*"), join: .role, roles: ["nurse"]),
                try TopicRule(pattern: TopicPattern("news"), join: .anyone),
            ], userRoomRoles: ["supervisor", "auditor"])
        _ = try await scene.desk.changeTenant(TenantID("acme"), change, for: .machine)
        return scene
    }

    @Test func `a user joins the topics of its own tenant that a rule opens to it`() async throws {
        let scene = try await Self.scene()
        let (ann, nurse) = (try scene.user("ann"), try scene.user("ann", roles: ["nurse"]))
        let rows: [(String, Caller, Bool)] = [
            ("news", ann, true), ("inbox:ann:1", ann, true), ("inbox:bob:1", ann, false), ("ward:7", ann, false), ("ward:7", nurse, true),
            ("other", nurse, false), ("news", try scene.user("ann", of: "globex", roles: ["nurse"]), false),
        ]
        for (topic, caller, isLetIn) in rows {
            #expect(try await scene.desk.mayJoin(TopicName(topic), for: caller) == isLetIn, "\(topic) \(caller.roles)")
        }
        #expect(try await !scene.desk.mayJoin(TopicName("news"), for: scene.server), "a server's key has no socket")
    }

    @Test func `a change of the rules holds from then on`() async throws {
        let scene = try await Self.scene()
        let change = TenantChange(displayName: nil, providers: nil, defaultProvider: nil, openRoomsMax: nil, topics: [])
        let tenant = try await scene.desk.changeTenant(TenantID("acme"), change, for: .machine)
        #expect(try await !scene.desk.mayJoin(TopicName("news"), for: scene.user("ann")))
        #expect(tenant.userRoomRoles == ["supervisor", "auditor"], "what is not named stays")
    }

    @Test func `a user hears its own events, and those of others only with a role for it`() async throws {
        let scene = try await Self.scene()
        let (ann, bob) = (try UserID("ann"), try UserID("bob"))
        #expect(try await scene.desk.mayHear(ann, for: scene.user("ann")))
        #expect(try await !scene.desk.mayHear(bob, for: scene.user("ann")))
        #expect(try await !scene.desk.mayHear(bob, for: scene.user("ann", roles: ["Supervisor", "nurse"])))
        #expect(try await scene.desk.mayHear(bob, for: scene.user("ann", roles: ["nurse", "auditor"])))
        #expect(try await !scene.desk.mayHear(bob, for: scene.user("ann", of: "globex", roles: ["auditor"])))
        #expect(try await !scene.desk.mayHear(ann, for: scene.server))
    }

    @Test func `when the tenant is closed nobody may listen any more`() async throws {
        let scene = try await Self.scene()
        try await scene.desk.closeTenant(TenantID("acme"), for: .machine)
        #expect(await refusal { try await scene.desk.mayJoin(TopicName("news"), for: scene.user("ann")) } == .unauthenticated)
        #expect(await refusal { try await scene.desk.mayHear(UserID("ann"), for: scene.user("ann")) } == .unauthenticated)
    }

    @Test func `the roles of a token go to the caller`() async throws {
        let house = try await UserTokenHouse()
        try await house.tenant("acme", UserTokenHouse.settings(claims: .init(roles: "groups")))
        let token = try TokenSigner.secret.token(claims(["groups": ["nurse", "doctor"]]))
        #expect(try await house.desk.authenticate(token).roles == ["nurse", "doctor"])
    }
}
