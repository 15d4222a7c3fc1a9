import Calls
import StrictJSON
import Testing
import Vocabulary

struct RoomOperationsTests {
    @Test func `a room is made with a fresh name of its tenant, open until its time is over`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let made = try await service.send("POST", "/v1/rooms", ["ttl_seconds": 60, "metadata": "order 1042"], key: key)
        #expect(made.status == 201)
        let name = try made.text("name")
        #expect(try RoomName(name).tenant.text == "acme")
        #expect(made.header("location") == "/v1/rooms/\(name)")
        #expect(made["provider"] == "livekit")
        #expect(made["created_at"] == .string(Service.start.rfc3339))
        #expect(made["expires_at"] == .string((Service.start + 60).rfc3339))
        #expect(try await service.send("GET", "/v1/rooms/\(name)", key: key).bytes == made.bytes)
        service.clock.advance(59)
        #expect(try await service.send("GET", "/v1/rooms/\(name)", key: key)["state"] == "open")
        service.clock.advance(1)
        #expect(try await service.send("GET", "/v1/rooms/\(name)", key: key)["state"] == "expired")
        #expect(try await service.room(key: key) != name)
    }

    @Test func `closing is for good, and closing again is answered the same way`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let room = try await service.room(key: key)
        service.clock.advance(5)
        #expect(try await service.send("DELETE", "/v1/rooms/\(room)", key: key).status == 204)
        service.clock.advance(5)
        #expect(try await service.send("DELETE", "/v1/rooms/\(room)", key: key).status == 204)
        let read = try await service.send("GET", "/v1/rooms/\(room)", key: key)
        #expect(read["state"] == "closed")
        #expect(read["closed_at"] == .string((Service.start + 5).rfc3339))
    }

    @Test func `a list is walked page by page, and each filter shows its rooms only`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        var names: [String] = []
        for _ in 0..<7 { names.append(try await service.room(key: key)) }
        try await service.send("DELETE", "/v1/rooms/\(names[2])", key: key)
        var seen: [String] = []
        var target = "/v1/rooms?limit=3"
        while true {
            let page = try await service.send("GET", target, key: key)
            seen += (page["rooms"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
            guard let cursor = page["next_cursor"]?.stringValue else { break }
            target = "/v1/rooms?limit=3&cursor=\(cursor)"
        }
        #expect(seen == names)
        let closed = try await service.send("GET", "/v1/rooms?state=closed", key: key)
        #expect(closed["rooms"]?.arrayValue?.map { $0["name"] } == [.string(names[2])])
        #expect(try await service.send("GET", "/v1/rooms?state=open", key: key)["rooms"]?.arrayValue?.count == 6)
        #expect(try await service.send("GET", "/v1/rooms?state=expired", key: key)["rooms"]?.arrayValue?.isEmpty == true)
    }

    @Test func `a cursor is good for its own list alone`() async throws {
        let service = try await Service()
        let acme = try await service.tenant("acme")
        let globex = try await service.tenant("globex")
        for _ in 0..<3 {
            _ = try await service.room(key: acme)
            _ = try await service.room(key: globex)
        }
        let cursor = try await service.send("GET", "/v1/rooms?limit=1", key: acme).text("next_cursor")
        #expect(try await service.send("GET", "/v1/rooms?limit=1&cursor=\(cursor)", key: acme).status == 200)
        #expect(try await service.send("GET", "/v1/rooms?limit=1&cursor=\(cursor)", key: globex).code == "invalid_cursor")
        #expect(try await service.send("GET", "/v1/rooms?state=open&cursor=\(cursor)", key: acme).code == "invalid_cursor")
        #expect(try await service.send("GET", "/v1/keys?cursor=\(cursor)", key: acme).code == "invalid_cursor")
        for index in cursor.indices {
            var changed = cursor
            changed.replaceSubrange(index...index, with: cursor[index] == "A" ? "B" : "A")
            #expect(try await service.send("GET", "/v1/rooms?cursor=\(changed)", key: acme).code == "invalid_cursor")
        }
    }

    @Test(arguments: [
        "limit=0", "limit=101", "limit=-1", "limit=1.0", "limit=%31", "limit=", "limit=1&limit=1", "cursor=", "state=OPEN", "state=", "x=1",
        "limit", "limit=1&", "&", "limit=99999999999999999999", "tenant=acme",
    ])
    func `a query that is not as the contract says is refused`(query: String) async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        #expect(try await service.send("GET", "/v1/rooms?\(query)", key: key).code == "malformed_request")
    }

    @Test(arguments: [
        (#"{"provider":"zoom"}"#, "/provider"), (#"{"max_participants":0}"#, "/max_participants"),
        (#"{"max_participants":1001}"#, "/max_participants"),
        (#"{"max_participants":"2"}"#, "/max_participants"), (#"{"max_participants":2.5}"#, "/max_participants"),
        (#"{"ttl_seconds":59}"#, "/ttl_seconds"), (#"{"ttl_seconds":86401}"#, "/ttl_seconds"), (#"{"ttl_seconds":null}"#, "/ttl_seconds"),
        (#"{"metadata":7}"#, "/metadata"), (#"{"name":"acme-room-0"}"#, "/name"), (#"{"tenant":"globex"}"#, "/tenant"),
        (#"{"a/b~c":1}"#, "/a~1b~0c"), (#"[]"#, ""), (#"null"#, ""), (#""x""#, ""),
        (#"{"provider":"agora","max_participants":2}"#, "/max_participants"),
    ])
    func `a room that cannot be is refused with a pointer, and none is made`(body: String, pointer: String) async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let answer = try await service.send("POST", "/v1/rooms", bytes: Array(body.utf8), contentType: "application/json", key: key)
        #expect(answer.status == 422)
        #expect(answer.pointers == [pointer])
        #expect(try await service.send("GET", "/v1/rooms", key: key)["rooms"] == [])
    }

    @Test func `every fault of a body is reported, not the first one only`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let answer = try await service.send(
            "POST", "/v1/rooms", ["provider": "zoom", "ttl_seconds": 1, "max_participants": 0, "color": "red"], key: key)
        #expect(answer.pointers.sorted() == ["/color", "/max_participants", "/provider", "/ttl_seconds"])
    }

    @Test func `a whole number may be written as a real`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        let answer = try await service.send(
            "POST", "/v1/rooms", bytes: Array(#"{"ttl_seconds":3e2,"max_participants":2.0}"#.utf8), contentType: "application/json",
            key: key)
        #expect(answer["max_participants"]?.integerValue == 2)
        #expect(answer["expires_at"] == .string((Service.start + 300).rfc3339))
    }

    @Test func `as many rooms may be open as the tenant may have`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        try await service.send("PATCH", "/v1/tenants/acme", ["limits": ["rooms_open_max": 2]], key: service.operatorKey)
        let first = try await service.room(key: key, ["ttl_seconds": 60])
        _ = try await service.room(key: key, ["ttl_seconds": 120])
        #expect(try await service.send("POST", "/v1/rooms", [:], key: key).code == "limit_reached")
        try await service.send("DELETE", "/v1/rooms/\(first)", key: key)
        _ = try await service.room(key: key)
        service.clock.advance(120)
        _ = try await service.room(key: key)
    }

    @Test func `a room on a provider that the tenant does not have is refused`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        try await service.send(
            "PATCH", "/v1/tenants/acme", ["providers": ["livekit": Service.livekitSettings]], key: service.operatorKey)
        #expect(try await service.send("POST", "/v1/rooms", ["provider": "agora"], key: key).code == "provider_not_configured")
    }

    @Test func `a store that cannot write answers 503, makes nothing, and works again without a restart`() async throws {
        let service = try await Service()
        let key = try await service.tenant("acme")
        service.store.fail(with: .unavailable("SQLITE_FULL: database or disk is full"))
        let refused = try await service.send("POST", "/v1/rooms", [:], key: key)
        #expect(refused.code == "unavailable")
        #expect(!String(decoding: refused.bytes, as: UTF8.self).contains("SQLITE"))
        #expect(try await service.send("GET", "/readyz").status == 503)
        service.store.fail(with: nil)
        #expect(try await service.send("GET", "/readyz").status == 200)
        #expect(try await service.send("GET", "/v1/rooms", key: key)["rooms"] == [])
        _ = try await service.room(key: key)
    }
}
