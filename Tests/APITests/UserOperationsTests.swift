import StrictJSON
import Testing
import Vocabulary

@testable import API

/// The directory of a tenant's users.
struct UserOperationsTests {
    @Test func `a user is made by the first PUT and replaced by the next`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let made = try await service.send("PUT", "/v1/users/alice", ["display_name": "Alice", "roles": ["nurse", "admin"]], key: key)
        #expect(made.status == 201)
        #expect(made["id"] == "alice")
        #expect(made["tenant"] == "acme")
        #expect(made["display_name"] == "Alice")
        #expect(made["roles"] == ["admin", "nurse"])
        #expect(made["created_at"] == .string(Service.start.rfc3339))
        service.clock.advance(10)
        let replaced = try await service.send("PUT", "/v1/users/alice", ["roles": []], key: key)
        #expect(replaced.status == 200)
        #expect(replaced["display_name"] == nil)
        #expect(replaced["roles"] == [])
        #expect(replaced["created_at"] == made["created_at"])
        #expect(replaced["updated_at"] == .string((Service.start + 10).rfc3339))
        #expect(try await service.send("GET", "/v1/users/alice", key: key).bytes == replaced.bytes)
    }

    @Test func `a user who is taken out is gone, and so is the call that it was in`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        try await service.send("PUT", "/v1/users/alice", [:], key: key)
        let call = try await service.activeCall(key: key)
        #expect(try await service.send("DELETE", "/v1/users/alice", key: key).status == 204)
        let ended = try await service.send("GET", call, key: key)
        #expect(ended["end_reason"] == "user_removed")
        #expect(try await service.send("POST", call + "/token", ["user": "bob"], key: key).code == "call_not_active")
        #expect(try await service.send("GET", "/v1/users/alice", key: key).status == 404)
        #expect(try await service.send("DELETE", "/v1/users/alice", key: key).status == 404)
        #expect(try await service.send("PUT", "/v1/users/alice", [:], key: key).status == 201)
    }

    @Test func `N16 the same id in two tenants is two users`() async throws {
        let service = try await Service()
        let acme = try await service.tenant("acme")
        let globex = try await service.tenant("globex")
        let one = try await service.send("PUT", "/v1/users/alice", ["display_name": "Alice of acme"], key: acme)
        #expect(try await service.send("GET", "/v1/users/alice", key: globex).status == 404)
        #expect(try await service.send("PUT", "/v1/users/alice", ["display_name": "Alice of globex"], key: globex).status == 201)
        let callOfAcme = try await service.activeCall(key: acme)
        let callOfGlobex = try await service.activeCall(key: globex)
        #expect(try await service.send("DELETE", "/v1/users/alice", key: globex).status == 204)
        #expect(try await service.send("GET", "/v1/users/alice", key: acme).bytes == one.bytes)
        #expect(try await service.send("GET", callOfAcme, key: acme)["state"] == "active")
        #expect(try await service.send("GET", callOfGlobex, key: globex)["state"] == "ended")
    }

    @Test(arguments: [
        (#"{"display_name":""}"#, ["/display_name"]), (#"{"display_name":null}"#, ["/display_name"]), (#"{"roles":null}"#, ["/roles"]),
        (#"{"roles":"admin"}"#, ["/roles"]), (#"{"roles":["a","a"]}"#, ["/roles/1"]), (#"{"roles":[""]}"#, ["/roles/0"]),
        (#"{"roles":[1]}"#, ["/roles/0"]), (#"{"id":"alice"}"#, ["/id"]), (#"{"tenant":"globex"}"#, ["/tenant"]), (#"[]"#, [""]),
        (#"{"created_at":"2026-01-01T00:00:00Z","x":1}"#, ["/created_at", "/x"]),
    ])
    func `a user that cannot be is refused with pointers, and none is made`(body: String, pointers: [String]) async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let answer = try await service.send("PUT", "/v1/users/alice", bytes: Array(body.utf8), contentType: "application/json", key: key)
        #expect(answer.status == 422)
        #expect(answer.pointers == pointers)
        #expect(try await service.send("GET", "/v1/users/alice", key: key).status == 404)
    }

    @Test func `names and roles are taken up to their limits and not beyond`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        func put(name: Int, roles: Int, roleBytes: Int) async throws -> Service.Answer {
            let words = (0..<roles).map { JSONValue.string(String(repeating: "r", count: roleBytes - 2) + ($0 < 10 ? "0\($0)" : "\($0)")) }
            let order: JSONValue = ["display_name": .string(String(repeating: "n", count: name)), "roles": .array(words)]
            return try await service.send("PUT", "/v1/users/alice", order, key: key)
        }
        #expect(try await put(name: 256, roles: 16, roleBytes: 64).status == 201)
        #expect(try await put(name: 257, roles: 0, roleBytes: 64).pointers == ["/display_name"])
        #expect(try await put(name: 1, roles: 17, roleBytes: 64).pointers == ["/roles"])
        #expect(try await put(name: 1, roles: 1, roleBytes: 65).pointers == ["/roles/0"])
    }

    @Test(arguments: [
        ("auth0|5f7c", ["auth0|5f7c", "auth0%7C5f7c", "auth0%7c5f7c"]), ("a@b.example", ["a@b.example", "a%40b.example"]),
        ("x+y=z", ["x+y=z", "x%2By%3Dz"]), ("ns:7~", ["ns:7~", "ns%3A7%7E"]), ("4294967295", ["4294967295"]),
    ])
    func `a user's id in a path may be encoded where senders must`(user: String, spellings: [String]) async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        #expect(try await service.send("PUT", "/v1/users/\(spellings[0])", [:], key: key)["id"] == .string(user))
        for spelling in spellings { #expect(try await service.send("GET", "/v1/users/\(spelling)", key: key)["id"] == .string(user)) }
    }

    @Test(arguments: [
        "*", "0", "01", "4294967296", "%61lice", "alice%2F", "alice%00", "alice%", "alice%4", "alice%zz", "%2e%2e", "alice%20", "alice%25",
        "alice%C3%A4", "%FF", "alice%257C", String(repeating: "x", count: 65),
    ])
    func `a path that names no user names nothing`(user: String) async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        for (method, body) in [("GET", nil), ("PUT", [:]), ("DELETE", nil)] as [(String, JSONValue?)] {
            #expect(try await service.send(method, "/v1/users/\(user)", body, key: key).status == 404, "\(method)")
        }
    }
}
