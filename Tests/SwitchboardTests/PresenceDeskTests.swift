import StrictJSON
import Testing
import Vocabulary

@testable import Switchboard

/// What the desk says of sockets. With sockets behind it, it is asked through the REST counter's tests.
@Suite struct PresenceDeskTests {
    @Test func `as long as no sockets are attached nobody is online, and events reach nobody`() async throws {
        let scene = try await CallScene.open()
        let bob = try UserID("bob")
        _ = try await scene.active("alice", "bob")
        let found = try await scene.desk.presence(of: [bob, UserID("zoe")], for: scene.server)
        #expect(found.map(\.presence.isOnline) == [false, false])
        #expect(found.map(\.isInCall) == [true, false])
        #expect(try await scene.desk.onlineUsers(cursor: nil, limit: 10, for: scene.server).items.isEmpty)
        #expect(try await scene.desk.connectedUsers(limit: 10, for: scene.server).count == 0)
        let event = AppEvent(name: try AppEventName("e"), data: .null)
        #expect(try await scene.desk.send(event, to: .user(bob), for: scene.server) == 0)
        #expect(scene.desk.counts() == ServiceCounts(connectedUsers: 0, activeCalls: 1, ringingCalls: 0))
    }

    @Test func `presence and events are asked by keys with the scope, never by users`() async throws {
        let scene = try await CallScene.open()
        let bob = try UserID("bob")
        let event = AppEvent(name: try AppEventName("e"), data: .null)
        for caller in [try scene.user("bob"), try await scene.house.caller("acme", [.callsRead]), scene.house.manager] {
            #expect(await refusal { try await scene.desk.presence(of: [bob], for: caller) } == .missingScope(.presenceRead))
            #expect(
                await refusal { try await scene.desk.onlineUsers(cursor: nil, limit: 1, for: caller) } == .missingScope(.presenceRead))
            #expect(await refusal { try await scene.desk.connectedUsers(limit: 1, for: caller) } == .missingScope(.presenceRead))
            #expect(await refusal { try await scene.desk.send(event, to: .user(bob), for: caller) } == .missingScope(.eventsWrite))
        }
    }

    @Test func `active calls are counted again after a restart`() async throws {
        let scene = try await CallScene.open()
        _ = try await scene.active("alice", "bob")
        _ = try await scene.active("carol", "dave")
        _ = try await scene.placed("erin", "frank")
        let next = try await scene.house.restarted()
        #expect(next.desk.counts().activeCalls == 2)
    }
}
