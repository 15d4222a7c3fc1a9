import StrictJSON
import Testing
import Vocabulary

@testable import API

/// Who may do what: every operation of the table, one way and the other.
struct AccessTests {
    @Test func `without a valid credential every operation that is not public answers the same 401`() async throws {
        let service = try await Service()
        let good = try await service.tenant("acme")
        var broken = Array(good)
        broken[20] = broken[20] == "a" ? "b" : "a"
        var bodies: Set<[UInt8]> = []
        for route in service.api.table.routes where route.access != .open {
            for key in [nil, "", "x", String(broken), "Bearer \(good)", good + " ", "cg_live_" + String(repeating: "0", count: 36)] {
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
    func `an authorization header of another form opens nothing`(form: String) async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let request = APIRequest(
            method: "GET", target: "/v1/rooms", authorization: .one(form.replacing("KEY", with: key)), contentType: nil, requestID: "x",
            body: [])
        #expect(await service.api.respond(to: request).status == 401)
    }

    @Test func `the word Bearer may be in any letter case, two headers open nothing`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        func status(_ authorization: APIRequest.Authorization) async -> Int {
            let request = APIRequest(
                method: "GET", target: "/v1/rooms", authorization: authorization, contentType: nil, requestID: "x", body: [])
            return await service.api.respond(to: request).status
        }
        #expect(await status(.one("bEARER \(key)")) == 200)
        #expect(await status(.several) == 401)
    }

    @Test func `a key with all scopes but the needed one is refused, told which one, and changes nothing`() async throws {
        let service = try await Service()
        let all = try await service.tenant("acme")
        let room = try await service.room(key: all)
        for route in service.api.table.routes {
            guard case .scope(let needed) = route.access else { continue }
            let key: String
            if needed.isForTenants {
                key = try await service.key(of: "acme", scopes: Service.tenantScopes.filter { $0 != needed })
            } else {
                key = try await service.key(of: nil, scopes: [.keysAdmin])
            }
            let answer = try await service.send(route.method, Self.target(route, room: room), route.takesBody ? [:] : nil, key: key)
            #expect(answer.status == 403, "\(route.id)")
            #expect(answer["required_scope"] == .string(needed.rawValue), "\(route.id)")
        }
        #expect(try await service.send("GET", "/v1/rooms/\(room)", key: all)["state"] == "open")
        #expect(try await service.send("GET", "/v1/rooms", key: all)["rooms"]?.arrayValue?.count == 1)
    }

    @Test func `a key with exactly the needed scope gets past the gate of every operation`() async throws {
        let service = try await Service()
        let all = try await service.tenant("acme")
        for route in service.api.table.routes {
            guard case .scope(let needed) = route.access else { continue }
            let room = try await service.room(key: all)
            let key = try await service.key(of: needed.isForTenants ? "acme" : nil, scopes: [needed])
            let answer = try await service.send(route.method, Self.target(route, room: room), route.takesBody ? [:] : nil, key: key)
            #expect(![401, 403].contains(answer.status), "\(route.id) \(answer.json.canonicalText)")
        }
    }

    @Test func `the operator's key enters no room and mints no token`() async throws {
        let service = try await Service()
        let room = try await service.room(key: try await service.tenant("acme"))
        for (method, path) in [("GET", "/v1/rooms"), ("GET", "/v1/rooms/\(room)"), ("DELETE", "/v1/rooms/\(room)"), ("POST", "/v1/rooms")] {
            #expect(try await service.send(method, path, method == "POST" ? [:] : nil, key: service.operatorKey).code == "missing_scope")
        }
        let mint = try await service.send(
            "POST", "/v1/rooms/\(room)/tokens", ["user_id": "alice", "role": "host"], key: service.operatorKey)
        #expect(mint.code == "missing_scope")
    }

    @Test func `a thing of another tenant answers like a thing that does not exist`() async throws {
        let service = try await Service()
        let acme = try await service.tenant("acme")
        let globex = try await service.tenant("globex")
        let room = try await service.room(key: acme)
        let key = try await service.send("POST", "/v1/keys", ["scopes": ["rooms:read"]], key: acme)
        let keyID = try key.text("id")
        let mint: JSONValue = ["user_id": "alice", "role": "host"]
        let sdk: (String) -> JSONValue = { ["room_name": .string($0), "participant_identity": "alice"] }
        // Operation, the thing of acme, the same with something that is nowhere, body.
        let absentRoom = "globex-room-0000000000000000000000001"
        let absentKey = "key_0000000000000000000000001"
        let cases: [(id: String, foreign: String, absent: String, foreignBody: JSONValue?, absentBody: JSONValue?)] = [
            ("getRoom", "GET /v1/rooms/\(room)", "GET /v1/rooms/\(absentRoom)", nil, nil),
            ("closeRoom", "DELETE /v1/rooms/\(room)", "DELETE /v1/rooms/\(absentRoom)", nil, nil),
            ("mintRoomToken", "POST /v1/rooms/\(room)/tokens", "POST /v1/rooms/\(absentRoom)/tokens", mint, mint),
            ("getKey", "GET /v1/keys/\(keyID)", "GET /v1/keys/\(absentKey)", nil, nil),
            ("revokeKey", "DELETE /v1/keys/\(keyID)", "DELETE /v1/keys/\(absentKey)", nil, nil),
            ("mintLiveKitToken", "POST /v1/livekit/token", "POST /v1/livekit/token", sdk(room), sdk(absentRoom)),
            ("mintLiveKitTokenAlias", "POST /api/livekit/token", "POST /api/livekit/token", sdk(room), sdk(absentRoom)),
        ]
        for row in cases {
            let foreign = row.foreign.split(separator: " ").map(String.init)
            let absent = row.absent.split(separator: " ").map(String.init)
            let one = try await service.send(foreign[0], foreign[1], row.foreignBody, key: globex)
            let other = try await service.send(absent[0], absent[1], row.absentBody, key: globex)
            #expect(one.status == 404, "\(row.id)")
            #expect(one.bytes == other.bytes, "\(row.id)")
            #expect(one.headers.map(\.value) == other.headers.map(\.value), "\(row.id)")
        }
        #expect(try await service.send("GET", "/v1/rooms/\(room)", key: acme)["state"] == "open")
        #expect(try await service.send("GET", "/v1/keys/\(keyID)", key: acme)["revoked_at"] == nil)

        // Every operation that names a thing has its row above. Tenants are named by the operator alone, who may see them all.
        let naming = service.api.table.routes.filter { $0.path.contains("{") || $0.id.hasPrefix("mintLiveKit") }.map(\.id)
        #expect(Set(naming).subtracting(cases.map(\.id)) == ["getTenant", "changeTenant", "closeTenant"])
    }

    /// A target of the route, with things that exist where they can.
    private static func target(_ route: Route, room: String = "acme-room-0000000000000000000000000") -> String {
        route.path.replacing("{room}", with: room).replacing("{key}", with: "key_0000000000000000000000000").replacing(
            "{tenant}", with: "nobody")
    }
}
