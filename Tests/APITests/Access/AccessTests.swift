import StrictJSON
import Testing
import Vocabulary

@testable import API

/// Who may do what: every operation of the table, one way and the other.
struct AccessTests {
    @Test func `A01 without a valid credential every operation that is not public answers the same 401`() async throws {
        let service = try await Service()
        let good = try await service.tenant("acme")
        var broken = Array(good)
        broken[20] = broken[20] == "a" ? "b" : "a"
        var forged = try service.token("alice")
        forged.removeLast(2)
        let expired = try service.token("alice", of: "acme", [("exp", .integer(Service.start.seconds - 61))])
        let bad = ["", "x", "a.b.c", String(broken), "cg_live_" + String(repeating: "0", count: 36), forged + "AA", expired]
        var bodies: Set<[UInt8]> = []
        for route in service.api.table.routes where route.access != .open {
            for key in bad + [nil, "Bearer \(good)", good + " ", try service.token("alice", of: "nobody")] {
                let answer = try await service.send(route.method, Self.target(route), route.takesBody ? [:] : nil, key: key)
                #expect(answer.status == 401, "\(route.id) \(key ?? "no header")")
                #expect(answer.header("www-authenticate") == "Bearer")
                bodies.insert(answer.bytes)
            }
        }
        #expect(bodies.count == 1)
    }

    @Test(arguments: [
        "Basic YTpi", "Bearer", "Bearer ", "Bearer  KEY", "bearer\tKEY", "Bearer KEY,KEY", "Bearer KEY KEY", "BearerKEY", "Token KEY",
        " Bearer KEY",
    ])
    func `T13 an authorization header of another form opens nothing`(form: String) async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let request = APIRequest(
            method: "GET", target: "/v1/rooms", authorization: .one(form.replacing("KEY", with: key)), contentType: nil, requestID: "x",
            body: [])
        #expect(await service.api.respond(to: request).status == 401)
    }

    @Test func `T13 the word Bearer may be in any letter case, two headers open nothing`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        func status(_ authorization: APIRequest.HeaderValue) async -> Int {
            let request = APIRequest(
                method: "GET", target: "/v1/rooms", authorization: authorization, contentType: nil, requestID: "x", body: [])
            return await service.api.respond(to: request).status
        }
        #expect(await status(.one("bEARER \(key)")) == 200)
        #expect(await status(.several) == 401)
    }

    @Test func `a user's token opens what is for users, and everything else tells it which scope a key needs`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let room = try await service.room(key: key)
        let call = try await service.placedCall(key: key)
        let alice = try service.token("alice")
        var refused = 0
        for route in service.api.table.routes {
            let target = Self.target(route, room: room, call: try call.text("id"))
            let answer = try await service.send(route.method, target, route.takesBody ? [:] : nil, key: alice)
            switch route.access {
            case .scope(let needed):
                refused += 1
                #expect(answer.status == 403, "\(route.id)")
                #expect(answer.code == "missing_scope", "\(route.id)")
                #expect(answer["required_scope"] == .string(needed.rawValue), "\(route.id)")
            case .open, .anyCredential, .scopeOrUser:
                let isWrongParty = answer.code == "wrong_party"
                #expect(isWrongParty || ![401, 403].contains(answer.status), "\(route.id) \(answer.json.canonicalText)")
            }
        }
        #expect(refused == 24)
        #expect(try await service.send("GET", "/v1/rooms/\(room)", key: key)["state"] == "open")
    }

    @Test func `the operator's key enters no room, mints no token and hears of no call`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let room = try await service.room(key: key)
        let call = try await service.ringingCall(key: key)
        for (method, path) in [("GET", "/v1/rooms"), ("GET", "/v1/rooms/\(room)"), ("DELETE", "/v1/rooms/\(room)"), ("POST", "/v1/rooms")] {
            #expect(try await service.send(method, path, method == "POST" ? [:] : nil, key: service.operatorKey).code == "missing_scope")
        }
        let requests: [(String, JSONValue)] = [
            ("/v1/rooms/\(room)/tokens", ["user_id": "alice", "role": "host"]), (call + "/accept", ["user": "bob"]),
            (call + "/token", ["user": "bob"]), ("/v1/calls", ["caller": "a", "callee": "b", "media": "audio"]),
        ]
        for (path, body) in requests {
            #expect(try await service.send("POST", path, body, key: service.operatorKey).code == "missing_scope", "\(path)")
        }
        for path in [call, "/v1/calls", "/v1/users/alice"] {
            #expect(try await service.send("GET", path, key: service.operatorKey).code == "missing_scope", "\(path)")
        }
    }

    /// A target of the route, with things that exist where they can.
    private static func target(
        _ route: Route, room: String = "acme-room-0000000000000000000000000", call: String = "call_0000000000000000000000000"
    ) -> String {
        route.path.replacing("{room}", with: room).replacing("{call}", with: call).replacing(
            "{key}", with: "key_0000000000000000000000000"
        ).replacing("{tenant}", with: "nobody").replacing("{user}", with: "nobody")
    }
}

extension Access {
    /// The scope that a key needs.
    var scope: Scope? {
        switch self {
        case .open, .anyCredential: nil
        case .scope(let scope), .scopeOrUser(let scope): scope
        }
    }
}
