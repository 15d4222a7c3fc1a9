import StrictJSON
import Testing
import Vocabulary

@testable import API

/// What a tenant says of topics and of who hears whom: `topics` and `user_room_roles`.
struct TenantTopicsTests {
    private static let topics: JSONValue = [
        ["pattern": "news:*", "join": "anyone"], ["pattern": "inbox:{user}", "join": "owner"],
        ["pattern": "ward:*", "join": "role", "roles": ["nurse", "doctor"]],
    ]

    @Test func `rules are shown as they were given, and none are written out as none`() async throws {
        let service = try await Service()
        let made = try await service.send(
            "POST", "/v1/tenants",
            [
                "id": "acme", "providers": ["livekit": Service.livekitSettings], "topics": Self.topics,
                "user_room_roles": ["supervisor", "auditor"],
            ], key: service.operatorKey)
        #expect(made.status == 201)
        #expect(made["topics"] == Self.topics)
        #expect(made["user_room_roles"] == ["supervisor", "auditor"])
        #expect(try await service.send("GET", "/v1/tenants/acme", key: service.operatorKey).bytes == made.bytes)
        _ = try await service.tenant("globex")
        let plain = try await service.send("GET", "/v1/tenants/globex", key: service.operatorKey)
        #expect(plain["topics"] == [] && plain["user_room_roles"] == [])
    }

    @Test func `a change replaces the rules as a whole, each list by itself`() async throws {
        let service = try await Service()
        _ = try await service.tenant("acme")
        func change(_ body: JSONValue) async throws -> Service.Answer {
            try await service.send("PATCH", "/v1/tenants/acme", body, key: service.operatorKey)
        }
        #expect(try await change(["topics": Self.topics])["topics"] == Self.topics)
        let second = try await change(["user_room_roles": ["boss"]])
        #expect(second["topics"] == Self.topics && second["user_room_roles"] == ["boss"])
        let third = try await change(["topics": [["pattern": "*", "join": "anyone"]]])
        #expect(third["topics"] == [["pattern": "*", "join": "anyone"]] && third["user_room_roles"] == ["boss"])
        let last = try await change(["topics": [], "user_room_roles": []])
        #expect(last["topics"] == [] && last["user_room_roles"] == [])
    }

    @Test(arguments: [
        (#""topics":{}"#, "/topics"), (#""topics":[1]"#, "/topics/0"), (#""topics":[{}]"#, "/topics/0/pattern"),
        (#""topics":[{"pattern":"a"}]"#, "/topics/0/join"), (#""topics":[{"pattern":"a","join":"all"}]"#, "/topics/0/join"),
        (#""topics":[{"pattern":"a b","join":"anyone"}]"#, "/topics/0/pattern"),
        (#""topics":[{"pattern":"{user}*","join":"owner"}]"#, "/topics/0/pattern"),
        (#""topics":[{"pattern":"a","join":"owner"}]"#, "/topics/0"), (#""topics":[{"pattern":"a","join":"role"}]"#, "/topics/0"),
        (#""topics":[{"pattern":"a","join":"anyone","roles":["x"]}]"#, "/topics/0"),
        (#""topics":[{"pattern":"a","join":"role","roles":[]}]"#, "/topics/0/roles"),
        (#""topics":[{"pattern":"a","join":"role","roles":["x","x"]}]"#, "/topics/0/roles/1"),
        (#""topics":[{"pattern":"a","join":"role","roles":"x"}]"#, "/topics/0/roles"),
        (#""topics":[{"pattern":"a","join":"anyone","who":1}]"#, "/topics/0/who"), (#""user_room_roles":"x""#, "/user_room_roles"),
        (#""user_room_roles":[""]"#, "/user_room_roles/0"), (#""user_room_roles":["x","x"]"#, "/user_room_roles/1"),
        (#""topics":null"#, "/topics"), (#""user_room_roles":null"#, "/user_room_roles"),
    ])
    func `rules that cannot be are refused with a pointer`(field: String, pointer: String) async throws {
        let service = try await Service()
        _ = try await service.tenant("acme")
        let new = #"{"id":"globex","providers":{"livekit":\#(Service.livekitSettings.canonicalText)},\#(field)}"#
        for (method, path, body) in [("POST", "/v1/tenants", new), ("PATCH", "/v1/tenants/acme", "{\(field)}")] {
            let answer = try await service.send(
                method, path, bytes: Array(body.utf8), contentType: "application/json", key: service.operatorKey)
            #expect(answer.status == 422)
            #expect(answer.pointers.contains(pointer), "\(answer.pointers)")
        }
    }

    @Test func `there are at most 64 rules and 16 roles`() async throws {
        let service = try await Service()
        _ = try await service.tenant("acme")
        func status(_ rules: Int, _ roles: Int) async throws -> Int {
            let topics = (0..<rules).map { JSONValue.object(["pattern": .string("t\($0)"), "join": "anyone"]) }
            let names = (0..<roles).map { JSONValue.string("r\($0)") }
            let body: JSONValue = ["topics": .array(topics), "user_room_roles": .array(names)]
            return try await service.send("PATCH", "/v1/tenants/acme", body, key: service.operatorKey).status
        }
        #expect(try await status(Limits.topicRulesMax, Limits.userRolesMax) == 200)
        #expect(try await status(Limits.topicRulesMax + 1, 0) == 422)
        #expect(try await status(0, Limits.userRolesMax + 1) == 422)
    }

    @Test(arguments: [
        "news", "*", "news:*", "{user}", "inbox:{user}:*", "{user}:a", "{user}*", "{user}{user}", ":a", ":{user}", "a*b", "a b", "{x}", "",
        "a:{user}b{user}", "**", "a{user}", "{user}.*",
    ])
    func `a text is a pattern in the contract where it is one in the code`(text: String) async throws {
        let service = try await Service()
        _ = try await service.tenant("acme")
        let answer = try await service.send(
            "PATCH", "/v1/tenants/acme", ["topics": [["pattern": .string(text), "join": "anyone"]]], key: service.operatorKey)
        let faults = try Contract.current.get().schemas.faults(
            of: .string(text), against: ["$ref": "#/components/schemas/TopicPattern"])
        #expect((answer.status == 200) == faults.isEmpty, "\(text)")
    }
}
