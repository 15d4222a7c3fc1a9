import StrictJSON
import Switchboard
import Testing
import Vocabulary

@testable import API

/// Events of the app's own, from its backend to its users.
struct EventTests {
    @Test func `an event goes to the sockets of a user or of a topic, within the tenant, and says to how many`() async throws {
        let service = try await Service()
        let acme = try await service.tenant("acme")
        let globex = try await service.tenant("globex")
        try service.sockets.put("alice", devices: 2)
        try service.sockets.listen(to: "ward:7", sockets: 5)
        let toUser: JSONValue = ["to": ["user": "alice"], "event": "order:updated", "data": ["order": 1042]]
        let toTopic: JSONValue = ["to": ["topic": "ward:7"], "event": "bell"]
        #expect(try await service.send("POST", "/v1/events", toUser, key: acme).json == ["sockets": 2])
        #expect(try await service.send("POST", "/v1/events", toTopic, key: acme).json == ["sockets": 5])
        #expect(try await service.send("POST", "/v1/events", toUser, key: globex).json == ["sockets": 0])
        #expect(try await service.send("POST", "/v1/events", toTopic, key: globex).json == ["sockets": 0])
        let update = AppEvent(name: try AppEventName("order:updated"), data: ["order": 1042])
        let bell = AppEvent(name: try AppEventName("bell"), data: .null)
        let (alice, ward) = (AppEvent.Recipient.user(try UserID("alice")), AppEvent.Recipient.topic(try TopicName("ward:7")))
        #expect(
            service.sockets.sent == [
                .init(event: update, recipient: alice, tenant: "acme"), .init(event: bell, recipient: ward, tenant: "acme"),
                .init(event: update, recipient: alice, tenant: "globex"), .init(event: bell, recipient: ward, tenant: "globex"),
            ])
    }

    @Test func `a user whom nobody knows and a topic that nobody joined hear nothing, and that is no error`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        for to in [["user": "nobody"], ["topic": "nothing"]] as [JSONValue] {
            let answer = try await service.send("POST", "/v1/events", ["to": to, "event": "x"], key: key)
            #expect(answer.status == 200 && answer.json == ["sockets": 0])
        }
    }

    @Test func `data is any JSON up to 16 KiB, handed on as it is`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let longest = JSONValue.string(String(repeating: "x", count: Limits.eventDataBytesMax - 2))
        let values: [JSONValue] = [nil, true, 0, -1.5, "", "text", [], [1, [2]], [:], ["a": ["b": [nil, 1e300]]], longest]
        for value in values {
            let answer = try await service.send("POST", "/v1/events", ["to": ["user": "a"], "event": "e", "data": value], key: key)
            #expect(answer.status == 200)
        }
        #expect(service.sockets.sent.map(\.event.data) == values)
        let tooLong = JSONValue.string(String(repeating: "x", count: Limits.eventDataBytesMax - 1))
        let refused = try await service.send("POST", "/v1/events", ["to": ["user": "a"], "event": "e", "data": tooLong], key: key)
        #expect(refused.status == 422 && refused.pointers == ["/data"])
        #expect(service.sockets.sent.count == values.count)
    }

    @Test(arguments: [
        (#"{}"#, ["/to", "/event"]), (#"{"to":{},"event":"e"}"#, ["/to"]), (#"{"to":"a","event":"e"}"#, ["/to"]),
        (#"{"to":{"user":"a","topic":"t"},"event":"e"}"#, ["/to"]), (#"{"to":{"user":"a b"},"event":"e"}"#, ["/to/user"]),
        (#"{"to":{"topic":"a b"},"event":"e"}"#, ["/to/topic"]), (#"{"to":{"tenant":"globex"},"event":"e"}"#, ["/to", "/to/tenant"]),
        (#"{"to":{"user":"a"}}"#, ["/event"]), (#"{"to":{"user":"a"},"event":""}"#, ["/event"]),
        (#"{"to":{"user":"a"},"event":"call:incoming"}"#, ["/event"]), (#"{"to":{"user":"a"},"event":"user-online"}"#, ["/event"]),
        (#"{"to":{"user":"a"},"event":"disconnect"}"#, ["/event"]), (#"{"to":{"user":"a"},"event":"e","tenant":"globex"}"#, ["/tenant"]),
        (#"{"to":{"user":null},"event":"e"}"#, ["/to/user"]),
    ])
    func `an event that cannot be is refused with pointers, and nothing is sent`(body: String, pointers: [String]) async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let answer = try await service.send("POST", "/v1/events", bytes: Array(body.utf8), contentType: "application/json", key: key)
        #expect(answer.status == 422)
        #expect(Set(answer.pointers).isSuperset(of: pointers), "\(answer.pointers)")
        #expect(service.sockets.sent.isEmpty)
    }

    @Test(arguments: [
        "e", "order:updated", "a.b-c_d", "0", "caller", "users", "user", "call", "call:x", "call-x", "user:x", "user-x", "connect",
        "connected",
        "error", "errors", "connect_error", "disconnecting", "newListener", "removeListener", "incoming-call", "incoming-calls", "", ":a",
        "a b",
        "ä",
    ])
    func `a text is an event's name in the contract where it is one in the code`(text: String) async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let answer = try await service.send("POST", "/v1/events", ["to": ["user": "a"], "event": .string(text)], key: key)
        let faults = try Contract.current.get().schemas.faults(of: .string(text), against: ["$ref": "#/components/schemas/EventName"])
        #expect((answer.status == 200) == faults.isEmpty, "\(text)")
    }
}
